"""A range of the config as quantiles, which can be moved towards those of real images."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simgen.config.distributions import Distribution

LEVELS = np.array([0.02, 0.2, 0.4, 0.6, 0.8, 0.98])
"""Shares of the values below each quantile: ends without outliers, and four in between."""


@dataclass(frozen=True)
class Range:
    """A factor of the config: uniform between neighbouring quantiles, each part as likely.

    octaves: `len(LEVELS)` float64, rising: logarithms to base 2 of the values.
    """

    octaves: np.ndarray

    @property
    def values(self) -> np.ndarray:
        return np.exp2(self.octaves)

    def moved(self, by: np.ndarray, low: float, high: float) -> Range:
        """Each quantile moved by some octaves, and kept within two values."""
        moved = np.maximum.accumulate(self.octaves + by)
        return Range(np.clip(moved, np.log2(low), np.log2(high)))

    def reaches(self, bound: float) -> bool:
        """Whether more than a fifth of the values are at a bound."""
        return bool((np.abs(self.octaves - np.log2(bound)) < 1e-6).sum() > 1)

    def written(self, *, whole: bool) -> object:
        """As the config takes it. whole: as whole numbers."""
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
    """The quantiles of some logarithms at `LEVELS`."""
    return np.quantile(np.asarray(values, float), LEVELS)


def range_of(found: Distribution) -> Range:
    """That of a factor of the config which depends on no other one."""
    if found.needs():
        low, high = found.interval(lambda _: (1.0, 1.0))
        values = low + LEVELS * (high - low)
    else:
        values = np.array([found.quantile(float(level), _none) for level in LEVELS])
    return Range(np.log2(np.maximum(values, 1e-6)))


def _none(key: str) -> float:
    raise AssertionError(key)
