"""Histograms with fixed edges: their memory does not grow with the number of values, and the
histograms of two datasets can be compared bin by bin."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np


@dataclass(frozen=True)
class Axis:
    """A counted quantity and its bins.

    unit: empty for a ratio or a count. bins: number of bins between `low` and `high`; values beyond
    go into the first or last one. log: bins of equal ratio. integer: bins are centred on integers.
    """

    id: str
    title: str
    unit: str
    low: float
    high: float
    bins: int
    about: str = ""
    log: bool = False
    integer: bool = False

    @cached_property
    def edges(self) -> np.ndarray:
        """The `bins + 1` edges, ascending."""
        if self.log:
            return np.geomspace(self.low, self.high, self.bins + 1)
        return np.linspace(self.low, self.high, self.bins + 1)

    @cached_property
    def _inner(self) -> list[float]:
        return self.edges[1:-1].tolist()

    def place(self, value: float) -> int:
        """Return the bin of a finite value; values beyond the ends belong to the end bins."""
        return bisect_right(self._inner, value)

    @cached_property
    def centres(self) -> np.ndarray:
        """The `bins` centres: the geometric means of the edges with `log`, otherwise the means."""
        low, high = self.edges[:-1], self.edges[1:]
        return np.sqrt(low * high) if self.log else (low + high) / 2


@dataclass
class Histogram:
    """Counts of values along an axis, with their exact sum and range.

    counts: `bins` int64. total, low, high: sum, minimum and maximum of all values.
    """

    axis: Axis
    counts: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    total: float = 0.0
    low: float = np.inf
    high: float = -np.inf

    def __post_init__(self) -> None:
        if not len(self.counts):
            self.counts = np.zeros(self.axis.bins, np.int64)

    @property
    def count(self) -> int:
        return int(self.counts.sum())

    @property
    def mean(self) -> float:
        """Mean of all values; NaN if there are none."""
        return self.total / self.count if self.count else float("nan")

    def add(self, value: float) -> None:
        """Count one value; NaN and infinity are ignored."""
        if not math.isfinite(value):
            return
        self.counts[self.axis.place(value)] += 1
        self.total += value
        self.low, self.high = min(self.low, value), max(self.high, value)

    def quantile(self, part: float) -> float:
        """Return the quantile of a fraction, 0..1, exact to the width of a bin."""
        if not self.count:
            return float("nan")
        below = np.concatenate([[0], np.cumsum(self.counts)]) / self.count
        found = float(np.interp(part, below, self.axis.edges))
        return min(max(found, self.low), self.high)


def coarser(counts: np.ndarray, edges: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Return counts and edges of the non-empty range, in at most `most` bins, each of which merges
    the same number of old ones."""
    (used,) = np.nonzero(counts)
    first, last = (int(used[0]), int(used[-1]) + 1) if len(used) else (0, len(counts))
    step = -(-(last - first) // most)
    first -= first % step
    last += -(last - first) % step
    if last > len(counts):
        counts = np.concatenate([counts, np.zeros(last - len(counts), counts.dtype)])
        edges = np.concatenate([edges, np.full(last + 1 - len(edges), edges[-1])])
    return counts[first:last].reshape(-1, step).sum(axis=1), edges[first : last + 1 : step]
