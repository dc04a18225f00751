"""Confidence intervals of scores and differences, from replicates and test images.

A score would change if the detector were trained again, and if other images were used for testing.
The first source of variance is measured by the spread of replicates, the second by resampling
groups of test images, identically for all replicates and arms.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from simgen.spec.rng import stream
from simgen.training.detection import DetectionSet
from simgen.training.evaluation.scores import MEASURES, SIZES, Matches

LEVEL = 0.95
DRAWS = 300


@dataclass(frozen=True)
class Interval:
    """A mean and its confidence interval. NaN if there is no data."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Difference:
    """The gain of an arm over the reference.

    distinct: whether the interval excludes 0 after Holm's correction over all comparisons. p: of
    this comparison alone. level: confidence level of the interval, higher than 0.95 with several
    comparisons, so that it excludes 0 exactly if `distinct`.
    """

    mean: float
    low: float
    high: float
    distinct: bool
    p: float
    level: float


@dataclass(frozen=True)
class Units:
    """Resampling units of a test set: its groups, or its images if there is only one group.

    of_image: int64, index of the unit of each image.
    """

    kind: str
    of_image: np.ndarray
    count: int


@dataclass(frozen=True)
class Estimate:
    """One measure of an arm with K replicates.

    values: K float64. draws: `DRAWS x K` float64, on resampled test images. effective: the
    effective number of units, by Kish (1965): (sum of sizes)² / sum of (sizes²), where a size is a
    number of objects.
    """

    values: np.ndarray
    draws: np.ndarray
    effective: float


@dataclass(frozen=True)
class Measured:
    """All measures of an arm with K replicates. Arrays are float64; `...` are the axes of
    `Scores.values`.

    values: `K x ...`. draws: `DRAWS x K x ...`. effective: `...` without its first axis. The rest
    as in `Estimate`.
    """

    classes: tuple[str, ...]
    values: np.ndarray
    draws: np.ndarray
    effective: np.ndarray

    def of(self, measure: str = "ap50", name: str | None = None, size: str = "all") -> Estimate:
        """Return the estimate of one measure.

        measure: one of `MEASURES`. name: a class; None for the mean over classes. size: one of
        `SIZES`.
        """
        row = 0 if name is None else 1 + self.classes.index(name)
        column = SIZES.index(size)
        place = (..., MEASURES.index(measure), row, column)
        effective = float(self.effective[row, column])
        return Estimate(self.values[place], self.draws[place], effective)


def resampling_units(truth: DetectionSet) -> Units:
    """Return the groups of a test set, or its images if it has only one group."""
    groups, of_image = np.unique([image.group for image in truth.images], return_inverse=True)
    if len(groups) > 1:
        return Units("groups", of_image.astype(np.int64), len(groups))
    return Units("images", np.arange(len(truth.images)), len(truth.images))


def measure(replicates: Sequence[Matches], units: Units) -> Measured:
    """Score an arm's replicates on the test set and on resamples of its units.

    Resampling uses the Bayesian bootstrap (Rubin 1981): weights are sampled from a Dirichlet
    distribution, so no class vanishes, as often happens with a plain bootstrap of few groups. The
    weights depend only on the number of units, so all arms get the same ones.
    """
    weights = units.count * stream(0, "bootstrap", units.count).dirichlet(
        np.ones(units.count), DRAWS
    )
    draws = [[one.scores(row[units.of_image]).values for one in replicates] for row in weights]
    values = [one.scores().values for one in replicates]
    effective = _effective(replicates[0], units)
    return Measured(replicates[0].classes, np.array(values), np.array(draws), effective)


def _effective(found: Matches, units: Units) -> np.ndarray:
    """Return the effective number of units with objects, `(1 + classes) x sizes`."""
    objects = np.array(
        [
            [np.bincount(units.of_image, one.truths, units.count) for one in sizes]
            for sizes in found.rankings
        ]
    )
    objects = np.concatenate([objects.sum(axis=0, keepdims=True), objects])
    return objects.sum(axis=2) ** 2 / np.maximum((objects**2).sum(axis=2), 1.0)


def interval(found: Estimate) -> Interval:
    """Return the mean of an arm's replicates with its 95 % interval, clipped to 0..1.

    The half-width is computed as in `differences`.
    """
    mean, half = float(found.values.mean()), _Spread.of(found).half_width(LEVEL)
    return Interval(mean, *_clipped(mean, half, (0.0, 1.0)))


