"""How long to expose: what a camera's meter, and the photographer behind it, make of a scene."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from simgen.rendering.sensor import tone
from simgen.spec.scene import SensorSpec

_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
TARGET = 0.155
"""Mean (of logarithms) that a well lit scene is brought to. A little below middle grey, since a
scene's things are on average darker than a grey card."""
DIM = 0.04
"""Mean radiance below which a scene is dim: about what daylight indoors leaves on dark things."""
ADAPTATION = 0.65
"""Part, in stops, of what a scene is below `DIM` that the exposure makes up for. The rest stays:
night looks like night."""
HIGHLIGHTS = 0.987
"""Part of the pixels that must not be burnt out."""
MOST_PROTECTION = 1.0
"""Stops that the exposure gives way, at most, to keep highlights."""
_REACH = 3.0
"""Stops from the median beyond which darker and brighter pixels count no more than that: holes,
lamps, glints, windows."""
_CENTRE = 0.7
"""Standard deviation of the weight about the picture's middle, in half diagonals."""
_HIGHEST = 1e4
"""Times that light is amplified, at most."""


def meter(radiance: np.ndarray, sensor: SensorSpec) -> float:
    """What radiance (`H x W x 3`, linear) is to be multiplied with before it is developed.

    A scene is brought to `TARGET` on a centre-weighted logarithmic mean, a dim one part-way, and
    less where too much of it would be burnt out; then come the sensor's own stops. With
    `metering="fixed"` those are all there is.
    """
    stops = 2.0**sensor.exposure
    if sensor.metering == "fixed":
        return stops
    light = np.clip(np.nan_to_num(radiance), 0.0, 1e6)
    grey = light @ _LUMA
    seen = grey > 0.0  # where a fisheye's circle ends there is nothing
    if not seen.any():
        return stops
    mean = _mean(grey, seen)
    missing = min(1.0, mean / DIM) ** (1.0 - ADAPTATION)
    gain = TARGET / mean * missing
    highlight = float(np.quantile(tone.brightest(light)[seen], HIGHLIGHTS))
    # A little below white, so that faults such as a wrong white balance do not burn them.
    kept = max(0.6 * tone.WHITE / highlight, gain * 2.0**-MOST_PROTECTION)
    return float(min(gain, kept, _HIGHEST) * stops)


def _mean(grey: np.ndarray, seen: np.ndarray) -> float:
    """Weighted geometric mean, with each pixel within `_REACH` of the median."""
    stops = np.log2(np.maximum(grey[seen].astype(np.float64), 1e-12))
    middle = np.median(stops)
    weights = _centre_weights(*grey.shape)[seen]
    return float(
        2.0 ** np.average(np.clip(stops, middle - _REACH, middle + _REACH), weights=weights)
    )


@lru_cache(maxsize=4)
def _centre_weights(height: int, width: int) -> np.ndarray:
    x = np.arange(width) + 0.5 - width / 2
    y = np.arange(height) + 0.5 - height / 2
    reach = 2.0 * (_CENTRE * np.hypot(width, height) / 2) ** 2
    weights = np.exp(-(x[None, :] ** 2 + y[:, None] ** 2) / reach)
    weights.setflags(write=False)  # kept for the next frames
    return weights
