"""Scissors: two blades that cross at a screw, each with its ring, closed or open. They lie flat,
points at +x."""

from __future__ import annotations

import numpy as np

from simgen.assets.parametric import curves, forms, landmarks, pieces, shapes
from simgen.mesh import MeshData

RANGES: shapes.Ranges = {
    "length": (0.130, 0.225),
    "blade": (0.50, 0.58),  # from the screw to the points, of the length
    "wide": (0.070, 0.092),  # of a blade at the screw, of the length
    "open": (0.0, 0.75),
    "ring": (0.105, 0.125),  # half width of the smaller ring, of the length
    "ring_long": (1.15, 1.45),
    "other": (1.0, 1.45),  # length of the other ring over that of the first
    "thick": (0.0012, 0.0018),
    "handle": (0.0034, 0.0046),  # half, of the rings' plastic
    "handle_high": (0.0036, 0.0050),
}


def draw(rng: np.random.Generator) -> dict[str, float]:
    return shapes.draw_ranges(rng, RANGES)


def build(p: dict[str, float]) -> MeshData:
    parts: list[shapes.Part] = []
    solid: list[pieces.Piece] = []
    points: dict[str, np.ndarray] = {}
    for side, name in ((1, "left"), (-1, "right")):
        made, filled, found = _half(p, side)
        angle = -side * (0.5 * p["open"] + 0.035)
        parts += [forms.turned(part, 2, angle) for part in made]
        solid += [forms.turn(piece, 2, angle) for piece in filled]
        points |= {f"{name}_{k}": forms.turn(v, 2, angle) for k, v in found.items()}
    high = p["thick"] + 0.0011
    screw = curves.fillet(
        [(0, -high), (0.0042, -high), (0.0042, high), (0, high)], [0, 0.0007, 0.0007, 0], 3
    ) * (p["length"] / 0.2, 1.0)
    parts.append(shapes.lathe(screw, "blades", 20))
    points["screw"] = np.array([0.0, 0.0, high])
    edges = [(f"{name}_ring", "screw") for name in ("left", "right")]
    edges += [("screw", f"{name}_tip") for name in ("left", "right")]
    marks = landmarks.Landmarks(points, tuple(edges))
    return forms.centred(parts, solid, ("blades", "handles"), marks)


def _half(
    p: dict[str, float], side: int
) -> tuple[list[shapes.Part], list[pieces.Piece], dict[str, np.ndarray]]:
    """Components, pieces and landmarks of one half, as it is when the scissors are closed."""
    blade = _blade(p, side)
    ring, shank = _ring(p, side)
    parts = [shapes.loft(blade.rings(), "blades"), forms.hoop(ring, "handles")]
    parts.append(shapes.loft(shank, "handles"))
    n = len(blade.lower) - 1
    solid = blade.solid((0, n // 3, 2 * n // 3, n), (0, 4)) + forms.hoop_solid(ring, 10)
    solid += pieces.slices(shank, 3, around=12)
    far = ring[int(np.argmin(ring[..., 0].mean(axis=1)))]
    return parts, solid, {"tip": blade.upper[-1, 2], "ring": far[int(np.argmax(far[:, 2]))]}


def _blade(p: dict[str, float], side: int) -> forms.Sheet:
    """From behind the screw to the point; its cutting edge runs on the side away from `side`."""
    length, wide = p["blade"] * p["length"], p["wide"] * p["length"]
    s = np.concatenate([np.linspace(-0.24, 0.0, 6), np.linspace(0.05, 0.9, 12), [0.95, 0.985, 1.0]])
    x = s * length
    t = s.clip(0, 1)
    back = forms.smooth(
        s,
        [-0.24, -0.08, 0.0, 0.25, 0.8, 1.0],
        [0.30 * wide, 0.46 * wide, 0.52 * wide, 0.50 * wide, 0.26 * wide, 0.0007],
    )
    edge = forms.smooth(
        s,
        [-0.24, -0.08, 0.0, 0.12, 1.0],
        [-0.32 * wide, -0.46 * wide, -0.50 * wide, -0.18 * wide, -0.0004],
    )
    across = np.array([0.0, 0.22, 0.5, 0.97, 1.0])
    y = edge[:, None] + (back - edge)[:, None] * across
    thin = np.array([0.25, 0.8, 1.0, 1.0, 0.85])
    thick = p["thick"] * (1 - 0.35 * t)[:, None] * thin
    # The flat sides of both blades touch in the plane z = 0.
    made = forms.sheet(x, y, side * (thick / 2 + 0.00005), thick)
    if side < 0:
        flip = np.array([1.0, -1.0, 1.0])
        return forms.Sheet(made.lower * flip, made.upper * flip)
    return made


def _ring(p: dict[str, float], side: int) -> tuple[np.ndarray, np.ndarray]:
    """Rings of the finger ring and of the shank between it and the blade.

    The half whose blade lies at +y has its ring at -y, and the other way round.
    """
    size = p["length"]
    behind = (1 - p["blade"]) * size
    wide = p["ring"] * size
    long = wide * p["ring_long"] * (p["other"] if side < 0 else 1.0)
    long = min(long, 0.40 * behind)
    half_thick, high = p["handle"] * size / 0.19, p["handle_high"]
    centre = np.array([-behind + long, -side * (wide + half_thick * 0.6), 0.0])
    angle = 2 * np.pi * np.arange(40) / 40
    squash = 0.88 + 0.12 * np.cos(angle - 0.3)
    oval = np.stack([long * np.cos(angle), wide * np.sin(angle) * squash, 0 * angle], axis=1)
    section = curves.superellipse((half_thick, high), 2.5, 12)
    tilted = forms.turn(oval, 2, side * 0.10)
    ring = forms.hoop_rings(centre + tilted, section)
    start = np.array([-0.02 * size, 0.0])
    root = centre[:2] + (0.92 * long, side * 0.45 * wide)
    line = curves.bezier([start, (start + root) / 2 + (0.0, side * 0.018 * size), root], 12)
    path = np.column_stack([line, np.zeros(len(line))])
    flat = curves.superellipse((1.15 * half_thick, high), 2.8, 14)
    grow = np.linspace(0, 1, 12)
    scale = np.stack([1.05 + 0.15 * np.sin(np.pi * grow), 0.75 + 0.25 * grow], axis=1)
    scale[0] *= 0.8
    return ring, shapes.sweep_rings(path, flat, (0, 0, 1), scale)
