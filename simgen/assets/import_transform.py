"""Transforms from the axes of a mesh file to those of simgen: metres, z up."""

from __future__ import annotations

import numpy as np

from simgen.assets.entries import Entry
from simgen.errors import AssetError

SAME = 1e-3
"""Relative difference below which a mesh has the size that its entry says."""
MOST_STRETCH = 20.0
"""Maximum ratio of the stretch along two axes of a mesh."""


def metric(points: np.ndarray, entry: Entry) -> np.ndarray:
    """`n x 3` points of a file, whose `up` is decided, in metres and z up, unstretched.

    y up becomes z up by (x, y, z) -> (x, -z, y).
    """
    points = points * entry.unit
    if entry.turn:
        points = points @ np.reshape(entry.turn, (3, 3)).T
    if entry.up == "z":
        return points
    return np.stack([points[:, 0], -points[:, 2], points[:, 1]], axis=1)


def stretch(low: np.ndarray, high: np.ndarray, entry: Entry) -> np.ndarray:
    """Factor along each axis that gives a box the size of its entry; 1 along a flat one's
    thickness.

    Raises `AssetError` where the box is nowhere near that shape: then `turn` is wrong.
    """
    sides = high - low
    if not entry.size:
        return np.ones(3)
    flat = sides < 1e-9 * sides.max()
    factors = np.where(flat, 1.0, np.array(entry.size) / np.where(flat, 1.0, sides))
    spread = factors[~flat].max() / factors[~flat].min()
    if spread > MOST_STRETCH:
        found = " x ".join(f"{side:.3g}" for side in sides)
        wanted = " x ".join(f"{side:.3g}" for side in entry.size)
        raise AssetError(
            f"its box is {found} and its catalogue entry says {wanted} m, expected the same"
            " shape; correct the entry's size, turn or up"
        )
    # Entries give sizes to few digits: a rounding difference must not move vertices.
    return np.ones(3) if np.abs(factors - 1.0).max() < SAME else factors
