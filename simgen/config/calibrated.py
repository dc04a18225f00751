"""Keys that name files of real cameras: their numbers become part of the config.

A dataset therefore does not depend on the files, and everything that reads a config sees the
camera's numbers where it sees those of any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from simgen.config.calibration import Calibration, RigCamera, read_calibration, read_rig
from simgen.config.calibration.rigs import from_plain, to_plain
from simgen.config.keys import value_of
from simgen.config.schema import Config
from simgen.errors import InputError

_SET = (
    "camera.model",
    "camera.distortion",
    "camera.principal_point",
    "camera.pixel_aspect",
    "camera.focal_length_mm_range",
)
"""Keys that a calibration sets, besides the image size."""
_UNPOSED = {"aim": "pile", "height_range": None, "gsd_range": None}
"""Keys of `camera` that poses from a file replace, with the values that leave this to the file."""
_ASPECT = 1e-3
"""Relative difference in shape that counts as rounding to whole pixels."""


def names_calibration(config: Config) -> bool:
    """Return whether `read_calibrations` would change the config."""
    camera = config.camera
    return any(file is not None for file in (camera.calibration, camera.rig, camera.poses))


def read_calibrations(config: Config, ranks: Mapping[str, int]) -> Config:
    """Return a copy of the config with the cameras of the calibration or rig that it names, and
    without its name. With poses from a file, the stage no longer sets what cameras look at.

    ranks: precedence by key, as for `settle_rivals`. An image size of the same shape, set by the
    user, scales the images. Raises `InputError`, one line, for files that cannot be used, and for
    keys that they set and the user does, too.
    """
    if not names_calibration(config):
        return config
    config = replace(config, camera=replace(config.camera), render=replace(config.render))
    camera = config.camera
    if camera.poses is not None:
        for name, plain in _UNPOSED.items():
            if not ranks.get(f"camera.{name}"):
                setattr(camera, name, plain)
    if camera.calibration is None and camera.rig is None:
        return config
    if camera.calibration is not None and camera.rig is not None:
        raise InputError(
            f"camera.calibration={camera.calibration}: camera.rig={camera.rig} contains the "
            "calibration of each camera; leave one out"
        )
    key = "camera.calibration" if camera.rig is None else "camera.rig"
    rank = ranks.get(key, 0)
    for other in _SET:
        if ranks.get(other, 0) >= max(rank, 1):
            raise InputError(
                f"{other}={value_of(config, other)}: {key}={value_of(config, key)} sets this; "
                "leave one out"
            )
    sized = [
        name for name in ("render.width", "render.height") if ranks.get(name, 0) >= max(rank, 1)
    ]
    if camera.calibration is not None:
        found = read_calibration(Path(camera.calibration))
        factor = _factor(config, found, sized, key)
        _use(config, _scaled(found, factor, camera.calibration))
    elif camera.rig is not None:
        cameras = read_rig(Path(camera.rig))
        factor = _factor(config, cameras[0].calibration, sized, key)
        scaled = [_scaled(one.calibration, factor, camera.rig) for one in cameras]
        config.camera.cameras = [
            to_plain(replace(one, calibration=found))
            for one, found in zip(cameras, scaled, strict=True)
        ]
        _use(config, scaled[0])
    config.camera.calibration = config.camera.rig = None
    return config


def rig_of(config: Config) -> list[RigCamera]:
    """Return the cameras of the config's rig; none for a single camera. Raises `InputError`."""
    try:
        return from_plain(config.camera.cameras)
    except ValueError as error:
        raise InputError(f"camera.cameras{error}") from error


def moments_of(config: Config) -> int:
    """Return the number of poses of the camera, or of the rig, in a scene: its images, divided by
    the cameras of a rig."""
    return config.frames_per_scene // max(len(config.camera.cameras), 1)


def check_rig(config: Config) -> None:
    """Raise `InputError`, one line, for settings that do not go with the config's rig."""
    count = len(rig_of(config))
    if not count:
        return
    if config.frames_per_scene % count:
        raise InputError(
            f"frames_per_scene={config.frames_per_scene}: the rig has {count} cameras; set a "
            f"multiple, such as {count} for one image by each"
        )
    if config.camera.stereo_baseline:
        raise InputError(
            f"camera.stereo_baseline={config.camera.stereo_baseline}: not used with a rig, which "
            "contains both cameras of a stereo pair; leave it out"
        )


def check_poses(config: Config) -> None:
    """Raise `InputError`, one line, for settings that do not go with poses from a file."""
    camera = config.camera
    if camera.poses is None:
        if camera.path == "file":
            raise InputError("camera.path=file: needs camera.poses, a file with poses")
        return
    if camera.path not in ("views", "file"):
        raise InputError(
            f"camera.path={camera.path}: camera.poses={camera.poses} sets the poses; set "
            "camera.path=views, for views of one moment, or file, for a sequence in time"
        )
    for key, plain in _UNPOSED.items():
        if getattr(camera, key) != plain:
            raise InputError(
                f"camera.{key}={getattr(camera, key)}: camera.poses={camera.poses} sets the "
                "poses; leave one out"
            )
    if camera.model == "orthographic":
        raise InputError(
            "camera.model=orthographic: camera.poses does not tell the scale of parallel rays; "
            "set another model"
        )


def _factor(config: Config, camera: Calibration, sized: list[str], key: str) -> float:
    """Return the factor from the size of a calibrated image to the requested one.

    sized: names of the keys of the size that the user set.
    """
    wanted = config.render.width, config.render.height
    if not camera.width or not camera.height or not sized:
        return 1.0
    factors = np.array(wanted) / (camera.width, camera.height)
    asked = [factors[("render.width", "render.height").index(name)] for name in sized]
    if max(asked) / min(asked) - 1 > _ASPECT:
        raise InputError(
            f"{sized[0]}={wanted[0]}: {key}={value_of(config, key)} has images of {camera.width} x "
            f"{camera.height} pixels; set a size of the same shape, or leave it out"
        )
    return float(asked[0])


def _scaled(camera: Calibration, factor: float, file: str) -> Calibration:
    try:
        return camera if factor == 1 else camera.scaled(factor)
    except ValueError as error:
        raise InputError(f"render.width: {file}: {error}; set another size") from error


def _use(config: Config, found: Calibration) -> None:
    """Set the keys of a single camera to a calibration."""
    camera, render = config.camera, config.render
    if found.width and found.height:
        render.width, render.height = found.width, found.height
    focal = found.fx * camera.sensor_width_mm / render.width
    camera.model = found.model
    camera.distortion = list(found.coefficients)
    camera.focal_length_mm_range = [focal, focal]
    camera.pixel_aspect = found.fy / found.fx
    camera.principal_point = [found.cx / render.width, found.cy / render.height]
