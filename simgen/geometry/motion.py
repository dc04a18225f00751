"""Poses and shapes of objects in each frame."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simgen.geometry.transforms import box_of, object_to_world, pose_matrix, transform
from simgen.spec.scene import DeformationSpec, ObjectSpec


def pose_at(item: ObjectSpec, frame: int) -> np.ndarray:
    """Return the rigid `4 x 4` pose of an object in a frame, object to world, without its scale."""
    if not item.trajectory:
        return object_to_world(item)
    pose = item.trajectory[frame]
    return pose_matrix(pose.position, pose.rotation)


def shape_at(item: ObjectSpec, vertices: np.ndarray, frame: int, frame_rate: float) -> np.ndarray:
    """Return the vertices of an object in a frame, in its own axes, scaled: `V x 3`, metres.

    vertices: of the asset's unscaled metric mesh. frame_rate: frames per second.
    """
    return points_at(item, vertices, box_of(vertices), frame, frame_rate)


def points_at(
    item: ObjectSpec, points: np.ndarray, box: np.ndarray, frame: int, frame_rate: float
) -> np.ndarray:
    """Return `shape_at` for any points (`n x 3`) that deform with an object.

    box: `2 x 3`, lowest and highest corner of the asset's unscaled metric mesh.
    """
    if item.deformation is None:
        return item.scale * points
    seconds = frame / frame_rate if frame_rate else 0.0
    return item.scale * deformed(points, box, item.deformation, seconds)


def placed_at(item: ObjectSpec, vertices: np.ndarray, frame: int, frame_rate: float) -> np.ndarray:
    """Return the vertices of an object's unscaled mesh, `V x 3`, in world axes in a frame."""
    return transform(pose_at(item, frame), shape_at(item, vertices, frame, frame_rate))


def deformed(
    points: np.ndarray, box: np.ndarray, how: DeformationSpec, seconds: float
) -> np.ndarray:
    """Return the points of an oscillating shape, `n x 3`, in the unit of its box at rest (`2 x 3`).

    With h from 0 at the shape's foot to 1 at its top and s = amplitude *
    sin(2 pi frequency seconds + phase), `twist` turns each point by s h about the vertical axis of
    the box, `bend` tilts it by s h towards x, and `squash` scales the height by 1 + s and the
    width so that the volume is kept. The foot does not move.
    Raises `ValueError` for an unknown kind.
    """
    if how.kind not in _KINDS:
        raise ValueError(f"deformation kind {how.kind!r}: expected one of {', '.join(_KINDS)}")
    strength = how.amplitude * np.sin(2 * np.pi * how.frequency * seconds + how.phase)
    low, high = box
    foot = np.array([*(low + high)[:2] / 2, low[2]])
    tall = max(float(high[2] - low[2]), 1e-9)
    return foot + _KINDS[how.kind](points - foot, tall, float(strength))


def _twist(points: np.ndarray, tall: float, strength: float) -> np.ndarray:
    angle = strength * points[:, 2] / tall
    cosine, sine = np.cos(angle), np.sin(angle)
    x, y = points[:, 0], points[:, 1]
    return np.stack([cosine * x - sine * y, sine * x + cosine * y, points[:, 2]], axis=1)


def _bend(points: np.ndarray, tall: float, strength: float) -> np.ndarray:
    """Turn each height about the foot by an angle proportional to it."""
    angle = strength * points[:, 2] / tall
    cosine, sine = np.cos(angle), np.sin(angle)
    x, z = points[:, 0], points[:, 2]
    return np.stack([cosine * x + sine * z, points[:, 1], cosine * z - sine * x], axis=1)


def _squash(points: np.ndarray, tall: float, strength: float) -> np.ndarray:
    stretch = 1 + strength
    return points * np.array([stretch**-0.5, stretch**-0.5, stretch])


_KINDS: dict[str, Callable[[np.ndarray, float, float], np.ndarray]] = {
    "twist": _twist,
    "bend": _bend,
    "squash": _squash,
}
KINDS = tuple(_KINDS)
