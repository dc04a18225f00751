"""Weather: haze, fog, rain, wet ground and snow, on outdoor stages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from simgen.config import Config
from simgen.config.draws import Draws
from simgen.config.weights import weighted
from simgen.errors import InputError
from simgen.sampling.randomizers.sky import clear_irradiance
from simgen.spec.scene import EnvironmentSpec, SkySpec, Vector, WeatherSpec
from simgen.stages.stage import Stage

CLEAR = "clear"
CONTRAST_LEFT = 0.05
"""At the meteorological optical range: WMO, Guide to Instruments and Methods of Observation
(WMO-No. 8), chapter 9."""
_CLOSED = (0.85, 1.0)
"""Fraction of the sunlight that clouds absorb in rain, in fog, and over snow."""
_HORIZON = 0.6
"""Radiance of an overcast dome, averaged over the directions from which fog is lit, relative to
that of its zenith."""
_HAZE_TINT = (0.8, 0.98, 1.3)
"""Colour of thin haze with a luminance of about one, between those of molecules and of droplets."""
_RAIN = (0.312e-3, 0.67)
"""Extinction of rain per metre, a R^b with R in millimetres per hour: Halder et al., Physics-Based
Rendering for Improving Robustness to Rain, ICCV 2019."""


def check_weather(config: Config, stage: Stage[Any]) -> None:
    """Raise `InputError` if weather is requested and the stage has no outdoor ground."""
    asked = [kind for kind, weight in weighted(config.weather.kinds).items() if weight > 0]
    if asked != [CLEAR] and not stage.ground and stage.file is None:
        raise InputError(
            f"weather.kinds={config.weather.kinds}: scene={config.scene.name} is not an outdoor "
            "stage; choose one, such as outdoor or aerial, or set weather.kinds=[clear]"
        )


def draw_weather(draws: Draws, environment: EnvironmentSpec) -> tuple[WeatherSpec, EnvironmentSpec]:
    """Sample the weather in the air and on the ground, and the environment under its clouds."""
    kind = draws.pick("weather.kinds")
    if kind == CLEAR:
        return WeatherSpec(), environment
    rng = draws.stream("weather")
    closed, seed = float(rng.uniform(*_CLOSED)), int(rng.integers(2**31))
    if kind == "wet":
        return WeatherSpec(wetness=draws.number("weather.wetness_range")), environment
    if kind == "haze":
        extinction = _extinction(draws.number("weather.haze_range"))
        return WeatherSpec(extinction, _sunlit_air(environment)), environment
    if environment.sky is not None:
        environment = replace(environment, sky=_overcast(environment.sky, closed))
    if kind == "snow":
        return WeatherSpec(snow=draws.number("weather.snow_range")), environment
    airlight = _airlight(environment)
    if kind == "fog":
        extinction = _extinction(draws.number("weather.visibility_range"))
        return WeatherSpec(extinction, airlight), environment
    rain = draws.number("weather.rain_range")
    wetness = draws.number("weather.wetness_range")
    factor, power = _RAIN
    extinction = float(factor * rain**power)
    return WeatherSpec(extinction, airlight, wetness, rain=rain, seed=seed), environment


def _extinction(visibility: float) -> float:
    """Return the extinction per metre for a meteorological optical range in metres."""
    return float(-np.log(CONTRAST_LEFT) / visibility)


def _sunlit_air(environment: EnvironmentSpec) -> Vector:
    """Return the radiance of air under a sun that it hardly dims: it scatters to all sides, and
    more of the blue light."""
    radiance = environment.strength
    if environment.sky is not None:
        direct, diffuse = clear_irradiance(environment.sky.sun_elevation)
        sun = environment.sky.sun_strength * direct
        radiance *= sun / (4.0 * np.pi) + diffuse / (2.0 * np.pi)
    return _tinted(radiance, np.multiply(environment.tint, _HAZE_TINT))


def _overcast(sky: SkySpec, closed: float) -> SkySpec:
    clouds = max(sky.clouds, closed)
    return replace(sky, clouds=clouds, sun_strength=1.0 - clouds)


def _airlight(environment: EnvironmentSpec) -> Vector:
    """Return the radiance of air lit by the environment."""
    radiance = environment.strength
    if environment.sky is not None:
        sky = environment.sky
        _, diffuse = clear_irradiance(sky.sun_elevation)
        dome = sky.clouds * sky.cloud_radiance * _HORIZON
        radiance *= dome + (1.0 - sky.clouds) * diffuse / np.pi
    return _tinted(radiance, np.array(environment.tint))


def _tinted(radiance: float, tint: np.ndarray) -> Vector:
    red, green, blue = (radiance * tint).tolist()
    return red, green, blue
