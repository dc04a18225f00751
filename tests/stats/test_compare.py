"""Distances between datasets, against SciPy's on the values, and where they are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from simgen.report.counting.counts import ClassCounts
from simgen.stats.compare import Comparison, chance_level, compare, matching_names
from simgen.stats.statistics import Statistics


def dataset(classes: dict[str, list[float]], name: str = "a") -> Statistics:
    """One whose objects have some distances, by class."""
    found = Statistics(tuple(classes), ("train",), name=name, kind="simgen")
    for key, values in classes.items():
        one = found.by_class.setdefault(key, ClassCounts())
        one.objects["train"] += len(values)
        for value in values:
            one.histograms["distance"].add(value)
            found.histograms["distance"].add(value)
    return found


def distance(found: Comparison) -> tuple[float, float, float]:
    (one,) = (one for one in found.quantities if one.id == "distance")
    assert one.wasserstein is not None
    return one.wasserstein, one.jensen_shannon, one.by_chance


VALUES = st.lists(st.floats(0.1, 50), min_size=2, max_size=60)


@given(VALUES, VALUES)
def test_wasserstein_is_that_of_the_values_to_a_bin(a: list[float], b: list[float]) -> None:
    moved, shape, _ = distance(compare(dataset({"mug": a}), dataset({"mug": b})))
    bin_width = 0.06 * max(*a, *b)
    assert moved == pytest.approx(stats.wasserstein_distance(a, b), abs=bin_width)
    assert 0 <= shape <= 1
    back = distance(compare(dataset({"mug": b}), dataset({"mug": a})))
    assert (moved, shape) == pytest.approx(back[:2])


def test_the_same_and_the_wholly_different() -> None:
    same = distance(compare(dataset({"mug": [1, 2, 3]}), dataset({"mug": [1, 2, 3]})))
    assert same[:2] == (0, 0)
    other = distance(compare(dataset({"mug": [1.0] * 9}), dataset({"mug": [5.0] * 9})))
    assert other[0] == pytest.approx(4, rel=0.06)
    assert other[1] == pytest.approx(1)


def test_two_samples_of_one_source_differ_by_about_chance() -> None:
    rng = np.random.Generator(np.random.PCG64(4))
    found = []
    for _ in range(10):
        a, b = (rng.uniform(1, 3, 400).tolist() for _ in range(2))
        _, shape, chance = distance(compare(dataset({"mug": a}), dataset({"mug": b})))
        found.append(shape / chance)
    assert 0.8 < np.mean(found) < 1.2
    far = rng.uniform(2, 4, 400).tolist()
    _, shape, chance = distance(compare(dataset({"mug": a}), dataset({"mug": far})))
    assert shape > 3 * chance


def test_chance_is_none_where_nothing_can_differ() -> None:
    assert chance_level(1, 100, 100) == 0
    assert chance_level(10, 0, 5) == 0
    assert chance_level(10, 100, 100) > chance_level(10, 10_000, 10_000) > 0


def test_classes_match_by_name_and_the_others_are_said() -> None:
    first = dataset({"cell_phone": [1.0] * 50, "mug": [1.0] * 50, "lamp": [1.0]})
    second = dataset({"Cell Phone": [1.0] * 50, "mug": [9.0] * 50, "dog": [2.0]}, "b")
    found = compare(first, second)
    assert [one.names for one in found.classes] == [("mug", "mug"), ("cell_phone", "Cell Phone")]
    assert found.only_first == ("lamp",)
    assert found.only_second == ("dog",)
    assert found.classes[0].shares == pytest.approx((50 / 101, 50 / 101))
    (shares,) = (one for one in found.quantities if one.id == "classes")
    p, q = np.array([50, 50, 1, 0]) / 101, np.array([50, 50, 0, 1]) / 101
    m = (p + q) / 2
    divergence = (stats.entropy(p, m, 2) + stats.entropy(q, m, 2)) / 2
    assert shares.jensen_shannon == pytest.approx(np.sqrt(divergence))


def test_a_name_matches_once() -> None:
    assert matching_names(("a b", "a_b"), ("A-B",)) == {"a b": "A-B"}


def test_what_one_does_not_have_is_not_compared() -> None:
    empty = Statistics((), ("train",), name="b", kind="other")
    assert compare(dataset({"mug": [1.0]}), empty).quantities == ()
