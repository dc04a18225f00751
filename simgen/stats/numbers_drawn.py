"""Tests sampled numbers against their distribution in the config.

The test is the same for every distribution, including conditional and discrete ones: each number is
replaced by its cumulative probability, given the other values of its scene (the probability
integral transform; at a step of the distribution, a uniform value within the step: Smith,
Diagnostic checks of non-standard time series models, 1985). If all samples follow the config, the
result is uniform, which the Kolmogorov-Smirnov test checks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from simgen.config import FACTORS, Config, value_of
from simgen.config.distributions import Distribution, Interval, Lookup
from simgen.spec.rng import stream

BINS = 24
_FINE = 2**14
"""Number of bins of the transformed numbers, which bounds the precision of the statistic."""
_FEW = 8
"""Minimum number of samples for a test."""


@dataclass(frozen=True)
class NumberDrawn:
    """Sampled numbers of a key and the result of their test.

    edges: `bins + 1`. drawn, asked: `bins`, actual and expected counts. statistic, p: of the test;
    None for too few samples or a constant. even: whether sampling is stratified. outside: number of
    samples outside the distribution.
    """

    key: str
    edges: np.ndarray
    drawn: np.ndarray
    asked: np.ndarray
    count: int
    statistic: float | None
    p: float | None
    even: bool
    outside: int


class NumberTally:
    """Counts the numbers of one key of `FACTORS`, for a config and those of its rare cases."""

    def __init__(self, key: str, configs: list[Config]) -> None:
        self.key, self.rule = key, FACTORS[key]
        values = [value_of(config, key) for config in configs]
        self._hows = [None if value is None else self.rule.parse(value) for value in values]
        self._edges = self._bins(configs)
        self._masses: dict[int, np.ndarray] = {}
        self._drawn = np.zeros(len(self._edges) - 1, np.int64)
        self._asked = np.zeros(len(self._edges) - 1)
        self._fine = np.zeros(_FINE, np.int64)
        self._outside = 0
        self._rng = stream(0, "stats", key)

    def add(self, number: int, value: float, lookup: Lookup) -> None:
        """Count one value. number: index of its scene's config. lookup: returns the values of other
        factors. Raises `ValueError` if the distribution depends on an unknown value."""
        how = self._hows[number]
        if how is None:
            return
        step = 1e-9 * (1 + abs(value))
        low = self._below(how, value - step, lookup)
        high = self._below(how, value + step, lookup)
        mass = self._mass(number, how, lookup)
        self._outside += int(high - low <= 0 and (low >= 1 or high <= 0))
        u = low + (high - low) * float(self._rng.random())
        self._fine[min(int(u * _FINE), _FINE - 1)] += 1
        self._drawn[np.searchsorted(self._edges[1:-1], value, side="right")] += 1
        self._asked += mass

    def result(self) -> NumberDrawn | None:
        """Return the result, or None if nothing was counted."""
        count = int(self._drawn.sum())
        if not count:
            return None
        statistic = p = None
        varies = any(how is not None and not _constant(how) for how in self._hows)
        if (varies and count >= _FEW) or self._outside:
            parts = np.cumsum(self._fine) / count
            even = np.arange(1, _FINE + 1) / _FINE
            statistic = float(np.abs(parts - even).max())
            p = float(stats.kstwo.sf(statistic, count))
        evenly = all(how.even for how in self._hows if how is not None)
        return NumberDrawn(
            self.key, self._edges, self._drawn, self._asked, count, statistic, p, evenly,
            self._outside,
        )  # fmt: skip

    def _below(self, how: Distribution, x: float, lookup: Lookup) -> float:
        """Return the probability of at most `x`, with samples rounded and clipped to the key's
        bounds."""
        low, high = self.rule.bounds
        if high is not None and x >= high:
            return 1.0
        if low is not None and x < low:
            return 0.0
        return how.cdf(math.floor(x) + 0.5 if self.rule.whole else x, lookup)

    def _mass(self, number: int, how: Distribution, lookup: Lookup) -> np.ndarray:
        """Return the probability of each bin."""
        if number in self._masses:
            return self._masses[number]
        inner = [self._below(how, float(x) - 1e-12 * abs(x), lookup) for x in self._edges[1:-1]]
        mass = np.diff([0.0, *inner, 1.0])
        if not how.needs():
            self._masses[number] = mass
        return mass

    def _bins(self, configs: list[Config]) -> np.ndarray:
        ends = [_interval(self.key, config) for config in configs]
        low, high = min(end[0] for end in ends), max(end[1] for end in ends)
        if self.rule.whole:
            low, high = math.floor(low), math.ceil(high)
            step = -(-(high - low + 1) // BINS)
            return np.arange(-(-(high - low + 1) // step) + 1) * step + low - 0.5
        if high - low < 1e-9 * (1 + abs(low)):
            spread = max(abs(low), 1.0) / 10
            return np.linspace(low - spread, low + spread, 4)
        return np.linspace(low, high, BINS + 1)


def _interval(key: str, config: Config) -> Interval:
    """Return an interval that contains nearly all samples of a factor; 0 to 1 for a key that is not
    a sampled number."""
    value = value_of(config, key) if key in FACTORS else None
    if value is None:
        return 0.0, 1.0
    found = FACTORS[key].parse(value).interval(lambda other: _interval(other, config))
    low, high = FACTORS[key].bounds
    return (
        max(found[0], -1e9 if low is None else low),
        min(found[1], 1e9 if high is None else high),
    )


def _constant(how: Distribution) -> bool:
    low, high = how.support()
    return low == high
