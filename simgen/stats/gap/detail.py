"""Sharpness, noise, compression, structure. All take a `Look` and return a number, NaN where an
image is too small to tell."""

from __future__ import annotations

import cv2
import numpy as np

from simgen.stats.gap.look import FLOOR, Look

_LEAST = 24
"""Pixels of the shorter side, below which there is nothing to measure."""
_FINE, _COARSE = 1.0, 2.0
"""Pixels: standard deviations of the two filters that edges are looked at with."""
_STRONGEST = 0.05
"""Share of the pixels at which edges are measured."""
_WIDEST = 8.0
_BLOCK = 8
_FLAT = 0.15
"""Share of the blocks that are taken as flat."""
_LARGEST_STEP = 20.0
"""Grey levels: larger steps between neighbours are edges of things."""
_NOISE = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
_BAND = (0.03, 0.25)
"""Cycles a pixel of a picture of 128 pixels."""


def edge_width(look: Look) -> float:
    """How wide the strongest edges are: standard deviation of the blur of a step, in pixels.

    Where a step that is blurred by b is filtered with derivatives of Gaussians of s1 and s2, the
    ratio of the two peaks is r = sqrt((s2² + b²) / (s1² + b²)) (Zhuo and Sim, Defocus map
    estimation from a single image, 2011); the median over the ridges of the strongest edges.
    Contrast cancels out, and noise matters little where edges are strong.
    """
    if min(look.luma.shape) < _LEAST:
        return float("nan")
    fine, coarse = (_slope(look.luma, width) for width in (_FINE, _COARSE))
    ridge = fine >= cv2.dilate(fine, np.ones((3, 3), np.uint8))
    strong = ridge & (coarse >= np.quantile(coarse, 1 - _STRONGEST)) & (coarse > 0.5)
    if strong.sum() < 10:
        return float("nan")
    ratio = max(float(np.median(fine[strong] / coarse[strong])) ** 2, 1 + 1e-6)
    blur = (_COARSE**2 - ratio * _FINE**2) / (ratio - 1)
    return min(max(blur, 0.0) ** 0.5, _WIDEST)


def noise(look: Look) -> float:
    """Standard deviation of the noise in the flattest blocks, in grey levels of 255 (Immerkaer,
    Fast noise variance estimation, 1996; in blocks of 8 x 8, of which black and white ones are left
    out)."""
    if min(look.luma.shape) < _LEAST:
        return float("nan")
    found = np.abs(cv2.filter2D(look.luma, cv2.CV_32F, _NOISE))
    amount, mean = _blocks(found), _blocks(look.luma)
    usable = amount[(mean > 8) & (mean < 247)]
    if len(usable) < 6:
        return float("nan")
    return float(np.quantile(usable, _FLAT)) * (np.pi / 2) ** 0.5 / 6


def noise_over_contrast(look: Look) -> float:
    """In per cent of the picture's contrast, which a gain does not change."""
    return noise(look) / (255 * (look.contrast + FLOOR)) * 100


def quantisation(look: Look) -> float:
    """The mean step of a JPEG's table for luma."""
    return look.quantisation


def blockiness(look: Look) -> float:
    """How much larger steps between neighbours are at the edges of blocks of 8 x 8 pixels than
    within them, as a share; 0 without compression. The phase of the grid is the one that stands
    out, so that cropped files count too (after Wang, Bovik and Evans, Blind measurement of blocking
    artifacts in images, 2000)."""
    luma = look.native_luma
    if min(luma.shape) < 4 * _BLOCK:
        return float("nan")
    return (_stands_out(luma) + _stands_out(luma.T)) / 2


def spectrum(look: Look) -> float:
    """The exponent of power over spatial frequency, about -2 for photographs (Field, Relations
    between the statistics of natural images and the response properties of cortical cells, 1987),
    between 4 and 32 cycles on the longer side."""
    luma = look.small_luma
    if min(luma.shape) < _LEAST:
        return float("nan")
    window = np.outer(*(np.hanning(side) for side in luma.shape))
    power = np.abs(np.fft.rfft2((luma - luma.mean()) * window)) ** 2
    down = np.fft.fftfreq(luma.shape[0])[:, None]
    frequency = np.hypot(down, np.fft.rfftfreq(luma.shape[1])[None, :])
    edges = np.geomspace(*_BAND, 9)
    inside = (frequency >= edges[0]) & (frequency < edges[-1])
    place = np.digitize(frequency[inside], edges) - 1
    count = np.bincount(place, minlength=8)
    mean = np.bincount(place, power[inside], 8) / np.maximum(count, 1)
    used = (count > 0) & (mean > 1e-9)
    if used.sum() < 4:
        return float("nan")
    middles = np.sqrt(edges[:-1] * edges[1:])[used]
    return float(np.polyfit(np.log10(middles), np.log10(mean[used]), 1)[0])


def edges(look: Look) -> float:
    """The mean slope of luma over its standard deviation, in a picture of 64 pixels: how much
    structure there is, whatever its contrast."""
    luma = look.tiny_luma
    if min(luma.shape) < 8:
        return float("nan")
    down, across = np.gradient(luma)
    return float(np.hypot(down, across).mean() / (luma.std() + FLOOR))


def _slope(luma: np.ndarray, width: float) -> np.ndarray:
    """The gradient's magnitude of a smoothed image."""
    smooth = cv2.GaussianBlur(luma, (0, 0), width)
    across = cv2.filter2D(smooth, cv2.CV_32F, np.array([[-0.5, 0, 0.5]], np.float32))
    down = cv2.filter2D(smooth, cv2.CV_32F, np.array([[-0.5], [0], [0.5]], np.float32))
    return cv2.magnitude(across, down)


def _blocks(values: np.ndarray) -> np.ndarray:
    """The means of blocks of 8 x 8."""
    rows, columns = (side // _BLOCK for side in values.shape)
    whole = values[: rows * _BLOCK, : columns * _BLOCK]
    return whole.reshape(rows, _BLOCK, columns, _BLOCK).mean(axis=(1, 3)).ravel()


def _stands_out(luma: np.ndarray) -> float:
    """Of the eight phases of vertical edges, by how much the largest is above the median."""
    steps = np.minimum(np.abs(np.diff(luma, axis=1)), _LARGEST_STEP).mean(axis=0)
    whole = steps[: len(steps) // _BLOCK * _BLOCK].reshape(-1, _BLOCK).mean(axis=0)
    middle = float(np.median(whole))
    return (float(whole.max()) - middle) / (middle + 0.5)
