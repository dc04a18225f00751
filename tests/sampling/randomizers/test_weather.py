"""Weather as it is drawn, and refused where no weather comes in."""

from __future__ import annotations

import numpy as np
import pytest

from simgen.config import Config
from simgen.config.compose import load_config
from simgen.config.draws import Draws
from simgen.errors import InputError
from simgen.sampling.randomizers.sky import draw_sky
from simgen.sampling.randomizers.weather import check_weather, draw_weather
from simgen.spec.scene import EnvironmentSpec, WeatherSpec
from simgen.stages.registry import Stages


def drawn(kind: str, scene: int) -> tuple[WeatherSpec, EnvironmentSpec, EnvironmentSpec]:
    config = Config()
    config.weather.kinds = [kind]
    draws = Draws(config, scene)
    sky = draw_sky(draws)
    return *draw_weather(draws, sky), sky


def test_a_clear_day_changes_nothing() -> None:
    weather, environment, sky = drawn("clear", 0)
    assert (weather, environment) == (WeatherSpec(), sky)


def test_fog_leaves_five_per_cent_at_the_visibility_that_was_drawn() -> None:
    config = Config()
    config.weather.kinds, config.weather.visibility_range = ["fog"], 120.0
    draws = Draws(config, 3)
    weather, _ = draw_weather(draws, draw_sky(draws))
    assert np.exp(-weather.extinction * 120.0) == pytest.approx(0.05)
    assert draws.factors()["weather.kinds"] == ("fog",)


def test_haze_is_bluish_and_leaves_the_sun() -> None:
    config = Config()
    config.weather.kinds, config.weather.haze_range = ["haze"], 5000.0
    draws = Draws(config, 3)
    sky = draw_sky(draws)
    weather, environment = draw_weather(draws, sky)
    assert environment == sky
    assert np.exp(-weather.extinction * 5000.0) == pytest.approx(0.05)
    red, green, blue = np.array(weather.airlight) / np.array(sky.tint)
    assert 0 < red < green < blue


@pytest.mark.parametrize("kind", ["fog", "rain", "snow"])
def test_clouds_take_the_sun_away(kind: str) -> None:
    for scene in range(8):
        _, environment, clear = drawn(kind, scene)
        assert environment.sky is not None
        assert clear.sky is not None
        assert environment.sky.clouds >= max(0.85, clear.sky.clouds)
        assert environment.sky.sun_strength == pytest.approx(1 - environment.sky.clouds)


def test_rain_comes_with_wet_surfaces_and_hazy_air() -> None:
    weather, _, _ = drawn("rain", 1)
    assert weather.rain > 0
    assert weather.wetness > 0
    assert 0 < weather.extinction < 0.02
    assert min(weather.airlight) > 0


def test_rooms_have_no_weather() -> None:
    config = load_config(["scene=room", "weather.kinds=[clear:0,fog]"])
    with pytest.raises(InputError, match="scene=room is not an outdoor stage; choose"):
        check_weather(config, Stages().get("room"))
    check_weather(load_config(["scene=room"]), Stages().get("room"))
    check_weather(load_config(["scene=outdoor", "weather.kinds=[fog]"]), Stages().get("outdoor"))
