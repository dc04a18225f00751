"""Bundles of rays, sorted so that each surface is tested only against rays that may reach it.

Rays from one origin are sorted by direction, parallel rays by origin.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

_CELLS = 64
"""Cells along each axis of the cube around the unit sphere into which rays are sorted."""
_COLUMNS = 128
"""Cells along each side of the rectangle into which parallel rays are sorted."""
_ROUNDING = 1e-5
"""Relative error of a ray's position in single precision."""


def bundle_of(
    origins: np.ndarray, directions: np.ndarray, limits: np.ndarray
) -> _FromOneEye | _Parallel:
    """Sort rays from one origin, `3`, or parallel rays from an origin each, `n x 3`.

    directions: `3 x n` float32, as rows, of any length. limits: `n`, where each ray ends, as a
    multiple of its direction.
    """
    if origins.ndim == 1:
        return _FromOneEye(origins, directions, limits)
    return _Parallel(origins, directions, limits)


class _FromOneEye:
    def __init__(self, eye: np.ndarray, directions: np.ndarray, limits: np.ndarray) -> None:
        self._eye = eye
        x, y, z = directions
        length = np.sqrt(x * x + y * y + z * z)
        with np.errstate(divide="ignore", invalid="ignore"):
            self._unit = np.stack([x / length, y / length, z / length])
            self._end = limits * length
            # A zero direction may go into any cell, since Embree reports no hit for it.
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
        """Yield, for each of `m` spheres, the indices of the rays that may reach it, unordered.

        centres: `m x 3`, world. radii: `m`.
        """
        for centre, radius in zip(centres - self._eye, radii, strict=True):
            yield self._towards(centre, float(radius))

    def _towards(self, centre: np.ndarray, radius: float) -> np.ndarray:
        away = float(np.linalg.norm(centre))
        if away <= radius:
            return self._order
        # All unit vectors of a cell lie within half its diagonal of the cell's centre, and all of
        # the cone around the sphere lie beyond the plane through the cone's rim.
        axis, sine = centre / away, radius / away
        cosine = np.sqrt(1 - sine * sine)
        near = np.flatnonzero(self._centres @ axis >= cosine - np.sqrt(3) / _CELLS)
        members = _ranges(self._starts[near], self._ends[near])
        x, y, z = self._unit.take(members, axis=1)
        a, b, c = axis.astype(np.float32)
        along = a * x + b * y + c * z
        meets = (along >= cosine - 1e-6) & (self._end[members] >= away - radius)
        return self._order[members[meets]]


class _Parallel:
    def __init__(self, origins: np.ndarray, directions: np.ndarray, limits: np.ndarray) -> None:
        length = np.linalg.norm(directions, axis=0)
        longest = int(np.argmax(length)) if len(length) else 0
        # A ray without length ends at its origin, so any axis will do.
        axis = directions[:, longest] if length.any() else np.array([0.0, 0.0, 1.0])
        self._axes = _upright(axis / np.linalg.norm(axis))
        across, down, self._start = self._axes @ origins.T
        self._places = np.stack([across, down])
        self._end = self._start + limits * length
        self._low = self._places.min(axis=1, initial=np.inf)
        size = self._places.max(axis=1, initial=-np.inf) - self._low
        self._cell = np.maximum(size / _COLUMNS, 1e-9)
        column, row = self._cells_of(self._places.T).T
        self._order = np.argsort(row * _COLUMNS + column, kind="stable")
        self._keys = (row * _COLUMNS + column)[self._order]

    def _cells_of(self, places: np.ndarray) -> np.ndarray:
        """Return columns and rows, `n x 2`, of positions in the plane perpendicular to the rays."""
        return np.clip((places - self._low) / self._cell, 0, _COLUMNS - 1).astype(np.int64)

    def towards(self, centres: np.ndarray, radii: np.ndarray) -> Iterator[np.ndarray]:
        """Yield as `_FromOneEye.towards` does."""
        for centre, radius in zip(centres @ self._axes.T, radii, strict=True):
            yield self._towards(centre, float(radius + _ROUNDING * np.abs(centre).max()))

    def _towards(self, centre: np.ndarray, radius: float) -> np.ndarray:
        if not len(self._keys):
            return self._order
        (left, top), (right, bottom) = self._cells_of(centre[:2] + [[-radius] * 2, [radius] * 2])
        rows = np.arange(top, bottom + 1) * _COLUMNS
        starts = np.searchsorted(self._keys, rows + left)
        ends = np.searchsorted(self._keys, rows + right, side="right")
        members = self._order[_ranges(starts, ends)]
        aside = self._places[:, members] - centre[:2, None]
        meets = (aside * aside).sum(axis=0) <= radius * radius
        meets &= (self._start[members] <= centre[2] + radius) & (
            self._end[members] >= centre[2] - radius
        )
        return members[meets]


def _upright(axis: np.ndarray) -> np.ndarray:
    """Return an orthonormal basis, `3 x 3` as rows, whose last vector is the given axis."""
    least = np.eye(3)[int(np.argmin(np.abs(axis)))]
    across = np.cross(axis, least)
    across /= np.linalg.norm(across)
    return np.stack([across, np.cross(axis, across), axis])


def _ranges(starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Return the integers from each start up to its end, concatenated."""
    counts = ends - starts
    before = np.cumsum(counts) - counts
    return np.repeat(starts - before, counts) + np.arange(int(counts.sum()))
