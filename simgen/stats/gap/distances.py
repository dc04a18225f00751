"""Distances between the values of two sets, with intervals that know how many groups there are.

The distance of a quantity is Wasserstein-1: how far values have to be moved on average, in units of
the real set's spread. For kinds, such as classes, it is the total variation over 0.4, which is that
of two normal distributions one spread apart, so that both can be ranked together.

Two samples of one source never have distance 0. What they have by chance is found by permutation:
groups are dealt out to the two sets again, many times, and the mean is taken off. Groups, not
images, since frames of one scene are no independent witnesses. Intervals are simultaneous: their
width is such that with two halves of one set all of them contain 0 in 95 of 100 cases (the largest
of the standardised distances; Westfall and Young, Resampling-based multiple testing, 1993), and is
not less than what drawing the groups of each set again (bootstrap) says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from simgen.spec.rng import stream
from simgen.stats.gap.quantity import Quantity, Sample, Variant

DRAWS = 400
_GRID = 512
"""Values at which distributions are compared, at most: quantiles of all values."""
_VARIATION = 0.4
"""Total variation of two normal distributions whose means are one standard deviation apart, 0.38,
in round figures."""
_TWO_SIDED = 1.96
_LEVEL = 0.95


@dataclass(frozen=True)
class Interval:
    """value: with what chance makes taken off, so that it may be below 0. low, high: 95 %."""

    value: float
    low: float
    high: float

    @property
    def differs(self) -> bool:
        """Whether more than chance is there."""
        return self.low > 0


@dataclass(frozen=True)
class Groups:
    """The groups of the images of both sets, numbered through, those of the first set first.

    synthetic, real: of each image its group, `n` int64.
    """

    synthetic: np.ndarray
    real: np.ndarray

    @property
    def first(self) -> int:
        """How many the first set has."""
        return int(self.synthetic.max()) + 1

    @property
    def count(self) -> int:
        return int(self.real.max()) + 1


def groups(synthetic: Sequence[str], real: Sequence[str]) -> Groups:
    """From the names of groups, which count in their set only."""
    first = {name: place for place, name in enumerate(dict.fromkeys(synthetic))}
    second = {name: place + len(first) for place, name in enumerate(dict.fromkeys(real))}
    return Groups(
        np.array([first[name] for name in synthetic], np.int64),
        np.array([second[name] for name in real], np.int64),
    )


@dataclass(frozen=True)
class Draws:
    """How often each group is in the first and in the second set: `1 + 2 * DRAWS x G` float64. The
    first row is how it is; then come permutations, then bootstraps."""

    first: np.ndarray
    second: np.ndarray


def draw(found: Groups, seed: int = 0) -> Draws:
    """The same for the same number of groups."""
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
    """The distance of each quantity, which needs at least one comparable variant."""
    drawn = draw(found, seed)
    values = np.array([_counted(one, found, drawn) for one in quantities])
    return simultaneous(values)


def simultaneous(values: np.ndarray) -> list[Interval]:
    """values: of some statistics, `S x (1 + 2 * DRAWS)`, as `Draws` has its rows."""
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
    """Of a variant, in each of the draws: `1 + 2 * DRAWS` float64.

    Permutations are of values from which the difference of the medians is taken: chance is to be
    told from sets that are as varied as these, and are not apart."""
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


def beyond_chance(variant: Variant, found: Groups) -> float:
    """Return the distance of a variant corrected for chance, at least 0."""
    values = distance(variant, found, draw(found))
    return max(0.0, float(values[0] - values[1 : 1 + DRAWS].mean()))


def widened(dealt: np.ndarray, found: Groups) -> np.ndarray:
    """What permutations gave, larger by as much as groups vary less about their own middle than
    about that of all there could be."""
    return dealt * (found.count / max(1, found.count - 2)) ** 0.5


def _moved(variant: Variant, found: Groups, drawn: Draws) -> np.ndarray:
    """Wasserstein-1 in the unit of the values, for each row of the draws."""
    grid = _grid(np.concatenate([variant.synthetic.values, variant.real.values]))
    sides = (variant.synthetic, found.synthetic), (variant.real, found.real)
    table = sum(_of_values(one, group, found.count, grid) for one, group in sides)
    first, second = (
        np.cumsum(_shares(weights @ table), axis=1) for weights in (drawn.first, drawn.second)
    )
    return np.abs(first - second)[:, :-1] @ np.diff(grid)


def unit(variant: Variant) -> float:
    """Half the width of the middle 68 % of the real values, the standard deviation of normal ones,
    and with it the smallest difference that matters."""
    known = variant.real.values[np.isfinite(variant.real.values)]
    low, high = np.quantile(known, [0.16, 0.84])
    return float(np.hypot((high - low) / 2, variant.step))


def _counted(one: Quantity, found: Groups, drawn: Draws) -> np.ndarray:
    """The smallest of its variants: as much as all of them have. The same is done with what chance
    makes, so that nothing is won by having many of them."""
    usable = [variant for variant in one.variants if variant.comparable]
    return np.min([distance(variant, found, drawn) for variant in usable], axis=0)


def _grid(values: np.ndarray) -> np.ndarray:
    """Rising, at most `_GRID`, without repetitions."""
    known = np.unique(values[np.isfinite(values)])
    if len(known) <= _GRID:
        return known
    return np.unique(np.quantile(known, np.linspace(0, 1, _GRID)))


def _of_values(side: Sample, group: np.ndarray, count: int, grid: np.ndarray) -> np.ndarray:
    """How many values of each group are at each place of the grid: `G x B`."""
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
