"""Rigs: cameras with fixed poses relative to each other, from Kalibr or a file of simgen's own.

simgen's own form, as YAML or JSON (`docs/rigs.md`):

    cameras:
      - name: left
        calibration: left.yaml     # a file, relative to this one, or a mapping with its content
        position: [0, 0.06, 0]     # metres, in the rig's axes
        rotation: [1, 0, 0, 0]     # quaternion w, x, y, z, or 3 x 3 rows: camera to rig
      - name: right
        calibration: {fx: 500, fy: 500, cx: 319.5, cy: 239.5, width: 640, height: 480}
        cam_to_rig: [[1, 0, 0, 0.1], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from simgen.config.calibration.camera import Calibration
from simgen.config.calibration.documents import (
    Plain,
    mapping,
    number,
    numbers,
    read_document,
    short,
    whole,
)
from simgen.config.calibration.files import cameras_of, read_calibration
from simgen.config.calibration.kalibr import is_kalibr, kalibr_cameras, kalibr_poses
from simgen.config.calibration.poses import from_quaternion, rigid
from simgen.errors import InputError
from simgen.geometry.lens import COEFFICIENTS

MOST_CAMERAS = 100
_KEYS = ("name", "calibration", "cam_to_rig", "position", "rotation")
_PIXELS = ("fx", "fy", "cx", "cy")
_RIG_MODELS = ("pinhole", "brown_conrady", "kannala_brandt")
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")
"""Names of cameras, which may become names of files."""


@dataclass(frozen=True)
class RigCamera:
    """A camera of a rig. cam_to_rig: `4 x 4` rigid, OpenCV's camera axes, metres."""

    calibration: Calibration
    cam_to_rig: np.ndarray

    @property
    def name(self) -> str:
        return self.calibration.name


def read_rig(path: Path) -> list[RigCamera]:
    """Return the cameras of a rig, each with a different name. Raises `InputError`, one line."""
    try:
        plain = mapping(read_document(path), "content")
        if is_kalibr(plain):
            calibrations = [camera.checked() for camera in kalibr_cameras(plain)]
            pairs = zip(calibrations, kalibr_poses(plain), strict=True)
            found = [RigCamera(camera, pose) for camera, pose in pairs]
        else:
            found = _own(plain, path)
        _check(found)
    except ValueError as error:
        raise InputError(f"{path}: {error}") from error
    return found


def _check(found: list[RigCamera]) -> None:
    names = [camera.name for camera in found]
    for camera in found:
        name, calibration = camera.name, camera.calibration
        if not NAME.fullmatch(name):
            raise ValueError(f"name {short(name)}: expected letters, digits, dots and dashes")
        if names.count(name) > 1:
            raise ValueError(f"two cameras named {name}; give each its own name")
        if not calibration.width or not calibration.height:
            raise ValueError(f"{name}: no image size; add image_width and image_height")


def _own(plain: Plain, path: Path) -> list[RigCamera]:
    entries = plain.get("cameras")
    if not isinstance(entries, list) or not 1 <= len(entries) <= MOST_CAMERAS:
        names = ", ".join(list(plain)[:6]) or "nothing"
        raise ValueError(
            f"found {names}; expected a Kalibr camchain, or 'cameras', a list of 1 to "
            f"{MOST_CAMERAS} with name, calibration and cam_to_rig each"
        )
    return [
        _own_camera(mapping(entry, f"cameras[{i}]"), i, path) for i, entry in enumerate(entries)
    ]


def _own_camera(plain: Plain, place: int, path: Path) -> RigCamera:
    where = f"cameras[{place}]"
    odd = sorted(set(plain) - set(_KEYS))
    if odd:
        raise ValueError(f"{where}: unknown key {odd[0]}; expected some of {', '.join(_KEYS)}")
    name = plain.get("name", f"cam{place}")
    if not isinstance(name, str):
        raise ValueError(f"{where}: name {short(name)}; expected text")
    calibration = _calibration(plain.get("calibration"), where, path)
    return RigCamera(replace(calibration, name=name), _pose(plain, where))


