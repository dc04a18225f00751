"""Measures of an image that need no labels."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

HUES = 36
"""Number of bins of a hue histogram, 10 degrees each, starting at red."""
_HASH_ROWS, _HASH_COLUMNS = 8, 9


@dataclass(frozen=True)
class Measures:
    """Measures of one image. Luma is Y' = 0.299 R' + 0.587 G' + 0.114 B' of the display values
    (ITU-R BT.601), as 8-bit integers.

    brightness: mean luma, 0 black to 1 white.
    contrast: standard deviation of luma / 255, 0 to 0.5: RMS contrast (Peli, Contrast in complex
    images, 1990).
    sharpness: variance of the Laplacian of luma, whose kernel is [0 1 0; 1 -4 1; 0 1 0], in squared
    grey levels (Pech-Pacheco et al., Diatom autofocusing in brightfield microscopy, 2000). It also
    increases with noise, and is only comparable between images of similar size.
    saturation: mean of (max - min) / max over R', G', B', 0 grey to 1 pure; 0 for black.
    fingerprint: 64 bits, dHash (Krawetz, Kind of like that, 2013): whether luma increases from left
    to right between the cells of a 9 x 8 thumbnail, row by row, highest bit first. Similar images
    differ in few bits.
    """

    brightness: float
    contrast: float
    sharpness: float
    saturation: float
    fingerprint: int


def measure(rgb: np.ndarray) -> Measures:
    """Return the measures of an image, `H x W x 3` uint8, sRGB display values."""
    luma = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    mean, deviation = cv2.meanStdDev(luma)
    _, edges = cv2.meanStdDev(cv2.Laplacian(luma, cv2.CV_16S))
    saturation = cv2.mean(cv2.cvtColor(rgb, cv2.COLOR_RGB2HSV)[..., 1])[0]
    return Measures(
        brightness=float(mean[0, 0]) / 255,
        contrast=float(deviation[0, 0]) / 255,
        sharpness=float(edges[0, 0]) ** 2,
        saturation=saturation / 255,
        fingerprint=_fingerprint(luma),
    )


def _fingerprint(luma: np.ndarray) -> int:
    """Return the dHash of an image. luma: `H x W` uint8."""
    small = cv2.resize(luma, (_HASH_COLUMNS, _HASH_ROWS), interpolation=cv2.INTER_AREA)
    grows = small[:, 1:] > small[:, :-1]
    return int.from_bytes(np.packbits(grows).tobytes(), "big")


@dataclass(frozen=True)
class Colours:
    """Colours of one image.

    mean: R', G', B', each 0..1.
    hues: histogram of HSV hue with `HUES` bins, pixels weighted by their chroma max - min; sums to
    1, or to 0 for a grey image.
    """

    mean: tuple[float, float, float]
    hues: np.ndarray


def colours(rgb: np.ndarray) -> Colours:
    """Return the colours of an image, `H x W x 3` uint8, sRGB display values."""
    hsv = cv2.cvtColor(rgb, cv2.COLOR_RGB2HSV)
    # OpenCV's hue is in steps of two degrees.
    hue = hsv[..., 0].ravel().astype(np.int64) // (180 // HUES)
    chroma = rgb.max(axis=2) - rgb.min(axis=2)
    found = np.bincount(hue, chroma.ravel().astype(np.float64), HUES)
    total = found.sum()
    red, green, blue, _ = (value / 255 for value in cv2.mean(rgb))
    return Colours((red, green, blue), found / total if total else found)
