"""3D boxes: an object's own box, its corners, and where they are in the image."""

from __future__ import annotations

import numpy as np

EDGES = tuple((i, i | bit) for bit in (1, 2, 4) for i in range(8) if not i & bit)
"""The twelve edges, as pairs of numbers of corners."""


def corners_of(box: np.ndarray) -> np.ndarray:
    """`8 x 3`: the corners of a box (`2 x 3`). Corner i has the higher value in x, y, z where the
    bits 0, 1, 2 of i are set."""
    high = (np.arange(8)[:, None] >> np.arange(3)) & 1
    return box[high, np.arange(3)]
