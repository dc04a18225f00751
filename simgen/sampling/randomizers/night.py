"""Night: a few lamps, sometimes the moon, and hardly any ambient light."""

from __future__ import annotations

import numpy as np

from simgen.assets import environments
from simgen.config.draws import Draws
from simgen.geometry.color import white_balanced
from simgen.sampling.randomizers.lamps import Target, aim, area_lamp, bulb
from simgen.spec.rng import Stream
from simgen.spec.scene import EnvironmentSpec, LightSpec, Vector
from simgen.stages.stage import LampPlace

_IRRADIANCE = (0.05, 0.3)
"""Total irradiance of the lamps: at most a sixth of daylight indoors."""
_AMBIENT = (0.002, 0.01)
"""Mean radiance of the world."""
_PLAIN = 0.25
"""Fraction of that for a uniform background, in which nothing is brighter than the rest."""
_MOON_PROBABILITY = 0.4
_MOON_IRRADIANCE = (0.01, 0.04)
_MOON_ANGLE = 0.009
"""Radians."""
_BLUE: Vector = (0.7, 0.95, 1.5)
_WORLD_PROBABILITY = 0.75
"""Probability of a night sky with distant lamps; otherwise the background is uniformly dark blue.
"""
_ADAPTED = 0.55
"""Degree to which a camera's white balance adapts to lamps at night: they stay warm."""
_STREET = 1.0
"""Radius of the sphere to light, metres, above which street lamps replace a desk lamp."""


def draw_night(
    draws: Draws, places: tuple[LampPlace, ...], lit: Target
) -> tuple[EnvironmentSpec, tuple[LightSpec, ...]]:
    rng = draws.stream("lighting", "night")
    total = float(np.exp(rng.uniform(*np.log(_IRRADIANCE))))
    kelvin = draws.number("lighting.temperature_range", 0)
    color = white_balanced(kelvin, kelvin, _ADAPTED)
    lamps = _at_places(rng, places, lit, color, total) or _rig(rng, lit, color, total)
    if rng.random() < _MOON_PROBABILITY:
        lamps.append(_moon(rng, lit))
    return _surround(rng), tuple(lamps)


def _at_places(
    rng: Stream, places: tuple[LampPlace, ...], lit: Target, color: Vector, total: float
) -> list[LightSpec]:
    """Light one to three of the stage's lamps, floor and street lamps first."""
    own = [place for place in places if place.kind == "bulb"]
    own = own or [place for place in places if place.kind == "ceiling"]
    if not own:
        return []
    count = min(len(own), int(rng.integers(1, 4)))
    # Always light the nearest one: at night, visible objects are near a lamp.
    own.sort(key=lambda place: float(np.linalg.norm(np.subtract(place.position, lit.centre))))
    chosen = [own[0], *(own[1 + number] for number in rng.permutation(len(own) - 1)[: count - 1])]
    return [
        bulb(place.position, lit.centre, color, total / count, max(place.width, 0.04) / 2.0)
        for place in chosen
    ]


def _rig(rng: Stream, lit: Target, color: Vector, total: float) -> list[LightSpec]:
    return (
        _street(rng, lit, color, total) if lit.radius > _STREET else _desk(rng, lit, color, total)
    )


def _desk(rng: Stream, lit: Target, color: Vector, total: float) -> list[LightSpec]:
    """Place a lamp close by, and sometimes another across the room."""
    distance = lit.reach(float(rng.uniform(2.0, 3.5)))
    place = aim(lit.centre, rng.uniform(0.0, 2.0 * np.pi), rng.uniform(0.6, 1.2), distance)
    size = float(rng.uniform(0.08, 0.25)) * distance
    lamps = [area_lamp(place, lit.somewhere(rng), color, total, size)]
    if rng.random() < 0.5:
        far = aim(lit.centre, rng.uniform(0.0, 2.0 * np.pi), rng.uniform(0.2, 0.6), 4.0 * distance)
        part = float(rng.uniform(0.05, 0.3))
        lamps.append(bulb(far, lit.centre, color, total * part, 0.05 * distance))
    return lamps


def _street(rng: Stream, lit: Target, color: Vector, total: float) -> list[LightSpec]:
    """Place street lamps that shine down."""
    count = int(rng.integers(1, 4))
    height = max(4.5, 1.2 * lit.radius) * float(rng.uniform(0.9, 1.3))
    lamps = []
    for _ in range(count):
        foot = aim(lit.centre, rng.uniform(0.0, 2.0 * np.pi), 0.0, rng.uniform(0.3, 1.5) * height)
        place = (foot[0], foot[1], foot[2] + height)
        share = float(total / count)
        lamps.append(area_lamp(place, foot, color, 3.0 * share, 0.08 * height))
    return lamps


def _moon(rng: Stream, lit: Target) -> LightSpec:
    return LightSpec(
        kind="sun",
        position=aim(lit.centre, rng.uniform(0.0, 2.0 * np.pi), rng.uniform(0.4, 1.2), 10.0),
        target=lit.centre,
        color=_BLUE,
        power=float(np.exp(rng.uniform(*np.log(_MOON_IRRADIANCE)))),
        size=_MOON_ANGLE,
    )


def _surround(rng: Stream) -> EnvironmentSpec:
    radiance = float(np.exp(rng.uniform(*np.log(_AMBIENT))))
    if rng.random() < _WORLD_PROBABILITY:
        return EnvironmentSpec(
            kind="hdri",
            strength=radiance,
            rotation=float(rng.uniform(0.0, 2.0 * np.pi)),
            hdri="night",
            normalisation=environments.normalisation("night"),
        )
    return EnvironmentSpec(kind="plain", strength=_PLAIN * radiance, tint=_BLUE)
