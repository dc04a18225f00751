"""Splits: stable, in proportion, and never across a scene."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from cast import SMALL, cast_dataset
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import simgen
from simgen.config import Config, check
from simgen.errors import InputError
from simgen.sampling.splits import Splits, case_number

SHARES = ["train:0.8", "val:0.1", "test:0.1"]


@given(st.integers(0, 2**40), st.integers(1, 400))
@pytest.mark.exhaustive
def test_the_first_scenes_are_shared_out_in_proportion(seed: int, count: int) -> None:
    splits = Splits.read(seed, SHARES)
    found = Counter(splits.of(scene) for scene in range(count))
    # A van der Corput sequence is off by at most half a scene for each binary digit of the count.
    allowed = 1 + count.bit_length()
    assert abs(found["train"] - 0.8 * count) <= allowed
    assert abs(found["val"] - 0.1 * count) <= allowed


def test_rare_cases_are_shared_out_too() -> None:
    splits = Splits.read(3, SHARES, [0.05, 0.1])
    scenes = [n for n in range(4000) if case_number(3, [0.05, 0.1], n)[0] == 0]
    assert len(scenes) == pytest.approx(200, abs=8)
    found = Counter(splits.of(scene) for scene in scenes)
    assert found["val"] == pytest.approx(20, abs=6)
    assert found["test"] == pytest.approx(20, abs=6)


def test_seeds_and_neighbours_differ() -> None:
    one, other = (
        np.array([Splits.read(seed, ["a", "b"]).of(n) == "a" for n in range(1000)])
        for seed in (1, 2)
    )
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.15
    assert not np.array_equal(one, np.arange(1000) % 2 == 0)
    lengths = Counter(len(run) for run in "".join("ab"[int(x)] for x in one).split("a"))
    assert max(lengths) < 12, "no long rows of one split"


@pytest.mark.exhaustive
def test_a_split_says_nothing_about_what_is_drawn() -> None:
    from simgen.config.draws import Draws

    config = Config(seed=5)
    config.sensor.exposure_range = ["evenly", -1, 1]
    splits = Splits.read(5, SHARES)
    drawn: dict[str, list[float]] = {}
    for scene in range(1500):
        number = Draws(config, scene).number("sensor.exposure_range")
        drawn.setdefault(splits.of(scene), []).append(number)
    for values in drawn.values():
        assert stats.kstest(values, stats.uniform(-1, 2).cdf).pvalue > 1e-4


@pytest.mark.parametrize(
    "written", [[], ["train:x"], ["a", "a"], ["../x:1"], ["a:0"], [":1"], ["train:0.9", "val"]]
)
def test_shares_that_cannot_be_are_refused(written: list[str]) -> None:
    with pytest.raises(InputError, match="splits="):
        check(Config(splits=written))


@pytest.mark.exhaustive
def test_a_dataset_knows_its_splits_and_growing_moves_nothing(tmp_path: Path) -> None:
    words = (*SMALL, "seed=4", "splits=[train:0.5,val:0.5]", "frames_per_scene=2")
    dataset = simgen.open(cast_dataset(tmp_path / "dataset", *words, "num_scenes=6"))
    assert dataset.splits == ("train", "val")
    before = {scene: dataset.spec(scene).split for scene in dataset.scenes}
    assert set(before.values()) == {"train", "val"}
    parts = [dataset.split(name) for name in dataset.splits]
    assert sorted(scene for part in parts for scene in part.scenes) == list(dataset.scenes)
    for name, part in zip(dataset.splits, parts, strict=True):
        assert {sample.split for sample in part} == {name}
        assert all(before[scene] == name for scene in part.scenes)
    more = Splits.read(4, ["train:0.5", "val:0.5"])
    assert {scene: more.of(scene) for scene in before} == before
    with pytest.raises(InputError, match="unknown split 'dev'; expected one of train, val"):
        dataset.split("dev")
