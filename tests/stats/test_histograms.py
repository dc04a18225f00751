"""Histograms and near duplicates, against counting everything."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simgen.report.counting.histogram import Axis, Histogram, coarser
from simgen.report.counting.quantities import IMAGE, OBJECT
from simgen.stats.fingerprints import NEAR, near_duplicates

LINEAR = Axis("a", "A", "m", 0, 1, 10)
LOG = Axis("b", "B", "m", 0.01, 100, 40, log=True)


@given(st.lists(st.floats(0, 1, width=32), min_size=1), st.sampled_from([LINEAR, LOG]))
def test_counts_are_numpys(values: list[float], axis: Axis) -> None:
    found = Histogram(axis)
    for value in values:
        found.add(value)
    inside = np.clip(values, axis.edges[0], axis.edges[-1])
    assert found.counts.tolist() == np.histogram(inside, axis.edges)[0].tolist()
    assert found.mean == pytest.approx(np.mean(values))
    assert (found.low, found.high) == (min(values), max(values))


@given(st.lists(st.floats(0, 1, width=32), min_size=1), st.floats(0, 1))
def test_quantiles_are_exact_to_a_bin(values: list[float], part: float) -> None:
    found = Histogram(LINEAR)
    for value in values:
        found.add(value)
    at = found.quantile(part)
    assert min(values) <= at <= max(values)
    below = sum(value <= at + 0.1 for value in values) / len(values)
    above = sum(value >= at - 0.1 for value in values) / len(values)
    assert below >= part - 1e-9
    assert above >= 1 - part - 1e-9


def test_what_is_no_number_is_passed_over() -> None:
    found = Histogram(LINEAR)
    for value in (float("nan"), float("inf"), -float("inf")):
        found.add(value)
    assert found.count == 0
    assert np.isnan(found.mean)


@given(st.lists(st.integers(0, 9), min_size=20, max_size=100), st.integers(1, 30))
def test_coarser_bins_hold_the_same_and_are_few(counts: list[int], most: int) -> None:
    edges = np.arange(len(counts) + 1.0)
    found, at = coarser(np.array(counts), edges, most)
    assert found.sum() == sum(counts)
    assert len(found) <= most + 1
    assert len(at) == len(found) + 1
    for low, high, count in zip(at[:-1], at[1:], found, strict=True):
        assert count == sum(counts[int(low) : int(high)])


@pytest.mark.parametrize("axis", [*IMAGE, *OBJECT], ids=lambda axis: axis.id)
def test_axes_have_rising_edges(axis: Axis) -> None:
    assert (np.diff(axis.edges) > 0).all()
    assert ((axis.centres > axis.edges[:-1]) & (axis.centres < axis.edges[1:])).all()


def brute(fingerprints: list[int], near: int) -> set[tuple[int, int]]:
    return {
        (a, b)
        for a, b in itertools.combinations(range(len(fingerprints)), 2)
        if (fingerprints[a] ^ fingerprints[b]).bit_count() <= near
    }


@st.composite
def alike(draw: st.DrawFn) -> list[int]:
    """Some fingerprints, and others made of them by turning bits round."""
    found = draw(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=6))
    for _ in range(draw(st.integers(0, 12))):
        one = draw(st.sampled_from(found))
        for bit in draw(st.lists(st.integers(0, 63), max_size=5)):
            one ^= 1 << bit
        found.append(one)
    return found


@given(alike(), st.integers(0, 7))
def test_all_pairs_are_found_and_no_others(fingerprints: list[int], near: int) -> None:
    found = near_duplicates(np.array(fingerprints, np.uint64), near)
    assert {tuple(pair) for pair in found.pairs.tolist()} == brute(fingerprints, near)
    for (a, b), bits in zip(found.pairs.tolist(), found.bits.tolist(), strict=True):
        assert bits == (fingerprints[a] ^ fingerprints[b]).bit_count()
    assert found.complete


def test_very_many_that_are_alike_are_bounded() -> None:
    found = near_duplicates(np.zeros(20_000, np.uint64))
    assert not found.complete
    assert len(found.pairs) == 100_000
    assert len(near_duplicates(np.zeros(0, np.uint64), NEAR).pairs) == 0
