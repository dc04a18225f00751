"""What is fixed to the frame of a motorcycle: rear wheel, frame, tank, seat, fairing, lights."""

from __future__ import annotations

import numpy as np

from simgen.geometry import solids
from simgen.geometry.solids import Solid

from . import motorcycle_engine as engines
from . import motorcycle_fairing as fairing
from . import motorcycle_parts as parts
from .motorcycle_lines import Lines, Motorcycle, has
from .two_wheelers import both, mudguard, xyz


def body(p: Motorcycle, line: Lines) -> list[Solid]:
    """Build all that does not turn with the handlebar, in groups."""
    found = [*parts.wheel(p, line, True), *_swing_arm(line)]
    found += [*engines.engine(p), *engines.exhaust(p, line), engines.chain(line)]
    found += [*_frame(p, line), *_shocks(p, line), *_pegs(p)]
    if p.style == "sport":
        return [*found, *fairing.bodywork(p, line)]
    return [*found, _tank(p, line), *_seat(p, line), *_rear(p, line)]


def _swing_arm(line: Lines) -> list[Solid]:
    x = line.tyres[1] + 0.05
    arm = [(x - 0.01, *engines.PIVOT), (x, *(0.5 * (engines.PIVOT + line.rear))), (x, *line.rear)]
    made = solids.rod(np.array(arm), (0.03, 0.024, 0.022), "frame", (1, 0, 0), 10)
    axle = solids.cylinder((-x - 0.03, *line.rear), (x + 0.03, *line.rear), 0.014, "metal", 12)
    pivot = solids.cylinder((-x, *engines.PIVOT), (x, *engines.PIVOT), 0.026, "frame", 12)
    return [*both(made), axle + pivot]


def _frame(p: Motorcycle, line: Lines) -> list[Solid]:
    """Build the head tube, the backbone, the cradle and the rails below the seat."""
    high, low = line.at(-0.03), line.clamps[0] + 0.03 * line.head_way
    head = solids.cylinder(xyz(0, low), xyz(0, high), 0.034, "frame", 14)
    seat = line.seat - 0.1
    start = (low + high) / 2
    spine = parts.bar([(0.0, *start), (0, start[0] + 0.22, start[1] - 0.02), (0, 0.1, seat + 0.02)],
                      0.03, "frame", 10)  # fmt: skip
    if p.style == "sport":
        beam = [(0.04, *start), (0.14, start[0] + 0.16, start[1] - 0.04),
                (0.145, 0.08, 0.6), (0.12, *engines.PIVOT)]  # fmt: skip
        return [head, spine, *_twice(parts.runs(beam, (0.04, 0.05, 0.05, 0.05), "engine", 2, 10))]
    down = [(0.02, *low), (0.06, low[0] + 0.1, low[1] - 0.24), (0.11, -0.25, 0.24),
            (0.12, -0.14, 0.17), (0.12, 0.16, 0.17), (0.12, 0.27, 0.25)]  # fmt: skip
    end = line.rear[0] - 0.02
    rail = [(0.03, 0.02, seat + 0.02), (0.085, 0.2, seat), (0.095, end, seat + 0.025)]
    post = [(0.12, 0.27, 0.25), (0.115, 0.28, 0.45), (0.09, 0.24, seat)]
    found = [head, spine, *_twice(parts.runs(down, 0.0165, "frame", 2))]
    found += both(parts.bar(rail, 0.0145, "frame")) + both(parts.bar(post, 0.0155, "frame"))
    # Battery, air filter and wires fill the middle.
    box = solids.chamfered_box((-0.085, 0.04, 0.44), (0.085, 0.28, seat + 0.03), 0.02, "trim")
    return [*found, box]


def _twice(groups: list[Solid]) -> list[Solid]:
    return [one for group in groups for one in both(group)]


