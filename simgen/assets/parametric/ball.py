"""Ball: a small ball for games. What kind of ball says its surface."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from simgen import solids
from simgen.assets.parametric.parametric_class import ParametricClass
from simgen.mesh import MeshData
from simgen.parameters import between


@dataclass(frozen=True)
class Ball:
    radius: float = between(0.020, 0.042)
    tilt: float = between(0.0, 1.5708)


def build(p: Ball) -> MeshData:
    latitude = np.linspace(-np.pi / 2, np.pi / 2, 37)
    profile = p.radius * np.stack([np.cos(latitude), np.sin(latitude)], axis=1)
    profile[[0, -1], 0] = 0.0
    part = solids.lathe(profile, "body", 56)
    turned = replace(part, vertices=part.vertices @ _tilt(p.tilt).T)
    return solids.assemble([turned], ("body",), [_sphere(p.radius)])


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


CLASSES = (ParametricClass("ball", Ball, build),)
