"""Cameras in transforms.json of nerfstudio, instant-ngp and the original NeRF's Blender scenes.

https://docs.nerf.studio/quickstart/data_conventions.html. Like in COLMAP, from which most of these
files are made, the centre of the top left pixel is at (0.5, 0.5).
"""

from __future__ import annotations

import math
from dataclasses import replace

from simgen.config.calibration.camera import Calibration, fisheye, perspective
from simgen.config.calibration.documents import Plain, mapping, number, whole

_PERSPECTIVE = ("OPENCV", "PINHOLE", "SIMPLE_PINHOLE", "PERSPECTIVE", "SIMPLE_RADIAL", "RADIAL")
_OWN = ("fl_x", "camera_angle_x")


def is_transforms(plain: Plain) -> bool:
    return isinstance(plain.get("frames"), list) and (
        any(key in plain for key in _OWN)
        or any(isinstance(frame, dict) and "fl_x" in frame for frame in plain["frames"][:1])
    )


def transforms_cameras(plain: Plain) -> list[Calibration]:
    """Return the distinct cameras of a file, in order of its frames. Raises `ValueError`."""
    if any(key in plain for key in _OWN) and not any("fl_x" in f for f in plain["frames"]):
        return [camera_of(plain)]
    shared = {key: value for key, value in plain.items() if key != "frames"}
    found: dict[Calibration, None] = {}
    for place, frame in enumerate(plain["frames"]):
        found[camera_of({**shared, **mapping(frame, f"frames[{place}]")})] = None
    return list(found)


def camera_of(plain: Plain) -> Calibration:
    """Return the camera of a mapping with intrinsics. Raises `ValueError`."""
    wide, high = (whole(plain.get(key, 0), key) for key in ("w", "h"))
    if "fl_x" not in plain:
        return _by_angle(plain, wide, high)
    k1, k2, k3, k4, p1, p2 = (
        number(plain.get(key, 0.0), key) for key in ("k1", "k2", "k3", "k4", "p1", "p2")
    )
    model = str(plain.get("camera_model", "OPENCV"))
    if model == "OPENCV_FISHEYE" or plain.get("is_fisheye"):
        kind, coefficients = fisheye([k1, k2, k3, k4])
    elif model in _PERSPECTIVE and not k4:
        kind, coefficients = perspective([k1, k2, p1, p2, k3])
    else:
        found = f"camera_model {model}" + (f" with k4 {k4:g}" if k4 else "")
        raise ValueError(
            f"{found}, which simgen has no lens model for; expected PINHOLE, OPENCV with k1, k2, "
            "k3, p1, p2, or OPENCV_FISHEYE"
        )
    fx = number(plain["fl_x"], "fl_x")
    fy = number(plain.get("fl_y", fx), "fl_y")
    cx, cy = (number(plain.get(key, side / 2), key) for key, side in (("cx", wide), ("cy", high)))
    if not cx or not cy:
        raise ValueError("neither cx and cy nor w and h; expected the principal point")
    return Calibration("", wide, high, kind, fx, fy, cx, cy, coefficients)


def _by_angle(plain: Plain, wide: int, high: int) -> Calibration:
    """Return a camera that the file describes by its field of view alone."""
    angle = number(plain["camera_angle_x"], "camera_angle_x")
    if not 0 < angle < math.pi:
        raise ValueError(f"camera_angle_x {angle:g}: expected radians between 0 and pi")
    if not wide or not high:
        raise ValueError("camera_angle_x without w and h; add the image size in pixels to the file")
    focal = wide / 2 / math.tan(angle / 2)
    camera = Calibration("", wide, high, "pinhole", focal, focal, wide / 2, high / 2)
    if "camera_angle_y" in plain:
        tangent = math.tan(number(plain["camera_angle_y"], "camera_angle_y") / 2)
        camera = replace(camera, fy=high / 2 / tangent)
    return camera