def _shocks(p: Motorcycle, line: Lines) -> list[Solid]:
    """Build two shock absorbers with springs; that of a sport motorcycle is hidden."""
    if p.style == "sport":
        return []
    x = line.tyres[1] + 0.078
    foot, top = line.rear + (-0.05, 0.05), np.array([line.rear[0] - 0.17, line.seat - 0.08])
    long = float(np.linalg.norm(top - foot))
    profile = [(0.0, -0.02), (0.018, -0.02), (0.02, 0.02)]
    for z in np.linspace(0.12 * long, 0.78 * long, 11):
        profile += [(0.019, z - 0.008), (0.03, z)]
    profile += [(0.03, 0.8 * long), (0.03, 0.86 * long), (0.02, long + 0.01), (0.0, long + 0.01)]
    made = solids.lathe(profile, "metal" if p.silencer < 0.5 else "trim", 10)
    way = (top - foot) / long
    made = solids.rotate(made, 0, float(np.arctan2(-way[0], way[1])))
    return both(solids.translate(made, xyz(x, foot)))


def _pegs(p: Motorcycle) -> list[Solid]:
    """Build footrests, gear lever and brake pedal; those of cruisers are far ahead."""
    y, z = {"standard": (0.2, 0.3), "cruiser": (-0.24, 0.3), "sport": (0.33, 0.4)}[p.style]
    peg = solids.cylinder((0.1, y, z), (0.17, y, z), 0.012, "metal", 8)
    peg += solids.cylinder((0.17, y, z), (0.27, y, z + 0.01), 0.018, "trim", 10)
    lever = [(0.15, y + 0.02, z - 0.04), (0.16, y - 0.1, z - 0.035), (0.17, y - 0.16, z),
             (0.21, y - 0.165, z + 0.005)]  # fmt: skip
    return both(peg + parts.bar(lever, 0.007, "metal", 6))


def _tank(p: Motorcycle, line: Lines) -> Solid:
    s, y0 = line.seat, line.at(-0.03)[0] + 0.055
    wide = p.tank
    if p.style == "cruiser":
        y1 = 0.16
        top, low = max(s + 0.2, line.at(-0.08)[1]), s - 0.03
        rows = [(0, 0.04, low + 0.09, top - 0.03), (0.1, 0.1, low + 0.05, top + 0.01),
                (0.3, 0.15, low + 0.02, top + 0.005), (0.55, 0.145, low, top - 0.03),
                (0.8, 0.1, low - 0.01, s + 0.09), (1.0, 0.035, low - 0.02, s + 0.0)]  # fmt: skip
    else:
        y1, top, low = 0.11, max(s + 0.135, line.at(-0.1)[1]), s - 0.075
        rows = [(0, 0.05, low + 0.04, top - 0.06), (0.07, 0.095, low + 0.02, top - 0.02),
                (0.3, 0.14, low, top), (0.55, 0.145, low - 0.005, top - 0.005),
                (0.8, 0.105, low + 0.01, top - 0.06), (0.95, 0.075, low + 0.03, s + 0.02),
                (1.0, 0.05, low + 0.04, s + 0.005)]  # fmt: skip
    stations = [(y0 + share * (y1 - y0), wide * half, a, b) for share, half, a, b in rows]
    made = parts.streamlined(stations, "paint", 2.5, 18, 24)
    at = y0 + 0.36 * (y1 - y0)
    cap = [(0, -0.03), (0.034, -0.03), (0.034, 0.008), (0.026, 0.013), (0, 0.014)]
    return made + solids.translate(solids.lathe(cap, "metal", 18), (0.0, at, top))


def _seat(p: Motorcycle, line: Lines) -> list[Solid]:
    s, end = line.seat, line.rear[0]
    if p.style == "cruiser":
        rows = [(0.06, 0.06, s - 0.05, s - 0.01), (0.16, 0.12, s - 0.06, s + 0.015),
                (0.33, 0.165, s - 0.07, s - 0.01), (0.46, 0.165, s - 0.06, s + 0.02),
                (0.53, 0.13, s - 0.04, s + 0.085), (0.56, 0.09, s + 0.0, s + 0.08)]  # fmt: skip
        pad = [(0.53, 0.08, s + 0.005, s + 0.06), (0.58, 0.105, s + 0.005, s + 0.1),
               (0.75, 0.1, s + 0.005, s + 0.095), (0.84, 0.07, s + 0.0, s + 0.06)]  # fmt: skip
        found = [parts.streamlined(rows, "seat", 2.8, 18), parts.streamlined(pad, "seat", 2.8, 10)]
        return [*found, *_sides(p, s, 0.09), *_luggage(p, line)]
    rows = [
        (0.03, 0.045, s - 0.07, s + 0.0),
        (0.1, 0.08, s - 0.085, s + 0.02),
        (0.22, 0.115, s - 0.085, s),
        (0.36, 0.132, s - 0.085, s + 0.0),
        (0.48, 0.13, s - 0.08, s + 0.035),
        (end - 0.1, 0.115, s - 0.07, s + 0.045),
        (end + 0.02, 0.095, s - 0.045, s + 0.04),
        (end + 0.06, 0.06, s - 0.02, s + 0.02),
    ]
    made = parts.streamlined(rows, "seat", 3.0, 20)
    band = solids.chamfered_box((-0.126, 0.0, -0.12), (0.126, end - 0.28, -0.075), 0.012, "trim")
    made += solids.translate(band, (0, 0.26, s))
    return [made, *_sides(p, s, 0.0), *_luggage(p, line)]


