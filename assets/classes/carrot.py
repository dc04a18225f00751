"""Carrot, lying along x: a wrinkled root with stubs or leaves at its crown."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Keypoints, Solid, curves, keypoints, pieces
from simgen.spec.parameters import between, count, flag


@dataclass(frozen=True)
class Carrot:
    length: float = between(0.120, 0.200)
    radius: float = between(0.0125, 0.0190)
    taper: float = between(0.75, 1.0)  # blunt to pointed
    bend: float = between(-0.014, 0.014)
    rings: float = between(0.018, 0.042)  # depth of the wrinkles over the radius
    phase: float = between(0.0, 6.2831)
    tops: float = between(0.0, 1.0)  # short stubs below 0.55, else leaves
    leafy: bool = flag(above=0.55, of="tops")  # else stubs
    leaf: float = between(0.060, 0.110)
    stalks: int = count(5, 8)


def build(p: Carrot) -> MeshData:
    rings = _root(p)
    cuts = pairwise((0, 4, 9, 16, 26, 38, 43, 47))
    filling = [pieces.slab(rings[[a, b]], 16) for a, b in cuts]
    crown = rings[2].mean(axis=0) + (0.25 * p.radius, 0, 0)
    found = [solids.filled(solids.loft(rings, "root"), filling)]
    found += [_stalk(p, crown, place) for place in range(p.stalks)]
    points = {"crown": rings[4, 0], "middle": rings[24, 0], "tip": rings[-1].mean(axis=0)}
    marks = Keypoints(points, keypoints.chain(*points))
    return solids.assemble(found, ("root", "tops"), keypoints=marks, centred=True)


def _root(p: Carrot) -> np.ndarray:
    """Return the rings from the crown, at x = 0, to the tip at -x."""
    ends = 1 - np.cos(np.linspace(0, np.pi / 2, 8))
    s = np.concatenate([0.035 * ends, np.linspace(0.055, 0.97, 32), 1 - 0.025 * ends[::-1]])
    r, taper = p.radius, p.taper
    knots = [0, 0.03, 0.08, 0.35, 0.65, 0.90, 1.0]
    wide = [0.55, 0.93, 1.0, 0.97 - 0.12 * taper, 0.86 - 0.26 * taper, 0.62 - 0.34 * taper]
    half = r * curves.monotone(s, knots, [*wide, 0.37 - 0.32 * taper])
    half *= curves.rounding(1 - s, 0.025).clip(0.15)
    half *= curves.rounding(s, 0.035).clip(0, 1) * 0.5 + 0.5
    angle = 2 * np.pi * np.arange(28) / 28
    # Wrinkles go only partly around: the direction of their depth varies along the root.
    wave = np.sin(61 * s + p.phase) + 0.7 * np.sin(97 * s + 2.1 * p.phase)
    part = 0.5 + 0.5 * np.cos(angle[None] - 23 * s[:, None] - p.phase)
    girth = half[:, None] * (1 - p.rings * np.abs(wave)[:, None] * part)
    y = p.bend * np.sin(np.pi * s) + 0.3 * p.bend * np.sin(2 * np.pi * s + p.phase)
    x = np.broadcast_to((-s * p.length)[:, None], girth.shape)
    return np.stack([x, y[:, None] + girth * np.cos(angle), girth * np.sin(angle)], axis=2)


def _stalk(p: Carrot, crown: np.ndarray, place: int) -> Solid:
    """Build one leaf stalk with its leaflets, if any, and one piece around them."""
    turn = 2.39996 * place + p.phase
    spread = 0.20 + 0.42 * ((place * 0.618) % 1.0)
    leafy = p.leafy
    long = p.leaf * (0.7 + 0.3 * ((place * 0.414) % 1.0)) if leafy else 0.014 + 0.026 * p.tops
    out = np.array([0.0, np.cos(turn), 0.65 * np.sin(turn)])
    foot = crown + 0.28 * p.radius * out - (0.004, 0, 0)
    # Leaves lie on the same ground as the root.
    droop = np.array([0.0, 0.0, -0.35 * p.radius / long]) if leafy else np.zeros(3)
    end = foot + long * (np.array([1.0, 0, 0]) + 0.9 * spread * out + droop)
    bend = foot + 0.5 * long * np.array([1.0, 0.0, 0.0]) + 0.15 * long * spread * out
    path = curves.bezier([foot, bend, end], 8)
    side = curves.unit(np.cross(path[-1] - path[0], (0.0, 0.3, 1.0)))
    grow = np.linspace(1.0, 0.55 if leafy else 0.85, 8)
    stalk = solids.rod(path, 0.0017 * grow, "tops", side, 8)
    leaves = _leaflets(path, side, long) if leafy else []
    return solids.filled(solids.join([stalk, *leaves]))


def _leaflets(path: np.ndarray, side: np.ndarray, long: float) -> list[Solid]:
    """Build feathery leaflets in pairs along the outer part of a stalk."""
    found = []
    fine = curves.resample(path, 13)
    along = curves.tangents(fine)
    for k in range(6, 13):
        size = 0.24 * long * np.sin(np.pi * (k - 3) / 11.0) ** 0.7
        for hand in (-1, 1):
            lift = 0.25 * np.sin(3.7 * k) * np.cross(along[k], side)
            away = curves.unit(0.75 * along[k] + hand * side + lift)
            line = fine[k] + np.linspace(0, 1, 4)[:, None] * size * away
            normal = curves.unit(np.cross(away, along[k]))
            across = np.cross(normal, away)
            wide = 0.30 * size * np.array([0.15, 1.0, 0.75, 0.06])
            ring = np.array([(1, 0), (0, 0.12), (-1, 0), (0, -0.12)])
            section = ring[None, :, :1] * across + ring[None, :, 1:] * normal
            found.append(solids.loft(line[:, None] + wide[:, None, None] * section, "tops"))
    return found


CLASSES = (ParametricClass("carrot", Carrot, build),)
