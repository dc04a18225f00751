"""What was drawn passes the tests where it was drawn as asked, and only there."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from scipy import stats

from simgen.config import Config
from simgen.config.draws import Draws
from simgen.stats.names_drawn import NameTally, SetTally, inclusion
from simgen.stats.numbers_drawn import NumberTally


def lookup(_: str) -> float:
    return 1.5


KEYS: list[tuple[str, Any]] = [
    ("scene.size_range", [0.9, 1.6]),
    ("scene.size_range", ["normal", 1, 0.2]),
    ("scene.size_range", ["choice", [1, 3], [1.5, 1]]),
    ("scene.size_range", ["mixture", [1, 1.0], [2, [1, 2]]]),
    ("objects.count_range", [3, 9]),
    ("objects.count_range", ["normal", 6, 2]),
    ("camera.fill_range", ["linear", "scene.size_range", 0.4, 0, [0, 0.1]]),
    ("camera.fill_range", ["when", "lighting.kinds", ["sky", [0.2, 0.5]], ["else", [0.6, 0.9]]]),
]


def draws(key: str, written: Any, scenes: int = 300) -> tuple[Config, list[Draws]]:
    config = Config(seed=5)
    group, name = key.split(".")
    setattr(getattr(config, group), name, written)
    config.lighting.kinds = ["sky", "studio"]
    return config, [Draws(config, scene) for scene in range(scenes)]


@pytest.mark.parametrize(("key", "written"), KEYS, ids=str)
def test_what_was_drawn_as_asked_passes(key: str, written: Any) -> None:
    config, scenes = draws(key, written)
    tally = NumberTally(key, [config])
    for one in scenes:
        index = (0,) if key.startswith("camera") else ()
        value = one.number(key, *index)

        def look(other: str, one: Draws = one) -> float | str:
            return one.pick(other) if other == "lighting.kinds" else one.number(other)

        tally.add(0, value, look)
    found = tally.result()
    assert found is not None
    assert found.count == 300
    assert found.outside == 0
    assert found.asked.sum() == pytest.approx(300)
    assert found.p is not None
    assert found.p > 0.01


def test_missing_large_draws_and_draws_from_elsewhere_are_noticed() -> None:
    config, scenes = draws("scene.size_range", [0.9, 1.6])
    cut, strange = (NumberTally("scene.size_range", [config]) for _ in range(2))
    for one in scenes:
        value = one.number("scene.size_range")
        if value < 1.4 or one.scene % 2:
            cut.add(0, value, lookup)
        strange.add(0, 5.0, lookup)
    less, other = cut.result(), strange.result()
    assert less is not None
    assert less.p is not None
    assert less.p < 0.01
    assert other is not None
    assert other.outside == 300
    assert other.p is not None
    assert other.p < 1e-10


def test_evenly_spread_draws_fit_better_than_chance() -> None:
    config, scenes = draws("scene.size_range", ["evenly", [0.9, 1.6]], 256)
    tally = NumberTally("scene.size_range", [config])
    for one in scenes:
        tally.add(0, one.number("scene.size_range"), lookup)
    found = tally.result()
    assert found is not None
    assert found.even
    assert found.statistic is not None
    assert found.statistic < 0.02
    assert found.p is not None
    assert found.p > 0.99


def test_ties_are_judged_fairly() -> None:
    """p values of steps are uniform themselves: of many datasets one in ten is below 0.1."""
    low = 0
    for seed in range(60):
        config = Config(seed=seed)
        config.objects.count_range = [1, 3]
        tally = NumberTally("objects.count_range", [config])
        for scene in range(40):
            tally.add(0, Draws(config, scene).number("objects.count_range"), lookup)
        found = tally.result()
        assert found is not None
        assert found.p is not None
        low += found.p < 0.1
    assert low <= 15


def test_the_chance_to_be_among_some() -> None:
    weights = (3.0, 1.0, 1.0, 0.0, 2.0)
    for count in range(6):
        expected = np.zeros(5)
        for order in itertools.permutations([0, 1, 2, 4], min(count, 4)):
            chance, left = 1.0, sum(weights)
            for i in order:
                chance, left = chance * weights[i] / left, left - weights[i]
            expected[list(order)] += chance
        assert inclusion(weights, count) == pytest.approx(tuple(expected))


def test_names_by_weight() -> None:
    config = Config(seed=3)
    config.lighting.kinds = ["hdri:3", "sky", "studio:2"]
    weights = {"hdri": 3.0, "sky": 1.0, "studio": 2.0}
    right, wrong = NameTally("lighting.kinds"), NameTally("lighting.kinds")
    for scene in range(300):
        name = Draws(config, scene).pick("lighting.kinds")
        right.add(name, weights)
        wrong.add(name, dict.fromkeys(weights, 1.0))
    found, other = right.result(), wrong.result()
    assert found is not None
    assert other is not None
    assert dict(zip(found.names, found.asked, strict=True)) == pytest.approx(
        {"hdri": 150, "sky": 50, "studio": 100}
    )
    expected = stats.chisquare(found.drawn, [150, 50, 100])
    assert found.p == pytest.approx(float(expected.pvalue))
    assert found.p is not None
    assert found.p > 0.01
    assert other.p is not None
    assert other.p < 1e-4


def test_several_names_without_replacement() -> None:
    config = Config(seed=3)
    config.sensor.effects = ["noise:4", "jpeg", "blur", "vignetting"]
    weights = {"noise": 4.0, "jpeg": 1.0, "blur": 1.0, "vignetting": 1.0}
    right, wrong = SetTally("sensor.effects"), SetTally("sensor.effects")
    for scene in range(300):
        found = Draws(config, scene).some("sensor.effects", scene % 4)
        right.add(found, weights)
        wrong.add(found, dict.fromkeys(weights, 1.0))
    good, bad = right.result(), wrong.result()
    assert good is not None
    assert bad is not None
    assert good.asked.sum() == pytest.approx(good.drawn.sum())
    assert good.p is not None
    assert good.p > 0.01
    assert bad.p is not None
    assert bad.p < 1e-4


def test_a_name_that_was_not_asked_for_is_noticed() -> None:
    tally = NameTally("lighting.kinds")
    for _ in range(20):
        tally.add("candle", {"sky": 1.0})
    found = tally.result()
    assert found is not None
    assert found.outside == 20
    assert found.p == 0
