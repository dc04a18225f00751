"""Convex point sets with a minimum thickness, as collision bodies require."""

from __future__ import annotations

import numpy as np


def principal(points: np.ndarray) -> np.ndarray:
    """Return the principal directions of points (`n x 3`) as rows of a `3 x 3`, thinnest first."""
    arms = points - points.mean(axis=0)
    return np.linalg.eigh(arms.T @ arms)[1].T


def extents(points: np.ndarray) -> np.ndarray:
    """Return the extents of points (`n x 3`) along their principal directions, `3`."""
    return np.ptp(points @ principal(points).T, axis=0)


def thickened(points: np.ndarray, least: float) -> np.ndarray:
    """Return points (`n x 3`) with an extent of at least `least` along each principal direction.

    Along a thinner direction, each point is split into two, offset by `least / 2` to both sides: a
    sheet becomes a slab, a line a rod. Thick enough points are returned unchanged.
    """
    directions = principal(points)
    for direction in directions[np.ptp(points @ directions.T, axis=0) < least]:
        points = np.concatenate([points - least / 2 * direction, points + least / 2 * direction])
    return points
