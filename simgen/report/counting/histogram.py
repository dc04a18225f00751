"""Histograms with fixed edges: their memory does not grow with the number of values, and those of
two datasets can be compared bin by bin."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np


@dataclass(frozen=True)
class Axis:
    """What is counted.

    unit: empty for a ratio or a count. bins: how many between `low` and `high`; values beyond go
    into the first and the last one. log: bins of equal ratio. integer: bins are about integers.
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
        """`bins + 1`, rising."""
        if self.log:
            return np.geomspace(self.low, self.high, self.bins + 1)
        return np.linspace(self.low, self.high, self.bins + 1)

    @cached_property
    def _inner(self) -> list[float]:
        return self.edges[1:-1].tolist()

    def place(self, value: float) -> int:
        """The bin of a finite value; those beyond the ends are in the end bins."""
        return bisect_right(self._inner, value)

    @cached_property
    def centres(self) -> np.ndarray:
        """`bins`: where the values of a bin are taken to be."""
        low, high = self.edges[:-1], self.edges[1:]
        return np.sqrt(low * high) if self.log else (low + high) / 2


@dataclass
class Histogram:
    """Counts of values along an axis, and what is exact about them.

    counts: `bins` int64. total, low, high: sum, least and greatest of all values.
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
        """NaN where nothing was counted."""
        return self.total / self.count if self.count else float("nan")

    def add(self, value: float) -> None:
        """Count one value; NaN and infinity are ignored."""
        if not math.isfinite(value):
            return
        self.counts[self.axis.place(value)] += 1
        self.total += value
        self.low, self.high = min(self.low, value), max(self.high, value)

    def quantile(self, part: float) -> float:
        """The value that a share of the values, 0..1, is below: exact to the width of a bin."""
        if not self.count:
            return float("nan")
        below = np.concatenate([[0], np.cumsum(self.counts)]) / self.count
        found = float(np.interp(part, below, self.axis.edges))
        return min(max(found, self.low), self.high)


def coarser(counts: np.ndarray, edges: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Counts and edges of the part where there are any, in at most `most` bins, each of which is
    a whole number of the old ones."""
    (used,) = np.nonzero(counts)
    first, last = (int(used[0]), int(used[-1]) + 1) if len(used) else (0, len(counts))
    step = -(-(last - first) // most)
    first -= first % step
    last += -(last - first) % step
    if last > len(counts):
        counts = np.concatenate([counts, np.zeros(last - len(counts), counts.dtype)])
        edges = np.concatenate([edges, np.full(last + 1 - len(edges), edges[-1])])
    return counts[first:last].reshape(-1, step).sum(axis=1), edges[first : last + 1 : step]
