"""Measurements of an image's sharpness, noise and compression, for `simgen gap` and `simgen adapt`.

Results are NaN for images that are too small to measure.
"""

from __future__ import annotations

import cv2
import numpy as np

_LEAST = 24
"""Shorter side in pixels below which nothing is measured."""
_FINE, _COARSE = 1.0, 2.0
"""Standard deviations in pixels of the two filters that detect edges."""
_STRONGEST = 0.05
"""Fraction of the pixels at which edges are measured."""
_WIDEST = 8.0
_BLOCK = 8
_FLAT = 0.15
"""Fraction of the blocks that are considered flat."""
_LARGEST_STEP = 20.0
"""Grey levels; larger steps between neighbours are edges of objects."""
_NOISE = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
_CENTRE = 1024


def luma_of(rgb: np.ndarray) -> np.ndarray:
    """Convert `H x W x 3` uint8 to luma (ITU-R BT.601), `H x W` float32, 0..255."""
    return cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)


def centre_luma(rgb: np.ndarray) -> np.ndarray:
    """Return the luma of the image's centre, at most 1024 x 1024, float32, 0..255.

    The crop starts at a multiple of 8 pixels, aligned with JPEG blocks.
    """
    height, width = rgb.shape[:2]
    top, left = (max(0, side - _CENTRE) // 16 * 8 for side in (height, width))
    return luma_of(rgb[top : top + _CENTRE, left : left + _CENTRE])


def shrunk(rgb: np.ndarray, factor: float) -> np.ndarray:
    """Scale an image, `H x W x 3` uint8, down by area averaging.

    Images are never enlarged, which would blur them: factors above 0.98 change nothing.
    """
    if factor > 0.98:
        return rgb
    height, width = (max(1, round(side * factor)) for side in rgb.shape[:2])
    return cv2.resize(rgb, (width, height), interpolation=cv2.INTER_AREA)


def edge_width(luma: np.ndarray) -> float:
    """Return the width of the strongest edges: the standard deviation of a step's blur in pixels.

    For a step blurred by b and filtered with derivatives of Gaussians of s1 and s2, the ratio of
    the two peaks is r = sqrt((s2² + b²) / (s1² + b²)) (Zhuo and Sim, Defocus map estimation from a
    single image, 2011). The result is the median over the ridges of the strongest edges. Contrast
    cancels out, and noise has little effect on strong edges.
    """
    if min(luma.shape) < _LEAST:
        return float("nan")
    fine, coarse = (_slope(luma, width) for width in (_FINE, _COARSE))
    ridge = fine >= cv2.dilate(fine, np.ones((3, 3), np.uint8))
    strong = ridge & (coarse >= np.quantile(coarse, 1 - _STRONGEST)) & (coarse > 0.5)
    if strong.sum() < 10:
        return float("nan")
    ratio = max(float(np.median(fine[strong] / coarse[strong])) ** 2, 1 + 1e-6)
    blur = (_COARSE**2 - ratio * _FINE**2) / (ratio - 1)
    return min(max(blur, 0.0) ** 0.5, _WIDEST)


def noise(luma: np.ndarray) -> float:
    """Return the standard deviation of the noise in the flattest blocks, in grey levels of 255
    (Immerkaer, Fast noise variance estimation, 1996; over blocks of 8 x 8 pixels, omitting black
    and white blocks)."""
    if min(luma.shape) < _LEAST:
        return float("nan")
    found = np.abs(cv2.filter2D(luma, cv2.CV_32F, _NOISE))
    amount, mean = _blocks(found), _blocks(luma)
    usable = amount[(mean > 8) & (mean < 247)]
    if len(usable) < 6:
        return float("nan")
    return float(np.quantile(usable, _FLAT)) * (np.pi / 2) ** 0.5 / 6


def blockiness(luma: np.ndarray) -> float:
    """Return the relative excess of steps between neighbours at the edges of 8 x 8 blocks over
    steps within blocks; 0 without compression.

    The grid phase with the largest steps is used, so cropped files are measured too (after Wang,
    Bovik and Evans, Blind measurement of blocking artifacts in images, 2000).
    """
    if min(luma.shape) < 4 * _BLOCK:
        return float("nan")
    return (_stands_out(luma) + _stands_out(luma.T)) / 2


def _slope(luma: np.ndarray, width: float) -> np.ndarray:
    """Return the gradient magnitude of a smoothed image."""
    smooth = cv2.GaussianBlur(luma, (0, 0), width)
    across = cv2.filter2D(smooth, cv2.CV_32F, np.array([[-0.5, 0, 0.5]], np.float32))
    down = cv2.filter2D(smooth, cv2.CV_32F, np.array([[-0.5], [0], [0.5]], np.float32))
    return cv2.magnitude(across, down)


def _blocks(values: np.ndarray) -> np.ndarray:
    """Return the means of 8 x 8 blocks."""
    rows, columns = (side // _BLOCK for side in values.shape)
    whole = values[: rows * _BLOCK, : columns * _BLOCK]
    return whole.reshape(rows, _BLOCK, columns, _BLOCK).mean(axis=(1, 3)).ravel()


def _stands_out(luma: np.ndarray) -> float:
    """Return the relative excess of the largest of the eight phases of vertical edges over their
    median."""
    steps = np.minimum(np.abs(np.diff(luma, axis=1)), _LARGEST_STEP).mean(axis=0)
    whole = steps[: len(steps) // _BLOCK * _BLOCK].reshape(-1, _BLOCK).mean(axis=0)
    middle = float(np.median(whole))
    return (float(whole.max()) - middle) / (middle + 0.5)
