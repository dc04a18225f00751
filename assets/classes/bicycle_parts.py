"""Parts of bicycles: wheels, mudguards, saddle, cranks, chain. Wheels are about the x axis."""

from __future__ import annotations

import numpy as np

from simgen.geometry import solids
from simgen.geometry.solids import Solid, curves, uv

from .bicycle_lines import Lines

SPROCKET = 0.036
CHAIN_LINE = -0.045
"""x of the chain, on the right, metres."""


def wheel(line: Lines, spokes: int, half_hub: float, disc: bool) -> Solid:
    """Build a wheel about the origin. half_hub: half the distance between the fork's ends."""
    wide = line.tyre
    middle = line.wheel - wide
    inner = middle - 0.6 * wide - 0.013
    around = curves.superellipse((1.0, 1.0), 2.0, 10)
    tyre = _ring(middle, around * (wide, wide), "tyres")
    edge = min(0.75 * wide, 0.011)
    section = np.array([(0.0, inner), (edge, inner + 0.005), (edge, middle - 0.35 * wide)])
    section = np.concatenate([section, section[:0:-1] * (-1, 1)])
    rim = _ring(0.0, section[::-1], "rims")
    hub = [(0, -half_hub), (0.008, -half_hub), (0.009, -0.034), (0.026, -0.033), (0.026, -0.030)]
    hub += [(0.015, -0.026), (0.015, 0.026), (0.026, 0.030), (0.026, 0.033), (0.009, 0.034)]
    found = [tyre, rim, solids.lathe([*hub, (0.008, half_hub), (0, half_hub)], "metal", 16, axis=0)]
    found += _spokes(spokes, inner + 0.004)
    if disc:
        found.append(solids.translate(_flat_ring(0.08, 0.018) + _spider(0.08), (0.038, 0, 0)))
    return solids.join(found)


def _ring(radius: float, section: np.ndarray, slot: str, steps: int = 64) -> Solid:
    """Build a ring about the x axis. section: `m x 2`, x and distance from a circle of `radius`."""
    return solids.loft_loop(_turned(radius, section, np.arange(steps) * 2 * np.pi / steps), slot)


