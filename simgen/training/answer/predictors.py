"""Which gap measures predict the performance of a detector.

Arms that differ in their synthetic images, but not in their number of training images, are ranked
by each measure and by AP50. Spearman's rank correlation is -1 if a smaller gap always coincides
with a better detector. Significance is tested by permuting the arms (Kendall and Gibbons, Rank
Correlation Methods, 1990), with Holm's correction over all measures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import permutation_test, rankdata

from simgen.spec.rng import stream
from simgen.training.answer.study import Arm
from simgen.training.evaluation.intervals import LEVEL, Estimate

LEAST = 4
"""Minimum number of arms for a meaningful ranking."""
_PERMUTATIONS = 5040
"""Exhaustive up to seven arms; for more arms, this many random permutations."""


@dataclass(frozen=True)
class Predictor:
    """The correlation of a gap measure with AP50.

    correlation: of the ranks by gap and by AP50, -1..1. low, high: central 95 % over resampled
    replicates and test images. p: probability of a correlation this low among permuted arms.
    predicts: whether it is significant after correction over all measures.
    """

    measure: str
    correlation: float
    low: float
    high: float
    p: float
    predicts: bool


def ranked_arms(arms: Sequence[Arm]) -> tuple[Arm, ...]:
    """Return the largest set of arms that have a gap and equally many training images, synthetic
    and real. Arms with identical synthetic images count once."""
    found: dict[tuple[int, int], dict[tuple[float, ...], Arm]] = {}
    for arm in arms:
        if arm.gap:
            first = arm.replicates[0]
            alike = found.setdefault((first.images, first.real_images), {})
            alike.setdefault(tuple(arm.gap.values()), arm)
    return tuple(max(found.values(), key=len, default={}).values())


def predictors(arms: Sequence[Arm], scores: Mapping[str, Estimate]) -> tuple[Predictor, ...]:
    """Return the correlation of each measure that all arms have, in ascending order.

    arms: from `ranked_arms`, at least `LEAST`. scores: AP50 by arm name.
    """
    means = np.array([scores[arm.name].values.mean() for arm in arms])
    draws = np.array([_redrawn(scores[arm.name]) for arm in arms])
    shared = [name for name in arms[0].gap if all(name in arm.gap for arm in arms)]
    rows = []
    for name in shared:
        gap = np.array([arm.gap[name] for arm in arms])
        if np.isfinite(gap).all() and np.ptp(gap) > 0 and np.ptp(means) > 0:
            low, high = np.quantile(_correlations(gap, draws), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
            value = float(_correlations(gap, means[:, None])[0])
            rows.append((name, value, float(low), float(high), _chance(gap, means)))
    return _with_holm(sorted(rows, key=lambda row: (row[4], row[1], row[0])))


def smallest_p(arms: int, measures: int) -> float:
    """Return the p-value of a perfect ranking, after Holm's correction over all measures."""
    permutations = min(_PERMUTATIONS, int(np.prod(np.arange(1, arms + 1, dtype=float))))
    return measures / permutations


def _redrawn(found: Estimate) -> np.ndarray:
    """Return `DRAWS` averages of AP50 over resampled replicates and test images."""
    draws, count = found.draws.shape
    chosen = stream(0, "predictors", draws, count).integers(0, count, (draws, count))
    return np.take_along_axis(found.draws, chosen, axis=1).mean(axis=1)


def _correlations(gap: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Compute Spearman's rank correlations. gap: `A`. scores: `A x N`. Returns `N`; 0 where all
    scores are equal."""
    first = rankdata(gap) - (len(gap) + 1) / 2
    second = rankdata(scores, axis=0) - (len(gap) + 1) / 2
    size = np.sqrt((first**2).sum() * (second**2).sum(axis=0))
    return np.divide(first @ second, size, out=np.zeros(scores.shape[1]), where=size > 0)


def _chance(gap: np.ndarray, means: np.ndarray) -> float:
    """Return the p value of the correlation under permutations of the arms."""
    # For permuted ranks, the sum of products is monotonic in the correlation.
    ranks = rankdata(means)
    found = permutation_test(
        (rankdata(gap),),
        lambda permuted, axis: (permuted * ranks).sum(axis=axis),
        permutation_type="pairings",
        n_resamples=_PERMUTATIONS,
        alternative="less",
        vectorized=True,
        rng=stream(0, "predictors", len(gap)),
    )
    return float(found.pvalue)


def _with_holm(rows: Sequence[tuple[str, float, float, float, float]]) -> tuple[Predictor, ...]:
    """Apply Holm's correction. rows: by ascending p."""
    found, holds = [], True
    for place, (name, value, low, high, p) in enumerate(rows):
        holds = holds and p * (len(rows) - place) < 1 - LEVEL
        found.append(Predictor(name, value, low, high, p, holds))
    return tuple(found)
