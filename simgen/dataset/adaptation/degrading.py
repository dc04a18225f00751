"""Adjust sharpness, noise and JPEG compression until their measurements match a target.

The order is that of a camera: the lens blurs, the sensor adds noise, the file is compressed. Each
is searched for in turn, as each later step changes the measurements of the earlier ones. Noise and
compression are only added, never removed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from simgen.dataset.adaptation import measured
from simgen.spec.rng import Stream

_TURNS = 6
"""Steps of a bisection."""
_MOST_BLUR = 5.0
"""Pixels of the measured image."""
_MOST_SHARPENING = 1.5
"""Weight of an unsharp mask: the factor of the difference to a blurred image."""
_MOST_NOISE = 60.0
"""Grey levels."""
_MOST_ADDED = 3.0
"""Multiple of the target noise, since strong compression removes most noise."""
_BY_CHANCE = 0.05
"""Variation of blockiness between uncompressed images."""
_QUALITIES = 10, 98
"""Range of JPEG qualities; compression is invisible from the upper bound on."""


@dataclass(frozen=True)
class Wanted:
    """Measurements of a real image; NaN where it could not be measured.

    blur: standard deviation, pixels. noise: grey levels. blocks: `measured.blockiness`. area:
    maximum number of pixels of the images in which blur and noise were measured.
    """

    blur: float
    noise: float
    blocks: float
    area: float


def matched(image: np.ndarray, wanted: Wanted, rng: Stream) -> np.ndarray:
    """Match sharpness, noise and compression of an image, `H x W x 3` uint8, to a target."""
    height, width = image.shape[:2]
    ratio = math.sqrt(wanted.area / max(1, height * width))
    factor = min(1.0, ratio)
    if math.isfinite(wanted.blur):
        # The same blur spans fewer pixels in an image smaller than the real ones.
        image = _with_blur(image, wanted.blur / max(1.0, ratio), factor)
    pattern = rng.standard_normal((height, width, 1), np.float32)
    quality = _QUALITIES[1]
    if math.isfinite(wanted.blocks):
        noisy = _noisy(image, pattern, _lacking(image, wanted.noise, factor))
        quality = _quality(noisy, wanted.blocks)
    return _with_noise(image, pattern, wanted.noise, factor, quality)


def _with_blur(image: np.ndarray, wanted: float, factor: float) -> np.ndarray:
    """Blur an image, or sharpen it by an unsharp mask. factor: scale of the measurement."""

    def at(amount: float) -> np.ndarray:
        if amount >= 0:
            return _blurred(image, amount / factor)
        soft = _blurred(image, 1.0 / factor).astype(np.float32)
        return _bytes(image - amount * (image - soft))

    def measure(amount: float) -> float:
        return measured.edge_width(measured.luma_of(measured.shrunk(at(amount), factor)))

    own = measure(0.0)
    if not math.isfinite(own) or abs(own - wanted) < 0.02:
        return image
    low, high = (0.0, _MOST_BLUR) if own < wanted else (-_MOST_SHARPENING, 0.0)
    return at(_searched(measure, wanted, low, high))


def _searched(measure: Callable[[float], float], wanted: float, low: float, high: float) -> float:
    """Find by bisection where an increasing function has a value, or the nearer end."""
    for _ in range(_TURNS):
        middle = (low + high) / 2
        if measure(middle) < wanted:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _lacking(image: np.ndarray, wanted: float, factor: float) -> float:
    """Return the standard deviation of the noise to add per pixel of an image, grey levels.

    At a smaller scale, the measured noise is that of means over several pixels.
    """
    own = measured.noise(measured.luma_of(measured.shrunk(image, factor)))
    if not math.isfinite(own) or not math.isfinite(wanted) or own >= wanted:
        return 0.0
    return min(math.sqrt(wanted**2 - own**2) / factor, _MOST_NOISE)


def _with_noise(
    image: np.ndarray, pattern: np.ndarray, wanted: float, factor: float, quality: int
) -> np.ndarray:
    """Add noise and compress, so that the noise after compression matches the target."""

    def at(amount: float) -> np.ndarray:
        return _compressed(_noisy(image, pattern, amount), quality)

    def measure(amount: float) -> float:
        return measured.noise(measured.luma_of(measured.shrunk(at(amount), factor)))

    own = measure(0.0)
    if not math.isfinite(own) or not math.isfinite(wanted) or own >= wanted:
        return at(0.0)
    return at(_searched(measure, wanted, 0.0, min(_MOST_NOISE, _MOST_ADDED * wanted / factor)))


def _quality(image: np.ndarray, wanted: float) -> int:
    """Return the JPEG quality that yields the target blockiness."""

    def measure(loss: float) -> float:
        made = _compressed(image, round(_QUALITIES[1] - loss))
        return measured.blockiness(measured.centre_luma(made))

    own = measure(0.0)
    if not math.isfinite(own) or own >= wanted - _BY_CHANCE:
        return _QUALITIES[1]
    return round(_QUALITIES[1] - _searched(measure, wanted, 0.0, _QUALITIES[1] - _QUALITIES[0]))


def _compressed(image: np.ndarray, quality: int) -> np.ndarray:
    if quality >= _QUALITIES[1]:
        return image
    done, content = cv2.imencode(
        ".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), (cv2.IMWRITE_JPEG_QUALITY, quality)
    )
    decoded = cv2.imdecode(content, cv2.IMREAD_COLOR) if done else None
    assert decoded is not None
    return cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB)


def _blurred(image: np.ndarray, sigma: float) -> np.ndarray:
    return image if sigma < 0.1 else cv2.GaussianBlur(image, (0, 0), sigma)


def _noisy(image: np.ndarray, pattern: np.ndarray, amount: float) -> np.ndarray:
    """Add the same noise to all channels, as mostly luma noise survives in camera files."""
    return image if not amount else _bytes(image + amount * pattern)


def _bytes(values: np.ndarray) -> np.ndarray:
    return np.clip(np.round(values), 0, 255).astype(np.uint8)
