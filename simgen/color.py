"""Colour on plain arrays."""

from __future__ import annotations

import numpy as np


def srgb_to_linear(color: np.ndarray) -> np.ndarray:
    """Display values 0..1 to linear light 0..1 (IEC 61966-2-1), same shape."""
    color = np.clip(np.asarray(color, dtype=np.float64), 0.0, 1.0)
    return np.where(color <= 0.04045, color / 12.92, ((color + 0.055) / 1.055) ** 2.4)
