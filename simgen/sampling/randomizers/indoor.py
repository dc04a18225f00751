"""Indoor light: ceiling lamps, daylight through a window, and light reflected by the room."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.assets import environments
from simgen.config.draws import Draws
from simgen.geometry.color import white_balanced
from simgen.sampling.randomizers.lamps import Target, aim, area_lamp, bulb, rectangle_lamp
from simgen.spec.rng import Stream
from simgen.spec.scene import EnvironmentSpec, LightSpec, Vector
from simgen.stages.stage import LampPlace

_IRRADIANCE = (0.6, 1.8)
"""Total irradiance from lamps and window on the objects."""
_AMBIENT = (0.1, 0.3)
"""Light reflected by the room, relative to that irradiance: radiance times pi."""
_DAYLIGHT_KELVIN = (5000.0, 7500.0)
_ADAPTED = 0.8
"""Degree to which a camera's white balance adapts to the light in a room."""
_ROOM_HEIGHT = (1.5, 2.2)
"""Height of the ceiling above the objects, metres, if the stage has none."""
_OUTDOORS = ("city", "courtyard", "forest")
"""HDRI worlds seen through a window."""


@dataclass(frozen=True)
class _White:
    """The white point that the camera has adapted to, kelvin."""

    kelvin: float

    def shows(self, kelvin: float) -> Vector:
        return white_balanced(kelvin, self.kelvin, _ADAPTED)


def draw_indoor(
    draws: Draws, places: tuple[LampPlace, ...], lit: Target
) -> tuple[EnvironmentSpec, tuple[LightSpec, ...]]:
    """Sample indoor light. Lamps hang where the stage has places for them, else where a room would
    have them."""
    rng = draws.stream("lighting", "indoor")
    total = float(np.exp(rng.uniform(*np.log(_IRRADIANCE))))
    count = draws.whole("lighting.indoor.lamps_range")
    daylight = draws.number("lighting.indoor.daylight_range") if count else 1.0
    lamp_kelvin = draws.number("lighting.temperature_range", 0)
    day_kelvin = float(rng.uniform(*_DAYLIGHT_KELVIN))
    # The white point between two lights is interpolated in mired, in which colour temperatures add.
    white = _White(1.0 / (daylight / day_kelvin + (1.0 - daylight) / lamp_kelvin))
    lamps = _lamps(rng, places, lit, count)
    own_windows = [place for place in places if place.kind == "window"]
    windows = own_windows or [_some_window(rng, lit)]
    lights = [
        _shine(place, lit, white.shows(lamp_kelvin), (1.0 - daylight) * total / len(lamps))
        for place in lamps
        if daylight < 1.0
    ]
    if daylight > 0.0:
        share = daylight * total / len(windows)
        lights += [_shine(place, lit, white.shows(day_kelvin), share) for place in windows]
    ambient = total * float(rng.uniform(*_AMBIENT)) / np.pi
    world = str(rng.choice(_OUTDOORS)) if own_windows else "interior"
    radiance = ambient + (daylight * total if own_windows else 0.0)
    return _world(rng, world, float(radiance)), tuple(lights)


def draw_daylight(
    draws: Draws, places: tuple[LampPlace, ...], lit: Target
) -> tuple[LightSpec, ...]:
    """Return portals for daylight through a stage's windows, since few paths find a window by
    chance. Empty for a stage without windows."""
    rng = draws.stream("lighting", "daylight")
    windows = [place for place in places if place.kind == "window"]
    total = float(np.exp(rng.uniform(*np.log(_IRRADIANCE))))
    color = white_balanced(float(rng.uniform(*_DAYLIGHT_KELVIN)), 6000.0, _ADAPTED)
    return tuple(_shine(place, lit, color, total / len(windows)) for place in windows)


def _lamps(rng: Stream, places: tuple[LampPlace, ...], lit: Target, count: int) -> list[LampPlace]:
    """Choose the lamps that are lit: the nearest place, and random others."""
    if not count:
        return []
    own = [place for place in places if place.kind != "window"]
    if not own:
        return _some_ceiling(rng, lit, count)
    nearest = min(
        own, key=lambda place: float(np.linalg.norm(np.subtract(place.position, lit.centre)))
    )
    others = [place for place in own if place is not nearest]
    chosen = rng.permutation(len(others))[: count - 1]
    return [nearest, *(others[number] for number in sorted(chosen))]


def _some_ceiling(rng: Stream, lit: Target, count: int) -> list[LampPlace]:
    """Place identical lamps at one height, scattered above what is lit."""
    height = max(float(rng.uniform(*_ROOM_HEIGHT)), 4.0 * lit.radius)
    width = float(rng.uniform(0.1, 0.3)) * height
    height_of_lamp = width * float(rng.choice([0.0, 1.0, 2.5]))
    found = []
    for _ in range(count):
        across = float(rng.uniform(0.1, 0.9)) * height
        spot = aim(lit.centre, float(rng.uniform(0.0, 2.0 * np.pi)), 0.0, across)
        position = (spot[0], spot[1], spot[2] + height)
        found.append(LampPlace("ceiling", position, spot, width, height_of_lamp))
    return found


def _some_window(rng: Stream, lit: Target) -> LampPlace:
    scale = max(1.0, lit.radius / 0.4)
    distance = float(rng.uniform(1.4, 2.6)) * scale
    position = aim(
        lit.centre, float(rng.uniform(0.0, 2.0 * np.pi)), float(rng.uniform(0.25, 0.5)), distance
    )
    width, height = float(rng.uniform(0.8, 2.2)) * scale, float(rng.uniform(1.0, 1.5)) * scale
    return LampPlace("window", position, lit.centre, width, height)


def _shine(place: LampPlace, lit: Target, color: Vector, irradiance: float) -> LightSpec:
    """Return a light at a place, strong enough for `irradiance` on what is lit if it pointed there.

    Ceiling lamps shine straight down and reach objects to the side at an angle; that is compensated
    for, within limits.
    """
    if place.kind == "bulb":
        return bulb(place.position, lit.centre, color, irradiance, max(place.width, 0.02) / 2.0)
    toward = np.subtract(lit.centre, place.position)
    ahead = np.subtract(place.target, place.position)
    norms = np.linalg.norm(toward) * np.linalg.norm(ahead)
    slant = max(float(toward @ ahead / norms) if norms else 1.0, 0.4)
    distance = float(np.linalg.norm(toward)) / max(float(np.linalg.norm(ahead)), 1e-6)
    # The lamp's power refers to its own target; the distance converts it to what is lit.
    irradiance = irradiance / slant * distance**2
    if place.height > 0.0:
        sides = (place.width, place.height)
        return rectangle_lamp(place.position, place.target, color, irradiance, sides)
    return area_lamp(place.position, place.target, color, irradiance, place.width)


def _world(rng: Stream, name: str, radiance: float) -> EnvironmentSpec:
    return EnvironmentSpec(
        kind="hdri",
        strength=radiance,
        rotation=float(rng.uniform(0.0, 2.0 * np.pi)),
        hdri=name,
        normalisation=environments.normalisation(name),
    )
