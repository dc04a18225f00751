"""Cameras in the files of OpenCV, ROS and BOP, which share OpenCV's pixel coordinates.

OpenCV: https://docs.opencv.org/4.x/dd/d74/tutorial_file_input_output_with_xml_yml.html, with the
names of its calibration sample. ROS: sensor_msgs/CameraInfo and the files of camera_calibration,
https://docs.ros.org/en/api/sensor_msgs/html/msg/CameraInfo.html. BOP:
https://github.com/thodan/bop_toolkit/blob/master/docs/bop_datasets_format.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from simgen.config.calibration.camera import OPENCV_CENTRE, Calibration, fisheye, perspective
from simgen.config.calibration.documents import Plain, number, numbers, whole

_MATRIX = ("camera_matrix", "cameraMatrix", "Camera_Matrix", "K", "k", "mtx")
_DISTORTION = (
    "distortion_coefficients", "Distortion_Coefficients", "distCoeffs", "dist_coeffs",
    "distortion_coeffs", "D", "d", "dist",
)  # fmt: skip
_WIDTH = ("image_width", "image_Width", "imageWidth", "width")
_HEIGHT = ("image_height", "image_Height", "imageHeight", "height")
_FISHEYE = ("equidistant", "fisheye", "kannala_brandt")
_PERSPECTIVE = ("plumb_bob", "rational_polynomial", "radtan", "none", "")
_SKEW = 1e-6
"""Skew relative to the focal length up to which it is a rounding error."""


def is_opencv(plain: Plain) -> bool:
    return _first(plain, _MATRIX) is not None


def opencv_camera(plain: Plain) -> Calibration:
    """Return the camera of a FileStorage, or of a mapping with the same names."""
    wide, high = (_first(plain, names) for names in (_WIDTH, _HEIGHT))
    if wide is None and isinstance(plain.get("image_size"), list):
        wide, high = numbers(plain["image_size"], "image_size", 2)
    coefficients = _first(plain, _DISTORTION)
    model = str(plain.get("distortion_model") or "")
    if plain.get("fisheye_model") or plain.get("fisheye"):
        model = "fisheye"
    name = plain.get("camera_name") or plain.get("name") or ""
    return _camera(
        str(name),
        0 if wide is None else whole(wide, "image width"),
        0 if high is None else whole(high, "image height"),
        numbers(_first(plain, _MATRIX), "camera matrix", 9),
        [] if coefficients is None else numbers(coefficients, "distortion coefficients"),
        model,
    )


def is_ros(plain: Plain) -> bool:
    return "distortion_model" in plain and is_opencv(plain)


def ros_camera(plain: Plain) -> Calibration:
    """Return the camera of a camera_info message or file: of its raw image, before
    rectification."""
    for key in ("binning_x", "binning_y"):
        if whole(plain.get(key, 0), key) > 1:
            raise ValueError(f"{key} {plain[key]}: expected the full image, without binning")
    region = plain.get("roi")
    if isinstance(region, dict) and any(region.get(k) for k in ("x_offset", "y_offset")):
        raise ValueError(f"roi {region}: expected the full image, without a region of interest")
    return opencv_camera(plain)


def is_bop_camera(plain: Plain) -> bool:
    return {"fx", "fy", "cx", "cy"} <= plain.keys()


def bop_camera(plain: Plain) -> Calibration:
    """Return the camera of BOP's camera.json, or of a mapping with fx, fy, cx and cy."""
    fx, fy, cx, cy = (number(plain[key], key) for key in ("fx", "fy", "cx", "cy"))
    wide, high = (_first(plain, names) for names in (_WIDTH, _HEIGHT))
    coefficients = _first(plain, _DISTORTION)
    return _camera(
        str(plain.get("name") or ""),
        0 if wide is None else whole(wide, "width"),
        0 if high is None else whole(high, "height"),
        [fx, 0, cx, 0, fy, cy, 0, 0, 1],
        [] if coefficients is None else numbers(coefficients, "distortion coefficients"),
        str(plain.get("distortion_model") or ""),
    )


def is_scene_camera(plain: Plain) -> bool:
    return bool(plain) and all(
        key.isdigit() and isinstance(value, dict) and "cam_K" in value
        for key, value in plain.items()
    )


def scene_camera(plain: Plain) -> Calibration:
    """Return the camera of BOP's scene_camera.json. Raises `ValueError` if its images have
    different ones."""
    found = [numbers(entry["cam_K"], f"cam_K of image {key}", 9) for key, entry in plain.items()]
    if any(matrix != found[0] for matrix in found):
        raise ValueError("images with different cam_K; camera.calibration takes one camera")
    return _camera("", 0, 0, found[0], [], "")


def _camera(
    name: str,
    width: int,
    height: int,
    matrix: Sequence[float],
    distortion: Sequence[float],
    model: str,
) -> Calibration:
    fx, skew, cx, below, fy, cy, *last = matrix
    if abs(skew) > _SKEW * abs(fx) or below or last != [0, 0, 1]:
        raise ValueError(
            f"camera matrix {list(matrix)}: expected fx,0,cx,0,fy,cy,0,0,1, without skew"
        )
    if model.lower() in _FISHEYE:
        kind, coefficients = fisheye(distortion)
    elif model.lower() in _PERSPECTIVE:
        kind, coefficients = perspective(distortion)
    else:
        raise ValueError(
            f"distortion model {model}, which simgen has no lens model for; expected one of "
            f"{', '.join((*_PERSPECTIVE[:2], *_FISHEYE[:2]))}"
        )
    return Calibration(
        name, width, height, kind, fx, fy, cx + OPENCV_CENTRE, cy + OPENCV_CENTRE, coefficients
    )


def _first(plain: Plain, names: Sequence[str]) -> Any:
    """Return the first value that is not empty; None without one."""
    return next((plain[name] for name in names if plain.get(name) not in (None, [])), None)
