"""Intervals: calibrated where the truth is known, and honest where there is little to go by."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from simgen.training.detection import Detections, DetectionSet, LabelledImage
from simgen.training.evaluation.intervals import (
    DRAWS,
    Estimate,
    differences,
    interval,
    measure,
    resampling_units,
)
from simgen.training.evaluation.matching import matches

EQUAL, SKEWED = "equal", "skewed"
STUDIES = 400


def simulated(
    rng: np.random.Generator, replicates: int, sizes: np.ndarray, noise: tuple[float, ...]
) -> Estimate:
    """An arm's scores, 0.5 in truth, as averages over groups of test images.

    noise: standard deviations, in the score, of trainings, of groups, and of single trainings on
    single groups.
    """
    training, group, both = noise
    spread = np.sqrt(sizes.sum() ** 2 / (sizes**2).sum())
    of_groups = (
        0.5
        + rng.normal(0, training, (replicates, 1))
        + rng.normal(0, group, (1, len(sizes))) * spread
        + rng.normal(0, both, (replicates, len(sizes))) * spread
    )
    weights = rng.dirichlet(np.ones(len(sizes)), DRAWS) * sizes
    return Estimate(
        of_groups @ sizes / sizes.sum(),
        np.einsum("dg,rg->dr", weights / weights.sum(1, keepdims=True), of_groups),
        float(spread**2),
    )


def group_sizes(count: int, kind: str) -> np.ndarray:
    return np.full(count, 10.0) if kind == EQUAL else 40.0 * 0.6 ** np.arange(count)


STRUCTURES = [
    pytest.param(replicates, groups, kind, noise, id=f"{replicates}-{groups}-{kind}-{name}")
    for replicates in (1, 2, 3, 5)
    for groups, kind in ((2, EQUAL), (4, EQUAL), (5, SKEWED), (30, EQUAL))
    for name, noise in {
        "training": (0.03, 0.0, 0.0),
        "groups": (0.0, 0.03, 0.0),
        "training, few groups": (0.03, 0.006, 0.0),
        "groups, little training": (0.006, 0.03, 0.0),
        "both": (0.02, 0.02, 0.0),
        "together": (0.005, 0.005, 0.03),
    }.items()
    # A single training says nothing about training noise.
    if replicates > 1 or name == "groups"
]


@pytest.mark.corpus(5)
@pytest.mark.parametrize(("replicates", "groups", "kind", "noise"), STRUCTURES)
def test_two_arms_that_are_equal_rarely_come_out_as_distinct(
    replicates: int, groups: int, kind: str, noise: tuple[float, ...]
) -> None:
    """In at most 5 % of studies, and what chance adds to it."""
    rng = np.random.default_rng(hash((replicates, groups, noise)) % 2**32)
    sizes = group_sizes(groups, kind)
    wrong = 0
    for _ in range(STUDIES):
        arms = {name: simulated(rng, replicates, sizes, noise) for name in ("ours", "reference")}
        wrong += differences(arms, "reference")["ours"].distinct
    assert wrong / STUDIES <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / STUDIES)


@pytest.mark.exhaustive
def test_of_many_equal_arms_rarely_any_comes_out_as_distinct() -> None:
    """Holm's procedure: over all five comparisons together."""
    rng = np.random.default_rng(5)
    sizes = group_sizes(30, EQUAL)
    wrong = 0
    for _ in range(STUDIES):
        arms = {str(i): simulated(rng, 3, sizes, (0.0, 0.03, 0.0)) for i in range(6)}
        wrong += any(one.distinct for one in differences(arms, "0").values())
    assert wrong / STUDIES <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / STUDIES)


@pytest.mark.parametrize("replicates", [2, 3, 5])
def test_intervals_cover_the_true_score(replicates: int) -> None:
    rng = np.random.default_rng(6)
    covered = 0
    for _ in range(STUDIES):
        found = interval(simulated(rng, replicates, group_sizes(8, EQUAL), (0.02, 0.02, 0.01)))
        covered += found.low <= 0.5 <= found.high
    assert covered / STUDIES >= 0.95 - 3 * np.sqrt(0.05 * 0.95 / STUDIES)


def test_a_large_difference_is_seen() -> None:
    rng = np.random.default_rng(7)
    seen = 0
    for _ in range(100):
        ours = simulated(rng, 3, group_sizes(20, EQUAL), (0.005, 0.01, 0.005))
        better = Estimate(ours.values + 0.1, ours.draws + 0.1, ours.effective)
        base = simulated(rng, 3, group_sizes(20, EQUAL), (0.005, 0.01, 0.005))
        seen += differences({"ours": better, "base": base}, "base")["ours"].distinct
    assert seen >= 95


