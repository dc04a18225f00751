"""Distributions: what is drawn from them is what scipy says, and what is wrong is refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from simgen.config import parse
from simgen.config.distributions import Evenly
from simgen.config.weights import split, weighted

COUNT = 2000
CHANCES = (np.arange(COUNT) + 0.5) / COUNT
"""Evenly spaced, so that no seed decides about a test."""


def nothing(key: str) -> float:
    raise AssertionError(f"{key} was looked up")


def draws(written: Any, **known: Any) -> np.ndarray:
    how = parse(written, known.pop("bounds", (None, None)), known.pop("whole", False))
    lookup = known.__getitem__ if known else nothing
    return np.array([how.quantile(float(u), lookup) for u in CHANCES])


def distance(drawn: np.ndarray, expected: Any) -> float:
    """Kolmogorov and Smirnov's: the largest difference of the distribution functions."""
    return float(stats.kstest(drawn, expected.cdf).statistic)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ([2, 5], stats.uniform(2, 3)),
        (["uniform", 2, 5], stats.uniform(2, 3)),
        (["log_uniform", 0.1, 10], stats.loguniform(0.1, 10)),
        (["normal", 3, 2], stats.norm(3, 2)),
        (["normal", 3, 2, 2, 4], stats.truncnorm(-0.5, 0.5, 3, 2)),
        (["evenly", ["normal", 3, 2]], stats.norm(3, 2)),
        (["evenly", 2, 5], stats.uniform(2, 3)),
        (["linear", "k", 2, 1, [0, 1]], stats.uniform(21, 1)),
    ],
)
def test_draws_follow_the_distribution(written: Any, expected: Any) -> None:
    assert distance(draws(written, k=10.0), expected) < 2 / COUNT
    if "linear" not in written:
        assert distance(draws(written, k=10.0) * 1.02, expected) > 2 / COUNT, "and it can fail"


def test_a_normal_distribution_is_cut_at_the_keys_bounds() -> None:
    drawn = draws(["normal", 0.0, 1.0], bounds=(0.0, None))
    assert drawn.min() >= 0
    assert distance(drawn, stats.halfnorm()) < 2 / COUNT


def test_choices_and_mixtures_have_their_weights() -> None:
    values, counts = np.unique(draws(["choice", [1, 3], [4, 1]]), return_counts=True)
    assert values.tolist() == [1, 4]
    assert counts.tolist() == [1500, 500]
    drawn = draws(["mixture", [1, 0.0], [3, [10, 20]]])
    assert (drawn == 0).mean() == pytest.approx(0.25, abs=1e-3)
    assert distance(drawn[drawn > 0], stats.uniform(10, 10)) < 3 / COUNT


def test_whole_numbers_are_equally_likely_both_ends_included() -> None:
    values, counts = np.unique(draws([2, 5], whole=True), return_counts=True)
    assert values.tolist() == [2, 3, 4, 5]
    assert counts.tolist() == [500] * 4


