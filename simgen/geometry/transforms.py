"""Rigid transforms, rotations and bounding boxes of points, as arrays.

Matrices are 4x4 float64 acting on column vectors; cameras look along +z with x right and y down
(the OpenCV convention); quaternions are (w, x, y, z).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simgen.spec.scene import Matrix4, ObjectSpec, Quaternion, Vector

Points = Sequence[float] | np.ndarray


def rotation_from_quaternion(quaternion: Sequence[float]) -> np.ndarray:
    """Return the `3 x 3` rotation of a quaternion (w, x, y, z), which need not be normalised."""
    w, x, y, z = np.asarray(quaternion, float) / np.linalg.norm(quaternion)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


def quaternion_from_rotation(rotation: np.ndarray) -> Quaternion:
    """Return the quaternion of a `3 x 3` rotation, computed from its largest component."""
    m = rotation
    squares = 1 + np.array(
        [
            m[0, 0] + m[1, 1] + m[2, 2],
            m[0, 0] - m[1, 1] - m[2, 2],
            m[1, 1] - m[0, 0] - m[2, 2],
            m[2, 2] - m[0, 0] - m[1, 1],
        ]
    )
    products = np.array(
        [
            [squares[0], m[2, 1] - m[1, 2], m[0, 2] - m[2, 0], m[1, 0] - m[0, 1]],
            [m[2, 1] - m[1, 2], squares[1], m[1, 0] + m[0, 1], m[0, 2] + m[2, 0]],
            [m[0, 2] - m[2, 0], m[1, 0] + m[0, 1], squares[2], m[2, 1] + m[1, 2]],
            [m[1, 0] - m[0, 1], m[0, 2] + m[2, 0], m[2, 1] + m[1, 2], squares[3]],
        ]
    )
    row = products[int(np.argmax(squares))]
    w, x, y, z = (float(value) for value in row / np.linalg.norm(row))
    return (w, x, y, z)


def quaternion_about_z(angle: float) -> Quaternion:
    """Return the quaternion of a rotation about z. angle: radians."""
    return (float(np.cos(angle / 2)), 0.0, 0.0, float(np.sin(angle / 2)))


def yaw_towards(heading: float) -> float:
    """Return the rotation about z that points an object's front, -y, along a heading. Radians,
    headings from x."""
    return heading + np.pi / 2


def pose_matrix(position: Sequence[float], rotation: Sequence[float]) -> np.ndarray:
    """Return the rigid `4 x 4` transform of a position in metres and a quaternion."""
    matrix = np.eye(4)
    matrix[:3, :3] = rotation_from_quaternion(rotation)
    matrix[:3, 3] = position
    return matrix


def object_to_world(item: ObjectSpec) -> np.ndarray:
    """Return the rigid `4 x 4` pose of an object, without its scale."""
    return pose_matrix(item.position, item.rotation)


def invert_rigid(matrix: np.ndarray) -> np.ndarray:
    """Return the inverse of a rigid `4 x 4` transform."""
    inverse = np.eye(4)
    inverse[:3, :3] = matrix[:3, :3].T
    inverse[:3, 3] = -matrix[:3, :3].T @ matrix[:3, 3]
    return inverse


def transform(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Apply a `4 x 4` transform to `n x 3` points."""
    return points @ matrix[:3, :3].T + matrix[:3, 3]


def box_of(points: np.ndarray) -> np.ndarray:
    """Return the lowest and highest corner of the axis-aligned box of points (`n x 3`): `2 x 3`."""
    rows = np.ascontiguousarray(points.T)  # numpy is several times faster along the last axis
    return np.stack([rows.min(axis=1), rows.max(axis=1)])


def continuous(quaternions: Sequence[Sequence[float]]) -> np.ndarray:
    """Return the same rotations, `n x 4`, each with the sign that is closer to its predecessor.

    q and -q are the same rotation, but interpolating between them makes a full turn.
    """
    turns = np.array(quaternions)
    for number in range(1, len(turns)):
        if turns[number] @ turns[number - 1] < 0:
            turns[number] *= -1
    return turns


