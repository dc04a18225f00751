"""Factors: drawn once, through their own streams, by config key, and spread evenly when asked."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from simgen.config import FACTORS, Config, check, value_of
from simgen.config.draws import Draws, per, scrambled_radical_inverse
from simgen.errors import InputError


def test_a_factor_is_drawn_once_and_recorded() -> None:
    draws = Draws(Config(), 3)
    first = draws.number("camera.fill_range", 2)
    draws.number("lighting.strength_range")
    assert draws.number("camera.fill_range", 2) == first
    assert draws.number("camera.fill_range", 0) != first
    kind = draws.pick("lighting.kinds")
    assert draws.factors() == {
        "camera.fill_range": (draws.number("camera.fill_range", 0), first),
        "lighting.kinds": (kind,),
        "lighting.strength_range": (draws.number("lighting.strength_range"),),
    }


def test_no_factor_depends_on_the_order_or_on_other_settings() -> None:
    changed = Config()
    changed.camera.roll_deg_range = [0, 0]
    one, other = Draws(Config(), 5), Draws(changed, 5)
    keys = [key for key in FACTORS if value_of(one.config, key) is not None]
    forwards = {key: one.number(key) for key in keys}
    backwards = {key: other.number(key) for key in reversed(keys)}
    assert {key for key in keys if forwards[key] != backwards[key]} == {"camera.roll_deg_range"}


def test_another_scene_seed_or_attempt_is_another_draw() -> None:
    values = {
        Draws(Config(seed=seed), scene, attempt).number("camera.fill_range")
        for seed, scene, attempt in [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)]
    }
    assert len(values) == 4


def test_only_what_is_redrawn_changes() -> None:
    draws = Draws(Config(), 0)
    kept = draws.number("camera.fill_range", 1), draws.number("lighting.strength_range")
    before = draws.number("camera.fill_range", 0), draws.stream("camera.aim", 0).random()
    draws.redraw("camera", 0)
    after = draws.number("camera.fill_range", 0), draws.stream("camera.aim", 0).random()
    assert before[0] != after[0]
    assert before[1] != after[1]
    assert kept == (draws.number("camera.fill_range", 1), draws.number("lighting.strength_range"))


def test_factors_share_and_follow_others() -> None:
    config = Config()
    config.lighting.kinds = ["night"]
    config.camera.focus_range = ["same", "camera.fill_range"]
    config.sensor.iso_range = ["when", "lighting.kinds", ["night", 3200], ["else", 100]]
    config.sensor.blur_range = ["linear", "lighting.sky.hour_range", 1, 100]
    draws = Draws(config, 1)
    assert draws.number("camera.focus_range", 3) == draws.number("camera.fill_range", 3)
    assert draws.number("sensor.iso_range") == 3200
    assert draws.number("sensor.blur_range") == 50, "cut at what the key allows"
    assert draws.pick("lighting.kinds") == "night"


def test_a_factor_of_the_scene_follows_the_first_of_several_whatever_was_drawn_before() -> None:
    config = Config()
    config.sensor.contrast_range = ["linear", "camera.fill_range", 1, 0]
    config.lighting.tint_range = ["linear", "lighting.temperature_range", 1e-4, -1]
    config.camera.focus_range = ["linear", "objects.scale_range", 1, 0]
    config.objects.scale_range = [1, 2]
    for before in (True, False):
        draws = Draws(config, 4)
        if before:
            for number in range(3):
                draws.number("camera.fill_range", number)
                draws.number("lighting.temperature_range", number)
        contrast, tint = draws.number("sensor.contrast_range"), draws.number("lighting.tint_range")
        assert contrast == draws.number("camera.fill_range", 0)
        warm = draws.number("lighting.temperature_range", 0) * 1e-4 - 1
        assert tint == pytest.approx(warm)
        assert draws.number("camera.focus_range", 2) == draws.number("objects.scale_range", 0)
        assert len(draws.factors()["lighting.temperature_range"]) == (3 if before else 1)


def test_a_name_that_this_config_does_not_list_may_still_have_a_case() -> None:
    config = Config()
    config.lighting.kinds = ["studio", "night:0"]
    config.camera.fill_range = ["when", "lighting.kinds", ["night", 1], ["studio", 2]]
    check(config)
    assert Draws(config, 0).number("camera.fill_range") == 2


def test_a_number_without_a_case_is_refused_with_the_key() -> None:
    config = Config()
    config.camera.fill_range = ["when", "lighting.sky.hour_range", [[0, 1], 1]]
    with pytest.raises(InputError, match=r"camera\.fill_range=.*matches no case"):
        Draws(config, 0).number("camera.fill_range")


@pytest.mark.parametrize("count", [16, 64, 256])
def test_evenly_covers_each_sixteenth_of_the_range_equally(count: int) -> None:
    config = Config()
    config.camera.fill_range = ["evenly", 0.5, 1.5]
    values = [Draws(config, scene).number("camera.fill_range", 0) for scene in range(count)]
    counts, _ = np.histogram(values, bins=16, range=(0.5, 1.5))
    assert set(counts) == {count // 16}
    plain = [Draws(Config(), scene).number("camera.fill_range", 0) for scene in range(count)]
    counts, _ = np.histogram(plain, bins=16)
    assert len(set(counts)) > 1, "which random numbers do not"


@given(st.integers(0, 2**62), st.integers(0, 2**20), st.integers(1, 6))
def test_any_aligned_run_of_scenes_fills_all_intervals(seed: int, start: int, power: int) -> None:
    size = 2**power
    points = [scrambled_radical_inverse(start * size + i, seed) for i in range(size)]
    assert sorted(int(point * size) for point in points) == list(range(size))


def test_two_even_factors_are_independent_of_each_other() -> None:
    points = [[scrambled_radical_inverse(i, seed) for i in range(512)] for seed in (1, 2)]
    assert abs(stats.spearmanr(*points).statistic) < 0.15


def test_some_are_never_twice_and_heavier_ones_come_more_often() -> None:
    config = Config()
    config.sensor.effects = ["noise:5", "blur", "jpeg", "bayer:0"]
    drawn = [Draws(config, scene).some("sensor.effects", 2) for scene in range(600)]
    assert {len(set(names)) for names in drawn} == {2}
    counts = {name: sum(name in names for names in drawn) for name in ("noise", "blur", "bayer")}
    assert counts["bayer"] == 0
    assert counts["noise"] > 1.4 * counts["blur"]
    assert set(Draws(config, 0).some("sensor.effects", 9)) == {"noise", "blur", "jpeg"}


def test_flags_have_their_probability() -> None:
    flags = [Draws(Config(), scene).flag("lighting.sun_probability") for scene in range(1000)]
    assert np.mean(flags) == pytest.approx(0.25, abs=0.05)


def test_what_a_flag_came_to_is_kept_with_the_other_factors() -> None:
    draws = Draws(Config(), 0)
    moves = [draws.flag("motion.probability", number) for number in range(8)]
    assert len(set(moves)) == 2
    assert draws.flag("motion.deform_probability", 0) is False
    told = tuple("yes" if one else "no" for one in moves)
    assert draws.factors() == {"motion.probability": told}, "what cannot happen is not drawn"


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("camera.fill_range", ["same", "camera.fil_range"], "did you mean 'camera.fill_range'"),
        ("camera.fill_range", ["same", "camera.fill_range"], "depends on itself"),
        ("camera.fill_range", ["same", "camera.distance_range"], "which is not set"),
        ("sensor.blur_range", ["when", "sensor.effects", ["else", 1]], "several values per image"),
        ("camera.fill_range", ["same", "lighting.kinds"], "lighting.kinds is a name"),
        ("camera.fill_range", ["linear", "lighting.kinds", 1, 0], "lighting.kinds is a name"),
        (
            "camera.fill_range",
            ["mixture", [1, ["when", "lighting.kinds", ["nigth", 1], ["else", 1]]], [1, 1]],
            "never nigth; expected some of hdri",
        ),
        ("camera.fill_range", ["when", "lighting.kinds", [[0, 1], 1], ["else", 1]], "is never"),
        ("camera.fill_range", ["when", "lighting.kinds", ["night", 1]], "no case for .*=hdri"),
        (
            "camera.fill_range",
            ["when", "objects.count_range", ["night", 1], ["else", 1]],
            "objects.count_range is a number",
        ),
        ("camera.fill_range", [0.5, 9], "expected both ends from 0.01 to 5"),
        ("lighting.kinds", ["moon"], "expected one of hdri"),
        ("lighting.kinds", ["night:-1"], "weights of at least 0"),
        ("lighting.kinds", [], "expected at least one of hdri"),
        ("objects.weights", ["mug:x"], "expected names or name:weight"),
    ],
)
def test_impossible_factors_are_refused(key: str, value: object, message: str) -> None:
    from simgen.config import check

    config = Config()
    *path, last = key.split(".")
    setattr(value_of(config, ".".join(path)), last, value)
    with pytest.raises(InputError, match=message) as caught:
        check(config)
    assert str(caught.value).startswith(key)


def test_a_key_is_drawn_for_what_its_field_says() -> None:
    assert [per(key) for key in ("camera.fill_range", "placement.poses", "sensor.effects")] == [
        "view",
        "object",
        "scene",
    ]
    assert {FACTORS[key].per for key in FACTORS if key.startswith("camera.")} == {"view"}
