"""Sharpness, noise, compression, structure. All take a `Look` and return a number, NaN where an
image is too small to tell. What `simgen adapt` matches too is measured in
`simgen.dataset.adaptation.measured`, where the formulas are."""

from __future__ import annotations

import numpy as np

from simgen.dataset.adaptation import measured
from simgen.stats.gap.look import FLOOR, Look

_LEAST = 24
"""Pixels of the shorter side, below which there is nothing to measure."""
_BAND = (0.03, 0.25)
"""Cycles a pixel of a picture of 128 pixels."""


def edge_width(look: Look) -> float:
    """How wide the strongest edges are: standard deviation of the blur of a step, in pixels."""
    return measured.edge_width(look.luma)


def noise(look: Look) -> float:
    """Standard deviation of the noise in the flattest blocks, in grey levels of 255."""
    return measured.noise(look.luma)


def noise_over_contrast(look: Look) -> float:
    """In per cent of the picture's contrast, which a gain does not change."""
    return noise(look) / (255 * (look.contrast + FLOOR)) * 100


def quantisation(look: Look) -> float:
    """The mean step of a JPEG's table for luma."""
    return look.quantisation


def blockiness(look: Look) -> float:
    """How much larger steps between neighbours are at the edges of blocks of 8 x 8 pixels than
    within them, as a share; 0 without compression."""
    return measured.blockiness(look.native_luma)


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
