"""The bodywork of sport motorcycles: tank, seat, tail and fairing."""

from __future__ import annotations

import numpy as np

from simgen.geometry import solids
from simgen.geometry.solids import Solid

from . import motorcycle_parts as parts
from .motorcycle_front import mirror
from .motorcycle_lines import Lines, Motorcycle
from .two_wheelers import both, mudguard, xyz


def bodywork(p: Motorcycle, line: Lines) -> list[Solid]:
    """Build tank, seat, tail and fairing of a sport motorcycle."""
    s, y0 = line.seat, line.at(-0.03)[0] + 0.07
    top = s + 0.12
    wide = p.tank
    tank = [(y0, 0.07, s - 0.08, top - 0.05), (y0 + 0.06, 0.12 * wide, s - 0.1, top - 0.01),
            (y0 + 0.18, 0.15 * wide, s - 0.12, top), (y0 + 0.3, 0.14 * wide, s - 0.12, top - 0.03),
            (y0 + 0.4, 0.09, s - 0.1, s + 0.03), (y0 + 0.46, 0.06, s - 0.08, s)]  # fmt: skip
    seat = [(0.03, 0.05, s - 0.07, s - 0.01), (0.12, 0.09, s - 0.08, s + 0.005),
            (0.28, 0.125, s - 0.08, s), (0.38, 0.12, s - 0.06, s + 0.03),
            (0.42, 0.08, s - 0.03, s + 0.04)]  # fmt: skip
    tail = [(0.18, 0.09, s - 0.15, s - 0.05), (0.32, 0.12, s - 0.13, s - 0.01),
            (0.45, 0.12, s - 0.09, s + 0.055), (0.6, 0.1, s - 0.04, s + 0.085),
            (0.76, 0.065, s + 0.02, s + 0.105), (0.86, 0.03, s + 0.07, s + 0.115)]  # fmt: skip
    pad = [(0.43, 0.05, s + 0.02, s + 0.06), (0.48, 0.085, s + 0.02, s + 0.085),
           (0.6, 0.075, s + 0.03, s + 0.11), (0.7, 0.04, s + 0.05, s + 0.11)]  # fmt: skip
    light = solids.chamfered_box((-0.05, 0.8, s + 0.055), (0.05, 0.875, s + 0.1), 0.014,
                                 "tail_light")  # fmt: skip
    arm = solids.cylinder((0, 0.78, s + 0.03), (0, 0.92, s - 0.17), 0.018, "trim", 8)
    side = np.array([0.12, 0.86, s - 0.08])
    blink = parts.indicator(side, 1.0) + solids.cylinder((0, *side[1:]), side, 0.008, "trim", 8)
    holder = arm + parts.plate(np.array([0.94, s - 0.22]), -0.4)
    hugger = mudguard(line.radii[1] + 0.025, line.tyres[1] + 0.01, 0.3 * np.pi, 0.85 * np.pi,
                      "trim", 0.6)  # fmt: skip
    return [
        parts.streamlined(tank, "paint", 2.6, 16, 24), parts.streamlined(seat, "seat", 2.8),
        parts.streamlined(tail, "paint", 2.4), parts.streamlined(pad, "seat", 2.6, 10),
        light, holder, solids.with_mirror(blink), solids.translate(hugger, xyz(0.0, line.rear)),
        *_fairing(p, line),
    ]  # fmt: skip


def _fairing(p: Motorcycle, line: Lines) -> list[Solid]:
    """Build nose with headlights, windscreen, indicators and mirrors, and the fairing's sides."""
    y, z = line.at(-0.05, 0.0)
    nose = [(y - 0.42, 0.025, z - 0.13, z - 0.1), (y - 0.39, 0.09, z - 0.17, z - 0.055),
            (y - 0.31, 0.16, z - 0.19, z + 0.01), (y - 0.2, 0.205, z - 0.19, z + 0.055),
            (y - 0.12, 0.2, z - 0.17, z + 0.06), (y - 0.1, 0.16, z - 0.13, z + 0.04)]  # fmt: skip
    screen = parts.screen(np.array([y - 0.36, z - 0.03]), np.array([y - 0.13, z + 0.16]),
                          (0.15, 0.15), 0.16)  # fmt: skip
    dials = solids.chamfered_box((-0.09, y - 0.2, z + 0.03), (0.09, y - 0.11, z + 0.085), 0.02,
                                 "trim")  # fmt: skip
    eye = solids.ellipsoid((0, 0, 0), (0.075, 0.075, 0.034), "headlights", 20, 11)
    eye = solids.rotate(solids.rotate(eye, 1, -0.25), 2, 0.55)
    eyes = solids.with_mirror(solids.translate(eye, (0.085, y - 0.325, z - 0.085)))
    stalk = parts.bar([(0.16, y - 0.22, z + 0.03), (0.25, y - 0.2, z + 0.12),
                       (0.31, y - 0.16, z + 0.15)], 0.011, "trim", 8)  # fmt: skip
    looks = both(stalk + mirror(np.array([0.34, y - 0.15, z + 0.16])))
    blink = parts.indicator((0.215, y - 0.25, z - 0.1), -1.0)
    return [parts.streamlined(nose, "paint", 2.5, 16) + eyes + dials, screen,
             solids.with_mirror(blink), *looks, *_sides(p, y, z)]  # fmt: skip


def _sides(p: Motorcycle, y: float, z: float) -> list[Solid]:
    """Build the panels of both sides, the radiator and the belly. y, z: of the head of the frame.

    Between the panels, the engine can be seen; a half fairing has the upper ones only.
    """
    deep = 0.21
    upper = [(0.15, y - 0.3, z - 0.16, 0.16, y - 0.3, z - 0.06),
             (0.19, y - 0.17, z - 0.26, 0.2, y - 0.16, z - 0.0),
             (0.205, y - 0.04, z - 0.3, 0.21, y - 0.02, z - 0.03),
             (0.205, y + 0.12, z - 0.275, 0.205, y + 0.12, z - 0.11),
             (0.19, y + 0.26, z - 0.245, 0.19, y + 0.26, z - 0.205)]  # fmt: skip
    lower = [(0.185, y - 0.13, z - 0.36, 0.18, y - 0.13, z - 0.33),
             (0.19, y - 0.03, deep + 0.17, 0.205, y - 0.03, z - 0.345),
             (0.175, y + 0.12, deep + 0.04, 0.21, y + 0.14, z - 0.34),
             (0.16, y + 0.32, deep, 0.21, y + 0.32, 0.45),
             (0.15, y + 0.46, deep, 0.195, y + 0.46, 0.36),
             (0.13, y + 0.58, deep + 0.02, 0.16, y + 0.58, deep + 0.07)]  # fmt: skip
    sides = both(parts.panel(upper, "paint", 0.03, 0.014))
    fan = solids.chamfered_box((-0.16, y + 0.02, 0.36), (0.16, y + 0.07, z - 0.2), 0.01, "trim")
    if not p.lower:
        return [*sides, fan]
    belly = [
        (y + 0.16, 0.11, deep - 0.02, deep + 0.1),
        (y + 0.3, 0.14, deep - 0.06, deep + 0.1),
        (0.16, 0.13, deep - 0.06, deep + 0.06),
        (0.22, 0.1, deep - 0.04, deep + 0.02),
    ]
    sides += both(parts.panel(lower, "paint", 0.03, 0.014))
    return [*sides, fan, parts.streamlined(belly, "paint", 3.0)]
