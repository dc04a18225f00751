"""Scooters: apron, footboard, the body under the seat, and the engine beside the rear wheel."""

from __future__ import annotations

import numpy as np

from simgen.geometry import solids
from simgen.geometry.solids import Solid, uv

from . import motorcycle_parts as parts
from .motorcycle_engine import silencer
from .motorcycle_lines import Lines, Motorcycle, has
from .two_wheelers import around_two, both, mudguard, xyz

FLOOR = 0.3
"""Height of the footboard, metres."""


def body(p: Motorcycle, line: Lines) -> list[Solid]:
    """Build all that does not turn with the handlebar, in groups."""
    return [
        *parts.wheel(p, line, True),
        *_engine(line),
        *_apron(p, line),
        *_floor(line),
        *_seat(p, line),
        *_back(p, line),
    ]


def cowl(p: Motorcycle, line: Lines) -> tuple[list[Solid], np.ndarray]:
    """Build the cover of the handlebar, which turns with it. Returns the middle of the headlight,
    if it is there, or of the place where it is not."""
    y, z = line.at(0.05, 0.02)
    rows = [(y - 0.13, 0.05, z - 0.06, z + 0.03), (y - 0.1, 0.09, z - 0.085, z + 0.05),
            (y - 0.02, 0.12, z - 0.08, z + 0.06), (y + 0.06, 0.11, z - 0.05, z + 0.05),
            (y + 0.1, 0.06, z - 0.03, z + 0.03)]  # fmt: skip
    made = parts.streamlined(rows, "paint", 2.6)
    dial = solids.superellipsoid((-0.06, y - 0.01, z + 0.03), (0.06, y + 0.075, z + 0.064), "glass")
    found = [made + dial]
    if p.lamp < 0.5:
        found[0] += parts.lamp(np.array([y - 0.115, z - 0.012]), 0.075, "paint")
    if has(p, "screen"):
        foot = np.array([y - 0.1, z + 0.03])
        found.append(parts.screen(foot, foot + (0.12, 0.32), (0.15, 0.2), 0.05))
    return found, np.array([y - 0.15, z - 0.012])


def _apron(p: Motorcycle, line: Lines) -> list[Solid]:
    """Build the leg shield, whose middle bulges over the front wheel."""
    top, across = line.at(-0.025)[1], np.linspace(-1.0, 1.0, 15)
    high = np.array([FLOOR - 0.03, 0.36, 0.46, 0.58, 0.7, top - 0.06, top - 0.01, top])
    wide = np.array([0.15, 0.17, 0.185, 0.195, 0.19, 0.165, 0.13, 0.09]) * p.tank
    slope = line.head_way[0] / line.head_way[1]
    middle = line.axis[0] + (high - line.axis[1]) * slope
    ahead = np.array([0.0, 0.0, 0.03, 0.08, 0.1, 0.085, 0.07, 0.05])
    # Behind the wheel below, ahead of the steering above.
    clear = line.front[0] + line.radii[0] + 0.05
    edge = np.maximum(middle + 0.05, clear + 0.0 * middle)
    edge[3:] = middle[3:] + 0.05
    x = wide[:, None] * across
    front = edge[:, None] - (ahead[:, None] + 0.055) * (1 - np.abs(across) ** 2.2)
    back = edge[:, None] + 0.012 + (0.05 * (1 - np.abs(across) ** 4)) * (high < top - 0.02)[:, None]
    z = np.broadcast_to(high[:, None], x.shape)
    rings = solids.Sheet(np.stack([x, front, z], 2), np.stack([x, back, z], 2)).rings()
    shield = solids.filled(uv.box_projection(solids.loft(rings, "paint")))
    side = np.array([0.145, edge[4] - 0.06, 0.7])
    lens = solids.ellipsoid((0, 0, 0), (0.05, 0.03, 0.024), "indicators", 14, 9)
    found = [shield, solids.with_mirror(solids.translate(lens, side))]
    nose = np.array([edge[4] - ahead[4] - 0.05, 0.71])
    if p.lamp >= 0.5:
        eye = solids.ellipsoid(
            xyz(0.055, nose + (0.015, 0.0)), (0.07, 0.035, 0.045), "headlights", 18, 9
        )
        found[0] += solids.with_mirror(eye)
    else:
        y = float(nose[0])
        grille = (-0.035, y - 0.012, 0.56), (0.035, y + 0.06, 0.72)
        found[0] += solids.chamfered_box(*grille, 0.012, "trim")
    return found


def _floor(line: Lines) -> list[Solid]:
    start = line.front[0] + line.radii[0] + 0.05
    board = solids.chamfered_box(
        (-0.165, start, FLOOR - 0.07), (0.165, 0.14, FLOOR), 0.025, "paint"
    )
    mat = solids.chamfered_box((-0.15, start + 0.07, FLOOR - 0.01), (0.15, 0.1, FLOOR + 0.008),
                               0.005, "trim")  # fmt: skip
    keel = solids.cylinder((0, start + 0.03, FLOOR - 0.07), (0, 0.25, FLOOR - 0.07), 0.05, "frame",
                           12)  # fmt: skip
    return [board + mat + keel]


