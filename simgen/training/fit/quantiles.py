"""A config range as quantiles that can be shifted towards those of real images."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from simgen.config.distributions import Distribution

LEVELS = np.array([0.02, 0.2, 0.4, 0.6, 0.8, 0.98])
"""Quantile levels: ends without outliers, and four in between."""


@dataclass(frozen=True)
class Range:
    """A factor of the config: uniform between neighbouring quantiles, each interval equally likely.

    octaves: `len(LEVELS)` float64, ascending: logarithms to base 2 of `offset` + value. offset: 1
    for counts, which may be 0.
    """

    octaves: np.ndarray
    offset: float = 0.0

    @property
    def values(self) -> np.ndarray:
        return np.exp2(self.octaves) - self.offset

    def moved(self, by: np.ndarray, low: float, high: float) -> Range:
        """Shift each quantile by some octaves, and clip the values to `low` and `high`."""
        moved = np.maximum.accumulate(self.octaves + by)
        return replace(self, octaves=np.clip(moved, self._octaves(low), self._octaves(high)))

    def reaches(self, bound: float) -> bool:
        """Return whether more than a fifth of the values are at a bound."""
        return bool((np.abs(self.octaves - self._octaves(bound)) < 1e-6).sum() > 1)

    def _octaves(self, value: float) -> float:
        return float(np.log2(value + self.offset))

    def written(self, *, whole: bool) -> object:
        """Format for the config. whole: as integers."""
        values = (
            self.values.round() if whole else np.array([float(f"{v:.3g}") for v in self.values])
        )
        ends = [int(v) for v in values] if whole else [float(v) for v in values]
        if ends[0] == ends[-1]:
            return ends[0] if not whole else [ends[0], ends[0]]
        pieces: list[tuple[float, float]] = list(itertools.pairwise(ends))
        return [
            "mixture", *([pieces.count(one), list(one)] for one in dict.fromkeys(pieces))
        ]  # fmt: skip


def octaves_of(values: Sequence[float] | np.ndarray) -> np.ndarray:
    """Return the quantiles of logarithms at `LEVELS`."""
    return np.quantile(np.asarray(values, float), LEVELS)


def range_of(found: Distribution) -> Range:
    """Return the range of a factor that depends on no other."""
    if found.needs():
        low, high = found.interval(lambda _: (1.0, 1.0))
        values = low + LEVELS * (high - low)
    else:
        values = np.array([found.quantile(float(level), _none) for level in LEVELS])
    return Range(np.log2(np.maximum(values, 1e-6)))


def _none(key: str) -> float:
    raise AssertionError(key)
