"""Convex collision pieces: small point sets (`n x 3`, metres) whose hulls fill a solid."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache, partial
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from simgen.geometry.solids import curves, sections

Piece = np.ndarray
Meridian = ArrayLike
"""`k x 2` points (radius, height) whose convex hull is half of a cross-section through the axis."""
_LOWER = np.array([[not (corner >> axis) & 1 for axis in (2, 1, 0)] for corner in range(8)])
"""Whether each corner of a block is at its lower end of each axis."""


def disc(meridian: Meridian, segments: int = 16) -> Piece:
    """Revolve a meridian fully about z: one convex piece."""
    return _distinct(sections.lathe(np.asarray(meridian, dtype=float), segments))


def sectors(meridian: Meridian, count: int) -> list[Piece]:
    """Revolve a meridian about z in `count` equal sectors, `3 k` points each."""
    turn = sections.lathe(np.asarray(meridian, dtype=float), 2 * count)
    return [_distinct(np.take(turn, range(2 * i, 2 * i + 3), 1, mode="wrap")) for i in range(count)]


def bands(
    inner: np.ndarray, outer: np.ndarray, count: int, turns: int, crest: Sequence[float]
) -> list[Piece]:
    """Return the wall of a vessel as `count` bands above each other, with `turns` sectors each.

    inner, outer: `k x 2` (radius, height), corresponding points of both sides, from floor to rim.
    crest: the highest point of the rim, slightly above both.
    """
    cut = _straight_cuts(np.stack([inner, outer]), count)
    found = []
    for low, high in pairwise(cut):
        middle = (low + high) // 2
        meridian = [line[i] for line in (inner, outer) for i in (low, middle, high)]
        found += sectors(meridian + ([crest] if high == cut[-1] else []), turns)
    return found


def _straight_cuts(lines: np.ndarray, count: int) -> list[int]:
    """Return where to cut lines (`l x k x 2`) into `count` runs that are as straight as possible.

    Dynamic programming: `best[b]` is the minimum bend of the worst run up to point `b`.
    """
    size = lines.shape[1]
    bend_of = cache(partial(_bend, lines))
    best = {0: (0.0, [0])}
    for _ in range(count):
        following = {}
        for b in range(1, size):
            options = [(max(best[a][0], bend_of(a, b)), best[a][1]) for a in best if a < b]
            if options:
                bend, cuts = min(options)
                following[b] = (bend, [*cuts, b])
        best = following
    return best[size - 1][1]


def _bend(lines: np.ndarray, a: int, b: int) -> float:
    """Return the maximum distance of the points between `a` and `b` from the chord."""
    chord = lines[:, b] - lines[:, a]
    arm = lines[:, a : b + 1] - lines[:, a, None]
    cross = arm[..., 0] * chord[:, None, 1] - arm[..., 1] * chord[:, None, 0]
    return float(np.max(np.abs(cross) / np.linalg.norm(chord, axis=1)[:, None]))


def slices(loft: np.ndarray, count: int, around: int = 12) -> list[Piece]:
    """Cut a loft (`n x m x 3`) crosswise into `count` pieces."""
    cut = np.round(np.linspace(0, len(loft) - 1, count + 1)).astype(int)
    return [slab(loft[[low, (low + high) // 2, high]], around) for low, high in pairwise(cut)]


def slab(loft: np.ndarray, around: int = 12) -> Piece:
    """Return the hull of some rings (`n x m x 3`), with about `around` points of each."""
    columns = np.unique(np.round(np.linspace(0, loft.shape[1], around, endpoint=False)))
    return _distinct(loft[:, columns.astype(int)])


def wedges(loft: np.ndarray, tips: np.ndarray, count: int, rows: int = 8) -> list[Piece]:
    """Cut a loft about an axis into wedges, keeping the dimples at its two tips (`2 x 3`)."""
    row = np.round(np.linspace(0, len(loft) - 1, rows)).astype(int)
    cut = np.round(np.linspace(0, loft.shape[1], count + 1)).astype(int)
    found = []
    for low, high in pairwise(cut):
        columns = np.array([low, (low + high) // 2, high]) % loft.shape[1]
        found.append(_distinct(np.concatenate([loft[row][:, columns].reshape(-1, 3), tips])))
    return found


def block(low: ArrayLike, high: ArrayLike) -> Piece:
    """Return an axis-aligned box, given its lowest and highest corner."""
    return np.where(_LOWER, np.asarray(low, dtype=float), np.asarray(high, dtype=float))


def hull(points: np.ndarray, count: int = 56) -> Piece:
    """Return a convex piece of at most `count` + 6 of some points (`... x 3`): the farthest in
    directions spread over the sphere, including the axes."""
    flat = points.reshape(-1, 3)
    size = np.maximum(np.ptp(flat, axis=0), 1e-9)
    return flat[np.unique(np.argmax((flat / size) @ _ways(count).T, axis=0))]


@lru_cache(maxsize=16)
def _ways(count: int) -> np.ndarray:
    ways = np.concatenate([np.eye(3), -np.eye(3), curves.fibonacci_sphere(count)])
    ways.setflags(write=False)  # cached and shared between hulls
    return ways


def hulls(loft: np.ndarray, cuts: Sequence[int]) -> list[Piece]:
    """Cut a loft (`n x m x 3`) at some of its rings, and return the hull of each run."""
    return [hull(loft[low : high + 1]) for low, high in pairwise(cuts)]


def lathe_hull(profile: np.ndarray) -> Piece:
    """Return a piece around a lathed solid (`n x 2`: radius, z): its outermost points, revolved."""
    size = np.maximum(np.ptp(profile, axis=0), 1e-9)
    ways = np.array([(0.1, -1.0), (1.0, -1e-3), (1.0, 1e-3), (0.7, 0.8), (0.1, 1.0)])
    pick = np.unique(np.argmax((profile / size) @ ways.T, axis=0))
    points = profile[pick][profile[pick][:, 0] > 1e-9]
    turn = disc(points, 12 if len(points) > 3 else 16)
    tips = [(0.0, 0.0, profile[:, 1].min()), (0.0, 0.0, profile[:, 1].max())]
    return np.concatenate([turn, tips])


def loop_slices(loop: np.ndarray, count: int) -> list[Piece]:
    """Cut a closed loft (`n x m x 3`, last ring joined to the first) crosswise into `count`."""
    cut = np.round(np.linspace(0, len(loop), count + 1)).astype(int)
    found = []
    for low, high in pairwise(cut):
        rows = sorted({low, (low + high) // 2, high})
        found.append(slab(np.take(loop, rows, axis=0, mode="wrap"), 12))
    return found


def _distinct(points: np.ndarray) -> Piece:
    """Return the distinct points (of `... x 3`) as `n x 3`."""
    flat = points.reshape(-1, 3)
    first: dict[tuple[float, ...], int] = {}  # much faster than `np.unique` for so few points
    for row, point in enumerate(np.round(flat, 7).tolist()):
        first.setdefault(tuple(point), row)
    return flat[list(first.values())]
