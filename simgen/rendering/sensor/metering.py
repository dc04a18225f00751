"""How long to expose: what a camera's meter, and the photographer behind it, make of a scene."""

from __future__ import annotations

from dataclasses import dataclass
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
_BRIGHT = 0.98
"""Part of the pixels that the white balance looks at: not lamps and burnt-out windows."""
_MOST_BALANCE = 4.0
"""Factor on a colour, at most: a camera does not turn a sodium lamp's light into daylight."""
_HIGHEST = 1e4
"""Times that light is amplified, at most."""


@dataclass(frozen=True)
class Exposure:
    """How a picture is exposed. gain: factor on its radiance. balance: factors on red, green and
    blue that remove its colour cast."""

    gain: float
    balance: tuple[float, float, float] = (1.0, 1.0, 1.0)

    @property
    def stops(self) -> float:
        return float(np.log2(self.gain))


def expose(radiance: np.ndarray, sensor: SensorSpec) -> Exposure:
    """The exposure and white balance of a picture (`H x W x 3`, linear)."""
    return Exposure(meter(radiance, sensor), balance(radiance, sensor.auto_white_balance))


def balance(radiance: np.ndarray, strength: float) -> tuple[float, float, float]:
    """Return the factors on red, green and blue that remove a picture's colour cast.

    radiance: `H x W x 3`, linear. strength: 0 keeps the cast, 1 removes it. The cast is that of the
    root mean square of all pixels but the brightest ("shades of grey": Finlayson and Trezzi, 2004).
    Green is kept.
    """
    light = np.clip(np.nan_to_num(radiance), 0.0, 1e6).reshape(-1, 3)
    grey = light @ _LUMA
    used = light[(grey > 0.0) & (grey <= np.quantile(grey, _BRIGHT))] if strength else light[:0]
    if not len(used):
        return 1.0, 1.0, 1.0
    mean = np.sqrt(np.mean(np.square(used, dtype=np.float64), axis=0))
    cast = np.clip(mean[1] / np.maximum(mean, 1e-12), 1 / _MOST_BALANCE, _MOST_BALANCE)
    red, green, blue = (float(one) for one in cast**strength)
    return red, green, blue


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
