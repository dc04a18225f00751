"""What a sensor makes of the light on it: electrons, noise, one colour a pixel."""

from __future__ import annotations

import cv2
import numpy as np

from simgen.spec.rng import Stream

SATURATION = 8.0
"""Where photosites are full, in multiples of what makes a white pixel."""
_BLACK = 0.05
"""Level of black in the digits that are demosaiced, so that noise below it is kept."""


def expose(light: np.ndarray, full_well: float, read_noise: float, rng: Stream) -> np.ndarray:
    """Light, any shape, 1 being white, as a sensor counts it; float32.

    Electrons are Poisson distributed about light * full_well, and reading them out adds a normally
    distributed error of `read_noise` electrons: variance = mean + read_noise^2 (EMVA 1288).
    """
    counted = rng.poisson(light * full_well).astype(np.float32)
    if read_noise:
        counted += rng.standard_normal(light.shape, np.float32) * np.float32(read_noise)
    return counted / np.float32(full_well)


def mosaic(light: np.ndarray) -> np.ndarray:
    """`H x W`: what photosites behind a Bayer filter see, with red in the top left corner."""
    seen = light[..., 1].copy()
    seen[0::2, 0::2] = light[0::2, 0::2, 0]
    seen[1::2, 1::2] = light[1::2, 1::2, 2]
    return seen


def demosaic(seen: np.ndarray) -> np.ndarray:
    """`H x W x 3` from `mosaic`, interpolated along edges."""
    scale = np.float32(65535.0 / (SATURATION + _BLACK))
    digits = np.clip((seen + np.float32(_BLACK)) * scale + np.float32(0.5), 0, 65535)
    # OpenCV names patterns by the second pixel of the second row, which is blue here.
    colours = cv2.cvtColor(digits.astype(np.uint16), cv2.COLOR_BayerBG2RGB_EA)
    return colours.astype(np.float32) / scale - np.float32(_BLACK)