def _sides(p: Motorcycle, s: float, back: float) -> list[Solid]:
    """Build the covers below the seat. s: its height. back: how far behind those of standards."""
    low, y = s - 0.28, back
    cover = [(0.115, y + 0.08, low + 0.05, 0.1, y + 0.07, s - 0.1),
             (0.125, y + 0.18, low, 0.105, y + 0.18, s - 0.095),
             (0.125, y + 0.3, low + 0.02, 0.105, y + 0.3, s - 0.09),
             (0.11, y + 0.38, low + 0.08, 0.1, y + 0.42, s - 0.08)]  # fmt: skip
    return both(parts.panel(cover, "trim" if p.guards_of == "trim" else "paint", 0.025))


def _luggage(p: Motorcycle, line: Lines) -> list[Solid]:
    """Build leather bags beside the rear wheel of cruisers, or a rail behind a seat."""
    if not has(p, "luggage"):
        return []
    s, end = line.seat, line.rear[0]
    if p.style == "cruiser":
        x = line.tyres[1] + 0.115
        bag = solids.superellipsoid((x, end - 0.2, s - 0.34), (x + 0.16, end + 0.2, s - 0.03),
                                    "seat", (5.0, 4.0))  # fmt: skip
        for y in (end - 0.08, end + 0.08):
            low, high = (x + 0.02, y - 0.013, s - 0.3), (x + 0.166, y + 0.013, s - 0.025)
            bag += solids.chamfered_box(low, high, 0.004, "trim")
        return both(bag)
    hoop = [
        (0.115, end - 0.2, s - 0.01),
        (0.125, end - 0.05, s + 0.03),
        (0.11, end + 0.1, s + 0.06),
    ]
    across = solids.cylinder((-0.11, end + 0.1, s + 0.06), (0.11, end + 0.1, s + 0.06), 0.009,
                             "metal", 8)  # fmt: skip
    return [solids.with_mirror(parts.bar(hoop, 0.009, "metal", 8)) + across]


def _rear(p: Motorcycle, line: Lines) -> list[Solid]:
    """Build the rear mudguard with its lights and number plate."""
    cruiser = p.style == "cruiser"
    radius = line.radii[1] + (0.045 if cruiser else 0.05)
    slot = p.guards_of if p.style == "standard" else "paint"
    half, end = line.tyres[1] + (0.03 if cruiser else 0.014), 0.06 if cruiser else 0.14
    guard = mudguard(radius, half, end * np.pi, 0.86 * np.pi, slot, 1.3 if cruiser else 0.7)
    guard = solids.translate(guard, xyz(0.0, line.rear))
    angle = (0.2 if cruiser else 0.24) * np.pi
    at = line.rear + (radius + 0.02) * np.array([np.cos(angle), np.sin(angle)])
    low, high = (-0.055, -0.03, -0.035), (0.055, 0.035, 0.035)
    light = solids.translate(solids.chamfered_box(low, high, 0.016, "tail_light"), xyz(0.0, at))
    brace = solids.chamfered_box((-0.045, -0.08, -0.05), (0.045, 0.01, 0.02), 0.012, slot)
    light += solids.translate(brace, xyz(0.0, at))
    light += parts.plate(at + (0.06, -0.13), -0.35)
    side = xyz(0.13, at + (-0.03, 0.0))
    arm = solids.cylinder((0.0, *side[1:]), side, 0.008, "trim", 8)
    return [guard, light + solids.with_mirror(arm + parts.indicator(side, 1.0))]
