"""Rays from one eye, sorted by where they go: so that each thing meets only those towards it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

_CELLS = 64
"""Along each axis of the cube about the unit sphere whose cells the rays are sorted into."""


class Bundle:
    """Rays that share their origin.

    directions: `3 x n` float32, as rows, of any length. limits: `n`, lengths of the direction at
    which each ray ends.
    """

    def __init__(self, directions: np.ndarray, limits: np.ndarray) -> None:
        x, y, z = directions
        length = np.sqrt(x * x + y * y + z * z)
        with np.errstate(divide="ignore", invalid="ignore"):
            self._unit = np.stack([x / length, y / length, z / length])
            self._end = limits * length
            # A ray without a direction goes anywhere, as Embree will say, to nothing.
            cells = ((self._unit + 1) * np.float32(_CELLS / 2)).astype(np.int32)
        np.clip(cells, 0, _CELLS - 1, out=cells)
        key = (cells[0] * _CELLS + cells[1]) * _CELLS + cells[2]
        self._order = np.argsort(key, kind="stable")
        key = key[self._order]
        starts = np.flatnonzero(np.diff(key, prepend=-1))
        self._starts, self._ends = starts, np.append(starts[1:], len(key))
        self._unit, self._end = self._unit.take(self._order, axis=1), self._end[self._order]
        centres = np.stack(np.unravel_index(key[starts], (_CELLS,) * 3), axis=1)
        self._centres = (centres + 0.5) * (2 / _CELLS) - 1

    def towards(self, centres: np.ndarray, radii: np.ndarray) -> Iterator[np.ndarray]:
        """For each of some balls (`m x 3`, from the eye; `m`), the numbers of the rays that reach
        it, in no particular order."""
        for centre, radius in zip(centres, radii, strict=True):
            yield self._towards(centre, float(radius))

    def _towards(self, centre: np.ndarray, radius: float) -> np.ndarray:
        away = float(np.linalg.norm(centre))
        if away <= radius:
            return self._order
        # All unit vectors of a cell lie within half its diagonal of the cell's middle, and those
        # of the ball's cone on the right side of the plane through the cone's rim.
        axis, sine = centre / away, radius / away
        cosine = np.sqrt(1 - sine * sine)
        near = np.flatnonzero(self._centres @ axis >= cosine - np.sqrt(3) / _CELLS)
        members = _ranges(self._starts[near], self._ends[near])
        x, y, z = self._unit.take(members, axis=1)
        a, b, c = axis.astype(np.float32)
        along = a * x + b * y + c * z
        meets = (along >= cosine - 1e-6) & (self._end[members] >= away - radius)
        return self._order[members[meets]]


def _ranges(starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """All whole numbers from each start up to its end, one after the other."""
    counts = ends - starts
    before = np.cumsum(counts) - counts
    return np.repeat(starts - before, counts) + np.arange(int(counts.sum()))
