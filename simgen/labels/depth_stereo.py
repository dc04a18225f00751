"""Depth from disparity: structured light, or two cameras with a projector.

A surface at depth z has the disparity f b / z, in pixels, with the focal length f in pixels and the
baseline b (Khoshelham and Elberink, Accuracy and Resolution of Kinect Depth Data, 2012,
https://doi.org/10.3390/s120201437). In each pixel:

1. A window around a place near the pixel is matched, which lateral noise displaces (Handa et al., A
   Benchmark for RGB-D Visual Odometry, 3D Reconstruction and SLAM, 2014,
   https://doi.org/10.1109/ICRA.2014.6907054).
2. The window takes the nearest surface that fills a quarter of it, if that is more than a pixel of
   disparity nearer than its middle. Surfaces that return too little light do not count.
3. Nothing is measured where the second viewpoint does not see the surface, or it returns too little
   light.
4. Disparity = round(n (f b / z + noise)) / n for n steps in a pixel. Noise is normal, the mean of
   independent noise over the window, so that z has the standard deviation z^2 / (f b) times that
   of disparity.
"""

from __future__ import annotations

import cv2
import numpy as np

from simgen.labels.depth_light import Exact, threshold
from simgen.spec.rng import Stream
from simgen.spec.scene import DepthCameraSpec

SUPPORT = 0.25
"""Share of a window that a surface must fill to be matched."""
_SAME = 1.0
"""Pixels of disparity up to which two pixels may show one surface, inclined."""
_AT_ONCE = 4_000_000
"""Pixels of windows that are gathered at a time."""


def measure(
    camera: DepthCameraSpec, seen: Exact, hidden: np.ndarray, focal: float, rng: Stream
) -> np.ndarray:
    """Return measured depths, `H x W` float64, metres; NaN where nothing is measured.

    hidden: `H x W` bool, what the second viewpoint does not see. focal: pixels. Each pixel has its
    own draws, whatever the scene shows.
    """
    shape = seen.depth.shape
    jitter = np.rint(camera.lateral_noise * rng.standard_normal((2, *shape))).astype(np.int64)
    speckle = np.exp(camera.signal_noise * rng.standard_normal(shape))
    noise = camera.disparity_noise * _spread(rng, shape, camera.window)

    least = threshold(camera.detection_range)
    scale = focal * abs(camera.baseline)
    exact = np.where(np.isfinite(seen.depth), scale / seen.depth, 0.0)
    exact = np.maximum(exact, 0.0)
    lit = np.where(seen.light >= least, exact, 0.0)
    source = matched(lit, camera.window)[_displaced(jitter)]
    found = exact.reshape(-1)[source]
    there = (found > 0) & ~hidden.reshape(-1)[source]
    there &= seen.light.reshape(-1)[source] * speckle >= least
    steps = np.rint((found + noise) * camera.subpixel)
    there &= steps > 0
    return np.where(there, scale * camera.subpixel / np.where(there, steps, 1.0), np.nan)


def matched(disparity: np.ndarray, window: int) -> np.ndarray:
    """Return which pixel's surface the window around each pixel takes, `H x W` flat indices.

    disparity: `H x W`, pixels, 0 for what cannot be matched.
    """
    source = np.arange(disparity.size).reshape(disparity.shape)
    nearest = cv2.dilate(disparity, np.ones((window, window), np.uint8))
    rows, columns = np.nonzero(nearest - disparity > _SAME)
    radius, area = window // 2, window**2
    padded = np.pad(disparity, radius)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (window, window))
    rank = area - int(np.ceil(SUPPORT * area))
    for start in range(0, len(rows), _AT_ONCE // area):
        part = slice(start, start + _AT_ONCE // area)
        row, column = rows[part], columns[part]
        values = windows[row, column].reshape(len(row), area)
        taken = np.partition(values, rank, axis=1)[:, rank]
        # The first of equal values: `argpartition` may return another one on another processor.
        down, right = np.divmod((values == taken[:, None]).argmax(axis=1), window)
        other = taken - disparity[row, column] > _SAME
        place = (row + down - radius) * disparity.shape[1] + column + right - radius
        source[row[other], column[other]] = place[other]
    return source


def _displaced(jitter: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return rows and columns of all pixels, displaced within the image. jitter: `2 x H x W`."""
    height, width = jitter.shape[1:]
    rows, columns = np.mgrid[:height, :width] + jitter
    return np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)


def _spread(rng: Stream, shape: tuple[int, ...], window: int) -> np.ndarray:
    """Return the sum of white noise over windows, of variance 1, `H x W`."""
    height, width = shape
    white = rng.standard_normal((height + window - 1, width + window - 1))
    sums = np.pad(white, ((1, 0), (1, 0))).cumsum(axis=0).cumsum(axis=1)
    rows = sums[window:] - sums[:-window]
    return (rows[:, window:] - rows[:, :-window]) / window
