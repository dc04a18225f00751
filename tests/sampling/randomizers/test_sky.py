"""The sun's place against almanacs and spherical astronomy."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from simgen.config import Config
from simgen.config.draws import Draws
from simgen.sampling.randomizers.sky import LOWEST_SUN, clear_irradiance, draw_sky, solar_position

TOLERANCE = 0.5
"""Degrees."""


def day_of(month: int, day: int) -> float:
    return float(date(2023, month, day).timetuple().tm_yday)


def position(hour: float, latitude: float, day: float) -> tuple[float, float]:
    elevation, azimuth = solar_position(hour, np.radians(latitude), day)
    return float(np.degrees(elevation)), float(np.degrees(azimuth)) % 360.0


# The sun's declination at noon UT, from the Astronomical Almanac's low-precision tables.
DECLINATION = {(1, 1): -23.0, (3, 20): 0.0, (5, 1): 15.1, (6, 21): 23.44, (8, 1): 18.0,
               (9, 23): 0.0, (11, 1): -14.5, (12, 21): -23.44}  # fmt: skip


@pytest.mark.parametrize("latitude", [-35.0, 0.0, 23.44, 51.5, 65.0])
@pytest.mark.parametrize(("month", "day"), DECLINATION)
def test_noon_is_as_high_as_almanacs_say(month: int, day: int, latitude: float) -> None:
    declination = DECLINATION[month, day]
    elevation, azimuth = position(12.0, latitude, day_of(month, day))
    assert elevation == pytest.approx(90.0 - abs(latitude - declination), abs=TOLERANCE)
    if abs(latitude - declination) > 2:
        south = 180.0 if latitude > declination else 0.0
        assert np.cos(np.radians(azimuth - south)) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize(
    ("latitude", "month", "day", "half_day", "azimuth"),
    [
        # Geometric sunrise, without refraction and the sun's radius: half the length of the day in
        # hours is arccos(-tan lat tan dec) / 15 deg, its azimuth arccos(sin dec / cos lat).
        (51.5, 6, 21, 8.20, 50.3),
        (51.5, 12, 21, 3.80, 129.7),
        (40.0, 3, 20, 6.0, 90.0),
        (-33.9, 12, 21, 7.13, 118.6),
    ],
)
def test_it_rises_where_and_when_it_does(
    latitude: float, month: int, day: int, half_day: float, azimuth: float
) -> None:
    morning, evening = 12.0 - half_day, 12.0 + half_day
    for hour, place in ((morning, azimuth), (evening, 360.0 - azimuth)):
        found = position(hour, latitude, day_of(month, day))
        assert found[0] == pytest.approx(0.0, abs=TOLERANCE)
        assert found[1] == pytest.approx(place, abs=TOLERANCE)


def test_it_never_sets_in_the_arctic_summer() -> None:
    lowest = min(position(hour, 70.0, day_of(6, 21))[0] for hour in range(24))
    assert lowest == pytest.approx(23.44 - 20.0, abs=TOLERANCE)


def draws_of(**sky: object) -> list[Draws]:
    config = Config()
    for key, value in sky.items():
        setattr(config.lighting.sky, key, value)
    return [Draws(config, scene) for scene in range(30)]


def test_the_spec_has_the_sun_of_its_hour() -> None:
    fixed = draws_of(hour_range=15.0, latitude_deg_range=45.0, day_range=172, overcast_range=0.0)
    specs = [draw_sky(draws) for draws in fixed]
    expected = solar_position(15.0, np.radians(45.0), 172)
    assert {round(spec.sky.sun_elevation, 9) for spec in specs if spec.sky} == {
        round(expected[0], 9)
    }
    azimuths = [spec.sky.sun_azimuth for spec in specs if spec.sky]
    assert len(set(azimuths)) == len(azimuths), "north is anywhere"
    assert all(spec.sky and spec.sky.sun_strength == 1.0 for spec in specs)


def test_at_night_the_sun_is_just_above_the_horizon() -> None:
    for draws in draws_of(hour_range=[0.0, 2.0], latitude_deg_range=[0.0, 40.0]):
        sky = draw_sky(draws).sky
        assert sky is not None
        assert sky.sun_elevation == LOWEST_SUN


def test_clouds_dim_the_sun_and_keep_some_light() -> None:
    for draws in draws_of(overcast_range=1.0, hour_range=12.0, day_range=172):
        sky = draw_sky(draws).sky
        assert sky is not None
        assert sky.sun_strength == 0.0
        assert sky.clouds == 1.0
        direct, diffuse = clear_irradiance(sky.sun_elevation)
        # Of a CIE overcast dome, by integration over the hemisphere.
        angle = (np.arange(1000) + 0.5) / 1000 * np.pi / 2
        rings = (1 + 2 * np.sin(angle)) / 3 * np.sin(angle) * np.cos(angle) * 2 * np.pi
        dome = sky.cloud_radiance * rings.sum() * np.pi / 2000
        assert 0.2 < dome / (direct + diffuse) < 0.5


def test_every_factor_is_recorded() -> None:
    draws = draws_of()[0]
    draw_sky(draws)
    expected = {f"lighting.sky.{name}_range" for name in ("hour", "day", "haze", "overcast")}
    assert set(draws.factors()) == expected | {"lighting.sky.latitude_deg_range"}