def _calibration(found: Any, where: str, path: Path) -> Calibration:
    if isinstance(found, str):
        return read_calibration(path.parent / found)
    if found is None:
        raise ValueError(f"{where}: no calibration; expected a file, or its content")
    try:
        cameras = cameras_of(mapping(found, "calibration"))
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from error
    return cameras[0]


def _pose(plain: Plain, where: str) -> np.ndarray:
    if "cam_to_rig" in plain:
        if "position" in plain or "rotation" in plain:
            raise ValueError(f"{where}: both cam_to_rig and position or rotation; leave one out")
        values = numbers(plain["cam_to_rig"], f"{where}: cam_to_rig", 16)
        return rigid(np.reshape(values, (4, 4)), f"{where}: cam_to_rig")
    if "position" not in plain and "rotation" not in plain:
        raise ValueError(f"{where}: no pose; expected cam_to_rig, or position and rotation")
    turn = numbers(plain.get("rotation", [1, 0, 0, 0]), f"{where}: rotation")
    pose = np.eye(4)
    pose[:3, 3] = numbers(plain.get("position", [0, 0, 0]), f"{where}: position", 3)
    if len(turn) == 4:
        pose[:3, :3] = from_quaternion(turn[0], turn[1:], f"{where}: rotation")
    elif len(turn) == 9:
        pose[:3, :3] = np.reshape(turn, (3, 3))
    else:
        raise ValueError(f"{where}: rotation of {len(turn)} numbers; expected 4 or 3 x 3")
    return rigid(pose, where)


def to_plain(camera: RigCamera) -> dict[str, Any]:
    """Return a camera as plain values, for a config. Pixel coordinates are simgen's."""
    calibration = camera.calibration
    return {
        "name": camera.name,
        "width": calibration.width,
        "height": calibration.height,
        "model": calibration.model,
        "fx": calibration.fx,
        "fy": calibration.fy,
        "cx": calibration.cx,
        "cy": calibration.cy,
        "distortion": list(calibration.coefficients),
        "cam_to_rig": camera.cam_to_rig.tolist(),
    }


def from_plain(entries: list[Any]) -> list[RigCamera]:
    """Return the cameras that `to_plain` described. Raises `ValueError` for anything else."""
    found = [_from_plain(mapping(entry, f"[{i}]"), f"[{i}]") for i, entry in enumerate(entries)]
    _check(found)
    return found


def _from_plain(plain: Plain, where: str) -> RigCamera:
    keys = ("name", "width", "height", "model", *_PIXELS, "distortion", "cam_to_rig")
    if set(plain) != set(keys):
        raise ValueError(f"{where}: found {', '.join(plain)}; expected {', '.join(keys)}")
    if plain["model"] not in _RIG_MODELS:
        expected = ", ".join(_RIG_MODELS)
        raise ValueError(f"{where}: model {short(plain['model'])}; expected one of {expected}")
    distortion = numbers(plain["distortion"], f"{where}: distortion")
    if len(distortion) > COEFFICIENTS[plain["model"]]:
        raise ValueError(f"{where}: {len(distortion)} coefficients of {plain['model']}")
    fx, fy, cx, cy = (number(plain[key], f"{where}: {key}") for key in _PIXELS)
    calibration = Calibration(
        str(plain["name"]),
        whole(plain["width"], f"{where}: width"),
        whole(plain["height"], f"{where}: height"),
        plain["model"],
        fx,
        fy,
        cx,
        cy,
        tuple(distortion),
    )
    pose = numbers(plain["cam_to_rig"], f"{where}: cam_to_rig", 16)
    return RigCamera(calibration.checked(), rigid(np.reshape(pose, (4, 4)), f"{where}: cam_to_rig"))