def differences(arms: Mapping[str, Estimate], reference: str) -> dict[str, Difference]:
    """Return the gain of each arm over the reference, which is one of them.

    The half-width of an interval is sqrt(t₁² v₁ + t₂² v₂) (Banerjee 1960). v₁: variance between
    replicates, the sum of s²/K of both arms, with t₁ for Welch's degrees of freedom; with one
    replicate s² is unknown and set to 0. v₂: variance of the difference on the same resampled test
    images, scaled by (G + 1) / (G - 1) for G effective units, with t₂ for G - 1 degrees of freedom.

    Calibration: in simulated studies with equal arms (noise of training and of groups, alone and
    together; 1 to 5 replicates; 2 to 30 groups, of equal size or not) 0 to 6.0 %, on average 1.8 %,
    were declared distinct; a single interval with Welch's degrees of freedom for both variances
    reached 12 %. If the noise of single trainings on single groups dominates, it is too
    conservative, since both variances contain it.
    """
    base = arms[reference]
    spreads = {
        name: _Spread.of_difference(one, base) for name, one in arms.items() if name != reference
    }
    p_values = {name: one.p_value() for name, one in spreads.items()}
    levels = _holm(p_values)
    return {name: _difference(one, p_values[name], levels[name]) for name, one in spreads.items()}


def _holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Return the confidence level of each interval at which it excludes 0 exactly if Holm's
    step-down procedure rejects. NaN (no comparison) counts as the largest p-value."""
    ranked = sorted(p_values, key=lambda name: (not p_values[name] >= 0, p_values[name], name))
    levels = {}
    accepted = None
    for left, name in zip(range(len(ranked), 0, -1), ranked, strict=True):
        alpha = (1 - LEVEL) / left
        if accepted is None and not p_values[name] < alpha:
            accepted = alpha
        levels[name] = 1 - (alpha if accepted is None else accepted)
    return levels


def _difference(spread: _Spread, p: float, level: float) -> Difference:
    mean, half = spread.mean, spread.half_width(level)
    low, high = _clipped(mean, half, (-1.0, 1.0))
    return Difference(mean, low, high, bool(p < 1 - level), p, level)


def _clipped(mean: float, half: float, bounds: tuple[float, float]) -> tuple[float, float]:
    return float(np.clip(mean - half, *bounds)), float(np.clip(mean + half, *bounds))


@dataclass(frozen=True)
class _Spread:
    """A mean and the sources of its variance. sources: variance and degrees of freedom."""

    mean: float
    sources: tuple[tuple[float, float], ...]

    @classmethod
    def of(cls, found: Estimate) -> _Spread:
        across = float(found.draws.mean(axis=1).var(ddof=1))
        return cls(float(found.values.mean()), (_between(found), _tested(across, found.effective)))

    @classmethod
    def of_difference(cls, one: Estimate, base: Estimate) -> _Spread:
        across = float((one.draws.mean(axis=1) - base.draws.mean(axis=1)).var(ddof=1))
        tested = _tested(across, min(one.effective, base.effective))
        mean = float(one.values.mean() - base.values.mean())
        return cls(mean, (_welch(_between(one), _between(base)), tested))

    def half_width(self, level: float) -> float:
        """Return the half width of the confidence interval at a level; NaN if the mean is NaN."""
        if np.isnan(self.mean):
            return np.nan
        tail = (1 - level) / 2
        terms = [
            np.inf if np.isinf(variance) else float(special.stdtrit(freedom, tail)) ** 2 * variance
            for variance, freedom in self.sources
            if variance > 0
        ]
        return float(np.sqrt(sum(terms)))

    def p_value(self) -> float:
        """Return 1 minus the highest level at which the interval excludes 0."""
        if np.isnan(self.mean):
            return np.nan
        size = abs(self.mean)
        if size <= self.half_width(0.0):
            return 1.0
        smallest = 1e-9
        if size >= self.half_width(1 - smallest):
            return smallest if self.half_width(LEVEL) > 0 else 0.0
        return float(
            optimize.brentq(lambda p: self.half_width(1 - p) - size, smallest, 1.0, xtol=1e-12)
        )


def _between(found: Estimate) -> tuple[float, float]:
    """Return the variance of the mean over replicates, and its degrees of freedom."""
    count = len(found.values)
    return (float(found.values.var(ddof=1)) / count, count - 1) if count > 1 else (0.0, 0.0)


def _welch(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    """Return variance and degrees of freedom of a difference of two means, after Welch (1947) and
    Satterthwaite (1946)."""
    parts = [(variance, freedom) for variance, freedom in (one, other) if variance > 0]
    total = sum(variance for variance, _ in parts)
    return total, total**2 / sum(v**2 / freedom for v, freedom in parts) if parts else 0.0


def _tested(across: float, units: float) -> tuple[float, float]:
    """Return variance and degrees of freedom of the choice of test images. across: variance of the
    bootstrap."""
    return across * (units + 1) / (units - 1) if units > 1 else np.inf, units - 1
