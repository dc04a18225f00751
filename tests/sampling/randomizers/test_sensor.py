"""Sensors as they are drawn."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import numpy as np
import pytest

from simgen.config import NAMES, Config
from simgen.config.draws import Draws
from simgen.sampling.randomizers.sensor import draw_sensor, electrons, white_balance
from simgen.spec.scene import SensorSpec, to_plain

EFFECTS = list(NAMES["sensor.effects"].names)
FIELD_OF = {
    "noise": "full_well",
    "jpeg": "jpeg_quality",
    **{name: name for name in EFFECTS if name not in ("noise", "jpeg")},
}
"""Where an effect shows in the spec."""


def sensors(count: int = 200, **settings: object) -> list[tuple[Draws, SensorSpec]]:
    config = Config()
    for key, value in settings.items():
        setattr(config.sensor, key, value)
    made = [Draws(config, scene) for scene in range(count)]
    return [(draws, draw_sensor(draws)) for draws in made]


def has(sensor: SensorSpec, effect: str) -> bool:
    clean = SensorSpec()
    return bool(getattr(sensor, FIELD_OF[effect]) != getattr(clean, FIELD_OF[effect]))


def test_without_effects_it_is_a_perfect_camera() -> None:
    for _, sensor in sensors(50, effects=[]):
        assert not any(has(sensor, effect) for effect in EFFECTS)
        assert -1.2 <= sensor.exposure <= 1.2
        assert 0.85 <= sensor.contrast <= 1.2


def test_without_a_word_it_is_a_camera_with_faults() -> None:
    seen = [{effect for effect in EFFECTS if has(sensor, effect)} for _, sensor in sensors(50)]
    assert all(len(effects) >= 2 for effects in seen)
    assert set.union(*seen) == set(EFFECTS)


def test_a_tint_is_drawn_where_one_is_wished_and_moves_nothing_else() -> None:
    plain = sensors(20, effects=["white_balance", "noise"], effect_count_range=2)
    tinted = sensors(
        20, effects=["white_balance", "noise"], effect_count_range=2, tint_range=[0.1, 0.3]
    )
    for (without, before), (draws, after) in zip(plain, tinted, strict=True):
        assert "sensor.tint_range" not in without.factors()
        assert 0.1 <= draws.factors()["sensor.tint_range"][0] <= 0.3
        red, green, blue = after.white_balance
        assert green / np.sqrt(red * blue) == pytest.approx(
            np.exp(draws.factors()["sensor.tint_range"][0])
        )
        assert red / blue == pytest.approx(before.white_balance[0] / before.white_balance[2])
        assert np.dot(after.white_balance, (0.2126, 0.7152, 0.0722)) == pytest.approx(1)
        assert replace(after, white_balance=before.white_balance) == before


def test_as_many_effects_as_are_drawn() -> None:
    for draws, sensor in sensors(effects=EFFECTS, effect_count_range=[0, 8]):
        present = {effect for effect in EFFECTS if has(sensor, effect)}
        drawn = draws.factors()
        assert present == set(drawn.get("sensor.effects", ()))
        assert len(present) == drawn["sensor.effect_count_range"][0]
        for effect, key in (("jpeg", "jpeg_quality"), ("noise", "iso"), ("blur", "blur")):
            assert (f"sensor.{key}_range" in drawn) == (effect in present)


def test_all_of_them_when_more_are_asked_for() -> None:
    for _, sensor in sensors(20, effects=EFFECTS, effect_count_range=100):
        assert all(has(sensor, effect) for effect in EFFECTS)
        assert 1 <= sensor.jpeg_quality <= 100


def test_noise_is_that_of_cameras() -> None:
    full, read = electrons(100.0)
    assert 25_000 <= full <= 90_000
    assert 2 <= read <= 6
    full, read = electrons(6400.0)
    assert full == pytest.approx(40_000 / 64)
    assert 1 <= read <= 2
    # Signal to noise of middle grey falls with ISO.
    ratios = [
        0.18 * full / np.sqrt(0.18 * full + read**2)
        for full, read in map(electrons, (100.0, 800.0, 6400.0, 25_600.0))
    ]
    assert ratios == sorted(ratios, reverse=True)
    assert 60 < ratios[0] < 120


@pytest.mark.parametrize("error", [-0.25, 0.0, 0.2])
def test_white_balance_keeps_greys_brightness(error: float) -> None:
    red, green, blue = white_balance(error)
    assert 0.2126 * red + 0.7152 * green + 0.0722 * blue == pytest.approx(1.0)
    assert np.sign(red - blue) == np.sign(error)


def test_the_right_ca() -> None:
    """1.2 pixels apart in the corner of an image of 1000 x 667: half its diagonal times that."""
    (_, sensor), *_ = sensors(
        1, effects=["chromatic_aberration"], effect_count_range=1, chromatic_aberration_range=1.2
    )
    assert sensor.chromatic_aberration * np.hypot(500, 333.5) == pytest.approx(1.2, rel=1e-2)


def test_sensors_are_plain_and_have_seeds_of_their_own() -> None:
    made = [sensor for _, sensor in sensors(30, effects=EFFECTS)]
    assert len({sensor.seed for sensor in made}) == 30
    for sensor in made:
        plain = to_plain(sensor)
        assert json.loads(json.dumps(plain))["seed"] == sensor.seed
        for each in fields(sensor):
            assert type(getattr(sensor, each.name)) in (int, float, bool, str, tuple)
    assert made == [sensor for _, sensor in sensors(30, effects=EFFECTS)]
