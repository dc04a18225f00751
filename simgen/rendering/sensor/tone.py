"""From linear light to display values, and what cameras do to those."""

from __future__ import annotations

import cv2
import numpy as np

MIDDLE_GREY = 0.18
"""Stays what it is: 118 of 255 in sRGB."""
WHITE = 4.0
"""The light that is shown as full white: four and a half stops above middle grey."""
_SLOPE = 1.35
"""Of the curve at middle grey, in logarithms of light: about that of cameras' own JPEGs."""
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
_SHARPENING_RADIUS = 0.9
"""Pixels, standard deviation of the unsharp mask."""


def curve(light: np.ndarray, contrast: float) -> np.ndarray:
    """Display light 0..1 of scene light, of any shape: a log-logistic curve with toe and shoulder,

        y = w x^n / (x^n + b)

    through (0.18, 0.18), where its logarithmic slope is 1.35 * contrast, and (4, 1).
    """
    # The slope is n (1 - y / w), and w depends on n but little: a few steps find both.
    w = 1.0
    for _ in range(4):
        n = _SLOPE * contrast / (1.0 - MIDDLE_GREY / w)
        near, far = MIDDLE_GREY**n, WHITE**n
        w = (far - near) / (far - near / MIDDLE_GREY)
    b = near * (w / MIDDLE_GREY - 1.0)
    power = np.power(np.maximum(light, 0.0), np.float32(n))
    return np.minimum(np.float32(w) * power / (power + np.float32(b)), 1.0)


def render(light: np.ndarray, contrast: float) -> np.ndarray:
    """`curve` on the largest and the smallest of each pixel's colours; the third one keeps its
    place between them, and with it the pixel its hue. Highlights lose their colour towards white.
    """
    top, low = brightest(light)[..., None], _darkest(light)[..., None]
    shown_top, shown_low = curve(top, contrast), curve(low, contrast)
    place = (light - low) / np.maximum(top - low, np.float32(1e-9))
    return shown_low + place * (shown_top - shown_low)


def brightest(light: np.ndarray) -> np.ndarray:
    """The largest of each pixel's colours: `H x W` of `H x W x 3`. NumPy's own maximum along so
    short an axis takes ten times as long."""
    return np.maximum(np.maximum(light[..., 0], light[..., 1]), light[..., 2])


def _darkest(light: np.ndarray) -> np.ndarray:
    return np.minimum(np.minimum(light[..., 0], light[..., 1]), light[..., 2])


def saturate(shown: np.ndarray, factor: float) -> np.ndarray:
    """Colours farther from (above 1) or nearer to the grey of the same luminance."""
    grey = (shown @ _LUMA)[..., None]
    return np.clip(grey + np.float32(factor) * (shown - grey), 0.0, 1.0)


def encode(shown: np.ndarray) -> np.ndarray:
    """sRGB display values 0..1 of linear ones (IEC 61966-2-1)."""
    bright = 1.055 * np.power(np.maximum(shown, np.float32(0.0031308)), np.float32(1 / 2.4)) - 0.055
    return np.where(shown <= 0.0031308, shown * 12.92, bright)


def sharpen(display: np.ndarray, strength: float) -> np.ndarray:
    """Unsharp mask on the brightness of display values 0..1."""
    grey = display @ _LUMA
    soft = cv2.GaussianBlur(grey, (0, 0), _SHARPENING_RADIUS, borderType=cv2.BORDER_REPLICATE)
    return np.clip(display + np.float32(strength) * (grey - soft)[..., None], 0.0, 1.0)


def quantise(display: np.ndarray) -> np.ndarray:
    """uint8 of display values 0..1."""
    return (np.clip(display, 0.0, 1.0) * np.float32(255.0) + np.float32(0.5)).astype(np.uint8)


def compress(image: np.ndarray, quality: int) -> np.ndarray:
    """A `H x W x 3` uint8 image after a JPEG of a quality 1..100, with its colours at half
    resolution, as cameras save them."""
    settings = [
        *(cv2.IMWRITE_JPEG_QUALITY, quality),
        *(cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420),
    ]
    _, coded = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), settings)
    decoded = cv2.imdecode(coded, cv2.IMREAD_COLOR)
    assert decoded is not None
    return cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB)
