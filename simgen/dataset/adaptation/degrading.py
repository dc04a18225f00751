"""Sharpness, noise and JPEG compression that are measured and changed until they are as wanted.

In the order in which a camera does it: the lens blurs, the sensor adds noise, the file is
compressed. Each is searched for in turn, as the last one changes what is measured of the others.
Noise is added and never taken away, and compression likewise.
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
"""Halvings of an interval in which something is searched for."""
_MOST_BLUR = 5.0
"""Pixels of the measured image."""
_MOST_SHARPENING = 1.5
"""Of an unsharp mask: how much of the difference to a blurred image is added."""
_MOST_NOISE = 60.0
"""Grey levels."""
_MOST_ADDED = 3.0
"""Times the wanted noise: a strong compression takes nearly all of it away again."""
_BY_CHANCE = 0.05
"""Blockiness that images differ by without any compression."""
_QUALITIES = 10, 98
"""Of JPEGs; from the last one on, nothing is to be seen of the compression."""


@dataclass(frozen=True)
class Wanted:
    """What a real image has; NaN where it could not be measured. blur: standard deviation, pixels.
    noise: grey levels. blocks: as `measured.blockiness`. area: pixels of the images in which the
    first two were measured, at most."""

    blur: float
    noise: float
    blocks: float
    area: float


def matched(image: np.ndarray, wanted: Wanted, rng: Stream) -> np.ndarray:
    """An image, `H x W x 3` uint8, with the wanted sharpness, noise and compression."""
    height, width = image.shape[:2]
    ratio = math.sqrt(wanted.area / max(1, height * width))
    factor = min(1.0, ratio)
    if math.isfinite(wanted.blur):
        # In fewer pixels than the real images had, the same blur is narrower.
        image = _with_blur(image, wanted.blur / max(1.0, ratio), factor)
    pattern = rng.standard_normal((height, width, 1), np.float32)
    quality = _QUALITIES[1]
    if math.isfinite(wanted.blocks):
        noisy = _noisy(image, pattern, _lacking(image, wanted.noise, factor))
        quality = _quality(noisy, wanted.blocks)
    return _with_noise(image, pattern, wanted.noise, factor, quality)


def _with_blur(image: np.ndarray, wanted: float, factor: float) -> np.ndarray:
    """Blurred, or sharpened by an unsharp mask. factor: at which it is measured."""

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
    """Where a rising function comes to a value, or the nearer end of the interval."""
    for _ in range(_TURNS):
        middle = (low + high) / 2
        if measure(middle) < wanted:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _lacking(image: np.ndarray, wanted: float, factor: float) -> float:
    """Standard deviation of the noise that an image lacks, in its own pixels, grey levels. What is
    measured at a smaller scale is a mean of several pixels."""
    own = measured.noise(measured.luma_of(measured.shrunk(image, factor)))
    if not math.isfinite(own) or not math.isfinite(wanted) or own >= wanted:
        return 0.0
    return min(math.sqrt(wanted**2 - own**2) / factor, _MOST_NOISE)


def _with_noise(
    image: np.ndarray, pattern: np.ndarray, wanted: float, factor: float, quality: int
) -> np.ndarray:
    """Noisy and compressed, such that the noise is as wanted after the compression."""

    def at(amount: float) -> np.ndarray:
        return _compressed(_noisy(image, pattern, amount), quality)

    def measure(amount: float) -> float:
        return measured.noise(measured.luma_of(measured.shrunk(at(amount), factor)))

    own = measure(0.0)
    if not math.isfinite(own) or not math.isfinite(wanted) or own >= wanted:
        return at(0.0)
    return at(_searched(measure, wanted, 0.0, min(_MOST_NOISE, _MOST_ADDED * wanted / factor)))


def _quality(image: np.ndarray, wanted: float) -> int:
    """Of the JPEG whose blocks stand out as wanted."""

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
    """The same noise in all channels: most of what files of cameras keep of it is luma's."""
    return image if not amount else _bytes(image + amount * pattern)


def _bytes(values: np.ndarray) -> np.ndarray:
    return np.clip(np.round(values), 0, 255).astype(np.uint8)
