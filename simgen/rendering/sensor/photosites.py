"""The photosites of a sensor: electrons, noise, and one colour per pixel."""

from __future__ import annotations

import cv2
import numpy as np

from simgen.spec.rng import Stream

SATURATION = 8.0
"""Light at which photosites saturate, in multiples of that of a white pixel."""
_BLACK = 0.05
"""Black level of the values to be demosaiced, so that noise below black is kept."""


def expose(light: np.ndarray, full_well: float, read_noise: float, rng: Stream) -> np.ndarray:
    """Return light (any shape, 1 is white) as measured by a noisy sensor; float32.

    Electrons are Poisson distributed about light * full_well, and their readout adds a normally
    distributed error of `read_noise` electrons: variance = mean + read_noise^2 (EMVA 1288).
    """
    counted = rng.poisson(light * full_well).astype(np.float32)
    if read_noise:
        counted += rng.standard_normal(light.shape, np.float32) * np.float32(read_noise)
    return counted / np.float32(full_well)


def mosaic(light: np.ndarray) -> np.ndarray:
    """Return the light on photosites behind a Bayer filter, `H x W`, with red at the top left."""
    seen = light[..., 1].copy()
    seen[0::2, 0::2] = light[0::2, 0::2, 0]
    seen[1::2, 1::2] = light[1::2, 1::2, 2]
    return seen


def demosaic(seen: np.ndarray) -> np.ndarray:
    """Reconstruct `H x W x 3` from `mosaic`, interpolating along edges."""
    scale = np.float32(65535.0 / (SATURATION + _BLACK))
    digits = np.clip((seen + np.float32(_BLACK)) * scale + np.float32(0.5), 0, 65535)
    # OpenCV names a pattern by the second pixel of its second row, which is blue here.
    colours = cv2.cvtColor(digits.astype(np.uint16), cv2.COLOR_BayerBG2RGB_EA)
    return colours.astype(np.float32) / scale - np.float32(_BLACK)
