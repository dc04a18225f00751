"""Which measure of the gap to real photographs says beforehand how well a detector does.

Arms that differ in their synthetic images, but not in how many images they train on, are ranked by
each measure and by AP50. Spearman's rank correlation is -1 where a smaller gap always went with a
better detector. Chance is judged by permuting the arms (Kendall and Gibbons, Rank Correlation
Methods, 1990), and by Holm's procedure over all measures.
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
"""Arms, below which a ranking says nothing."""
_PERMUTATIONS = 5040
"""All there are of seven arms; of more arms, as many at random."""


@dataclass(frozen=True)
class Predictor:
    """correlation: of ranks by the gap and by AP50, -1..1. low, high: what 95 % of resampled
    replicates and test images give. p: of a correlation as low as this among permuted arms.
    predicts: whether that is more than chance, of all measures together."""

    measure: str
    correlation: float
    low: float
    high: float
    p: float
    predicts: bool


def ranked_arms(arms: Sequence[Arm]) -> tuple[Arm, ...]:
    """The most arms that have a gap and train on equally many images, synthetic and real. Arms
    with equal synthetic images count once."""
    found: dict[tuple[int, int], dict[tuple[float, ...], Arm]] = {}
    for arm in arms:
        if arm.gap:
            first = arm.replicates[0]
            alike = found.setdefault((first.images, first.real_images), {})
            alike.setdefault(tuple(arm.gap.values()), arm)
    return tuple(max(found.values(), key=len, default={}).values())


def predictors(arms: Sequence[Arm], scores: Mapping[str, Estimate]) -> tuple[Predictor, ...]:
    """The correlation of each measure that all of the arms have, the lowest first.

    arms: as `ranked_arms` gives them, at least `LEAST`. scores: AP50 by the names of arms.
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
    """Of the best ranking that there is, after Holm's procedure over all measures."""
    permutations = min(_PERMUTATIONS, int(np.prod(np.arange(1, arms + 1, dtype=float))))
    return measures / permutations


def _redrawn(found: Estimate) -> np.ndarray:
    """Means of AP50 over replicates drawn again, on resampled test images: `DRAWS`."""
    draws, count = found.draws.shape
    chosen = stream(0, "predictors", draws, count).integers(0, count, (draws, count))
    return np.take_along_axis(found.draws, chosen, axis=1).mean(axis=1)


def _correlations(gap: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Spearman's. gap: `A`. scores: `A x N`. Returns `N`; 0 where all scores are equal."""
    first = rankdata(gap) - (len(gap) + 1) / 2
    second = rankdata(scores, axis=0) - (len(gap) + 1) / 2
    size = np.sqrt((first**2).sum() * (second**2).sum(axis=0))
    return np.divide(first @ second, size, out=np.zeros(scores.shape[1]), where=size > 0)


def _chance(gap: np.ndarray, means: np.ndarray) -> float:
    """Of permuted ranks, the sum of products falls and rises with the correlation."""
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
    """rows: by rising p."""
    found, holds = [], True
    for place, (name, value, low, high, p) in enumerate(rows):
        holds = holds and p * (len(rows) - place) < 1 - LEVEL
        found.append(Predictor(name, value, low, high, p, holds))
    return tuple(found)
