"""The light of a place, estimated from one photograph of it.

The photograph is stretched over the half of the surroundings that the camera looks at, and its
mirror image over the half behind the camera, as in Khan et al., Image-Based Material Editing (ACM
Transactions on Graphics 25, 2006). The panorama is blurred, and darker or brighter than the image
as the inverse of the sensor's tone curve makes it: highlights are 20 times as bright as middle
grey. What the light really was beyond that, as of a sun, is not known.
"""

from __future__ import annotations

import cv2
import numpy as np

from simgen.rendering.sensor import tone

_HEIGHT = 128
_BLUR = np.radians(4.0)
"""Standard deviation of the blur."""


def panorama_of(photograph: np.ndarray, contrast: float) -> np.ndarray:
    """Return the surroundings as an equirectangular image, `128 x 256 x 3` float32, linear light.

    photograph: `H x W x 3` uint8 sRGB. contrast: of the tone curve. The middle column is the
    direction of view; azimuth grows to the left, as seen from above counter-clockwise.
    """
    small = cv2.resize(photograph, (_HEIGHT, _HEIGHT), interpolation=cv2.INTER_AREA)
    light = tone.undo(tone.decode(small), contrast)
    half = _HEIGHT // 2
    # Behind the camera the mirror image continues at both edges of the photograph.
    around = np.concatenate([light[:, :half][:, ::-1], light, light[:, half:][:, ::-1]], axis=1)
    return _blurred(around)


def _blurred(around: np.ndarray) -> np.ndarray:
    """Blur an equirectangular image by about the same angle everywhere."""
    sigma = _BLUR / np.pi * _HEIGHT
    edge = 2 * int(np.ceil(3 * sigma))
    wrapped = np.concatenate([around[:, -edge:], around, around[:, :edge]], axis=1)
    soft = cv2.GaussianBlur(wrapped, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    soft = soft[:, edge:-edge]
    # A row near a pole is a short circle, up to a single point with a single colour.
    stretch = np.sin((np.arange(_HEIGHT) + 0.5) / _HEIGHT * np.pi)
    share = np.clip(stretch / np.sin(4 * _BLUR), 0.0, 1.0)[:, None, None]
    rows = soft.mean(axis=1, keepdims=True)
    return (rows + share * (soft - rows)).astype(np.float32)
