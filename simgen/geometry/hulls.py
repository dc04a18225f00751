"""Convex point sets that the physics can make bodies of: none of them without a thickness."""

from __future__ import annotations

import numpy as np


def principal(points: np.ndarray) -> np.ndarray:
    """Principal directions of points (`n x 3`) as rows of a `3 x 3`, the thinnest first."""
    arms = points - points.mean(axis=0)
    return np.linalg.eigh(arms.T @ arms)[1].T


def extents(points: np.ndarray) -> np.ndarray:
    """How far points (`n x 3`) reach along their principal directions, `3`."""
    return np.ptp(points @ principal(points).T, axis=0)


def thickened(points: np.ndarray, least: float) -> np.ndarray:
    """Points (`n x 3`) that reach at least `least` along each of their principal directions.

    Where they do not, each becomes two, half of that away on both sides: a sheet becomes a slab, a
    line a rod. The same array where they do.
    """
    directions = principal(points)
    for direction in directions[np.ptp(points @ directions.T, axis=0) < least]:
        points = np.concatenate([points - least / 2 * direction, points + least / 2 * direction])
    return points
