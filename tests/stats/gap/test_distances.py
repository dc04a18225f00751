"""Distances on numbers whose distance is known, and what groups do to them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from simgen.stats.gap.distances import Groups, distance, draw, groups, intervals, unit
from simgen.stats.gap.quantity import Quantity, Sample, Variant


def variant(first: np.ndarray, second: np.ndarray, step: float = 0.0) -> Variant:
    sides = (Sample(np.asarray(one, float), np.arange(len(one))) for one in (first, second))
    return Variant("x", *sides, step)


def quantity(*variants: Variant) -> Quantity:
    return Quantity("x", "X", "appearance", "", "", variants)


def each_alone(first: int, second: int) -> Groups:
    return groups([str(n) for n in range(first)], [str(n) for n in range(second)])


VALUES = st.lists(st.floats(-5, 5), min_size=3, max_size=40)


@given(VALUES, VALUES)
def test_it_is_the_distance_of_scipy(first: list[float], second: list[float]) -> None:
    one = variant(np.array(first), np.array(second), step=1.0)
    found = each_alone(len(first), len(second))
    expected = stats.wasserstein_distance(first, second) / unit(one)
    assert distance(one, found, draw(found))[0] == pytest.approx(expected, abs=1e-9)


def test_a_shift_is_that_many_spreads() -> None:
    rng = np.random.default_rng(0)
    one = quantity(variant(rng.normal(3, 2, 900), rng.normal(0, 2, 900)))
    (found,) = intervals([one], each_alone(900, 900))
    assert found.value == pytest.approx(1.5, abs=0.1)
    assert found.low < 1.5 < found.high
    assert found.differs


def test_shares_of_kinds() -> None:
    first, second = np.tile([[1.0, 0, 0]], (50, 1)), np.tile([[0, 1.0, 1.0]], (50, 1))
    (found,) = intervals([quantity(variant(first, second))], each_alone(50, 50))
    assert found.value == pytest.approx(2.5, abs=0.3)
    (same,) = intervals([quantity(variant(first, first))], each_alone(50, 50))
    assert same.value == 0
    assert not same.differs


def test_a_difference_counts_as_far_as_all_readings_have_it() -> None:
    rng = np.random.default_rng(1)
    real, other = rng.normal(0, 1, 200), rng.normal(0, 1, 200)
    apart, alike = variant(other + 2, real), variant(other, real)
    (found,) = intervals([quantity(apart, alike)], each_alone(200, 200))
    assert not found.differs


def test_values_that_few_images_have_are_no_reading() -> None:
    known = np.arange(10.0)
    rare = np.where(known < 2, known, np.nan)
    assert variant(known, known).comparable
    assert not variant(rare, known).comparable


def test_frames_of_few_scenes_say_less_than_as_many_images() -> None:
    """Twelve scenes of ten frames, each with a value of its own: halves differ by chance."""
    told = {"scenes": 0, "images": 0}
    for seed in range(40):
        rng = np.random.default_rng(seed)
        values = np.repeat(rng.normal(0, 1, 12), 10) + rng.normal(0, 0.1, 120)
        one = quantity(variant(values[:60], values[60:]))
        names = [str(n // 10) for n in range(120)]
        told["scenes"] += intervals([one], groups(names[:60], names[60:]))[0].differs
        told["images"] += intervals([one], each_alone(60, 60))[0].differs
    assert told["scenes"] <= 5
    assert told["images"] >= 20


def test_draws_keep_the_number_of_groups() -> None:
    found = draw(each_alone(5, 3))
    assert (found.first.sum(axis=1) == 5).all()
    assert (found.second.sum(axis=1) == 3).all()
    assert (draw(each_alone(5, 3)).first == found.first).all()


def test_three_streets_are_enough_for_what_is_far_apart() -> None:
    """Frames of few groups in one of the sets: what is apart is no part of what chance could do."""
    rng = np.random.default_rng(2)
    streets = np.repeat(rng.normal(0, 1, 3), 20) + rng.normal(0, 0.2, 60)
    one = quantity(variant(rng.normal(8, 1, 60), streets))
    found = groups([str(n) for n in range(60)], [str(n // 20) for n in range(60)])
    assert intervals([one], found)[0].differs
