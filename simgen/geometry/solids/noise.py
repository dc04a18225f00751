"""Pseudo-random numbers as a function of other numbers."""

from __future__ import annotations

import numpy as np


def signed(order: float, place: int, what: int) -> float:
    """Return a number in -1..1. order: varies by object; place: by part; what: by quantity."""
    return float(np.sin(12.9898 * (order + place) + 78.233 * what) * 43758.5453 % 2.0 - 1.0)


def table(order: float, count: int, what: float) -> np.ndarray:
    """Return `count x 4` numbers in 0..1."""
    place = np.arange(count)[:, None] + np.array([0.1, 0.3, 0.5, 0.7])
    return np.abs(np.sin(12.9898 * place + 7.13 * order + 78.233 * what) * 43758.5453) % 1.0
