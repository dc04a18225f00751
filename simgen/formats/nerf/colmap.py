"""COLMAP's text model (https://colmap.github.io/format.html): cameras, images, coloured points.

Pixels count from the corner of the top left one, as simgen's do; poses are world to camera in
OpenCV's axes, quaternions (w, x, y, z).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simgen.geometry.transforms import invert_rigid, quaternion_from_rotation
from simgen.labels.record import CameraRecord

_MODELS = {
    "pinhole": ("PINHOLE", 0),
    "brown_conrady": ("FULL_OPENCV", 8),
    "kannala_brandt": ("OPENCV_FISHEYE", 4),
}
"""COLMAP's name of a lens, and how many coefficients that has, in OpenCV's order."""


def holds(camera: CameraRecord) -> bool:
    """Whether COLMAP has a model of this lens."""
    return camera.lens.model in _MODELS


def camera_line(camera: CameraRecord) -> str:
    """All of a line of cameras.txt but its id."""
    name, count = _MODELS[camera.lens.model]
    k = camera.K
    coefficients = [*camera.lens.coefficients, *[0.0] * count][:count]
    numbers = [k[0, 0], k[1, 1], k[0, 2], k[1, 2], *coefficients]
    return f"{name} {camera.width} {camera.height} {_words(numbers)}"


def image_lines(number: int, camera: CameraRecord, camera_number: int, name: str) -> str:
    """Of an image, without points in it. number, camera_number: from 1. name: of its file."""
    pose = invert_rigid(camera.cam_to_world)
    numbers = [*quaternion_from_rotation(pose[:3, :3]), *pose[:3, 3]]
    return f"{number} {_words(numbers)} {camera_number} {name}\n\n"


def points_lines(points: np.ndarray, colours: np.ndarray) -> str:
    """The content of points3D.txt. points: `n x 3`, world, metres. colours: `n x 3` uint8, RGB."""
    return "".join(
        f"{number} {x:.6f} {y:.6f} {z:.6f} {r} {g} {b} 0\n"
        for number, ((x, y, z), (r, g, b)) in enumerate(
            zip(points.tolist(), colours.tolist(), strict=True), start=1
        )
    )


def _words(numbers: Sequence[float]) -> str:
    return " ".join(repr(float(number)) for number in numbers)