def _turned(radius: float, section: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """Return a section about the x axis at some angles from +y upwards, `n x m x 3`."""
    reach = radius + section[:, 1]
    y, z = reach * np.cos(angle)[:, None], reach * np.sin(angle)[:, None]
    return np.stack([np.broadcast_to(section[:, 0], y.shape), y, z], axis=2)


def _spokes(count: int, reach: float) -> list[Solid]:
    """Build crossed spokes: every second one from either flange, leading and trailing in turn."""
    found = []
    for number in range(count):
        side, turn = (-1) ** number, (-1) ** (number // 2)
        at = 2 * np.pi * number / count
        foot = at + turn * np.radians(68.0)
        start = (0.031 * side, 0.024 * np.cos(foot), 0.024 * np.sin(foot))
        end = (0.003 * side, reach * np.cos(at), reach * np.sin(at))
        found.append(solids.cylinder(start, end, 0.00115, "metal", 3))
    return found


def mudguard(line: Lines, start: float, end: float, slot: str) -> Solid:
    """Build a mudguard over a wheel about the origin. start, end: angles from +y upwards."""
    half, steps = line.tyre + 0.007, np.linspace(-1.0, 1.0, 6)
    x, drop = half * steps, -0.45 * half * steps**2
    section = np.concatenate(
        [np.column_stack([x, drop]), np.column_stack([x, drop - 0.0018])[::-1]]
    )[::-1]
    rings = _turned(line.wheel + 0.016, section, np.linspace(start, end, 28))
    made = solids.loft(rings, slot)
    for angle in (start + 0.06, end - 0.12):
        edge = (line.wheel + 0.008) * np.array([np.cos(angle), np.sin(angle)])
        stay = solids.cylinder((0.05, 0.0, 0.0), (half, *edge), 0.0022, "metal", 5)
        made += solids.with_mirror(stay)
    return made


def saddle(length: float, half: float) -> Solid:
    """Build a saddle above the origin, with rails and clamp. half: half its width."""
    share = np.array([0.0, 0.02, 0.08, 0.22, 0.42, 0.6, 0.75, 0.88, 0.96, 1.0])
    wide = np.array([0.006, 0.014, 0.02, 0.022, 0.03, 0.62 * half, 0.93 * half, half, 0.88 * half,
                     0.7 * half])  # fmt: skip
    thick = np.array([0.008, 0.016, 0.022, 0.025, 0.026, 0.027, 0.03, 0.031, 0.026, 0.012])
    high = np.array([0.026, 0.03, 0.034, 0.036, 0.034, 0.033, 0.036, 0.042, 0.045, 0.042])
    outline = curves.superellipse((1.0, 1.0), 2.6, 16)
    x, z = wide[:, None] * outline[:, 0], thick[:, None] * outline[:, 1] + high[:, None] - 0.012
    z = z - np.where(outline[:, 1] < 0, 0.0, 1.0) * 0.012 * outline[:, 0] ** 2
    y = np.broadcast_to((length * (share - 0.55))[:, None], x.shape)
    made = uv.box_projection(solids.loft(np.stack([x, y, z], axis=2), "saddle"))
    rail = [(0.012, -0.4 * length, 0.015), (0.02, -0.08, -0.012), (0.022, 0.05, -0.012),
            (0.03, 0.36 * length, 0.018)]  # fmt: skip
    made += solids.with_mirror(solids.rod(np.array(rail), 0.004, "metal", (1, 0, 0), 6))
    return made + solids.chamfered_box((-0.026, -0.03, -0.024), (0.026, 0.025, -0.006), 0.004,
                                       "trim")  # fmt: skip


def cranks(line: Lines, angle: float) -> tuple[list[Solid], list[np.ndarray]]:
    """Build both cranks with their pedals. Returns their solids and the centres of the pedals."""
    y, z = line.bracket
    found, pedals = [], []
    for side, turn in ((-1, angle), (1, angle + np.pi)):
        away = 0.17 * np.array([np.cos(turn), np.sin(turn)])
        near, far = np.array([0.066 * side, y, z]), np.array([0.078 * side, *(line.bracket + away)])
        crank = solids.cylinder(near, far, (0.013, 0.0095), "metal", 8)
        centre = far + (0.062 * side, 0.0, 0.0)
        pedals.append(centre)
        low, high = centre - (0.043, 0.045, 0.012), centre + (0.043, 0.045, 0.012)
        pedal = solids.chamfered_box(low, high, 0.007, "trim")
        found.append(crank + pedal + solids.cylinder(far, centre, 0.006, "metal", 8))
    return found, pedals


def drive(line: Lines, teeth: float, single: bool) -> Solid:
    """Build chainring, chain and sprockets. teeth: the chainring's radius. single: one sprocket."""
    bracket, rear = line.bracket, line.rear
    made = solids.translate(_flat_ring(teeth, 0.02) + _spider(teeth), (CHAIN_LINE, *bracket))
    made += solids.cylinder((-0.07, *bracket), (0.07, *bracket), 0.0145, "metal", 12)
    if single:
        made += solids.translate(_plate(SPROCKET, 0.003, 24), (CHAIN_LINE, *rear))
        return made + _chain(bracket, teeth, rear, SPROCKET, None)
    for number in range(6):
        cog = _plate(SPROCKET + 0.012 - 0.004 * number, 0.002, 24)
        made += solids.translate(cog, (CHAIN_LINE + 0.012 - 0.0045 * number, *rear))
    low = rear + (-0.03, -0.125)
    return made + _chain(bracket, teeth, rear, SPROCKET, low) + _derailleur(rear, low)


def _plate(radius: float, thick: float, around: int) -> Solid:
    half = thick / 2
    profile = [(0, -half), (radius - 0.003, -half), (radius, 0.0), (radius - 0.003, half)]
    return solids.lathe([*profile, (0, half)], "metal", around, axis=0)


def _flat_ring(radius: float, deep: float) -> Solid:
    section = np.array([(-0.0018, -deep), (0.0018, -deep), (0.0012, 0.0), (-0.0012, 0.0)])
    return _ring(radius, section, "metal", 40)


def _spider(radius: float) -> Solid:
    """Build the five arms of a chainring."""
    found = [solids.cylinder((-0.022, 0, 0), (0.004, 0, 0), 0.022, "metal", 14)]
    for angle in 2 * np.pi * (np.arange(5) + 0.3) / 5:
        end = (radius - 0.012) * np.array([np.cos(angle), np.sin(angle)])
        found.append(solids.cylinder((-0.008, 0, 0), (-0.003, *end), (0.011, 0.007), "metal", 6))
    return solids.join(found)


def _chain(
    first: np.ndarray, r: float, second: np.ndarray, s: float, low: np.ndarray | None
) -> Solid:
    """Build a chain around two circles; its lower run passes a derailleur's pulley at `low`."""
    way = np.arctan2(*(second - first)[::-1])
    front = way + np.linspace(np.pi / 2, 3 * np.pi / 2, 20)
    back = way + np.linspace(-np.pi / 2, np.pi / 2, 10)
    if low is not None:
        back = back[2:]
    runs = [first + r * np.column_stack([np.cos(front), np.sin(front)])]
    if low is not None:
        runs.append(np.array([low + (0.0, -0.02), low + (0.02, -0.01), second + (0.01, -0.06)]))
    runs.append(second + s * np.column_stack([np.cos(back), np.sin(back)]))
    path = curves.chain(*runs)
    path = np.column_stack([np.full(len(path), CHAIN_LINE), path])
    closed = np.concatenate([path[-1:], path, path[:1]])
    along = curves.unit(closed[2:] - closed[:-2])
    out = np.cross(along, (1.0, 0.0, 0.0))
    corners = ((-0.004, -0.0045), (0.004, -0.0045), (0.004, 0.0045), (-0.004, 0.0045))
    section = [path + np.array([a, 0, 0]) + b * out for a, b in corners]
    return solids.loft_loop(np.stack(section, axis=1), "metal")


def _derailleur(rear: np.ndarray, low: np.ndarray) -> Solid:
    cage = np.array([rear + (0.0, -0.03), rear + (0.01, -0.065), low])
    path = np.column_stack([np.full(3, CHAIN_LINE - 0.008), cage])
    made = solids.rod(path, (0.012, 0.012, 0.009), "trim", (1, 0, 0), 6)
    for at in cage[1:]:
        wheel_ = _plate(0.019, 0.008, 14)
        made += solids.translate(wheel_, (CHAIN_LINE, *at))
    return made
