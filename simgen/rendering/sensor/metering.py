"""Exposure metering and white balance, as chosen by a camera and its photographer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from simgen.rendering.sensor import tone
from simgen.spec.scene import SensorSpec

_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
TARGET = 0.155
"""Geometric mean to which a well-lit scene is exposed. Slightly below middle grey, since the
objects of a scene are on average darker than a grey card."""
DIM = 0.04
"""Mean radiance below which a scene is dim: roughly dark objects in daylight indoors. A camera
compensates only a part of the stops below it, so that night scenes look dark."""
HIGHLIGHTS = 0.987
"""Share of the pixels that must not be overexposed."""
MOST_PROTECTION = 1.0
"""Maximum reduction of the exposure to protect highlights, stops."""
_REACH = 3.0
"""Stops from the median to which pixels are clipped for the mean: holes, lamps, glints, windows."""
_CENTRE = 0.7
"""Standard deviation of the weight about the image's centre, in half diagonals."""
_BRIGHT = 0.98
"""Share of the pixels used for the white balance, without lamps and overexposed windows."""
_MOST_BALANCE = 4.0
"""Maximum factor on a colour: cameras do not turn the light of a sodium lamp into daylight."""
_HIGHEST = 1e4
"""Maximum gain."""


@dataclass(frozen=True)
class Exposure:
    """The exposure of an image. gain: factor on its radiance. balance: factors on red, green and
    blue that remove its colour cast."""

    gain: float
    balance: tuple[float, float, float] = (1.0, 1.0, 1.0)

    @property
    def stops(self) -> float:
        return float(np.log2(self.gain))


def expose(radiance: np.ndarray, sensor: SensorSpec) -> Exposure:
    """Return the exposure and white balance of an image (`H x W x 3`, linear)."""
    return Exposure(meter(radiance, sensor), balance(radiance, sensor.auto_white_balance))


def balance(radiance: np.ndarray, strength: float) -> tuple[float, float, float]:
    """Return the factors on red, green and blue that remove an image's colour cast.

    radiance: `H x W x 3`, linear. strength: 0 keeps the cast, 1 removes it. The cast is estimated
    from the root mean square of all but the brightest pixels ("shades of grey": Finlayson and
    Trezzi, 2004). The factor on green is 1.
    """
    if not strength:
        return 1.0, 1.0, 1.0
    light = np.clip(np.nan_to_num(radiance), 0.0, 1e6).reshape(-1, 3)
    grey = light @ _LUMA
    used = light[(grey > 0.0) & (grey <= np.quantile(grey, _BRIGHT))]
    if not len(used):
        return 1.0, 1.0, 1.0
    mean = np.sqrt(np.mean(np.square(used, dtype=np.float64), axis=0))
    cast = np.clip(mean[1] / np.maximum(mean, 1e-12), 1 / _MOST_BALANCE, _MOST_BALANCE)
    red, green, blue = (float(one) for one in cast**strength)
    return red, green, blue


def meter(radiance: np.ndarray, sensor: SensorSpec) -> float:
    """Return the gain to apply to radiance (`H x W x 3`, linear) before development.

    The centre-weighted geometric mean is brought to `TARGET`, for dim scenes only as far as the
    sensor's `dark_adaptation`, and less if too many pixels would be overexposed. The sensor's own
    stops are added; with `metering="fixed"`, only these are applied.
    """
    stops = 2.0**sensor.exposure
    if sensor.metering == "fixed":
        return stops
    light = np.clip(np.nan_to_num(radiance), 0.0, 1e6)
    grey = light @ _LUMA
    seen = grey > 0.0  # outside a fisheye's image circle, pixels are black
    if not seen.any():
        return stops
    mean = _mean(grey, seen)
    missing = min(1.0, mean / DIM) ** (1.0 - sensor.dark_adaptation)
    gain = TARGET / mean * missing
    highlight = float(np.quantile(tone.brightest(light)[seen], HIGHLIGHTS))
    # Slightly below white, as a margin for imperfections such as a wrong white balance.
    kept = max(0.6 * tone.WHITE / highlight, gain * 2.0**-MOST_PROTECTION)
    return float(min(gain, kept, _HIGHEST) * stops)


def geometric_mean(light: np.ndarray) -> float:
    """Return the geometric mean of the luminance of pixels, `N x 3`, each clipped to `_REACH` of
    the median."""
    grey = np.maximum(np.nan_to_num(light).astype(np.float64) @ _LUMA, 1e-12)
    stops = np.log2(grey)
    middle = np.median(stops)
    return float(2.0 ** np.mean(np.clip(stops, middle - _REACH, middle + _REACH)))


def _mean(grey: np.ndarray, seen: np.ndarray) -> float:
    """Return the weighted geometric mean, with each pixel clipped to `_REACH` of the median."""
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
    weights.setflags(write=False)  # cached and shared between frames
    return weights
