"""Rigid transforms, rotations and boxes of points on plain arrays.

Matrices are 4x4 float64 acting on column vectors; cameras look along +z with x right and y down
(the OpenCV convention); quaternions are (w, x, y, z).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simgen.spec.scene import Matrix4, ObjectSpec, Quaternion, Vector

Points = Sequence[float] | np.ndarray


def rotation_from_quaternion(quaternion: Sequence[float]) -> np.ndarray:
    """`3 x 3` rotation of a quaternion (w, x, y, z), which need not be normalised."""
    w, x, y, z = np.asarray(quaternion, float) / np.linalg.norm(quaternion)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


def quaternion_from_rotation(rotation: np.ndarray) -> Quaternion:
    """(w, x, y, z) of a `3 x 3` rotation, by the largest of the four components."""
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
    """(w, x, y, z) of a turn about z, radians."""
    return (float(np.cos(angle / 2)), 0.0, 0.0, float(np.sin(angle / 2)))


def yaw_towards(heading: float) -> float:
    """The turn about z that points a thing's front, -y, along a heading: radians from x."""
    return heading + np.pi / 2


def pose_matrix(position: Sequence[float], rotation: Sequence[float]) -> np.ndarray:
    """`4 x 4` rigid transform from a position in metres and a quaternion."""
    matrix = np.eye(4)
    matrix[:3, :3] = rotation_from_quaternion(rotation)
    matrix[:3, 3] = position
    return matrix


def object_to_world(item: ObjectSpec) -> np.ndarray:
    """`4 x 4` rigid pose of an object; its scale is not part of it."""
    return pose_matrix(item.position, item.rotation)


def invert_rigid(matrix: np.ndarray) -> np.ndarray:
    """The inverse of a rigid `4 x 4` transform."""
    inverse = np.eye(4)
    inverse[:3, :3] = matrix[:3, :3].T
    inverse[:3, 3] = -matrix[:3, :3].T @ matrix[:3, 3]
    return inverse


def transform(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    """`n x 3` points moved by a `4 x 4` transform."""
    return points @ matrix[:3, :3].T + matrix[:3, 3]


def box_of(points: np.ndarray) -> np.ndarray:
    """`2 x 3`: lowest and highest corner of the axis-aligned box about points (`n x 3`)."""
    rows = np.ascontiguousarray(points.T)  # numpy is several times faster along the last axis
    return np.stack([rows.min(axis=1), rows.max(axis=1)])


def continuous(quaternions: Sequence[Sequence[float]]) -> np.ndarray:
    """`n x 4`: the same rotations, each with the sign that is nearer to the one before: q and -q
    are the same rotation, but interpolating from one to the other makes a full turn."""
    turns = np.array(quaternions)
    for number in range(1, len(turns)):
        if turns[number] @ turns[number - 1] < 0:
            turns[number] *= -1
    return turns


def rotation_about(vector: Points) -> np.ndarray:
    """`3 x 3` rotation about a vector's direction by its length in radians (Rodrigues)."""
    x, y, z = np.asarray(vector, float)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    angle = float(np.linalg.norm([x, y, z]))
    # numpy's sinc is sin(pi x) / (pi x); both factors are well behaved at angle 0.
    once, twice = np.sinc(angle / np.pi), np.sinc(angle / (2 * np.pi)) ** 2 / 2
    return np.eye(3) + once * cross + twice * (cross @ cross)


def rotation_between(start: Points, end: Points) -> np.ndarray:
    """The smallest rotation, `3 x 3`, that turns one unit vector onto another.

    Raises `ValueError` for opposite vectors, between which there are many.
    """
    a, b = np.asarray(start, float), np.asarray(end, float)
    cosine = float(a @ b)
    if cosine < -1 + 1e-12:
        raise ValueError(f"no smallest rotation turns {start} onto its opposite")
    x, y, z = np.cross(a, b)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + cross + cross @ cross / (1 + cosine)


def quaternion_product(first: Sequence[float], second: Sequence[float]) -> Quaternion:
    """The rotation that does `second` and then `first`."""
    a, b, c, d = first
    w, x, y, z = second
    return (
        a * w - b * x - c * y - d * z,
        a * x + b * w + c * z - d * y,
        a * y - b * z + c * w + d * x,
        a * z + b * y - c * x + d * w,
    )


def random_direction(rng: np.random.Generator) -> np.ndarray:
    """A unit vector, `3`, uniformly distributed over all directions."""
    vector = rng.normal(size=3)
    return vector / np.linalg.norm(vector)


def random_rotation(rng: np.random.Generator) -> Quaternion:
    """A uniformly distributed rotation (Shoemake 1992: a normalised 4D Gaussian)."""
    quaternion = rng.normal(size=4)
    w, x, y, z = (float(part) for part in quaternion / np.linalg.norm(quaternion))
    return (w, x, y, z)


def look_at(
    eye: Points, target: Points, roll: float = 0.0, azimuth: float | None = None
) -> np.ndarray:
    """Camera-to-world `4 x 4` (OpenCV axes) of a camera at `eye` that sees `target` in its centre.

    The image's up direction follows the world's z, turned by `roll` radians about the view axis.
    azimuth: radians about z, the side of the target that a vertical view is taken from, as if it
    were not quite vertical. Raises `ValueError` when eye and target coincide, or lie above each
    other and no azimuth is given.
    """
    forward = np.asarray(target, float) - np.asarray(eye, float)
    away = float(np.linalg.norm(forward))
    right = np.cross(forward, [0.0, 0.0, 1.0])
    if np.linalg.norm(right) < 1e-9 * max(1.0, away):
        if azimuth is None or away == 0:
            raise ValueError(
                f"look_at needs a view that is not vertical: eye {eye}, target {target}"
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
    """A `4 x 4` array as the nested tuples of a spec."""
    return tuple(tuple(float(value) for value in row) for row in matrix)  # type: ignore[misc]


def as_vector(values: Sequence[float] | np.ndarray) -> Vector:
    """Three numbers as the plain tuple of a spec."""
    x, y, z = (float(value) for value in values)
    return (x, y, z)
