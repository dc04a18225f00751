"""Apple and pear: a turned profile, bent out of round, with a stem in its upper dimple."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simgen.assets.parametric import curves, landmarks, pieces, shapes
from simgen.mesh import MeshData

_SEGMENTS = 52
_LUMPS: shapes.Ranges = {
    "lobes": (0.005, 0.025),  # of the five bulges, over the radius
    "lobes_turn": (0.0, 6.2831),
    "oval": (0.0, 0.030),
    "oval_turn": (0.0, 6.2831),
    "lean": (-0.10, 0.10),
    "slant": (-0.07, 0.07),
    "stem": (0.012, 0.022),
    "stem_radius": (0.0010, 0.0016),
    "stem_bend": (-0.7, 0.7),
    "stem_turn": (0.0, 6.2831),
}
APPLE_RANGES: shapes.Ranges = {
    "radius": (0.031, 0.043),
    "height": (0.82, 0.98),  # over the diameter
    "shoulder": (0.55, 0.64),  # height of the widest place
    "narrow": (0.50, 0.66),  # radius of the lower end over the radius
    "dimple": (0.13, 0.20),
    **_LUMPS,
}
PEAR_RANGES: shapes.Ranges = {
    "radius": (0.029, 0.037),
    "height": (1.25, 1.62),
    "shoulder": (0.32, 0.38),
    "neck": (0.44, 0.58),  # radius of the neck over the radius
    "top": (0.30, 0.40),
    **_LUMPS,
}


def draw_apple(rng: np.random.Generator) -> dict[str, float]:
    return shapes.draw_ranges(rng, APPLE_RANGES)


def build_apple(p: dict[str, float]) -> MeshData:
    wide, low, deep = p["shoulder"], p["narrow"], p["dimple"]
    control = [(0, 0.11), (0.10, 0.085), (0.24, 0.02), (0.37, 0.0), (low, 0.035)]
    control += [(0.45 * low + 0.56, 0.20), (0.962, 0.39), (1.0, wide), (0.93, 0.80)]
    control += [(0.74, 0.945), (0.50, 1.0), (0.30, 0.985), (0.14, 0.93), (0.05, 1.02 - deep)]
    control += [(0, 1.0 - deep)]
    return _fruit(p, control)


def draw_pear(rng: np.random.Generator) -> dict[str, float]:
    return shapes.draw_ranges(rng, PEAR_RANGES)


def build_pear(p: dict[str, float]) -> MeshData:
    wide, neck, top = p["shoulder"], p["neck"], p["top"]
    control = [(0, 0.05), (0.10, 0.035), (0.22, 0.006), (0.34, 0.0), (0.60, 0.032)]
    control += [(0.87, 0.14), (1.0, wide), (0.90, 0.50), (0.5 + 0.38 * neck, 0.63)]
    control += [(neck, 0.80), (top, 0.93), (0.62 * top, 0.985), (0.3 * top, 0.99), (0, 0.965)]
    return _fruit(p, control)


def _fruit(p: dict[str, float], control: Sequence[Sequence[float]]) -> MeshData:
    """A fruit whose profile runs through `control` (radius over radius, z over height)."""
    size = np.array([p["radius"], p["height"] * 2 * p["radius"]])
    profile = curves.catmull_rom(np.array(control) * size, 46)
    profile[[0, -1], 0] = 0.0
    part = shapes.lathe(profile, "skin", _SEGMENTS)
    body = _bent(p, part.vertices, size)
    rings = body[:-2].reshape(len(profile) - 2, _SEGMENTS, 3)
    skin = shapes.Part(body, part.faces, part.uv, part.slot)
    stem = _stem(p, body[-1], 0.05 * size[1])
    solid = pieces.wedges(rings, body[-2:], 12, rows=15) + pieces.slices(stem[2:], 2, around=6)
    low = body[:, 2].min()
    # A hull between sampled rows may miss the very lowest one; the fruit has to rest on it.
    solid[0] = np.concatenate([solid[0], body[body[:, 2] < low + 1e-9][:1]])
    ends = {"bottom": body[-2], "stem_tip": stem[-1].mean(axis=0)}
    marks = landmarks.Landmarks(ends, landmarks.chain(*ends))
    return shapes.assemble([skin, shapes.loft(stem, "stem")], solid, ("skin", "stem"), marks)


def _bent(p: dict[str, float], points: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Points (`n x 3`) with lobes, an oval girth, a lean and a slanting top."""
    x, y, z = points.T
    angle, s = np.arctan2(y, x), z / size[1]
    lobes = p["lobes"] * np.cos(5 * angle + p["lobes_turn"]) * (0.35 + np.abs(2 * s - 1) ** 2)
    oval = p["oval"] * np.cos(2 * angle + p["oval_turn"])
    factor = 1 + lobes + oval
    x, y = x * factor, y * factor
    lifted = z * (1 + p["slant"] * x / size[0]) + 0.5 * p["lobes"] * size[0] * lobes / 0.03 * 0.1
    return np.stack([x + p["lean"] * size[0] * s * s, y, lifted], axis=1)


def _stem(p: dict[str, float], root: np.ndarray, sunk: float) -> np.ndarray:
    """Rings of the stem, which starts inside the fruit and widens at its upper end."""
    away = np.array([np.cos(p["stem_turn"]), np.sin(p["stem_turn"]), 0.0])
    side = np.array([-away[1], away[0], 0.0])
    long, bend = p["stem"], p["stem_bend"]
    up = np.array([0.0, 0.0, 1.0])
    control = [root - sunk * up, root + 0.4 * long * up]
    control.append(root + long * (up + 0.6 * bend * away))
    r = p["stem_radius"]
    path = curves.bezier(control, 12)
    section = curves.superellipse((r, r), 2.3, 10)
    points, scale = shapes.round_ends(path, (r, r), 0.5 * r)
    s = np.linspace(0, 1, len(points))[:, None]
    return shapes.sweep_rings(points, section, side, scale * (0.9 + 0.15 * s + 0.5 * s**6))
