"""Ball: a small ball for games. What kind of ball says its surface."""

from __future__ import annotations

import numpy as np

from simgen.assets.parametric import shapes
from simgen.mesh import MeshData

RANGES: shapes.Ranges = {
    "radius": (0.020, 0.042),
    "tilt": (0.0, 1.5708),
}


def draw(rng: np.random.Generator) -> dict[str, float]:
    return shapes.draw_ranges(rng, RANGES)


def build(p: dict[str, float]) -> MeshData:
    latitude = np.linspace(-np.pi / 2, np.pi / 2, 37)
    profile = p["radius"] * np.stack([np.cos(latitude), np.sin(latitude)], axis=1)
    profile[[0, -1], 0] = 0.0
    part = shapes.lathe(profile, "body", 56)
    turned = shapes.Part(part.vertices @ _tilt(p["tilt"]).T, part.faces, part.uv, part.slot)
    return shapes.assemble([turned], [_sphere(p["radius"])], ("body",))


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
