"""Transforms from the axes of a mesh file to simgen's: metres, z up."""

from __future__ import annotations

import numpy as np

from simgen.assets.entries import Entry
from simgen.errors import AssetError

SAME = 1e-3
"""Relative difference up to which a mesh is considered to have the size of its entry."""
MOST_STRETCH = 20.0
"""Maximum ratio of the stretch factors along two axes."""


def metric(points: np.ndarray, entry: Entry) -> np.ndarray:
    """Transform `n x 3` points of a file to metres and z up, without stretching.

    y up becomes z up by (x, y, z) -> (x, -z, y). entry: its `up` is `y` or `z`.
    """
    points = points * entry.unit
    if entry.turn:
        points = points @ np.reshape(entry.turn, (3, 3)).T
    if entry.up == "z":
        return points
    return np.stack([points[:, 0], -points[:, 2], points[:, 1]], axis=1)


def stretch(low: np.ndarray, high: np.ndarray, entry: Entry) -> np.ndarray:
    """Return the factor along each axis that gives a box the size of its entry, `3`.

    The factor is 1 along an axis in which the box has no thickness. Raises `AssetError` if the box
    has a very different shape, as with a wrong `turn`.
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
            f"its box is {found} m but its catalogue entry has {wanted} m, expected a similar"
            " shape; correct the entry's size, turn or up"
        )
    # Entries store sizes with few digits: a rounding difference must not move vertices.
    return np.ones(3) if np.abs(factors - 1.0).max() < SAME else factors
