"""Conversion of linear light to display values, and in-camera processing of these."""

from __future__ import annotations

import cv2
import numpy as np

MIDDLE_GREY = 0.18
"""Light that the tone curve keeps: 118 of 255 in sRGB."""
WHITE = 4.0
"""The light shown as full white: four and a half stops above middle grey."""
_SLOPE = 1.35
"""Logarithmic slope of the curve at middle grey, similar to that of in-camera JPEGs."""
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
_CODES = np.arange(256) / 255.0
_LINEAR = np.where(_CODES <= 0.04045, _CODES / 12.92, ((_CODES + 0.055) / 1.055) ** 2.4).astype(
    np.float32
)
"""Linear value of each 8-bit sRGB value."""
_SHARPENING_RADIUS = 0.9
"""Standard deviation of the unsharp mask, pixels."""


def curve(light: np.ndarray, contrast: float) -> np.ndarray:
    """Map scene light, any shape, to display light 0..1 by a log-logistic curve with toe and
    shoulder,

        y = w x^n / (x^n + b)

    through (0.18, 0.18), where its logarithmic slope is 1.35 * contrast, and (4, 1).
    """
    n, w, b = _shape(contrast)
    power = np.power(np.maximum(light, 0.0), np.float32(n))
    return np.minimum(np.float32(w) * power / (power + np.float32(b)), 1.0)


def _shape(contrast: float) -> tuple[float, float, float]:
    """Return n, w and b of the curve."""
    # The slope is n (1 - y / w), and w depends only weakly on n: a few iterations find both.
    w = 1.0
    for _ in range(4):
        n = _SLOPE * contrast / (1.0 - MIDDLE_GREY / w)
        near, far = MIDDLE_GREY**n, WHITE**n
        w = (far - near) / (far - near / MIDDLE_GREY)
    return n, w, near * (w / MIDDLE_GREY - 1.0)


def render(light: np.ndarray, contrast: float) -> np.ndarray:
    """Apply `curve` to the largest and smallest channel of each pixel, keeping the relative
    position of the third, which preserves the hue. Highlights desaturate towards white.
    """
    top, low = brightest(light)[..., None], _darkest(light)[..., None]
    shown_top, shown_low = curve(top, contrast), curve(low, contrast)
    # In place: new arrays of this size cost as much as the arithmetic.
    shown = light - low
    shown /= np.maximum(top - low, np.float32(1e-9))
    shown *= shown_top - shown_low
    shown += shown_low
    return shown


def undo(shown: np.ndarray, contrast: float) -> np.ndarray:
    """Return the light that `render` shows as these linear display values, `H x W x 3` in 0..1."""
    top, low = brightest(shown)[..., None], _darkest(shown)[..., None]
    light_top, light_low = _undo_curve(top, contrast), _undo_curve(low, contrast)
    place = (shown - low) / np.maximum(top - low, np.float32(1e-9))
    return np.asarray(light_low + place * (light_top - light_low), np.float32)


def _undo_curve(shown: np.ndarray, contrast: float) -> np.ndarray:
    n, w, b = _shape(contrast)
    part = np.minimum(np.maximum(shown, 0.0), 1.0)
    return np.power(b * part / (w - part), 1.0 / n)


def brightest(light: np.ndarray) -> np.ndarray:
    """Return each pixel's largest channel, `H x W` of `H x W x 3`. NumPy's maximum along such a
    short axis takes ten times as long."""
    return np.maximum(np.maximum(light[..., 0], light[..., 1]), light[..., 2])


def _darkest(light: np.ndarray) -> np.ndarray:
    return np.minimum(np.minimum(light[..., 0], light[..., 1]), light[..., 2])


def saturate(shown: np.ndarray, factor: float) -> np.ndarray:
    """Scale the distance of colours from the grey of the same luminance by `factor`."""
    grey = (shown @ _LUMA)[..., None]
    return np.clip(grey + np.float32(factor) * (shown - grey), 0.0, 1.0)


def encode(shown: np.ndarray) -> np.ndarray:
    """Convert linear values to sRGB display values 0..1 (IEC 61966-2-1)."""
    display = np.maximum(shown, np.float32(0.0031308))
    np.power(display, np.float32(1 / 2.4), out=display)
    display *= 1.055
    display -= 0.055
    return np.multiply(shown, 12.92, out=display, where=shown <= 0.0031308)


def decode(image: np.ndarray) -> np.ndarray:
    """Convert 8-bit sRGB display values to linear ones, 0..1 float32: the inverse of `encode`."""
    return _LINEAR[image]


def sharpen(display: np.ndarray, strength: float) -> np.ndarray:
    """Apply an unsharp mask to the brightness of display values 0..1."""
    grey = display @ _LUMA
    soft = cv2.GaussianBlur(grey, (0, 0), _SHARPENING_RADIUS, borderType=cv2.BORDER_REPLICATE)
    return np.clip(display + np.float32(strength) * (grey - soft)[..., None], 0.0, 1.0)


def quantise(display: np.ndarray) -> np.ndarray:
    """Convert display values 0..1 to uint8."""
    return (np.clip(display, 0.0, 1.0) * np.float32(255.0) + np.float32(0.5)).astype(np.uint8)


def compress(image: np.ndarray, quality: int) -> np.ndarray:
    """Return an image (`H x W x 3` uint8) after JPEG compression with quality 1..100 and chroma at
    half resolution, as in cameras."""
    settings = [
        *(cv2.IMWRITE_JPEG_QUALITY, quality),
        *(cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420),
    ]
    _, coded = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), settings)
    decoded = cv2.imdecode(coded, cv2.IMREAD_COLOR)
    assert decoded is not None
    return cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB)
