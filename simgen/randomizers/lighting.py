"""Lighting: which image lights the scene from all around, and which lamps add to it.

Powers are chosen against an environment of unit mean radiance, which puts about pi W/m2 on a
table: a 10 W area light 1.5 m above it adds about 1.4 W/m2, a sun of 2 W/m2 adds just that.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simgen.rng import log_uniform
from simgen.spec import EnvironmentSpec, LightSpec, Vector

Range = tuple[float, float]

KELVIN_RANGE: Range = (2500.0, 7500.0)
SUN_KELVIN_RANGE: Range = (4000.0, 6200.0)
SUN_ELEVATION_RANGE: Range = (0.4, 1.25)
"""Radians above the horizon."""
SUN_ANGLE_RANGE: Range = (0.008, 0.06)
"""Radians: from the naked sun (0.0093) to one behind thin cloud."""
SUN_DISTANCE = 10.0
"""Metres. A sun has a direction only; the position merely says which."""


def draw_environment(
    rng: np.random.Generator,
    hdris: Sequence[str],
    strength_range: Range = (0.3, 0.7),
) -> EnvironmentSpec:
    """One of `hdris`, turned anyhow about z. The strength has a uniform logarithm."""
    if not hdris:
        raise ValueError("no HDRI to draw from")
    hdri = hdris[int(rng.integers(len(hdris)))]
    rotation = float(rng.uniform(0.0, 2.0 * np.pi))
    return EnvironmentSpec(hdri, rotation, log_uniform(rng, strength_range))


def draw_lights(
    rng: np.random.Generator,
    count_range: tuple[int, int] = (0, 3),
    power_range: Range = (2.5, 12.0),
    size_range: Range = (0.15, 1.0),
    height_range: Range = (0.9, 1.9),
    sun_probability: float = 0.25,
    sun_power_range: Range = (0.7, 2.0),
    target_radius: float = 0.25,
) -> tuple[LightSpec, ...]:
    """Area lights around and above the table, and with some probability a sun.

    count_range: how many area lights, both ends included.
    power_range: watts of a light 1.5 m from its target, were it the only one. Several share
        it and far ones get more, so that it is the light on the table that is drawn.
    size_range: diameter of the disk, metres.
    height_range: above the table top, metres.
    sun_power_range: W/m2.
    target_radius: lights aim at a point of this disk on the table, metres.
    """
    count = int(rng.integers(count_range[0], count_range[1] + 1))
    share = (power_range[0] / max(count, 1), power_range[1] / max(count, 1))
    lights = [_draw_area(rng, share, size_range, height_range, target_radius) for _ in range(count)]
    if rng.random() < sun_probability:
        lights.append(_draw_sun(rng, sun_power_range))
    return tuple(lights)


def _draw_area(
    rng: np.random.Generator,
    power_range: Range,
    size_range: Range,
    height_range: Range,
    target_radius: float,
) -> LightSpec:
    height = rng.uniform(*height_range)
    # Lower ones would shine into the picture, or stand behind a wall.
    elevation = rng.uniform(np.radians(40.0), np.radians(80.0))
    position = _on_circle(rng.uniform(0.0, 2.0 * np.pi), height / np.tan(elevation), height)
    reach = target_radius * np.sqrt(rng.random())
    target = _on_circle(rng.uniform(0.0, 2.0 * np.pi), reach, 0.0)
    distance = float(np.linalg.norm(np.subtract(position, target)))
    return LightSpec(
        kind="area",
        position=position,
        target=target,
        color=blackbody(rng.uniform(*KELVIN_RANGE)),
        power=log_uniform(rng, power_range) * (distance / 1.5) ** 2,
        size=log_uniform(rng, size_range),
    )


def _draw_sun(rng: np.random.Generator, power_range: Range) -> LightSpec:
    elevation = rng.uniform(*SUN_ELEVATION_RANGE)
    across, up = SUN_DISTANCE * np.cos(elevation), SUN_DISTANCE * np.sin(elevation)
    return LightSpec(
        kind="sun",
        position=_on_circle(rng.uniform(0.0, 2.0 * np.pi), across, up),
        target=(0.0, 0.0, 0.0),
        color=blackbody(rng.uniform(*SUN_KELVIN_RANGE)),
        power=log_uniform(rng, power_range),
        size=log_uniform(rng, SUN_ANGLE_RANGE),
    )


def blackbody(kelvin: float) -> Vector:
    """Linear Rec.709 colour of a black body at 1667..25000 K, of unit luminance.

    Kim's cubic fit of the Planckian locus in CIE xy, then to Rec.709 with its D65 white.
    """
    t = 1000.0 / kelvin
    if kelvin < 4000.0:
        x = ((-0.2661239 * t - 0.2343589) * t + 0.8776956) * t + 0.179910
    else:
        x = ((-3.0258469 * t + 2.1070379) * t + 0.2226347) * t + 0.240390
    if kelvin < 2222.0:
        y = ((-1.1063814 * x - 1.34811020) * x + 2.18555832) * x - 0.20219683
    elif kelvin < 4000.0:
        y = ((-0.9549476 * x - 1.37418593) * x + 2.09137015) * x - 0.16748867
    else:
        y = ((3.0817580 * x - 5.87338670) * x + 3.75112997) * x - 0.37001483
    xyz = np.array([x / y, 1.0, (1.0 - x - y) / y])
    red, green, blue = np.maximum(_XYZ_TO_REC709 @ xyz, 0.0)
    return float(red), float(green), float(blue)


_XYZ_TO_REC709 = np.array(
    [
        [3.2404542, -1.5371385, -0.4985314],
        [-0.9692660, 1.8760108, 0.0415560],
        [0.0556434, -0.2040259, 1.0572252],
    ]
)


def _on_circle(azimuth: float, radius: float, height: float) -> Vector:
    return float(radius * np.cos(azimuth)), float(radius * np.sin(azimuth)), float(height)
