"""Lens imperfections, applied to an image's linear light, `H x W x 3` float32."""

from __future__ import annotations

import cv2
import numpy as np

_DARKEST = 0.999
"""Maximum loss in the corners: the formula diverges for 1."""


def vignette(light: np.ndarray, loss: float) -> np.ndarray:
    """Darken an image towards its corners, which lose `loss` (0..1) of their light.

    Natural vignetting is cos^4 of the angle to the optical axis, 1 / (1 + tan^2)^2, where the
    tangent is proportional to the distance from the centre.
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
    """Apply lateral chromatic aberration: red is magnified by 1 + difference / 2, blue by
    1 - difference / 2; green is unchanged."""
    moved = light.copy()
    for channel, sign in ((0, 0.5), (2, -0.5)):
        moved[..., channel] = _magnify(light[..., channel], 1.0 + sign * difference)
    return moved


def _magnify(plane: np.ndarray, factor: float) -> np.ndarray:
    height, width = plane.shape
    x, y = (width - 1) / 2.0, (height - 1) / 2.0  # OpenCV counts from the first pixel's centre
    inverse = np.array([[1 / factor, 0, x - x / factor], [0, 1 / factor, y - y / factor]])
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    plane = np.ascontiguousarray(plane)
    return cv2.warpAffine(plane, inverse, (width, height), None, how, cv2.BORDER_REPLICATE)


def blur(light: np.ndarray, sigma: float) -> np.ndarray:
    """Apply a Gaussian point spread function. sigma: pixels."""
    return cv2.GaussianBlur(light, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