def test_an_interval_excludes_zero_exactly_where_the_arm_is_distinct() -> None:
    rng = np.random.default_rng(8)
    for _ in range(60):
        arms = {str(i): simulated(rng, 3, group_sizes(9, EQUAL), (0.01, 0.02, 0)) for i in range(4)}
        for name, one in arms.items():
            shift = 0.03 * int(name)
            arms[name] = Estimate(one.values + shift, one.draws + shift, one.effective)
        found = differences(arms, "0")
        for one in found.values():
            assert one.distinct == (one.low > 0 or one.high < 0)
            assert one.low <= one.mean <= one.high
            assert 0.95 - 1e-12 <= one.level < 1
        ranked = sorted(found.values(), key=lambda one: one.p)
        assert [one.distinct for one in ranked] == sorted(
            (o.distinct for o in ranked), reverse=True
        )


def test_noise_of_the_test_images_that_both_arms_share_does_not_count() -> None:
    base = simulated(np.random.default_rng(9), 3, group_sizes(10, EQUAL), (0, 0.1, 0))
    ours = Estimate(base.values + 0.01, base.draws + 0.01, 10.0)
    found = differences({"ours": ours, "base": base}, "base")["ours"]
    assert found.mean == pytest.approx(0.01)
    assert found.distinct
    assert found.high - found.low < 1e-6
    assert interval(base).high - interval(base).low > 0.1


def test_an_arm_of_one_replicate_is_compared_by_the_spread_of_the_other() -> None:
    rng = np.random.default_rng(10)
    base = simulated(rng, 1, group_sizes(10, EQUAL), (0, 0.01, 0))
    ours = simulated(rng, 3, group_sizes(10, EQUAL), (0.02, 0.01, 0))
    found = differences({"ours": ours, "base": base}, "base")["ours"]
    assert found.mean == pytest.approx(ours.values.mean() - base.values[0])
    assert found.high - found.low > interval(ours).high - ours.values.mean()


def test_one_unit_says_nothing_about_others() -> None:
    one = Estimate(np.array([0.5]), np.full((DRAWS, 1), 0.5), 1.0)
    assert (interval(one).low, interval(one).high) == (0, 1)
    found = differences({"a": one, "b": one}, "a")["b"]
    assert (found.low, found.high, found.distinct) == (-1, 1, False)


def test_nothing_to_find_is_no_number() -> None:
    nothing = Estimate(np.full(2, np.nan), np.full((DRAWS, 2), np.nan), 0.0)
    some = simulated(np.random.default_rng(0), 2, group_sizes(9, EQUAL), (0.01, 0.01, 0))
    assert np.isnan([interval(nothing).mean, interval(nothing).low]).all()
    found = differences({"a": some, "b": nothing}, "a")["b"]
    assert np.isnan(found.mean)
    assert not found.distinct


def labelled(group: str, objects: int) -> LabelledImage:
    boxes = np.array([[60 * i, 10, 60 * i + 50, 60] for i in range(objects)], np.float32)
    kinds, ignore = np.zeros(objects, np.int64), np.zeros(objects, bool)
    return LabelledImage(Path("a.png"), 640, 480, boxes.reshape(-1, 4), kinds, ignore, group, "")


def test_groups_are_resampled_or_images_where_there_is_one_group() -> None:
    images = (labelled("a", 1), labelled("b", 1), labelled("a", 1))
    units = resampling_units(DetectionSet("", ("cat",), images, real=True))
    assert (units.kind, units.count, units.of_image.tolist()) == ("groups", 2, [0, 1, 0])
    alone = resampling_units(DetectionSet("", ("cat",), images[::2], real=True))
    assert (alone.kind, alone.count, alone.of_image.tolist()) == ("images", 2, [0, 1])


def test_a_group_with_most_of_the_objects_counts_as_hardly_more_than_one() -> None:
    images = (labelled("a", 8), labelled("b", 1))
    truth = DetectionSet("", ("cat", "dog"), images, real=True)
    found = [Detections(one.boxes, np.ones(len(one.boxes)), one.classes) for one in images]
    measured = measure([matches(truth, found)] * 2, resampling_units(truth))
    estimate = measured.of("ap50", "cat")
    assert estimate.effective == pytest.approx(81 / 65)
    assert estimate.values.tolist() == [1, 1]
    assert estimate.draws.shape == (DRAWS, 2)
    assert np.isnan(measured.of("ap50", "dog").values).all()


@pytest.mark.exhaustive
def test_a_bootstrap_of_real_matches_has_the_variance_of_other_test_sets() -> None:
    """Images are found whole or not at all, so AP is nearly the share of those found."""
    rng = np.random.default_rng(11)
    values, spreads = [], []
    for _ in range(16):
        images = tuple(labelled(str(place), 2) for place in range(40))
        truth = DetectionSet("", ("cat",), images, real=True)
        hit = rng.random(40) < 0.6
        found = [
            Detections(one.boxes + 300 * (not good), np.full(2, 0.5 + 0.4 * good), one.classes)
            for one, good in zip(images, hit, strict=True)
        ]
        estimate = measure([matches(truth, found)], resampling_units(truth)).of()
        values.append(estimate.values[0])
        spreads.append(estimate.draws.std() * np.sqrt(41 / 39))
    assert np.mean(spreads) == pytest.approx(np.std(values), rel=0.4)
