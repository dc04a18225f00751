"""Ball: a small ball for games. Its surface determines the kind of ball."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import curves
from simgen.spec.parameters import between


@dataclass(frozen=True)
class Ball:
    radius: float = between(0.020, 0.042)
    tilt: float = between(0.0, 1.5708)


def build(p: Ball) -> MeshData:
    latitude = np.linspace(-np.pi / 2, np.pi / 2, 37)
    profile = p.radius * np.stack([np.cos(latitude), np.sin(latitude)], axis=1)
    profile[[0, -1], 0] = 0.0
    cos, sin = np.cos(p.tilt), np.sin(p.tilt)
    turn = np.array([[1, 0, 0], [0, cos, -sin], [0, sin, cos]])
    ball = solids.move_points(solids.lathe(profile, "body", 56), lambda points: points @ turn.T)
    around = np.concatenate([1.015 * curves.fibonacci_sphere(56), np.eye(3), -np.eye(3)])
    return solids.assemble([ball], ("body",), [p.radius * around])


CLASSES = (ParametricClass("ball", Ball, build),)
