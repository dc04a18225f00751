"""Brightness, contrast, colour: measures of a thumbnail, which neither blur nor noise change.

Several readings of one quantity are each blind to another change. A gain on all pixels changes the
standard deviation of luma, but not that over its mean; an offset does the opposite; more contrast
changes both. All take a `Look` and return a number.
"""

from __future__ import annotations

import cv2
import numpy as np

from simgen.stats.gap.look import FLOOR, Look

HUES = 12
"""Bins of the hue circle, from red."""


def brightness(look: Look) -> float:
    return float(look.small_luma.mean())


def contrast(look: Look) -> float:
    """RMS contrast (Peli, Contrast in complex images, 1990)."""
    return look.contrast


def contrast_over_mean(look: Look) -> float:
    return look.contrast / (float(look.small_luma.mean()) + FLOOR)


def saturation(look: Look) -> float:
    """The mean of HSV's (max - min) / max; an offset changes it, a gain does not."""
    top, low = look.small.max(axis=2), look.small.min(axis=2)
    return float(((top - low) / np.maximum(top, FLOOR)).mean())


def chroma(look: Look) -> float:
    """max - min; a gain changes it, an offset does not."""
    return float((look.small.max(axis=2) - look.small.min(axis=2)).mean())


def chroma_over_contrast(look: Look) -> float:
    """Neither a gain, an offset, more contrast nor a cast of colour changes it."""
    return look.chroma / (look.contrast + FLOOR)


def warmth(look: Look) -> float:
    """Of the mean colour, as in the assumption of a grey world (Buchsbaum, A spatial processor
    model for object colour perception, 1980)."""
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
    """`HUES` shares that add up to 1, or less in a picture that is nearly grey: how much colour
    there is of each hue once the cast is gone, pixels weighted by their chroma."""
    hsv = cv2.cvtColor(np.clip(look.neutral, 0, None), cv2.COLOR_RGB2HSV)
    place = np.minimum(hsv[..., 0].ravel() * (HUES / 360), HUES - 1).astype(np.int64)
    weight = (look.neutral.max(axis=2) - look.neutral.min(axis=2)).ravel()
    found = np.bincount(place, weight.astype(np.float64), HUES)
    return found / (found.sum() + FLOOR * weight.size)
