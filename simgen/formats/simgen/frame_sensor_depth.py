"""Rules for what a depth camera measures, against exact depth."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import cv2
import numpy as np

from simgen.config import KEYS
from simgen.config.depth_camera import DepthCameraConfig, check_depth_camera
from simgen.dataset import layout
from simgen.errors import InputError
from simgen.formats.findings import Finding, finding
from simgen.formats.simgen.frame import Frame, in_scene
from simgen.labels.depth_light import threshold
from simgen.labels.depth_tof import reach
from simgen.labels.sensor_depth import MILLIMETRES
from simgen.spec.scene import DepthCameraSpec

_LABEL = "sensor_depth"
_RULE = "dataset/sensor-depth"
_SIGMAS = 7.0
"""Standard deviations of noise that no pixel of a dataset exceeds."""
_ROUNDED = 0.501 / MILLIMETRES
_FORM = "values that the keys depth_camera allow"


def sensor_depth(frame: Frame, camera: DepthCameraSpec | None) -> Iterator[Finding]:
    """Check the label `sensor_depth`. camera: of the scene's spec, None if that is damaged."""
    if not frame.has(_LABEL) or camera is None:
        return
    try:
        _plausible(camera)
    except InputError as problem:
        yield finding(_RULE, in_scene(frame.sample, layout.SPEC), "depth_camera", problem, _FORM)
        return
    metres = frame.arrays[_LABEL] / MILLIMETRES
    there = metres > 0
    low, high = camera.min_range - _ROUNDED, camera.max_range + _ROUNDED
    outside = there & ~((metres >= low) & (metres <= high))
    found = [*frame.of_pixels(_RULE, _LABEL, outside, "outside the camera's range")]
    if not found and frame.has("depth"):
        check = _stereo if camera.kind == "stereo" else _tof
        found = [
            one
            for wrong, what in check(frame, camera, metres)
            for one in frame.of_pixels(_RULE, _LABEL, there & wrong, what)
        ]
    yield from found


def _plausible(camera: DepthCameraSpec) -> None:
    """Raise `InputError` for values that no config can have."""
    for name, value in dataclasses.asdict(camera).items():
        if isinstance(value, float) and not np.isfinite(value):
            raise InputError(f"depth_camera.{name}={value}: expected a finite number")
        KEYS[f"depth_camera.{name}"].rule.check(f"depth_camera.{name}", value)
    check_depth_camera(DepthCameraConfig(**dataclasses.asdict(camera)))


def _stereo(
    frame: Frame, camera: DepthCameraSpec, metres: np.ndarray
) -> Iterator[tuple[np.ndarray, str]]:
    """Yield pixels that must not have a measurement, or another one, and what is wrong."""
    scale = frame.camera.K[0, 0] * abs(camera.baseline)
    depth = frame.arrays["depth"].astype(np.float64)
    exact = np.where((depth > 0) & np.isfinite(depth), scale / np.maximum(depth, 1e-6), 0.0)
    radius = camera.window // 2 + int(np.ceil(5.5 * camera.lateral_noise))
    near, far = _around(exact, radius)
    with np.errstate(divide="ignore", invalid="ignore"):
        disparity = scale / metres
        slack = _SIGMAS * camera.disparity_noise + 0.5 / camera.subpixel + 1e-3
        slack = slack + disparity * _ROUNDED / metres
        off = (disparity < far - slack) | (disparity > near + slack)
    yield off, "measure a surface that is not near the pixel"
    columns = np.arange(exact.shape[1]) + 0.5
    if camera.baseline < 0:
        columns = columns[::-1]
    yield columns + radius - far < -0.01, "measured outside of the second viewpoint's image"


def _tof(
    frame: Frame, camera: DepthCameraSpec, metres: np.ndarray
) -> Iterator[tuple[np.ndarray, str]]:
    forward = frame.rays[..., 2]
    depth = frame.arrays["depth"].astype(np.float64)
    seen = np.isfinite(depth) & (depth > 0)
    distance = np.where(seen, depth, 0.0) / forward
    far, _ = _around(distance, reach(camera.blur))
    _, near = _around(np.where(seen, distance, np.inf), reach(camera.blur))
    yield far == 0, "measured where nothing is"
    half = np.maximum(far - np.where(np.isfinite(near), near, 0.0), 0.0) / 2
    span = camera.ambiguity_range
    off = np.mod(metres / forward - far + half + span / 2, span) - span / 2
    yield np.abs(off) > half + _uncertain(camera) + _ROUNDED / forward, "not between near and far"


def _uncertain(camera: DepthCameraSpec) -> float:
    """Return by how much noise may change a distance at the least light that is detected."""
    least, span = threshold(camera.detection_range), camera.ambiguity_range
    spread = 2 * np.pi / span * camera.range_noise * np.sqrt(least + camera.ambient)
    return float(span / (2 * np.pi) * np.arcsin(min(_SIGMAS * spread / least, 1.0)) * 1.1 + 1e-4)


def _around(values: np.ndarray, radius: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the largest and smallest values of the square around each pixel."""
    kernel = np.ones((2 * radius + 1, 2 * radius + 1), np.uint8)
    return cv2.dilate(values, kernel), cv2.erode(values, kernel)
