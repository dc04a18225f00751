"""Distances between the values of two sets, with confidence intervals that account for groups.

The distance of a quantity is Wasserstein-1: how far values have to be moved on average, in units of
the real set's spread. For categories, such as classes, it is the total variation over 0.4, its
value for two normal distributions one spread apart, so that both can be ranked together.

Two samples of one source never have distance 0. Their expected distance is estimated by
permutation: groups are reassigned to the two sets many times, and the mean distance is subtracted.
Groups are permuted rather than images, since frames of one scene are not independent. Intervals are
simultaneous: for two halves of one set, all of them contain 0 in 95 of 100 cases (from the maximum
of the standardized distances; Westfall and Young, Resampling-based multiple testing, 1993). They
are at least as wide as those from resampling the groups of each set (bootstrap).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from simgen.spec.rng import stream
from simgen.stats.gap.quantity import Quantity, Sample, Variant

DRAWS = 400
_GRID = 512
"""Maximum number of values at which distributions are compared: quantiles of all values."""
_VARIATION = 0.4
"""Total variation of two normal distributions whose means are one standard deviation apart: 0.38,
rounded."""
_TWO_SIDED = 1.96
_LEVEL = 0.95


@dataclass(frozen=True)
class Interval:
    """A distance with its 95 % interval. value: corrected for chance, so it may be negative."""

    value: float
    low: float
    high: float

    @property
    def differs(self) -> bool:
        """Return whether the difference is significant."""
        return self.low > 0


@dataclass(frozen=True)
class Groups:
    """The groups of the images of both sets, numbered consecutively, the first set's first.

    synthetic, real: group of each image, `n` int64.
    """

    synthetic: np.ndarray
    real: np.ndarray

    @property
    def first(self) -> int:
        """Return the number of groups of the first set."""
        return int(self.synthetic.max()) + 1

    @property
    def count(self) -> int:
        return int(self.real.max()) + 1


def groups(synthetic: Sequence[str], real: Sequence[str]) -> Groups:
    """Number groups by name. Equal names in different sets are different groups."""
    first = {name: place for place, name in enumerate(dict.fromkeys(synthetic))}
    second = {name: place + len(first) for place, name in enumerate(dict.fromkeys(real))}
    return Groups(
        np.array([first[name] for name in synthetic], np.int64),
        np.array([second[name] for name in real], np.int64),
    )


@dataclass(frozen=True)
class Draws:
    """Number of times each group is in the first and in the second set: `1 + 2 * DRAWS x G`
    float64. The first row holds the actual sets; permutations and bootstrap samples follow."""

    first: np.ndarray
    second: np.ndarray


def draw(found: Groups, seed: int = 0) -> Draws:
    """Sample permutations and bootstraps, which depend only on the numbers of groups."""
    rng = stream(seed, "gap", "groups", found.first, found.count)
    as_is = np.arange(found.count) < found.first
    dealt = np.array([rng.permutation(as_is) for _ in range(DRAWS)])
    seconds = found.count - found.first
    again = [
        rng.multinomial(size, np.full(size, 1 / size), DRAWS) for size in (found.first, seconds)
    ]
    none = [np.zeros((DRAWS, size)) for size in (seconds, found.first)]
    return Draws(
        np.concatenate([as_is[None], dealt, np.hstack([again[0], none[0]])]).astype(float),
        np.concatenate([~as_is[None], ~dealt, np.hstack([none[1], again[1]])]).astype(float),
    )


def intervals(quantities: Sequence[Quantity], found: Groups, seed: int = 0) -> list[Interval]:
    """Return the distance of each quantity. Each needs at least one comparable variant."""
    drawn = draw(found, seed)
    values = np.array([_counted(one, found, drawn) for one in quantities])
    return simultaneous(values)


def simultaneous(values: np.ndarray) -> list[Interval]:
    """Return simultaneous intervals of several statistics.

    values: `S x (1 + 2 * DRAWS)`, with columns in the order of the rows of `Draws`.
    """
    if not len(values):
        return []
    dealt, again = values[:, 1 : 1 + DRAWS], values[:, 1 + DRAWS :]
    chance, noise = dealt.mean(axis=1), np.maximum(dealt.std(axis=1), 1e-9)
    largest = ((dealt - chance[:, None]) / noise[:, None]).max(axis=0)
    width = np.maximum(float(np.quantile(largest, _LEVEL)) * noise, _TWO_SIDED * again.std(axis=1))
    middle = values[:, 0] - chance
    return [
        Interval(float(one), float(one - half), float(one + half))
        for one, half in zip(middle, width, strict=True)
    ]


def distance(variant: Variant, found: Groups, drawn: Draws) -> np.ndarray:
    """Return the distance of a variant for each row of `drawn`, `1 + 2 * DRAWS` float64.

    Permutations use values shifted to equal medians, since the null hypothesis is two sets with
    this spread and without a difference.
    """
    if variant.real.is_shares:
        sides = (variant.synthetic, found.synthetic), (variant.real, found.real)
        table = sum(_of_shares(one, group, found.count) for one, group in sides)
        first, second = (_shares(weights @ table) for weights in (drawn.first, drawn.second))
        return np.abs(first - second).sum(axis=1) / 2 / _VARIATION
    moved = _moved(variant, found, drawn)
    real = variant.real
    level = replace(real, values=real.values - real.median + variant.synthetic.median)
    dealt = slice(1, 1 + DRAWS)
    rows = Draws(drawn.first[dealt], drawn.second[dealt])
    moved[dealt] = widened(_moved(replace(variant, real=level), found, rows), found)
    return moved / unit(variant)


def beyond_chance(variant: Variant, found: Groups, drawn: Draws) -> float:
    """Return the distance of a variant corrected for chance, at least 0."""
    values = distance(variant, found, drawn)
    return max(0.0, float(values[0] - values[1 : 1 + DRAWS].mean()))


def widened(dealt: np.ndarray, found: Groups) -> np.ndarray:
    """Enlarge permuted distances, since groups vary less about their own mean than about the mean
    of the population."""
    return dealt * (found.count / max(1, found.count - 2)) ** 0.5


def _moved(variant: Variant, found: Groups, drawn: Draws) -> np.ndarray:
    """Return Wasserstein-1 in the unit of the values, for each row of `drawn`."""
    grid = _grid(np.concatenate([variant.synthetic.values, variant.real.values]))
    sides = (variant.synthetic, found.synthetic), (variant.real, found.real)
    table = sum(_of_values(one, group, found.count, grid) for one, group in sides)
    first, second = (
        np.cumsum(_shares(weights @ table), axis=1) for weights in (drawn.first, drawn.second)
    )
    return np.abs(first - second)[:, :-1] @ np.diff(grid)


def unit(variant: Variant) -> float:
    """Return the unit of distances: half the width of the central 68 % of the real values (the
    standard deviation, if normal), combined with the smallest difference that matters."""
    known = variant.real.values[np.isfinite(variant.real.values)]
    low, high = np.quantile(known, [0.16, 0.84])
    return float(np.hypot((high - low) / 2, variant.step))


def _counted(one: Quantity, found: Groups, drawn: Draws) -> np.ndarray:
    """Return the smallest distance of the variants. The same minimum is taken of permuted values,
    so that additional variants give no advantage."""
    usable = [variant for variant in one.variants if variant.comparable]
    return np.min([distance(variant, found, drawn) for variant in usable], axis=0)


def _grid(values: np.ndarray) -> np.ndarray:
    """Return ascending distinct values, at most `_GRID`."""
    known = np.unique(values[np.isfinite(values)])
    if len(known) <= _GRID:
        return known
    return np.unique(np.quantile(known, np.linspace(0, 1, _GRID)))


def _of_values(side: Sample, group: np.ndarray, count: int, grid: np.ndarray) -> np.ndarray:
    """Count the values of each group at each grid point: `G x B`."""
    known = np.isfinite(side.values)
    values, owner = side.values[known], group[side.images[known]]
    middles = (grid[:-1] + grid[1:]) / 2
    places = np.searchsorted(middles, values)
    table = np.zeros((count, len(grid)))
    np.add.at(table, (owner, places), 1.0)
    return table


def _of_shares(side: Sample, group: np.ndarray, count: int) -> np.ndarray:
    table = np.zeros((count, side.values.shape[1]))
    np.add.at(table, group[side.images], side.values)
    return table


def _shares(counts: np.ndarray) -> np.ndarray:
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1e-12)
