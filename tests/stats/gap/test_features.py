"""KID and the classifier, against their definitions and where the answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from simgen.spec.rng import stream
from simgen.stats.gap.distances import groups
from simgen.stats.gap.features import Vectors, apart, folds_of, kernel_distance


def vectors(shift: float, count: int = 40, size: int = 12, frames: int = 1) -> Vectors:
    rng = np.random.default_rng(3)
    first, second = (rng.normal(0, 1, (count, size)) for _ in range(2))
    names = [str(n // frames) for n in range(count)]
    return Vectors(first + shift, second, groups(names, names))


def by_definition(x: np.ndarray, y: np.ndarray) -> float:
    """The unbiased estimate of Gretton et al., A kernel two-sample test, 2012, lemma 6."""

    def kernel(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return (a @ b.T / a.shape[1] + 1) ** 3

    within = [
        (kernel(one, one).sum() - np.trace(kernel(one, one))) / (len(one) * (len(one) - 1))
        for one in (x, y)
    ]
    return float(sum(within) - 2 * kernel(x, y).mean())


@pytest.mark.parametrize("shift", [0.0, 0.5])
def test_kid_is_the_unbiased_estimate(shift: float) -> None:
    given = vectors(shift)
    found = kernel_distance(given)
    # What permutations have on average is taken off, which is about 0.
    assert found.value == pytest.approx(by_definition(given.synthetic, given.real), abs=0.02)
    assert found.differs == (shift > 0)


@pytest.mark.exhaustive
def test_a_classifier_tells_apart_what_is_apart() -> None:
    found = apart("images", "none", vectors(1.5), with_kid=True)
    assert found.accuracy.value > 0.95
    assert found.told_apart
    assert (found.margins[:40] < 0).mean() > 0.9
    same = apart("images", "none", vectors(0.0), with_kid=True)
    assert not same.told_apart


@pytest.mark.exhaustive
def test_copies_of_an_image_do_not_help() -> None:
    """Each image ten times, as frames of a scene that stands still."""
    names = [str(n // 10) for n in range(80)]
    owners = groups(names, names)
    found = []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        sides = [np.repeat(rng.normal(0, 1, (8, 12)), 10, axis=0) for _ in range(2)]
        found.append(apart("images", "none", Vectors(*sides, owners), with_kid=True))
    assert sum(one.told_apart for one in found) <= 1
    assert sum(one.kid is not None and one.kid.differs for one in found) <= 1


def test_no_group_is_in_two_folds() -> None:
    real = np.arange(20) >= 8
    folds = folds_of(real, stream(0, "test"))
    assert set(folds) == set(range(5))
    for side in (real, ~real):
        counts = np.bincount(folds[side], minlength=5)
        assert counts.max() - counts.min() <= 1


def test_one_group_is_not_enough() -> None:
    assert not vectors(0.0, count=6, frames=6).enough
    assert vectors(0.0, count=6, frames=3).enough
