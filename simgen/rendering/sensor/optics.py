"""What a lens does to a picture's light, `H x W x 3` float32, linear. All of it is about the
picture's middle."""

from __future__ import annotations

import cv2
import numpy as np

_DARKEST = 0.999
"""Part of the light that corners may lose: the formula has no end for all of it."""


def vignette(light: np.ndarray, loss: float) -> np.ndarray:
    """The corners lose `loss` (0..1) of their light.

    cos^4 of the angle to the optical axis, as natural vignetting is, is 1 / (1 + tan^2)^2. The
    tangent grows in proportion to the distance from the middle.
    """
    height, width = light.shape[:2]
    tan2 = 1.0 / np.sqrt(1.0 - min(loss, _DARKEST)) - 1.0
    x = (np.arange(width, dtype=np.float32) + 0.5) / width * 2.0 - 1.0
    y = (np.arange(height, dtype=np.float32) + 0.5) / height * 2.0 - 1.0
    across, down = width**2 / (width**2 + height**2), height**2 / (width**2 + height**2)
    radius2 = across * x[None, :] ** 2 + down * y[:, None] ** 2
    falloff = (1.0 + tan2 * radius2) ** -2
    return light * falloff[..., None].astype(np.float32)


def aberrate(light: np.ndarray, difference: float) -> np.ndarray:
    """Lateral chromatic aberration: red is magnified by 1 + difference / 2, blue by
    1 - difference / 2. Green stays."""
    moved = light.copy()
    for channel, sign in ((0, 0.5), (2, -0.5)):
        moved[..., channel] = _magnify(light[..., channel], 1.0 + sign * difference)
    return moved


def _magnify(plane: np.ndarray, factor: float) -> np.ndarray:
    height, width = plane.shape
    x, y = (width - 1) / 2.0, (height - 1) / 2.0  # OpenCV counts from a pixel's middle
    inverse = np.array([[1 / factor, 0, x - x / factor], [0, 1 / factor, y - y / factor]])
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    plane = np.ascontiguousarray(plane)
    return cv2.warpAffine(plane, inverse, (width, height), None, how, cv2.BORDER_REPLICATE)


def blur(light: np.ndarray, sigma: float) -> np.ndarray:
    """A Gaussian point spread function. sigma: pixels."""
    return cv2.GaussianBlur(light, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
