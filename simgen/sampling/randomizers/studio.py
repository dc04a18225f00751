"""Studio light: a key, a fill, and often a rim or a top light, in front of a uniform background."""

from __future__ import annotations

import numpy as np

from simgen.config.draws import Draws
from simgen.geometry.color import white_balanced
from simgen.sampling.randomizers.lamps import Target, aim, area_lamp
from simgen.spec.rng import Stream
from simgen.spec.scene import EnvironmentSpec, LightSpec, Vector

KEY_IRRADIANCE = 1.8
_DISTANCE = (4.0, 6.0)
"""In radii of the sphere to light."""
_KEY_ELEVATION = (0.5, 1.1)
"""Radians."""
_FILL_TURN = (1.3, 2.4)
"""Radians from the key light to the fill light, seen from above, to either side."""
_RIM_PROBABILITY, _TOP_PROBABILITY = 0.5, 0.4
_SURROUNDS = ((0.35, 0.008, 0.04), (0.25, 0.06, 0.2), (0.4, 0.35, 0.7))
"""Dark, grey and bright backgrounds: probability, and minimum and maximum radiance. White paper lit
by the key light alone has 0.57."""
_ADAPTED = 0.9
"""Degree to which the white balance adapts: studio photographs are balanced for the lamps."""
_STRAY = 300.0
"""Difference between lamps, kelvin."""


def draw_studio(draws: Draws, lit: Target) -> tuple[EnvironmentSpec, tuple[LightSpec, ...]]:
    rng = draws.stream("lighting", "studio")
    kelvin = draws.number("lighting.temperature_range", 0)
    contrast = draws.number("lighting.studio.contrast_range")
    softness = draws.number("lighting.studio.softness_range")
    azimuth = float(rng.uniform(0.0, 2.0 * np.pi))
    side = 1.0 if rng.random() < 0.5 else -1.0
    fill = azimuth + side * float(rng.uniform(*_FILL_TURN))
    # Azimuth, elevation, share of the key light, and softness: fill lights are large.
    rig = [(azimuth, float(rng.uniform(*_KEY_ELEVATION)), 1.0, softness)]
    rig.append((fill, float(rng.uniform(0.25, 0.8)), 1.0 / contrast, max(softness, 0.6)))
    rim, top = rng.random(2)
    if rim < _RIM_PROBABILITY:
        back = azimuth + np.pi + float(rng.uniform(-0.5, 0.5))
        rig.append((back, float(rng.uniform(0.4, 0.8)), float(rng.uniform(0.3, 0.9)), 0.25))
    if top < _TOP_PROBABILITY:
        rig.append((azimuth, 1.5, float(rng.uniform(0.2, 0.7)), max(softness, 0.8)))
    lamps = tuple(_lamp(rng, lit, kelvin, *light) for light in rig)
    return _surround(rng), lamps


def _lamp(
    rng: Stream,
    lit: Target,
    kelvin: float,
    azimuth: float,
    elevation: float,
    part: float,
    softness: float,
) -> LightSpec:
    distance = lit.reach(float(rng.uniform(*_DISTANCE)))
    own = float(np.clip(kelvin + rng.normal(0.0, _STRAY), 1700.0, 20_000.0))
    # A wide, low lamp would extend below the ground.
    size = min(softness * distance, 1.8 * distance * np.sin(elevation) + 0.1 * distance)
    return area_lamp(
        position=aim(lit.centre, azimuth, elevation, distance),
        target=lit.centre,
        color=white_balanced(own, kelvin, _ADAPTED),
        irradiance=KEY_IRRADIANCE * part,
        size=float(size),
    )


def _surround(rng: Stream) -> EnvironmentSpec:
    number = int(rng.choice(len(_SURROUNDS), p=[weight for weight, *_ in _SURROUNDS]))
    radiance = float(np.exp(rng.uniform(*np.log(_SURROUNDS[number][1:]))))
    warm = float(rng.normal(0.0, 0.03))
    tint: Vector = (float(np.exp(warm)), 1.0, float(np.exp(-warm)))
    return EnvironmentSpec(kind="plain", strength=radiance, tint=tint)
