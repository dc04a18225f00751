"""Rigid poses in files."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simgen.geometry.transforms import rotation_from_quaternion

_ORTHOGONAL = 1e-3
"""Deviation from a rotation that is attributed to the digits in a file."""
_FARTHEST = 1e6


def rigid(matrix: np.ndarray, what: str) -> np.ndarray:
    """Return the rigid transformation nearest to a matrix, `4 x 4` or `3 x 4`.

    Files round rotations to few digits. Raises `ValueError` for anything that is not one.
    """
    turn = matrix[:3, :3]
    u, _, v = np.linalg.svd(turn)
    near = u @ v
    last = matrix[3:] if len(matrix) > 3 else np.array([[0.0, 0.0, 0.0, 1.0]])
    if (
        np.abs(near - turn).max() > _ORTHOGONAL
        or np.linalg.det(near) < 0
        or not np.array_equal(last, [[0, 0, 0, 1]])
        or np.abs(matrix[:3, 3]).max() > _FARTHEST
    ):
        raise ValueError(f"{what}: expected a rotation and a translation, as a 4 x 4 matrix")
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = near, matrix[:3, 3]
    return pose


def from_quaternion(w: float, vector: Sequence[float], what: str) -> np.ndarray:
    """Return the rotation of a quaternion, `3 x 3`. Raises `ValueError` if it is not a unit."""
    quaternion = np.array([w, *vector])
    length = float(np.linalg.norm(quaternion))
    if not abs(length - 1) < _ORTHOGONAL:
        raise ValueError(f"{what}: quaternion of length {length:.6g}; expected 1")
    return rotation_from_quaternion((quaternion / length).tolist())
