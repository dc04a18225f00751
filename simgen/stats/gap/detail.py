"""Sharpness, noise, compression and structure of a `Look`, as numbers; NaN for images that are too
small. Formulas that `simgen adapt` shares are in `simgen.dataset.adaptation.measured`."""

from __future__ import annotations

import numpy as np

from simgen.dataset.adaptation import measured
from simgen.stats.gap.look import FLOOR, Look

_LEAST = 24
"""Minimum shorter side for measuring, pixels."""
_BAND = (0.03, 0.25)
"""Frequency band, cycles per pixel of a thumbnail of 128 pixels."""


def edge_width(look: Look) -> float:
    """Return the blur of the strongest edges: standard deviation of the blurred step, in pixels."""
    return measured.edge_width(look.luma)


def noise(look: Look) -> float:
    """Return the standard deviation of the noise in the flattest blocks, in grey levels of 255."""
    return measured.noise(look.luma)


def noise_over_contrast(look: Look) -> float:
    """Return the noise in per cent of the image's contrast, which is invariant to gain."""
    return noise(look) / (255 * (look.contrast + FLOOR)) * 100


def quantisation(look: Look) -> float:
    """Return the mean step of a JPEG's quantization table for luma."""
    return look.quantisation


def blockiness(look: Look) -> float:
    """Return the relative excess of steps between neighbours at the edges of blocks of 8 x 8 pixels
    over those within; 0 without compression."""
    return measured.blockiness(look.native_luma)


def spectrum(look: Look) -> float:
    """Return the exponent of power over spatial frequency, between 4 and 32 cycles on the longer
    side. It is about -2 for photographs (Field, Relations between the statistics of natural images
    and the response properties of cortical cells, 1987)."""
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
    """Return the mean slope of luma over its standard deviation, in a thumbnail of 64 pixels: the
    amount of structure, independent of contrast."""
    luma = look.tiny_luma
    if min(luma.shape) < 8:
        return float("nan")
    down, across = np.gradient(luma)
    return float(np.hypot(down, across).mean() / (luma.std() + FLOOR))
