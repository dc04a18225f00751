"""Brightness, contrast and colour, measured on a thumbnail that neither blur nor noise affects.

The readings of one quantity are each insensitive to another change. A gain on all pixels changes
the standard deviation of luma but not its ratio to the mean; an offset does the opposite; more
contrast changes both. All functions map a `Look` to a number.
"""

from __future__ import annotations

import cv2
import numpy as np

from simgen.stats.gap.look import FLOOR, Look

HUES = 12
"""Number of bins of the hue circle, starting at red."""


def brightness(look: Look) -> float:
    return float(look.small_luma.mean())


def contrast(look: Look) -> float:
    """Return RMS contrast (Peli, Contrast in complex images, 1990)."""
    return look.contrast


def contrast_over_mean(look: Look) -> float:
    return look.contrast / (float(look.small_luma.mean()) + FLOOR)


def saturation(look: Look) -> float:
    """Return the mean HSV saturation, (max - min) / max; invariant to gain but not to offset."""
    top, low = look.small.max(axis=2), look.small.min(axis=2)
    return float(((top - low) / np.maximum(top, FLOOR)).mean())


def chroma(look: Look) -> float:
    """Return the mean of max - min; invariant to offset but not to gain."""
    return float((look.small.max(axis=2) - look.small.min(axis=2)).mean())


def chroma_over_contrast(look: Look) -> float:
    """Return cast-free chroma over contrast; invariant to gain, offset, contrast and cast."""
    return look.chroma / (look.contrast + FLOOR)


def warmth(look: Look) -> float:
    """Return red over blue of the mean colour, octaves, by the grey-world assumption (Buchsbaum, A
    spatial processor model for object colour perception, 1980)."""
    red, _, blue = look.means
    return float(np.log2((red + FLOOR) / (blue + FLOOR)))


def warmth_over_contrast(look: Look) -> float:
    red, _, blue = look.means
    return float((red - blue) / (look.contrast + FLOOR))


def warmth_over_chroma(look: Look) -> float:
    red, _, blue = look.means
    return float((red - blue) / (look.chroma + FLOOR))


def tint(look: Look) -> float:
    red, green, blue = look.means + FLOOR
    return float(np.log2(green / np.sqrt(red * blue)))


def tint_over_contrast(look: Look) -> float:
    red, green, blue = look.means
    return float((green - (red + blue) / 2) / (look.contrast + FLOOR))


def tint_over_chroma(look: Look) -> float:
    red, green, blue = look.means
    return float((green - (red + blue) / 2) / (look.chroma + FLOOR))


def hues(look: Look) -> np.ndarray:
    """Return the shares of `HUES` hues without the colour cast, pixels weighted by chroma. They add
    up to 1, or to less for a nearly grey image."""
    hsv = cv2.cvtColor(np.clip(look.neutral, 0, None), cv2.COLOR_RGB2HSV)
    place = np.minimum(hsv[..., 0].ravel() * (HUES / 360), HUES - 1).astype(np.int64)
    weight = (look.neutral.max(axis=2) - look.neutral.min(axis=2)).ravel()
    found = np.bincount(place, weight.astype(np.float64), HUES)
    return found / (found.sum() + FLOOR * weight.size)