def _seat(p: Motorcycle, line: Lines) -> list[Solid]:
    """Build the body below the seat, and the seat."""
    s, end, wide = line.seat, line.rear[0] + 0.19, p.tank
    low = line.rear[1] + line.radii[1]  # top of the rear wheel
    rows = [(-0.0, 0.09, FLOOR + 0.12, s - 0.1), (0.03, 0.13 * wide, FLOOR - 0.02, s - 0.07),
            (0.12, 0.155 * wide, FLOOR - 0.04, s - 0.06),
            (0.24, 0.18 * wide, FLOOR - 0.02, s - 0.055), (0.4, 0.2 * wide, low - 0.08, s - 0.05),
            (0.58, 0.18 * wide, low - 0.01, s - 0.045), (0.76, 0.12 * wide, low + 0.08, s - 0.035),
            (end, 0.055, s - 0.16, s - 0.05)]  # fmt: skip
    cushion = [(-0.03, 0.07, s - 0.09, s - 0.05), (0.03, 0.11, s - 0.1, s - 0.005),
               (0.2, 0.15, s - 0.1, s), (0.36, 0.15, s - 0.1, s + 0.01),
               (0.44, 0.145, s - 0.09, s + 0.04), (0.62, 0.13, s - 0.08, s + 0.05),
               (0.75, 0.1, s - 0.06, s + 0.04), (0.79, 0.06, s - 0.05, s + 0.01)]  # fmt: skip
    return [parts.streamlined(rows, "paint", 3.0, 18, 24),
            parts.streamlined(cushion, "seat", 2.8, 20)]  # fmt: skip


def _engine(line: Lines) -> list[Solid]:
    """Build engine, belt cover and shock absorber on the left, and the silencer on the right."""
    x, rear = line.tyres[1], line.rear
    start = rear + (-0.4, 0.05)
    case = around_two(start, 0.085, rear, 0.075)
    made = solids.extrude(case, x + 0.018, x + 0.095, "engine", 0.018, axis=0)
    fan = solids.lathe([(0, x + 0.05), (0.07, x + 0.05), (0.07, x + 0.105), (0.06, x + 0.112),
                        (0, x + 0.112)], "trim", 20, axis=0)  # fmt: skip
    made += solids.translate(fan, xyz(0.0, start))
    low, high = (-0.1, start[0] - 0.1, start[1] - 0.09), (0.09, start[0] + 0.11, start[1] + 0.08)
    block = solids.chamfered_box(low, high, 0.03, "engine")
    axle = solids.cylinder((-x - 0.06, *rear), (x + 0.05, *rear), 0.014, "metal", 12)
    first, last = np.array([-x - 0.085, *(rear + (-0.2, -0.01))]), np.array(
        [-x - 0.1, *(rear + (0.17, 0.06))])  # fmt: skip
    pipe = parts.bar([(-0.03, start[0] - 0.06, start[1] - 0.08), (-x - 0.02, start[0] + 0.05, 0.14),
                      first], 0.017, "metal", 8)  # fmt: skip
    shock = [np.array([x + 0.07, *(rear + (-0.02, 0.07))]), np.array([0.1, rear[0] - 0.12, 0.6])]
    spring = solids.cylinder(shock[0], shock[1], 0.026, "metal", 12)
    return [made, block, axle, silencer(first, last, 0.055, "metal"), pipe, spring]


def _back(p: Motorcycle, line: Lines) -> list[Solid]:
    """Build the tail: light, indicators, plate, mudguard, rail, and sometimes a top case."""
    s, end = line.seat, line.rear[0] + 0.19
    low = line.rear[1] + line.radii[1]
    at = np.array([end - 0.015, s - 0.11])
    light = solids.superellipsoid((-0.075, at[0] - 0.05, at[1] - 0.035),
                                  (0.075, at[0] + 0.04, at[1] + 0.035), "tail_light")  # fmt: skip
    lens = solids.ellipsoid(
        (0.115, at[0] - 0.055, at[1]), (0.035, 0.045, 0.025), "indicators", 14, 9
    )
    guard = mudguard(line.radii[1] + 0.03, line.tyres[1] + 0.01, 0.08 * np.pi, 0.75 * np.pi, "trim",
                     0.7)  # fmt: skip
    hanger = solids.cylinder(
        (0, end - 0.1, low + 0.16), (0, end + 0.035, low + 0.0), 0.018, "trim", 8
    )
    tail = light + solids.with_mirror(lens)
    sign = parts.plate(np.array([end + 0.06, low + 0.02]), -0.3)
    rail = [(0.14, end - 0.4, s - 0.03), (0.15, end - 0.2, s + 0.03), (0.1, end - 0.03, s + 0.055),
            (0.0, end + 0.0, s + 0.06)]  # fmt: skip
    found = [tail, hanger, sign, solids.translate(guard, xyz(0.0, line.rear)),
             *both(parts.bar(rail, 0.0105, "metal", 8))]  # fmt: skip
    if has(p, "luggage"):
        case = solids.superellipsoid((-0.2, end - 0.17, s + 0.075), (0.2, end + 0.2, s + 0.36),
                                     "trim", (5.0, 4.0))  # fmt: skip
        back = solids.chamfered_box((-0.07, end + 0.14, s + 0.17), (0.07, end + 0.204, s + 0.21),
                                    0.008, "tail_light")  # fmt: skip
        low, high = (-0.1, end - 0.25, s + 0.045), (0.1, end + 0.14, s + 0.08)
        rack = solids.chamfered_box(low, high, 0.01, "trim")
        found += [case + back, rack]
    return found


def stand(line: Lines) -> list[Solid]:
    """Build the centre stand, whose feet are on the ground."""
    y = line.rear[0] - 0.38
    leg = [(0.08, y, 0.2), (0.12, y + 0.06, 0.1), (0.15, y + 0.1, 0.011)]
    made = both(parts.bar(leg, 0.011, "trim"))
    cross = solids.cylinder((-0.12, y + 0.06, 0.1), (0.12, y + 0.06, 0.1), 0.01, "trim", 8)
    return [*made, cross]
