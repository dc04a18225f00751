"""Tests sampled names (kinds of light, classes, splits) against their weights in the config."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import stats

_FEW = 8
"""Minimum number of samples for a test."""
_EXPECTED = 5.0
"""Cells with a smaller expected count are merged for the test (Cochran's rule)."""


@dataclass(frozen=True)
class NamesDrawn:
    """Sampled names and the result of their test.

    drawn, asked: actual and expected count of each name. test: name of the test. statistic, p: its
    result; None for too few samples or a single name. even: whether sampling is stratified.
    outside: number of samples with names that the config excludes.
    """

    key: str
    names: tuple[str, ...]
    drawn: np.ndarray
    asked: np.ndarray
    count: int
    test: str
    statistic: float | None
    p: float | None
    even: bool
    outside: int


class _Tally:
    """Counts sampled names, and the expected count of each."""

    def __init__(self, key: str, even: bool = False) -> None:
        self.key, self.even = key, even
        self._count = 0
        self._drawn: Counter[str] = Counter()
        self._asked: defaultdict[str, float] = defaultdict(float)

    def result(self) -> NamesDrawn | None:
        """Return the result, or None if nothing was counted."""
        if not self._drawn:
            return None
        names = tuple(sorted(self._asked.keys() | self._drawn.keys()))
        drawn = np.array([self._drawn[name] for name in names], float)
        asked = np.array([self._asked[name] for name in names], float)
        test, statistic, p = self._judged(names, drawn, asked)
        outside = int(drawn[asked == 0].sum())
        return NamesDrawn(
            self.key, names, drawn, asked, self._count, test, statistic,
            0.0 if outside else p, self.even, outside,
        )  # fmt: skip

    def _judged(
        self, names: Sequence[str], drawn: np.ndarray, asked: np.ndarray
    ) -> tuple[str, float | None, float | None]:
        """Return name, statistic and p value of the test."""
        raise NotImplementedError


class NameTally(_Tally):
    """Counts single names, sampled by weight. even: whether they are stratified over the scenes
    rather than independent."""

    def add(self, name: str, weights: Mapping[str, float]) -> None:
        total = sum(weights.values())
        self._count += 1
        self._drawn[name] += 1
        for other, weight in weights.items():
            self._asked[other] += weight / total

    def _judged(
        self, names: Sequence[str], drawn: np.ndarray, asked: np.ndarray
    ) -> tuple[str, float | None, float | None]:
        """Apply the chi-square test, or an exact binomial test of the most frequent name if all
        others are too rare."""
        statistic, p = _chi_square(drawn, asked)
        most = int(asked.argmax())
        share = float(asked[most] / asked.sum())
        if p is not None or self._count < _FEW or not 0.5 <= share < 1:
            return "chi-square", statistic, p
        found = stats.binomtest(int(drawn[most]), self._count, share)
        return "binomial, part", float(found.statistic), float(found.pvalue)


class SetTally(_Tally):
    """Counts sets of names, sampled by weight without replacement."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self._variance: defaultdict[str, float] = defaultdict(float)

    def add(self, found: Sequence[str], weights: Mapping[str, float]) -> None:
        self._count += 1
        self._drawn.update(found)
        chances = inclusion(tuple(weights.values()), len(found))
        for name, chance in zip(weights, chances, strict=True):
            self._asked[name] += chance
            self._variance[name] += chance * (1 - chance)

    def _judged(
        self, names: Sequence[str], drawn: np.ndarray, asked: np.ndarray
    ) -> tuple[str, float | None, float | None]:
        """Test the greatest deviation, in standard deviations of a sum of independent samples, with
        Bonferroni's correction for the number of names."""
        spread = np.sqrt([self._variance[name] for name in names])
        tested = spread > 1.5
        if not tested.any():
            return "greatest z", None, None
        statistic = float(np.abs((drawn - asked)[tested] / spread[tested]).max())
        p = min(1.0, 2 * float(stats.norm.sf(statistic)) * int(tested.sum()))
        return "greatest z", statistic, p


@lru_cache(maxsize=256)
def inclusion(weights: tuple[float, ...], count: int) -> tuple[float, ...]:
    """Return the probability of each item to be among `count` items, sampled one by one by weight
    without replacement. Time grows as 2^n; n is small."""
    chances = {0: 1.0}
    for _ in range(min(count, sum(weight > 0 for weight in weights))):
        after: dict[int, float] = {}
        for taken, chance in chances.items():
            left = [i for i, w in enumerate(weights) if w > 0 and not taken >> i & 1]
            total = sum(weights[i] for i in left)
            for i in left:
                more = taken | 1 << i
                after[more] = after.get(more, 0.0) + chance * weights[i] / total
        chances = after
    return tuple(
        sum(chance for taken, chance in chances.items() if taken >> i & 1)
        for i in range(len(weights))
    )


def _chi_square(drawn: np.ndarray, asked: np.ndarray) -> tuple[float | None, float | None]:
    rare = asked < _EXPECTED
    drawn = np.append(drawn[~rare], drawn[rare].sum())
    asked = np.append(asked[~rare], asked[rare].sum())
    kept = asked >= _EXPECTED
    if not kept[-1] and len(kept) > 1 and asked[-1] > 0:
        # If the merged cell is still too rare, it is added to the rarest of the others.
        to = int(asked[:-1].argmin())
        drawn[to], asked[to] = drawn[to] + drawn[-1], asked[to] + asked[-1]
    drawn, asked = drawn[kept], asked[kept]
    if len(asked) < 2:
        return None, None
    found = stats.chisquare(drawn, asked * drawn.sum() / asked.sum())
    return float(found.statistic), float(found.pvalue)
