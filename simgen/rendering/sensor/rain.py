"""Rain drops that fall through the view during the exposure.

Drops are distributed in the air in front of the camera and fall along the world's -z. Each leaves
a streak from its position at the opening of the shutter to that at its closing. A streak is mostly
brighter than its background, since a drop refracts a wide view of its surroundings, including the
sky, but covers each of its pixels only for a small part of the exposure (Garg and Nayar, Vision
and Rain, IJCV 2007). Sizes are from Marshall and Palmer (1948), speeds from Atlas et al. (1973).
"""

from __future__ import annotations

import cv2
import numpy as np

from simgen.geometry.lens import Lens, lens_of
from simgen.spec.rng import Stream, stream
from simgen.spec.scene import SceneSpec

SHUTTER = 1 / 100
"""Exposure time, seconds."""
_NEAREST, _FARTHEST = 0.4, 7.0
"""Range of distances, metres. Farther drops are too small to see individually: fog shows them."""
_SMALLEST, _LARGEST = 1.0, 5.0
"""Range of diameters of visible drops, millimetres."""
_MOST = 6000
_LEVELS = 8
"""Number of opacity levels; streaks of one level are drawn together."""
_SUBPIXELS = 4
"""Fractional bits of OpenCV's coordinates."""
_BRIGHT = 0.95
"""Quantile of the image's luminance that a drop shows."""
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


def add_rain(radiance: np.ndarray, spec: SceneSpec, frame: int, eye: int) -> np.ndarray:
    """Add streaks of rain to the light of an image, `H x W x 3` float32.

    frame, eye: identify the image in its scene; each has different drops.
    """
    height, width = radiance.shape[:2]
    camera = spec.cameras[frame]
    lens = lens_of(camera.lens, width, height)
    rng = stream(spec.weather.seed, "rain", frame, eye)
    opacity = _streaks(lens, np.array(camera.cam_to_world)[:3, :3], spec.weather.rain, rng)
    shown = np.float32(np.quantile(radiance @ _LUMA, _BRIGHT))
    return np.asarray(radiance + opacity[..., None] * (shown - radiance), np.float32)


def _streaks(lens: Lens, rotation: np.ndarray, rain: float, rng: Stream) -> np.ndarray:
    """Return the share of each pixel's light that comes from drops, `H x W` float32 in 0..1.

    rotation: from camera axes to the world. rain: millimetres per hour.
    """
    places, diameters = _drops(lens, rain, rng)
    speed = 9.65 - 10.3 * np.exp(-0.6 * diameters)  # metres per second
    fallen = (rotation.T @ (0.0, 0.0, -1.0)) * (speed * SHUTTER)[:, None]
    start, end = lens.project(places), lens.project(places + fallen)
    size = lens.fx * diameters / 1000 / np.linalg.norm(places, axis=1)
    covered = np.minimum(1.0, diameters / 1000 / (speed * SHUTTER)) * np.minimum(1.0, size)
    seen = np.isfinite(start).all(axis=1) & np.isfinite(end).all(axis=1)
    return _drawn(lens, start[seen], end[seen], size[seen], covered[seen])


def _drops(lens: Lens, rain: float, rng: Stream) -> tuple[np.ndarray, np.ndarray]:
    """Sample the positions of drops, `N x 3`, metres, camera axes, and diameters, millimetres."""
    slope = 4.1 * rain**-0.21  # per millimetre
    density = 8000.0 / slope * np.exp(-slope * _SMALLEST)  # drops per cubic metre
    rays = lens.rays(rng.uniform((0, 0), (lens.width, lens.height), (4 * _MOST, 2)))
    rays = rays[np.isfinite(rays).all(axis=1)]
    area = lens.width * lens.height / (lens.fx * lens.fy)
    volume = min(area, 4.0 * np.pi) * (_FARTHEST**3 - _NEAREST**3) / 3.0
    count = min(int(rng.poisson(density * volume)), _MOST, len(rays))
    rays = rays[:count]
    far = np.cbrt(rng.uniform(_NEAREST**3, _FARTHEST**3, count))
    places = rays / np.linalg.norm(rays, axis=1, keepdims=True) * far[:, None]
    diameters = np.minimum(_SMALLEST + rng.exponential(1.0 / slope, count), _LARGEST)
    return places, diameters


def _drawn(
    lens: Lens, start: np.ndarray, end: np.ndarray, size: np.ndarray, covered: np.ndarray
) -> np.ndarray:
    opacity = np.zeros((lens.height, lens.width), np.float32)
    if not len(covered):
        return opacity
    level = np.minimum((covered / covered.max() * _LEVELS).astype(int), _LEVELS - 1)
    # OpenCV's pixel centres are at integers.
    ends = np.rint((np.stack([start, end], axis=1) - 0.5) * 2**_SUBPIXELS)
    ends = np.clip(ends, -(2**20), 2**20).astype(np.int32)
    for number in np.unique(level):
        mask = np.zeros(opacity.shape, np.uint8)
        mine = level == number
        for (a, b), wide in zip(ends[mine], size[mine], strict=True):
            thick = max(1, round(float(wide)))
            cv2.line(mask, a.tolist(), b.tolist(), 255, thick, cv2.LINE_AA, _SUBPIXELS)
        opacity += mask.astype(np.float32) / 255 * np.float32(covered[mine].mean())
    return np.minimum(opacity, 1.0)
