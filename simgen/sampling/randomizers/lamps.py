"""Lamps that produce a given irradiance on their target, whatever their distance."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from simgen.geometry.transforms import as_vector
from simgen.spec.rng import Stream
from simgen.spec.scene import LightSpec, Vector
from simgen.stages.stage import Room

NEAREST = 0.5
"""Minimum distance from a lamp to its target, metres."""
_FROM_WALL = 0.1
"""Distance that a lamp keeps from walls and ceiling, metres."""


@dataclass(frozen=True)
class Target:
    """The sphere to light, metres."""

    centre: Vector
    radius: float

    def reach(self, radii: float) -> float:
        """Return a distance in metres, given in radii."""
        return max(radii * self.radius, NEAREST)

    def somewhere(self, rng: Stream) -> Vector:
        """Return a point of the disk with half its radius, at the height of its centre."""
        angle, part = rng.uniform(0.0, 2.0 * np.pi), 0.5 * self.radius * np.sqrt(rng.random())
        return aim(self.centre, float(angle), 0.0, float(part))


def aim(centre: Vector, azimuth: float, elevation: float, distance: float) -> Vector:
    """Return the point at a distance from `centre`. Angles in radians; azimuth 0 is along x."""
    level = distance * np.cos(elevation)
    return (
        float(centre[0] + level * np.cos(azimuth)),
        float(centre[1] + level * np.sin(azimuth)),
        float(centre[2] + distance * np.sin(elevation)),
    )


def area_lamp(
    position: Vector, target: Vector, color: Vector, irradiance: float, size: float
) -> LightSpec:
    """Return a disk that produces `irradiance` on a surface at `target` that faces it."""
    power = irradiance * watts_of_disk(_distance(position, target), size / 2.0)
    return LightSpec("area", position, target, color, power, size)


def rectangle_lamp(
    position: Vector, target: Vector, color: Vector, irradiance: float, sides: tuple[float, float]
) -> LightSpec:
    """Like `area_lamp` for a rectangle, treated as the disk of the same area."""
    radius = float(np.sqrt(sides[0] * sides[1] / np.pi))
    power = irradiance * watts_of_disk(_distance(position, target), radius)
    return LightSpec("rectangle", position, target, color, power, sides[0], sides[1])


def bulb(
    position: Vector, target: Vector, color: Vector, irradiance: float, radius: float
) -> LightSpec:
    """Return a sphere that emits in all directions."""
    power = irradiance * 4.0 * np.pi * _distance(position, target) ** 2
    return LightSpec("point", position, target, color, float(power), radius)


def within(room: Room, light: LightSpec) -> LightSpec:
    """Move a lamp beyond a room's walls inside, towards its target.

    It shrinks as it gets closer, so that its apparent size and irradiance stay the same. If its
    target lies outside, both move. Sun lights are not moved.
    """
    if light.kind == "sun":
        return light
    ahead = np.subtract(light.position, light.target)
    low, high = np.array(room.low) + _FROM_WALL, np.array(room.high) - _FROM_WALL
    start = np.clip(light.target, (*low[:2], -np.inf), high)
    bounds = np.where(ahead > 0.0, high, low) - start
    away = np.abs(ahead) > 1e-9
    part = max(float(np.min(bounds[away] / ahead[away], initial=1.0)), 0.05)
    return replace(
        light,
        position=as_vector(start + part * ahead),
        target=as_vector(start),
        power=light.power * part**2,
        size=light.size * part,
        height=light.height * part,
    )


def watts_of_disk(distance: float, radius: float) -> float:
    """Return the power of a diffuse disk per irradiance on its axis.

    A disk of radiance L produces pi L r^2 / (r^2 + d^2) there and radiates pi L over its area.
    """
    return float(np.pi * (distance**2 + radius**2))


def _distance(position: Vector, target: Vector) -> float:
    return max(float(np.linalg.norm(np.subtract(position, target))), 0.05)
