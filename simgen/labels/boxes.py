"""Corners and edges of 3D boxes."""

from __future__ import annotations

import numpy as np

EDGES = tuple((i, i | bit) for bit in (1, 2, 4) for i in range(8) if not i & bit)
"""The twelve edges, as pairs of corner indices."""


def corners_of(box: np.ndarray) -> np.ndarray:
    """Return the corners of a box (`2 x 3`: lowest and highest corner), `8 x 3`.

    Corner i has the higher value in x, y, z where bits 0, 1, 2 of i are set.
    """
    high = (np.arange(8)[:, None] >> np.arange(3)) & 1
    return box[high, np.arange(3)]
