"""Rigid bodies as plain data: their shapes and poses. Lengths in metres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simgen.spec.scene import Quaternion


@dataclass(frozen=True)
class Body:
    """A rigid body. pieces: convex point sets, each `n x 3`, metres, in the object's frame.

    initial_pose: `upright`, `side`, `upside_down` or `tumbled`. rooted: it stays where it is put,
    like trees. crown: the outer half of its width is air and leaves, which may overlap other
    crowns. name: for messages.
    """

    pieces: tuple[np.ndarray, ...]
    density: float
    friction: float
    initial_pose: str = "upright"
    rooted: bool = False
    crown: bool = False
    name: str = ""


@dataclass(frozen=True)
class Pose:
    """The pose of a body: origin of its frame, `3`, metres, and rotation from its frame to the
    world."""

    position: np.ndarray
    rotation: Quaternion


Obstacles = Sequence[np.ndarray]
"""Convex point sets in the world, `n x 3` each, metres."""


def radius(body: Body) -> float:
    """Return the radius of the sphere about the box centre that contains the body, metres."""
    points = np.concatenate(body.pieces)
    centre = (points.min(axis=0) + points.max(axis=0)) / 2
    return float(np.linalg.norm(points - centre, axis=1).max())


def bounds(body: Body) -> np.ndarray:
    """Return the box of a body in its own frame, `2 x 3`."""
    points = np.concatenate(body.pieces)
    return np.stack([points.min(axis=0), points.max(axis=0)])
