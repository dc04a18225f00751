"""Projection of 3D lines and box edges by any lens: curves, cut off where they have no image."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from simgen.labels.boxes import EDGES, corners_of

Project = Callable[[np.ndarray], np.ndarray]
"""Maps `... x 3` in camera axes to `... x 2` pixels; NaN without an image."""

_SAMPLES = 129
_HALVINGS = 30
_REACH = 8.0
"""Distance from the image's centre, in image sizes, up to which lines are followed; far enough that
their ends are never visible."""
_JUMP = 0.1
"""Fraction of the image's larger side; samples farther apart may lie on both sides of a seam."""
_CLOSE = 1.0
_TOLERANCE = 0.1
"""Pixels."""


def box_edges(
    project: Project, size: tuple[int, int], pose: np.ndarray, low: np.ndarray, high: np.ndarray
) -> list[np.ndarray]:
    """Return the edges of a 3D box as polylines, `n x 2` pixels, within 0.1 pixels of the curves.

    size: width and height of the image. pose: `4 x 4`, object to camera. low, high: `3`, lowest and
    highest corner in the object's axes. Parts without an image, or far outside it, are omitted, so
    an edge may yield several polylines or none.
    """
    corners = corners_of(np.stack([low, high]))
    starts, ends = (corners[[edge[side] for edge in EDGES]] for side in (0, 1))
    return lines_seen(project, size, pose, starts, ends)


def lines_seen(
    project: Project, size: tuple[int, int], pose: np.ndarray, starts: np.ndarray, ends: np.ndarray
) -> list[np.ndarray]:
    """Return straight lines between points, `n x 3` each, in the object's axes, as `box_edges`."""
    lines = _Lines(project, size, pose, np.asarray(starts, float), np.asarray(ends, float))
    found = []
    for number in range(len(lines.starts)):
        found += [part for part in lines.parts(number) if _touches(part, size)]
    return [cv2.approxPolyDP(p.astype(np.float32), _TOLERANCE, closed=False)[:, 0] for p in found]


class _Lines:
    def __init__(
        self,
        project: Project,
        size: tuple[int, int],
        pose: np.ndarray,
        starts: np.ndarray,
        ends: np.ndarray,
    ) -> None:
        self._project, self._size = project, np.array(size, float)
        self.starts = starts @ pose[:3, :3].T + pose[:3, 3]
        self._along = (ends - starts) @ pose[:3, :3].T
        places = np.linspace(0, 1, _SAMPLES)
        everywhere = np.broadcast_to(places, (len(starts), _SAMPLES))
        lines = np.arange(len(starts))[:, None]
        self._pixels = self._at(lines, everywhere)
        self._cuts = self._found_cuts(places)

    def _at(self, lines: np.ndarray, places: np.ndarray) -> np.ndarray:
        """Return the pixels at positions 0 to 1 along lines; NaN without an image."""
        pixels = self._project(self.starts[lines] + places[..., None] * self._along[lines])
        with np.errstate(invalid="ignore"):
            far = np.abs(pixels - self._size / 2) > _REACH * self._size.max()
        pixels[far.any(axis=-1)] = np.nan
        return pixels

    def _found_cuts(
        self, places: np.ndarray
    ) -> dict[int, dict[int, tuple[np.ndarray, np.ndarray]]]:
        """Find where lines break: by line and sample, the last pixel before and first one after."""
        before, behind = self._pixels[:, :-1], self._pixels[:, 1:]
        with np.errstate(invalid="ignore"):
            apart = np.abs(behind - before).max(axis=-1) > _JUMP * self._size.max()
        cut = np.isfinite(before[..., 0]) != np.isfinite(behind[..., 0])
        lines, samples = np.nonzero(apart | cut)
        low, high = places[samples], places[samples + 1]
        first, last = before[lines, samples], behind[lines, samples]
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            pixels = self._at(lines, middle)
            is_first = _nearer(pixels, first, last)
            low, high = np.where(is_first, middle, low), np.where(is_first, high, middle)
            first = np.where(is_first[:, None], pixels, first)
            last = np.where(is_first[:, None], last, pixels)
        found: dict[int, dict[int, tuple[np.ndarray, np.ndarray]]] = {}
        for line, sample, *ends in zip(lines.tolist(), samples.tolist(), first, last, strict=True):
            found.setdefault(line, {})[sample] = (ends[0], ends[1])
        return found

    def parts(self, line: int) -> list[np.ndarray]:
        """Return the parts of a line that have an image, `n x 2` pixels each."""
        pixels, start = self._pixels[line], 0
        begun: list[np.ndarray] = []
        parts: list[np.ndarray] = []
        for sample, (one, other) in sorted(self._cuts.get(line, {}).items()):
            begun += [pixels[start : sample + 1], one[None]]
            start = sample + 1
            if np.abs(other - one).max() < _CLOSE:  # steep, but no seam
                continue
            parts.append(np.concatenate(begun))
            begun = [other[None]]
        parts.append(np.concatenate([*begun, pixels[start:]]))
        seen = [part[np.isfinite(part[:, 0])] for part in parts]
        return [part for part in seen if len(part) > 1]


def _nearer(pixels: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Return whether pixels are nearer to the first end than to the last; NaN matches NaN."""
    far = 1e12
    there = np.isfinite(pixels[:, 0])

    def distance(end: np.ndarray) -> np.ndarray:
        plain = np.abs(np.nan_to_num(pixels) - np.nan_to_num(end)).max(axis=-1)
        return np.where(there == np.isfinite(end[:, 0]), np.where(there, plain, 0), far)

    return distance(first) < distance(last)


def _touches(part: np.ndarray, size: tuple[int, int]) -> bool:
    return bool((part.max(axis=0) >= 0).all() and (part.min(axis=0) <= size).all())
