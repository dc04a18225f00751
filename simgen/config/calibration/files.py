"""Recognition of calibration files by their content, and their cameras."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from simgen.config.calibration import colmap
from simgen.config.calibration.camera import Calibration
from simgen.config.calibration.documents import Plain, mapping, parse, read_bytes
from simgen.config.calibration.kalibr import is_kalibr, kalibr_cameras
from simgen.config.calibration.nerf import is_transforms, transforms_cameras
from simgen.config.calibration.opencv import (
    bop_camera,
    is_bop_camera,
    is_opencv,
    is_ros,
    is_scene_camera,
    opencv_camera,
    ros_camera,
    scene_camera,
)
from simgen.errors import InputError

EXPECTED = (
    "expected a calibration by OpenCV (camera_matrix), ROS (camera_info), Kalibr (camchain), "
    "COLMAP (cameras.txt or .bin), nerfstudio (transforms.json) or BOP (camera.json, "
    "scene_camera.json)"
)
_KINDS: tuple[tuple[Callable[[Plain], bool], Callable[[Plain], Sequence[Calibration]]], ...] = (
    (is_kalibr, kalibr_cameras),
    (is_ros, lambda plain: [ros_camera(plain)]),
    (is_opencv, lambda plain: [opencv_camera(plain)]),
    (is_transforms, transforms_cameras),
    (is_bop_camera, lambda plain: [bop_camera(plain)]),
    (is_scene_camera, lambda plain: [scene_camera(plain)]),
)


def read_cameras(path: Path) -> list[Calibration]:
    """Return all cameras of a calibration file. Raises `InputError`, one line, for a file that is
    none, or whose lens simgen has no model for."""
    try:
        data = read_bytes(path)
        if colmap.is_colmap(data):
            return [camera.checked() for camera in colmap.cameras(data).values()]
        return cameras_of(mapping(parse(data), "content"))
    except ValueError as error:
        raise InputError(f"{path}: {error}") from error


def cameras_of(plain: Plain) -> list[Calibration]:
    """Return all cameras of a parsed calibration. Raises `ValueError`."""
    for fits, read in _KINDS:
        if fits(plain):
            return [camera.checked() for camera in read(plain)]
    names = ", ".join(list(plain)[:6]) or "nothing"
    raise ValueError(f"found {names}; {EXPECTED}")


def read_calibration(path: Path) -> Calibration:
    """Return the camera of a calibration file; several are accepted if they are equal. Raises
    `InputError`, one line."""
    found = read_cameras(path)
    first = found[0]
    others = [camera for camera in found if _optics(camera) != _optics(first)]
    if others:
        raise InputError(
            f"{path}: {len(found)} different cameras; camera.calibration takes one, "
            "camera.rig all cameras of a Kalibr camchain"
        )
    return first


def _optics(camera: Calibration) -> tuple[object, ...]:
    numbers = camera.fx, camera.fy, camera.cx, camera.cy, camera.coefficients
    return camera.width, camera.height, camera.model, numbers
