"""How near an image is to a reference: PSNR and SSIM."""

from __future__ import annotations

import cv2
import numpy as np


def psnr(image: np.ndarray, reference: np.ndarray) -> float:
    """Peak signal-to-noise ratio of two uint8 images, decibels; infinity if they are equal."""
    error = np.mean((image.astype(float) - reference.astype(float)) ** 2)
    return float(10.0 * np.log10(255.0**2 / error)) if error else float("inf")


def ssim(image: np.ndarray, reference: np.ndarray) -> float:
    """Mean structural similarity of the brightness of two uint8 BGR images, at most 1.

    Wang, Bovik, Sheikh, Simoncelli 2004: Gaussian window of 11 pixels, sigma 1.5, K1 = 0.01,
    K2 = 0.03; windows that reach over the border are left out.
    """
    a, b = (cv2.cvtColor(one, cv2.COLOR_BGR2GRAY).astype(float) for one in (image, reference))
    mean_a, mean_b = _blur(a), _blur(b)
    spread_a = _blur(a * a) - mean_a**2
    spread_b = _blur(b * b) - mean_b**2
    common = _blur(a * b) - mean_a * mean_b
    c1, c2 = (0.01 * 255.0) ** 2, (0.03 * 255.0) ** 2
    luminance = (2 * mean_a * mean_b + c1) / (mean_a**2 + mean_b**2 + c1)
    structure = (2 * common + c2) / (spread_a + spread_b + c2)
    return float((luminance * structure)[5:-5, 5:-5].mean())


def _blur(values: np.ndarray) -> np.ndarray:
    return cv2.GaussianBlur(values, (11, 11), 1.5)
