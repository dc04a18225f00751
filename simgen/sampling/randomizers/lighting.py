"""Lighting: the environment of a scene, and the lamps in addition to it.

All kinds share one scale: an HDRI world has a mean radiance of about 0.5, which gives an irradiance
of 1 to 2 on a horizontal surface; lamps and daylight indoors give about the same, night a
hundredth. A camera's white balance is part of the colours, since it adapts to the light.
"""

from __future__ import annotations

import numpy as np

from simgen.assets import environments
from simgen.assets.hdris import HdriFolder
from simgen.config.draws import Draws
from simgen.config.weights import split
from simgen.geometry.color import white_balanced
from simgen.sampling.randomizers.indoor import draw_daylight, draw_indoor
from simgen.sampling.randomizers.lamps import Target, aim, area_lamp, within
from simgen.sampling.randomizers.night import draw_night
from simgen.sampling.randomizers.sky import draw_sky
from simgen.sampling.randomizers.studio import draw_studio
from simgen.spec.scene import EnvironmentSpec, LightSpec, Vector
from simgen.stages.stage import LampPlace, Room

_LAMP_ELEVATION = (0.7, 1.4)
"""Radians above the horizon. Lower lamps would be behind a wall."""
_LAMP_DISTANCE = (4.0, 7.0)
"""In radii of the sphere to light."""
_LAMP_SIZE = (0.1, 0.7)
"""Diameter relative to the distance."""
_LAMP_IRRADIANCE = (0.35, 1.7)
"""Total irradiance of the lamps in addition to an HDRI world."""
_SUN_IRRADIANCE = (0.7, 2.0)
_SUN_ELEVATION = (0.4, 1.25)
_SUN_ANGLE = (0.0093, 0.06)
"""Radians: from the clear sun to one behind thin clouds."""
_SUN_KELVIN = (4300.0, 6000.0)
_DAYLIGHT = 6500.0
_ADAPTED = 0.4
"""Degree to which the white balance adapts to lamps in addition to an image that is already
balanced."""

Light = tuple[EnvironmentSpec, tuple[LightSpec, ...]]


def draw_light(
    draws: Draws,
    hdris: HdriFolder | None,
    places: tuple[LampPlace, ...],
    target: Vector,
    radius: float,
    room: Room | None = None,
) -> Light:
    """Sample environment and lamps of a scene.

    hdris: from the user's folder, if one is set. places: where the stage has room for lamps.
    target, radius: the sphere to light, metres. room: lamps stay inside.
    """
    environment, lights = _draw(draws, hdris, places, Target(target, radius))
    if room is not None:
        lights = tuple(within(room, light) for light in lights)
    return environment, lights


def _draw(
    draws: Draws, hdris: HdriFolder | None, places: tuple[LampPlace, ...], lit: Target
) -> Light:
    kind = draws.pick("lighting.kinds")
    if kind == "sky":
        return draw_sky(draws), draw_daylight(draws, places, lit)
    if kind == "photo":
        return EnvironmentSpec(kind="photo", strength=1.0), ()
    if kind == "studio":
        return draw_studio(draws, lit)
    if kind == "indoor":
        return draw_indoor(draws, places, lit)
    if kind == "night":
        return draw_night(draws, places, lit)
    lamps = (*_draw_lamps(draws, lit), *draw_daylight(draws, places, lit))
    return draw_hdri(draws, hdris), lamps


def draw_hdri(draws: Draws, hdris: HdriFolder | None) -> EnvironmentSpec:
    """Choose one of Blender's worlds or of the user's, by weight; a file of the user's has weight
    1."""
    rng = draws.stream("lighting", "hdri")
    tint = draws.number("lighting.tint_range")
    warm = np.array([np.exp(tint), 1.0, np.exp(-tint)])
    warm /= warm @ (0.2126, 0.7152, 0.0722)
    rotation, own = float(rng.uniform(0.0, 2.0 * np.pi)), hdris.found if hdris else ()
    weights = (float(sum(draws.weights("lighting.hdris").values())), *(1.0 for _ in own))
    number, _ = split(float(rng.random()), weights)
    found = own[number - 1] if number else None
    world = found.file if found else draws.pick("lighting.hdris")
    return EnvironmentSpec(
        kind="hdri",
        strength=draws.number("lighting.strength_range"),
        tint=(float(warm[0]), float(warm[1]), float(warm[2])),
        rotation=rotation,
        hdri=world,
        hdri_sha256=found.sha256 if found else "",
        normalisation=found.normalisation if found else environments.normalisation(world),
    )


def _draw_lamps(draws: Draws, lit: Target) -> tuple[LightSpec, ...]:
    """Sample area lamps, and with some probability a sun, in addition to an HDRI world."""
    count = draws.whole("lighting.area_count_range")
    lamps = [_draw_area(draws, lit, number, count) for number in range(count)]
    if draws.flag("lighting.sun_probability"):
        lamps.append(_draw_sun(draws, lit))
    return tuple(lamps)


def _draw_area(draws: Draws, lit: Target, number: int, count: int) -> LightSpec:
    rng = draws.stream("lighting", "area", number)
    kelvin = draws.number("lighting.temperature_range", number)
    distance = lit.reach(float(rng.uniform(*_LAMP_DISTANCE)))
    azimuth, elevation = rng.uniform(0.0, 2.0 * np.pi), rng.uniform(*_LAMP_ELEVATION)
    return area_lamp(
        position=aim(lit.centre, azimuth, elevation, distance),
        target=lit.somewhere(rng),
        color=white_balanced(kelvin, kelvin, _ADAPTED),
        irradiance=float(np.exp(rng.uniform(*np.log(_LAMP_IRRADIANCE)))) / count,
        size=float(np.exp(rng.uniform(*np.log(_LAMP_SIZE)))) * distance,
    )


def _draw_sun(draws: Draws, lit: Target) -> LightSpec:
    rng = draws.stream("lighting", "sun")
    elevation = rng.uniform(*_SUN_ELEVATION)
    return LightSpec(
        kind="sun",
        position=aim(lit.centre, rng.uniform(0.0, 2.0 * np.pi), elevation, 10.0),
        target=lit.centre,
        color=white_balanced(float(rng.uniform(*_SUN_KELVIN)), _DAYLIGHT, 1.0),
        power=float(np.exp(rng.uniform(*np.log(_SUN_IRRADIANCE)))),
        size=float(np.exp(rng.uniform(*np.log(_SUN_ANGLE)))),
    )