def rotation_about(vector: Points) -> np.ndarray:
    """Return the `3 x 3` rotation about a vector by its length in radians (Rodrigues)."""
    x, y, z = np.asarray(vector, float)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    angle = float(np.linalg.norm([x, y, z]))
    # numpy's sinc is sin(pi x) / (pi x); both factors are well behaved at angle 0.
    once, twice = np.sinc(angle / np.pi), np.sinc(angle / (2 * np.pi)) ** 2 / 2
    return np.eye(3) + once * cross + twice * (cross @ cross)


def rotation_between(start: Points, end: Points) -> np.ndarray:
    """Return the smallest rotation, `3 x 3`, that maps one unit vector to another.

    Raises `ValueError` for opposite vectors, for which it is not unique.
    """
    a, b = np.asarray(start, float), np.asarray(end, float)
    cosine = float(a @ b)
    if cosine < -1 + 1e-12:
        raise ValueError(f"the smallest rotation of {start} to its opposite is not unique")
    x, y, z = np.cross(a, b)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + cross + cross @ cross / (1 + cosine)


def quaternion_product(first: Sequence[float], second: Sequence[float]) -> Quaternion:
    """Return the rotation that applies `second`, then `first`."""
    a, b, c, d = first
    w, x, y, z = second
    return (
        a * w - b * x - c * y - d * z,
        a * x + b * w + c * z - d * y,
        a * y - b * z + c * w + d * x,
        a * z + b * y - c * x + d * w,
    )


def random_direction(rng: np.random.Generator) -> np.ndarray:
    """Sample a unit vector, `3`, uniformly over all directions."""
    vector = rng.normal(size=3)
    return vector / np.linalg.norm(vector)


def random_rotation(rng: np.random.Generator) -> Quaternion:
    """Sample a uniformly distributed rotation (Shoemake 1992: a normalised 4D Gaussian)."""
    quaternion = rng.normal(size=4)
    w, x, y, z = (float(part) for part in quaternion / np.linalg.norm(quaternion))
    return (w, x, y, z)


def look_at(
    eye: Points, target: Points, roll: float = 0.0, azimuth: float | None = None
) -> np.ndarray:
    """Return the camera-to-world `4 x 4` (OpenCV axes) of a camera at `eye` centred on `target`.

    The image's up direction follows the world's z, rotated by `roll` radians about the view axis.
    azimuth: radians about z, the side of the target from which a vertical view is treated as
    approached. Raises `ValueError` if eye and target coincide, or if one is above the other and no
    azimuth is given.
    """
    forward = np.asarray(target, float) - np.asarray(eye, float)
    away = float(np.linalg.norm(forward))
    right = np.cross(forward, [0.0, 0.0, 1.0])
    if np.linalg.norm(right) < 1e-9 * max(1.0, away):
        if azimuth is None or away == 0:
            raise ValueError(
                f"look_at: the view from {eye} to {target} is vertical; give an azimuth"
            )
        right = np.array([-np.sin(azimuth), np.cos(azimuth), 0.0])
    forward /= away
    right /= np.linalg.norm(right)
    down = np.cross(forward, right)
    matrix = np.eye(4)
    matrix[:3, 0] = np.cos(roll) * right + np.sin(roll) * down
    matrix[:3, 1] = -np.sin(roll) * right + np.cos(roll) * down
    matrix[:3, 2] = forward
    matrix[:3, 3] = eye
    return matrix


def as_rows(matrix: np.ndarray) -> Matrix4:
    """Convert a `4 x 4` array to the nested tuples of a spec."""
    return tuple(tuple(float(value) for value in row) for row in matrix)  # type: ignore[misc]


def as_vector(values: Sequence[float] | np.ndarray) -> Vector:
    """Convert three numbers to the tuple of a spec."""
    x, y, z = (float(value) for value in values)
    return (x, y, z)