def test_factors_depend_on_each_other() -> None:
    assert set(draws(["same", "k"], k=7.0)) == {7.0}
    when = ["when", "k", ["night", 1.0], [[5, 9], 2.0], ["else", 3.0]]
    assert [draws(when, k=value)[0] for value in ("night", 5.0, 9.0, "day", 4.9)] == [1, 2, 2, 3, 3]
    assert parse(when).needs() == ["k"]
    with pytest.raises(ValueError, match="matches no case"):
        draws(["when", "k", ["night", 1.0], ["day", 1.0]], k="dusk")


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("x", "expected a number"),
        (True, "expected a number"),
        ([], "expected a number"),
        ([1], "expected a pair"),
        ([1, 2, 3], "expected a pair"),
        ([2, 1], "min is greater than max"),
        ([math.nan, 1], "found nan"),
        (math.nan, "from 0 to 10"),
        (["gauss", 1, 2], "unknown distribution 'gauss'"),
        (["normal", 1, 0], "std above 0"),
        (["normal", 1], "expected \\[normal"),
        (["normal", 0, 1, 50, 60], "almost none"),
        (["log_uniform", 0, 1], "0 < min"),
        (["choice"], "expected \\[choice"),
        (["choice", [1, -1]], "weights of at least 0"),
        (["mixture", [0, 1.0]], "at least one above 0"),
        (["mixture", 3], "expected \\[mixture"),
        (["same", 3], "expected \\[same"),
        (["linear", "k", 1], "expected \\[linear"),
        (["when", "k"], "expected \\[when"),
        ([-1, 20], "from 0 to 10"),
        (["mixture", [1, [0, 1]], [1, 11]], "from 0 to 10"),
        (["normal", math.nan, 1], "found nan"),
        (["choice", 1, math.nan], "found nan"),
        (["linear", "k", math.nan, 0], "found nan"),
        (["linear", "k", math.inf, 0], "finite"),
        ([0, math.inf], "finite"),
        ([[1, 2], 3], r"unknown distribution \[1, 2\]"),
        ([{"a": 1}, 3], "unknown distribution"),
        (["mixture", [1, ["evenly", [0, 1]]], [1, 5]], "evenly must be outermost"),
        (["when", "k", ["a", ["evenly", [0, 1]]]], "evenly must be outermost"),
        (["when", "k", ["else", 1], ["a", 2]], "put else last"),
    ],
)
def test_what_describes_no_distribution_is_refused(written: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse(written, (0.0, 10.0))


@pytest.mark.parametrize("written", [2.5, ["choice", 2, 2.5], [1, 2.5], [1, math.inf]])
def test_what_is_no_whole_number_is_refused_where_one_is_meant(written: Any) -> None:
    parse(3.0, (0, 10), whole=True)
    with pytest.raises(ValueError, match="expected"):
        parse(written, (0, 10), whole=True)


@given(st.lists(st.floats(0, 10), min_size=1).filter(any), st.floats(0, 1, exclude_max=True))
def test_split_gives_each_weight_its_part(weights: list[float], u: float) -> None:
    number, rest = split(u, weights)
    assert weights[number] > 0
    assert 0 <= rest < 1
    before = sum(weights[:number]) / sum(weights)
    assert before + rest * weights[number] / sum(weights) == pytest.approx(u, abs=1e-9)


def test_weights_are_read_from_names() -> None:
    assert weighted(["mug:3", "bowl"]) == {"mug": 3.0, "bowl": 1.0}
    for wrong in (["a:x"], ["a:-1"], ["a:0"], ["a", "a"], ["a:nan"]):
        with pytest.raises(ValueError, match=r"expected|duplicate"):
            weighted(wrong)


def test_evenly_is_seen() -> None:
    assert isinstance(parse(["evenly", 1, 2]), Evenly)
    assert parse(["evenly", 1, 2]).even
    assert not parse([1, 2]).even


WRITTEN: list[Any] = [
    3.5,
    [1, 4],
    ["uniform", -2, 2],
    ["log_uniform", 0.1, 10],
    ["normal", 2, 1],
    ["normal", 2, 1, 1.5, 4],
    ["choice", 1, 2, 5],
    ["choice", [1, 3], [4, 1]],
    ["mixture", [2, [0, 1]], [1, ["normal", 5, 1]]],
    ["evenly", [0, 3]],
    ["linear", "other", 2, -1, [0, 1]],
    ["when", "other", [[0, 2], [0, 1]], ["else", ["log_uniform", 1, 2]]],
    ["when", "other", ["night", 3], ["else", ["same", "k"]]],
    ["same", "other"],
]


def known(_: str) -> float:
    return 1.5


@given(st.sampled_from(WRITTEN), st.floats(0.001, 0.999))
def test_the_cdf_is_the_inverse_of_the_quantile(written: Any, u: float) -> None:
    how = parse(written, (-100.0, 100.0))
    drawn = np.array([how.quantile(x, known) for x in np.linspace(0.0005, 0.9995, 1000)])
    x = how.quantile(u, known)
    share = float((drawn <= x + 1e-9).mean())
    assert how.cdf(x + 1e-9, known) == pytest.approx(share, abs=0.003)


def test_cdfs_are_those_of_scipy() -> None:
    normal, log = parse(["normal", 2, 1, 1.5, 4]), parse(["log_uniform", 0.1, 10])
    whole = parse([2, 5], (0, 10), whole=True)
    for x in (1.6, 2.0, 3.3, 9.9):
        assert normal.cdf(x, known) == pytest.approx(stats.truncnorm(-0.5, 2, 2).cdf(x))
        assert log.cdf(x, known) == pytest.approx(stats.loguniform(0.1, 10).cdf(x))
        assert whole.cdf(x, known) == pytest.approx(stats.randint(2, 6).cdf(x))


@pytest.mark.parametrize("written", WRITTEN, ids=str)
def test_nearly_all_draws_are_in_the_interval(written: Any) -> None:
    how = parse(written, (-100.0, 100.0))
    low, high = how.interval(lambda _: (1.5, 1.5))
    drawn = np.array([how.quantile(x, known) for x in np.linspace(0.0005, 0.9995, 1000)])
    assert ((drawn >= low - 1e-9) & (drawn <= high + 1e-9)).mean() > 0.998
