"""Ball: a toy ball with a band of another colour between two fine grooves."""

from __future__ import annotations

import numpy as np

from simgen.assets.parametric import shapes
from simgen.mesh import MeshData

RANGES: shapes.Ranges = {
    "radius": (0.020, 0.042),
    "band": (0.12, 0.65),  # half height of the band over the radius
    "groove": (0.0002, 0.0006),
    "tilt": (0.0, 1.5708),
}


def draw(rng: np.random.Generator) -> dict[str, float]:
    return shapes.draw_ranges(rng, RANGES)


def build(p: dict[str, float]) -> MeshData:
    r, edge = p["radius"], float(np.arcsin(p["band"]))
    width = 0.0012 / r
    groove = np.linspace(-width, width, 7)
    cap = np.linspace(edge + 1.8 * width, np.pi / 2, 13)
    band = np.linspace(0.0, edge - 1.8 * width, 6)
    upper = np.concatenate([band, edge + groove, cap])
    latitude = np.concatenate([-upper[:0:-1], upper])
    deep = p["groove"] * np.maximum(0, 1 - ((np.abs(latitude) - edge) / width) ** 2)
    radius = r - deep
    profile = np.stack([radius * np.cos(latitude), radius * np.sin(latitude)], axis=1)
    profile[[0, -1], 0] = 0.0
    inside = (np.abs(latitude[:-1]) + np.abs(latitude[1:])) / 2 < edge
    names = ["band" if middle else "body" for middle in inside]
    part = shapes.lathe(profile, names, 56)
    turn = _tilt(p["tilt"])
    turned = shapes.Part(part.vertices @ turn.T, part.faces, part.uv, part.slot)
    return shapes.assemble([turned], [_sphere(r)], ("body", "band"))


def _tilt(angle: float) -> np.ndarray:
    """3x3 rotation about x."""
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[1, 0, 0], [0, cos, -sin], [0, sin, cos]])


def _sphere(radius: float, count: int = 62) -> np.ndarray:
    """Points spread evenly over a sphere; the six extreme points are among them."""
    step = np.arange(count - 6) + 0.5
    z = 1 - 2 * step / (count - 6)
    turn = np.pi * (1 + 5**0.5) * step
    flat = np.sqrt(1 - z * z)
    spread = np.stack([flat * np.cos(turn), flat * np.sin(turn), z], axis=1)
    return radius * np.concatenate([1.015 * spread, np.eye(3), -np.eye(3)])
