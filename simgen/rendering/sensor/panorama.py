"""The light of a place, estimated from one photograph of it.

The photograph is stretched over the half of the surroundings that the camera looks at, and its
mirror image over the half behind the camera, as in Khan et al., Image-Based Material Editing (ACM
Transactions on Graphics 25, 2006). The panorama is blurred. By the inverse of the sensor's tone
curve, highlights are 20 times as bright as middle grey; how bright they really were, like a sun, is
not known. Photographs mostly show surfaces, which are darker than the light on them, so the
panorama is brightened until a surface that reflects 30 % is as bright as the photograph's pixels in
the geometric mean.
"""

from __future__ import annotations

import cv2
import numpy as np

from simgen.rendering.sensor import tone
from simgen.rendering.sensor.metering import geometric_mean

_HEIGHT = 128
_REFLECTANCE = 0.3
_LUMA = np.array([0.2126, 0.7152, 0.0722])
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
    around = _blurred(around)
    wanted = geometric_mean(light.reshape(-1, 3)) / _REFLECTANCE
    return np.asarray(around * (wanted / max(_mean_luminance(around), 1e-9)), np.float32)


def _mean_luminance(around: np.ndarray) -> float:
    """Return the mean over the sphere, where rows near the poles are short."""
    lengths = np.sin((np.arange(_HEIGHT) + 0.5) / _HEIGHT * np.pi)
    return float(np.average((around @ _LUMA).mean(axis=1), weights=lengths))


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
