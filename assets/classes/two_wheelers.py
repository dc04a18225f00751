"""What bicycles and motorcycles share: wheels about the x axis, mudguards, chains, steering.

Their fronts are at -y. Points of the plane of symmetry are y and z, metres.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simgen.geometry import solids
from simgen.geometry.solids import Solid, curves
from simgen.geometry.transforms import rotation_about


def xyz(x: float, point: np.ndarray) -> np.ndarray:
    """Return the point at `x` beside a point of the plane of symmetry."""
    return np.array([x, *point])


def within(bounds: tuple[float, float], share: float) -> float:
    """Return the number at a share, 0 to 1, of a range."""
    return bounds[0] + share * (bounds[1] - bounds[0])


def rising(degrees: float) -> np.ndarray:
    """Return the direction that rises towards the back at an angle above the ground."""
    return np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])


def forwards(head_way: np.ndarray) -> np.ndarray:
    """Return the direction forwards, at right angles to a steering axis that rises backwards."""
    return np.array([-head_way[1], head_way[0]])


def both(solid: Solid) -> list[Solid]:
    return [solid, solids.mirror(solid)]


def steering(
    axis: np.ndarray, head_way: np.ndarray, angle: float
) -> Callable[[np.ndarray], np.ndarray]:
    """Return the rotation of points about the steering axis, to the left for positive angles.

    axis: one of its points. head_way: upwards along it.
    """
    turn, middle = rotation_about(angle * xyz(0.0, head_way)), xyz(0.0, axis)
    return lambda points: (points - middle) @ turn.T + middle


def ring(radius: float, section: np.ndarray, slot: str, steps: int = 64) -> Solid:
    """Build a ring about the x axis. section: `m x 2`, x and distance from a circle of `radius`."""
    return solids.loft_loop(turned(radius, section, np.arange(steps) * 2 * np.pi / steps), slot)


def turned(radius: float, section: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """Return a section about the x axis at some angles from +y upwards, `n x m x 3`."""
    reach = radius + section[:, 1]
    y, z = reach * np.cos(angle)[:, None], reach * np.sin(angle)[:, None]
    return np.stack([np.broadcast_to(section[:, 0], y.shape), y, z], axis=2)


def spokes(
    count: int, reach: float, flange: tuple[float, float] = (0.031, 0.024), thick: float = 0.00115
) -> list[Solid]:
    """Build crossed spokes: every second one from either flange, leading and trailing in turn.

    flange: its x and radius. thick: radius of a spoke.
    """
    found = []
    for number in range(count):
        side, turn = (-1) ** number, (-1) ** (number // 2)
        at = 2 * np.pi * number / count
        foot = at + turn * np.radians(68.0)
        start = (flange[0] * side, flange[1] * np.cos(foot), flange[1] * np.sin(foot))
        end = (0.003 * side, reach * np.cos(at), reach * np.sin(at))
        found.append(solids.cylinder(start, end, thick, "metal", 3))
    return found


def mudguard(
    radius: float, half: float, start: float, end: float, slot: str, drop: float = 0.45
) -> Solid:
    """Build a mudguard about the x axis. half: half its width. start, end: angles from +y upwards.
    drop: of its edges, by its half width."""
    steps = np.linspace(-1.0, 1.0, 6)
    x, low = half * steps, -drop * half * steps**2
    section = np.concatenate([np.column_stack([x, low]), np.column_stack([x, low - 0.0018])[::-1]])[
        ::-1
    ]
    return solids.loft(turned(radius, section, np.linspace(start, end, 28)), slot)


def flat_ring(radius: float, deep: float) -> Solid:
    """Build the outer part of a chainring or a brake disc. deep: how far it reaches inwards."""
    section = np.array([(-0.0018, -deep), (0.0018, -deep), (0.0012, 0.0), (-0.0012, 0.0)])
    return ring(radius, section, "metal", 40)


def spider(radius: float) -> Solid:
    """Build the five arms of a chainring or a brake disc."""
    found = [solids.cylinder((-0.022, 0, 0), (0.004, 0, 0), 0.022, "metal", 14)]
    for angle in 2 * np.pi * (np.arange(5) + 0.3) / 5:
        end = (radius - 0.012) * np.array([np.cos(angle), np.sin(angle)])
        found.append(solids.cylinder((-0.008, 0, 0), (-0.003, *end), (0.011, 0.007), "metal", 6))
    return solids.join(found)


def chain_loop(x: float, path: np.ndarray, half: tuple[float, float] = (0.004, 0.0045)) -> Solid:
    """Build a chain along a closed path (`n x 2`) at `x`. half: half its width and thickness."""
    path = np.column_stack([np.full(len(path), x), path])
    closed = np.concatenate([path[-1:], path, path[:1]])
    along = curves.unit(closed[2:] - closed[:-2])
    out = np.cross(along, (1.0, 0.0, 0.0))
    wide, thick = half
    corners = ((-wide, -thick), (wide, -thick), (wide, thick), (-wide, thick))
    section = [path + np.array([a, 0, 0]) + b * out for a, b in corners]
    return solids.loft_loop(np.stack(section, axis=1), "metal")


def around_two(first: np.ndarray, r: float, second: np.ndarray, s: float) -> np.ndarray:
    """Return the closed outline around two circles of radii r and s, `30 x 2`."""
    way = np.arctan2(*(second - first)[::-1])
    front = way + np.linspace(np.pi / 2, 3 * np.pi / 2, 20)
    back = way + np.linspace(-np.pi / 2, np.pi / 2, 10)
    return np.concatenate([
        first + r * np.column_stack([np.cos(front), np.sin(front)]),
        second + s * np.column_stack([np.cos(back), np.sin(back)]),
    ])  # fmt: skip
