"""Parts of bicycles: wheels, mudguards, saddle, cranks, chain. Wheels are about the x axis."""

from __future__ import annotations

import numpy as np

from simgen.geometry import solids
from simgen.geometry.solids import Solid, curves, uv

from .bicycle_lines import Lines
from .two_wheelers import around_two, chain_loop, flat_ring, ring, spider
from .two_wheelers import mudguard as guard
from .two_wheelers import spokes as crossed

SPROCKET = 0.036
CHAIN_LINE = -0.045
"""x of the chain, on the right, metres."""


def wheel(line: Lines, spokes: int, half_hub: float, disc: bool) -> Solid:
    """Build a wheel about the origin. half_hub: half the distance between the fork's ends."""
    wide = line.tyre
    middle = line.wheel - wide
    inner = middle - 0.6 * wide - 0.013
    around = curves.superellipse((1.0, 1.0), 2.0, 10)
    tyre = ring(middle, around * (wide, wide), "tyres")
    edge = min(0.75 * wide, 0.011)
    section = np.array([(0.0, inner), (edge, inner + 0.005), (edge, middle - 0.35 * wide)])
    section = np.concatenate([section, section[:0:-1] * (-1, 1)])
    rim = ring(0.0, section[::-1], "rims")
    hub = [(0, -half_hub), (0.008, -half_hub), (0.009, -0.034), (0.026, -0.033), (0.026, -0.030)]
    hub += [(0.015, -0.026), (0.015, 0.026), (0.026, 0.030), (0.026, 0.033), (0.009, 0.034)]
    found = [tyre, rim, solids.lathe([*hub, (0.008, half_hub), (0, half_hub)], "metal", 16, axis=0)]
    found += crossed(spokes, inner + 0.004)
    if disc:
        found.append(solids.translate(flat_ring(0.08, 0.018) + spider(0.08), (0.038, 0, 0)))
    return solids.join(found)


def mudguard(line: Lines, start: float, end: float, slot: str) -> Solid:
    """Build a mudguard over a wheel about the origin. start, end: angles from +y upwards."""
    half = line.tyre + 0.007
    made = guard(line.wheel + 0.016, half, start, end, slot)
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
    made = solids.translate(flat_ring(teeth, 0.02) + spider(teeth), (CHAIN_LINE, *bracket))
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


def _chain(
    first: np.ndarray, r: float, second: np.ndarray, s: float, low: np.ndarray | None
) -> Solid:
    """Build a chain around two circles; its lower run passes a derailleur's pulley at `low`."""
    path = around_two(first, r, second, s)
    if low is not None:
        pulley = np.array([low + (0.0, -0.02), low + (0.02, -0.01), second + (0.01, -0.06)])
        path = np.concatenate([path[:20], pulley, path[22:]])
    return chain_loop(CHAIN_LINE, curves.chain(path))


def _derailleur(rear: np.ndarray, low: np.ndarray) -> Solid:
    cage = np.array([rear + (0.0, -0.03), rear + (0.01, -0.065), low])
    path = np.column_stack([np.full(3, CHAIN_LINE - 0.008), cage])
    made = solids.rod(path, (0.012, 0.012, 0.009), "trim", (1, 0, 0), 6)
    for at in cage[1:]:
        wheel_ = _plate(0.019, 0.008, 14)
        made += solids.translate(wheel_, (CHAIN_LINE, *at))
    return made
