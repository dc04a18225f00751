"""Scissors: two blades that cross at a screw, each with a finger ring, closed or open. They lie
flat, with their points at +x."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Keypoints, Piece, Sheet, Solid, curves, pieces, sections
from simgen.spec.parameters import between


@dataclass(frozen=True)
class Scissors:
    length: float = between(0.130, 0.225)
    blade: float = between(0.50, 0.58)  # from the screw to the points, of the length
    wide: float = between(0.070, 0.092)  # of a blade at the screw, of the length
    open: float = between(0.0, 0.75)
    ring: float = between(0.105, 0.125)  # half width of the smaller ring, of the length
    ring_long: float = between(1.15, 1.45)
    other: float = between(1.0, 1.45)  # length of the other ring over that of the first
    thick: float = between(0.0012, 0.0018)
    handle: float = between(0.0034, 0.0046)  # half, of the rings' plastic
    handle_high: float = between(0.0036, 0.0050)


def build(p: Scissors) -> MeshData:
    parts: list[Solid] = []
    filling: list[Piece] = []
    points: dict[str, np.ndarray] = {}
    for side, name in ((1, "left"), (-1, "right")):
        made, filled, found = _half(p, side)
        angle = -side * (0.5 * p.open + 0.035)
        parts += [solids.rotate(part, 2, angle) for part in made]
        filling += [solids.rotate_points(piece, 2, angle) for piece in filled]
        points |= {f"{name}_{k}": solids.rotate_points(v, 2, angle) for k, v in found.items()}
    high = p.thick + 0.0011
    screw = curves.fillet(
        [(0, -high), (0.0042, -high), (0.0042, high), (0, high)], [0, 0.0007, 0.0007, 0], 3
    ) * (p.length / 0.2, 1.0)
    parts.append(solids.lathe(screw, "blades", 20))
    points["screw"] = np.array([0.0, 0.0, high])
    edges = [(f"{name}_ring", "screw") for name in ("left", "right")]
    edges += [("screw", f"{name}_tip") for name in ("left", "right")]
    marks = Keypoints(points, tuple(edges))
    return solids.assemble(parts, ("blades", "handles"), filling, marks, centred=True)


def _half(p: Scissors, side: int) -> tuple[list[Solid], list[Piece], dict[str, np.ndarray]]:
    """Return the components, pieces and landmarks of one half, with the scissors closed."""
    blade = _blade(p, side)
    ring, shank = _ring(p, side)
    parts = [solids.loft(blade.rings(), "blades"), solids.loft_loop(ring, "handles")]
    parts.append(solids.loft(shank, "handles"))
    n = len(blade.lower) - 1
    filling = blade.pieces((0, n // 3, 2 * n // 3, n), (0, 4)) + pieces.loop_slices(ring, 10)
    filling += pieces.slices(shank, 3, around=12)
    far = ring[int(np.argmin(ring[..., 0].mean(axis=1)))]
    return parts, filling, {"tip": blade.upper[-1, 2], "ring": far[int(np.argmax(far[:, 2]))]}


def _blade(p: Scissors, side: int) -> Sheet:
    """Build a blade from behind the screw to the point, with its cutting edge on the side opposite
    `side`."""
    length, wide = p.blade * p.length, p.wide * p.length
    s = np.concatenate([np.linspace(-0.24, 0.0, 6), np.linspace(0.05, 0.9, 12), [0.95, 0.985, 1.0]])
    x = s * length
    t = s.clip(0, 1)
    back = curves.monotone(
        s,
        [-0.24, -0.08, 0.0, 0.25, 0.8, 1.0],
        [0.30 * wide, 0.46 * wide, 0.52 * wide, 0.50 * wide, 0.26 * wide, 0.0007],
    )
    edge = curves.monotone(
        s,
        [-0.24, -0.08, 0.0, 0.12, 1.0],
        [-0.32 * wide, -0.46 * wide, -0.50 * wide, -0.18 * wide, -0.0004],
    )
    across = np.array([0.0, 0.22, 0.5, 0.97, 1.0])
    y = edge[:, None] + (back - edge)[:, None] * across
    thin = np.array([0.25, 0.8, 1.0, 1.0, 0.85])
    thick = p.thick * (1 - 0.35 * t)[:, None] * thin
    # The flat sides of both blades touch in the plane z = 0.
    made = solids.flat_sheet(x, y, side * (thick / 2 + 0.00005), thick)
    if side < 0:
        flip = np.array([1.0, -1.0, 1.0])
        return Sheet(made.lower * flip, made.upper * flip)
    return made


def _ring(p: Scissors, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the rings of the finger ring and of the shank between it and the blade.

    The half whose blade lies at +y has its finger ring at -y, and vice versa.
    """
    size = p.length
    behind = (1 - p.blade) * size
    wide = p.ring * size
    long = wide * p.ring_long * (p.other if side < 0 else 1.0)
    long = min(long, 0.40 * behind)
    half_thick, high = p.handle * size / 0.19, p.handle_high
    centre = np.array([-behind + long, -side * (wide + half_thick * 0.6), 0.0])
    angle = 2 * np.pi * np.arange(40) / 40
    squash = 0.88 + 0.12 * np.cos(angle - 0.3)
    oval = np.stack([long * np.cos(angle), wide * np.sin(angle) * squash, 0 * angle], axis=1)
    section = curves.superellipse((half_thick, high), 2.5, 12)
    tilted = solids.rotate_points(oval, 2, side * 0.10)
    ring = sections.sweep_loop(centre + tilted, section)
    start = np.array([-0.02 * size, 0.0])
    root = centre[:2] + (0.92 * long, side * 0.45 * wide)
    line = curves.bezier([start, (start + root) / 2 + (0.0, side * 0.018 * size), root], 12)
    path = np.column_stack([line, np.zeros(len(line))])
    flat = curves.superellipse((1.15 * half_thick, high), 2.8, 14)
    grow = np.linspace(0, 1, 12)
    scale = np.stack([1.05 + 0.15 * np.sin(np.pi * grow), 0.75 + 0.25 * grow], axis=1)
    scale[0] *= 0.8
    return ring, sections.sweep(path, flat, (0, 0, 1), scale)


CLASSES = (ParametricClass("scissors", Scissors, build),)
