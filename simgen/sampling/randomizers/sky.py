"""The sun by time and place, and the sky around it."""

from __future__ import annotations

import numpy as np

from simgen.config.draws import Draws
from simgen.spec.scene import EnvironmentSpec, SkySpec, Vector

LOWEST_SUN = np.radians(2.0)
"""Minimum elevation of the sun; lower ones are raised to it."""
STRENGTH = 0.03
"""Scales the sky's physical radiance to that of the other kinds of light: noon in summer gives
about 4 on a horizontal surface, where an HDRI world gives 1 to 2 and a lamp 1."""
_GROUND_ALBEDO = ((0.10, 0.32), (0.0, 0.35))
"""Ranges of brightness and brownness of the ground beyond the stage."""
_OVERCAST_SHARE = 0.35
"""Fraction of a clear day's light that a closed cloud cover transmits (Kasten and Czeplak, 1980:
0.25 for thick clouds; thin ones transmit more)."""


def solar_position(hour: float, latitude: float, day: float) -> tuple[float, float]:
    """Return elevation above the horizon and azimuth from north towards east, radians.

    hour: solar time, 12 is noon. latitude: radians. day: of the year, 1 is the first of January.
    The declination is Spencer's Fourier series (1971), accurate to 0.04 degrees; refraction is
    neglected.
    """
    declination = _declination(day + (hour - 12.0) / 24.0)
    turned = np.pi / 12.0 * (hour - 12.0)
    across = -np.cos(declination) * np.sin(turned)
    north = np.sin(declination) * np.cos(latitude)
    north -= np.cos(declination) * np.sin(latitude) * np.cos(turned)
    up = np.sin(declination) * np.sin(latitude)
    up += np.cos(declination) * np.cos(latitude) * np.cos(turned)
    return float(np.arctan2(up, np.hypot(across, north))), float(np.arctan2(across, north))


def _declination(day: float) -> float:
    """Radians."""
    angle = 2.0 * np.pi * (day - 1.0) / 365.0
    waves = (
        (0.006918, 0.0),
        (-0.399912, 0.070257),
        (-0.006758, 0.000907),
        (-0.002697, 0.001480),
    )
    return float(
        sum(c * np.cos(i * angle) + s * np.sin(i * angle) for i, (c, s) in enumerate(waves))
    )


def draw_sky(draws: Draws) -> EnvironmentSpec:
    """Sample a physical sky with a random north. Clouds replace sunlight by a white dome."""
    hour = draws.number("lighting.sky.hour_range")
    latitude = np.radians(draws.number("lighting.sky.latitude_deg_range"))
    elevation, compass = solar_position(hour, latitude, draws.number("lighting.sky.day_range"))
    elevation = max(elevation, LOWEST_SUN)
    haze = draws.number("lighting.sky.haze_range")
    clouds = draws.number("lighting.sky.overcast_range")
    rng = draws.stream("lighting", "sky")
    north = float(rng.uniform(0.0, 2.0 * np.pi))
    direct, diffuse = clear_irradiance(elevation)
    dome = _OVERCAST_SHARE * (direct + diffuse)
    lit = (1.0 - clouds) * ((1.0 - clouds) * direct + diffuse) + clouds * dome
    brightness, brownness = (float(rng.uniform(*limits)) for limits in _GROUND_ALBEDO)
    ground = (1.0, 1.0 - 0.5 * brownness, 1.0 - brownness)
    return EnvironmentSpec(
        kind="sky",
        strength=STRENGTH,
        sky=SkySpec(
            sun_elevation=elevation,
            sun_azimuth=(north - compass) % (2.0 * np.pi),
            sun_strength=1.0 - clouds,
            air=1.0,
            aerosol=haze,
            ozone=1.0,
            clouds=clouds,
            # CIE overcast sky: a horizontal surface receives 7 pi / 9 of the zenith's radiance.
            cloud_radiance=float(dome * 9.0 / (7.0 * np.pi)),
            ground=_scaled(ground, brightness * lit / np.pi),
        ),
    )


def clear_irradiance(elevation: float) -> tuple[float, float]:
    """Return the irradiance of the sun and of Cycles' clear sky on a horizontal surface, luminance.

    Fitted to renders of a white plane at elevations of 2 to 60 degrees, to 10 %: the sun through an
    air mass after Kasten and Young (1989).
    """
    degrees = np.degrees(elevation)
    mass = 1.0 / (np.sin(elevation) + 0.50572 * (degrees + 6.07995) ** -1.6364)
    direct = 163.0 * np.exp(-0.147 * mass) * np.sin(elevation)
    return float(direct), float(16.0 * np.sqrt(np.sin(elevation)))


def _scaled(color: Vector, factor: float) -> Vector:
    red, green, blue = (float(factor * part) for part in color)
    return red, green, blue
