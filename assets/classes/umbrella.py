"""Umbrella, upright on its handle: open, with eight or more panels, or rolled up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Solid, curves, keypoints, sections, uv
from simgen.spec.parameters import between, count, flag


@dataclass(frozen=True)
class Umbrella:
    is_open: bool = flag(below=0.8, of="kind")  # else rolled up
    radius: float = between(0.42, 0.60)
    dome: float = between(0.38, 0.58)  # height of the canopy over its radius
    panels: int = count(8, 10)
    sag: float = between(0.04, 0.09)  # of the cloth between the ribs
    shaft: float = between(0.78, 0.92)
    hook: float = between(0.035, 0.050)
    two_colours: bool = flag(above=0.7, of="two")


SLOTS = ("canopy", "panels", "shaft", "handle")
_ALONG = np.linspace(0.03, 1, 12)
"""Positions along a rib, from the tip to the hem."""


def build(p: Umbrella) -> MeshData:
    hook, long = p.hook, p.shaft
    body = _handle(hook) + solids.cylinder((0, 0, 0.12), (0, 0, long + 0.012), 0.005, "shaft", 12)
    body += solids.cylinder((0, 0, long - 0.02), (0, 0, long + 0.055), (0.006, 0.003), "shaft", 12)
    body += _open(p, long) if p.is_open else _rolled(p, long)
    rim = body.vertices
    rim = rim[np.abs(rim[:, 2] - long) < 0.75 * long]
    marks = {
        "tip": (0.0, 0.0, long + 0.2),
        "handle_end": (-2 * hook, 0.0, hook),
        "handle_bottom": (-hook, 0.0, -0.1),
        "canopy_left": rim[int(np.argmin(rim[:, 0]))],
        "canopy_right": rim[int(np.argmax(rim[:, 0]))],
    }
    edges = keypoints.chain("handle_end", "handle_bottom", "tip", "canopy_left")
    return solids.finished(body, SLOTS, marks, (*edges, ("tip", "canopy_right")))


def _handle(hook: float) -> Solid:
    """Build a J-shaped hook with its lowest point on the ground."""
    turn = np.linspace(np.pi, 2 * np.pi, 11)
    bend = np.stack([-hook + hook * np.cos(turn), hook + 0.011 + hook * np.sin(turn)], axis=1)
    line = np.concatenate([[(-2 * hook, hook + 0.03)], bend, [(0, hook + 0.03), (0, 0.19)]])
    path = curves.in_xz(line)
    rings = sections.tube(path, 0.011, (0, 1, 0), 14)
    return solids.loft(rings, "handle", cuts=(0, 3, 5, 7, 9, 11, 13))


def _open(p: Umbrella, top: float) -> Solid:
    """Build the canopy as a thin shell of panels, and the ribs below it."""
    count, each, r = p.panels, 6, p.radius
    around = count * each
    s, edge = _ALONG, 1.15
    flat = r * np.sin(edge * s) / np.sin(edge)
    drop = p.dome * r * (1 - np.cos(edge * s)) / (1 - np.cos(edge))
    angle = 2 * np.pi * np.arange(around) / around
    between = np.abs(np.sin(0.5 * count * angle))
    upper = _cloth(flat, top - drop, angle, between, p.sag)
    lower = _cloth(flat - 0.0005, top - 0.0016 - drop, angle, between, p.sag)
    rings = np.concatenate([upper, lower[::-1]])
    tips = (np.array([0, 0, top + 0.0008]), np.array([0, 0, top - 0.0028]))
    part = solids.loft(rings, "canopy", tips)
    part = _coloured(part, around, each, len(rings), p.two_colours)
    filling = []
    for a, b in pairwise((0, 5, 8, 11)):
        for k in range(count):
            columns = [(k * each + d) % around for d in (0, each // 2, each)]
            cut = [side[[a, (a + b) // 2, b]][:, columns] for side in (upper, lower)]
            filling.append(np.concatenate(cut).reshape(-1, 3))
    body = solids.filled(uv.box_projection(part), filling)
    for k in range(count):
        turn = 2 * np.pi * k / count
        out = np.array([np.cos(turn), np.sin(turn), 0.0])
        path = out * flat[:, None] + np.column_stack([0 * s, 0 * s, top - 0.006 - drop])
        side = np.cross(out, (0, 0, 1))
        body += solids.decoration(solids.rod(path[1:], 0.0018, "shaft", side, 6))
        stay = (out * flat[6] + (0, 0, top - 0.008 - drop[6]), (0, 0, top - 0.55 * r))
        body += solids.cylinder(*stay, 0.0018, "shaft", 6)
    ring = ((0, 0, top - 0.56 * r), (0, 0, top - 0.53 * r))
    return body + solids.cylinder(*ring, 0.012, "shaft", 14)


def _cloth(
    flat: np.ndarray, high: np.ndarray, angle: np.ndarray, between: np.ndarray, sag: float
) -> np.ndarray:
    """Return one side of the canopy, `n x m x 3`; the cloth sags between the ribs, and its hem is
    wavy."""
    s = _ALONG
    pull = 1 - sag * s[:, None] ** 1.5 * between
    lift = 0.45 * sag * flat[-1] * (s[:, None] ** 4) * between
    x, y = flat[:, None] * pull * np.cos(angle), flat[:, None] * pull * np.sin(angle)
    return np.stack([x, y, high[:, None] + lift], axis=2)


def _coloured(part: Solid, around: int, each: int, rings: int, two: bool) -> Solid:
    """Assign the second cloth to every other panel, or only to the hem."""
    slot = part.slot.astype(object).copy()
    strips = slot[around : around + 2 * around * (rings - 1)].reshape(rings - 1, around, 2)
    if two:
        strips[:, (np.arange(around) // each) % 2 == 0] = "panels"
    else:
        strips[rings // 2 - 2 : rings // 2 + 1] = "panels"
    slot[around : around + 2 * around * (rings - 1)] = strips.reshape(-1)
    return replace(part, slot=slot.astype(str))


def _rolled(p: Umbrella, top: float) -> Solid:
    """Build the canopy rolled around the shaft, in folds."""
    angle = 2 * np.pi * np.arange(48) / 48
    z = np.array([0.26, 0.27, 0.33, 0.45, 0.6, 0.8, 0.95, 1.0]) * top
    wide = np.array([0.020, 0.034, 0.040, 0.036, 0.030, 0.020, 0.011, 0.008])
    fold = 1 + 0.16 * np.sin(8 * angle + 9 * z[:, None] / top) ** 3
    r = wide[:, None] * fold
    height = np.broadcast_to(z[:, None], r.shape)
    rings = np.stack([r * np.cos(angle), r * np.sin(angle), height], axis=2)
    belt = [(0, 0.46 * top), (0.042, 0.46 * top), (0.041, 0.49 * top), (0, 0.49 * top)]
    return solids.sliced_loft(rings, "canopy", 3) + solids.convex_lathe(belt, "panels", 32)


CLASSES = (ParametricClass("umbrella", Umbrella, build),)
