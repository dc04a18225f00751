"""Table knife or kitchen knife, lying along x, its tip at +x."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Keypoints, Sheet, Solid, curves, keypoints, sections
from simgen.spec.parameters import between, flag


@dataclass(frozen=True)
class Knife:
    for_table: bool = flag(below=0.45, of="kind")  # else for the kitchen
    size: float = between(0.0, 1.0)
    handle: float = between(0.40, 0.47)  # of the length
    belly: float = between(0.0, 1.0)
    drop: float = between(0.0, 1.0)  # of the back towards the tip
    butt: float = between(0.0, 1.0)


def build(p: Knife) -> MeshData:
    table = p.for_table
    length = (0.200 + 0.035 * p.size) if table else (0.205 + 0.130 * p.size)
    grip = p.handle * length if table else 0.085 + p.handle * 0.08
    blade = _table_blade(p, length, grip) if table else _kitchen_blade(p, length, grip)
    handle = _handle(p, grip)
    n = len(blade.lower) - 1
    found = [
        blade.solid("blade", (0, n // 4, n // 2, 3 * n // 4, n), (0, 6)),
        solids.sliced_loft(handle, "handle", 3, around=14),
    ]
    if not table:
        found += [_rivet(x * grip, handle) for x in (0.22, 0.52, 0.80)]
    points = {
        "handle_end": handle[0].mean(axis=0),
        "heel": blade.upper[3, 0],
        "back": blade.upper[3, -1],
        "tip": blade.upper[-1, 3],
    }
    edges = keypoints.chain("handle_end", "back", "tip", "heel", "handle_end")
    marks = Keypoints(points, edges)
    return solids.assemble(found, ("blade", "handle"), keypoints=marks, centred=True)


_WEDGE = np.array([0.16, 0.38, 0.68, 0.9, 1.0, 1.0, 0.86])
"""Thickness across a blade from edge to back, relative to the back's."""


def _blade(x: np.ndarray, edge: np.ndarray, back: np.ndarray, thick: np.ndarray) -> Sheet:
    s = np.array([0.0, 0.05, 0.2, 0.45, 0.75, 0.96, 1.0])
    y = edge[:, None] + (back - edge)[:, None] * s
    return solids.flat_sheet(x, y, np.zeros_like(y), thick[:, None] * _WEDGE)


def _table_blade(p: Knife, length: float, grip: float) -> Sheet:
    x = np.concatenate([[grip - 0.012], grip + (length - grip) * curves.dense_ends(1.0, 24)])
    s = ((x - grip) / (length - grip)).clip(0, 1)
    wide = 0.0085 + 0.002 * p.belly
    low = [-0.0045, -0.0045, -0.8 * wide, -wide, -1.05 * wide, 0.55 * wide]
    high = [0.0045, 0.75 * wide, 0.85 * wide, 0.95 * wide, 0.75 * wide]
    edge = curves.monotone(s, [0, 0.06, 0.14, 0.55, 0.8, 1], low)
    back = curves.monotone(s, [0, 0.1, 0.6, 0.93, 1], high)
    edge = np.where((1 - s) < 0.18, 0.72 * wide - 1.77 * wide * np.sqrt((1 - s) / 0.18), edge)
    edge = np.minimum(edge, back - 0.0006)
    return _blade(x, edge, back, 0.0016 + 0.0035 * np.exp(-s / 0.05))


def _kitchen_blade(p: Knife, length: float, grip: float) -> Sheet:
    s = np.concatenate([np.linspace(0, 0.85, 18), [0.9, 0.94, 0.97, 0.985, 0.995, 1.0]])
    x = np.concatenate([[grip - 0.02, grip - 0.002, grip], grip + 0.001 + (length - grip) * s])
    s = np.concatenate([[0, 0, 0], s])
    wide = (0.018 + 0.010 * p.belly) + 0.08 * (length - 0.2)
    top = 0.0125
    back = top - (0.25 + 0.55 * p.drop) * wide * s**2.6
    tip = back[-1] - 0.0005
    heel = top - wide
    low = heel + (tip - heel) * s ** (2.2 + 2.0 * (1 - p.belly))
    edge = np.where(np.arange(len(s)) < 3, -0.009, low)
    thick = (0.0021 - 0.0011 * s) * (1 - 0.5 * (s > 0.99))
    return _blade(x, np.minimum(edge, back - 0.0004), back, thick)


def _handle(p: Knife, grip: float) -> np.ndarray:
    """Return the rings of the handle."""
    s = np.concatenate([[0, 0.012, 0.035, 0.07], np.linspace(0.13, 0.93, 13), [0.97, 0.99, 1.0]])
    soft = curves.rounding(s, 0.07) * 0.55 + 0.45
    front = curves.rounding(1 - s, 0.04) * 0.25 + 0.75
    if p.for_table:
        widths = [0.0088 + 0.002 * p.butt, 0.0092, 0.0070, 0.0058]
        top = curves.monotone(s, [0, 0.2, 0.7, 1], widths)
        low, thick, power = -top, [0.0036, 0.0038, 0.0032], 2.4
    else:
        top = 0.0125 - 0.002 * np.sin(np.pi * s)
        butt, heel = -0.0130 - 0.005 * p.butt, -0.0120 - 0.003 * p.butt
        low = curves.monotone(s, [0, 0.12, 0.45, 0.75, 1], [butt, heel, -0.0105, -0.0120, -0.0100])
        thick, power = [0.0085, 0.0090, 0.0075], 3.2
    deep = curves.monotone(s, [0, 0.3, 1], thick)
    y = np.stack([low, top], axis=1)
    middle = y.mean(axis=1, keepdims=True)
    y = middle + (y - middle) * (soft * front)[:, None]
    z = np.stack([-deep, deep], axis=1) * (soft * front)[:, None]
    return sections.bar(s * grip, y, z, curves.superellipse((1.0, 1.0), power, 22))


def _rivet(x: float, handle: np.ndarray) -> Solid:
    """Build a pin through the handle that protrudes slightly on both sides."""
    ring = handle[int(np.argmin(np.abs(handle[:, 0, 0] - x)))]
    high = float(ring[:, 2].max()) + 0.0002
    y = float((ring[:, 1].max() + ring[:, 1].min()) / 2)
    profile = np.array([(0, -high), (0.0026, -high), (0.0030, -high + 0.0003)])
    profile = np.concatenate([profile, profile[::-1] * (1, -1)])
    return solids.translate(solids.lathe(profile, "blade", 12), (x, y, 0.0))


CLASSES = (ParametricClass("knife", Knife, build),)
