"""Cameras and rigs in Kalibr's camchain files, https://github.com/ethz-asl/kalibr/wiki/yaml-formats.

`T_cn_cnm1` maps points from the axes of the previous camera to those of this one, `T_cam_imu` from
the IMU's. Pixel coordinates are OpenCV's.
"""

from __future__ import annotations

import re

import numpy as np

from simgen.config.calibration.camera import OPENCV_CENTRE, Calibration, fisheye, perspective
from simgen.config.calibration.documents import Plain, mapping, numbers, whole
from simgen.config.calibration.poses import rigid
from simgen.geometry.transforms import invert_rigid

_CAMERA = re.compile(r"cam\d+")


def is_kalibr(plain: Plain) -> bool:
    return bool(plain) and all(
        _CAMERA.fullmatch(key) and isinstance(value, dict) and "camera_model" in value
        for key, value in plain.items()
    )


def kalibr_cameras(plain: Plain) -> list[Calibration]:
    """Return the cameras in order of their numbers. Raises `ValueError`."""
    return [_camera(name, mapping(plain[name], name)) for name in _names(plain)]


def kalibr_poses(plain: Plain) -> list[np.ndarray]:
    """Return the pose of each camera in the rig, camera to rig, `4 x 4`.

    The rig's axes are the IMU's if the file has it for every camera, otherwise those of the first
    camera. Raises `ValueError` if a camera has no pose.
    """
    names = _names(plain)
    if all("T_cam_imu" in plain[name] for name in names):
        return [invert_rigid(_pose(plain, name, "T_cam_imu")) for name in names]
    poses, to_camera = [np.eye(4)], np.eye(4)
    for name in names[1:]:
        if "T_cn_cnm1" not in plain[name]:
            raise ValueError(f"{name}: no T_cn_cnm1, the pose relative to the camera before it")
        to_camera = _pose(plain, name, "T_cn_cnm1") @ to_camera
        poses.append(invert_rigid(to_camera))
    return poses


def _names(plain: Plain) -> list[str]:
    return sorted(plain, key=lambda name: int(name[3:]))


def _pose(plain: Plain, name: str, key: str) -> np.ndarray:
    values = numbers(plain[name][key], f"{name}: {key}", 16)
    return rigid(np.reshape(values, (4, 4)), f"{name}: {key}")


def _camera(name: str, plain: Plain) -> Calibration:
    model, distortion = str(plain.get("camera_model")), str(plain.get("distortion_model", "none"))
    if model != "pinhole" or distortion not in ("radtan", "equidistant", "none"):
        raise ValueError(
            f"{name}: camera_model {model} with distortion_model {distortion}, which simgen has no "
            "lens model for; calibrate with --models pinhole-radtan or, for a fisheye, pinhole-equi"
        )
    count = 0 if distortion == "none" else 4
    fx, fy, cx, cy = numbers(plain.get("intrinsics"), f"{name}: intrinsics", 4)
    found = numbers(plain.get("distortion_coeffs") or [], f"{name}: distortion_coeffs", count)
    kind, coefficients = fisheye(found) if distortion == "equidistant" else perspective(found)
    width, height = (
        whole(value, f"{name}: resolution")
        for value in numbers(plain.get("resolution"), f"{name}: resolution", 2)
    )
    return Calibration(
        name, width, height, kind, fx, fy, cx + OPENCV_CENTRE, cy + OPENCV_CENTRE, coefficients
    )
