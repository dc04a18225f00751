"""What a motorcycle steers with: fork, handlebar, mirrors, lamp, instruments and mudguard."""

from __future__ import annotations

import numpy as np

from simgen.geometry import solids
from simgen.geometry.solids import Solid, curves

from . import motorcycle_parts as parts
from .motorcycle_lines import Lines, Motorcycle, has
from .two_wheelers import both, mudguard, xyz


def front(p: Motorcycle, line: Lines) -> tuple[list[Solid], np.ndarray, np.ndarray]:
    """Build what turns with the handlebar. Returns its groups, the left end of the bar, and y and z
    of the headlight."""
    held, tip = handlebar(p, line)
    found = [*parts.wheel(p, line, False), _guard(p, line), *_fork(p, line), *held]
    light = (line.clamps[0] + line.clamps[1]) / 2 + 0.2 * line.ahead
    if p.style in ("standard", "cruiser"):
        found += [*_lights(p, line), _instruments(line, 0.055 if p.silencer < 0.5 else 0.045)]
    if p.style in ("standard", "cruiser") and has(p, "screen"):
        found += _screen(line, 0.34 if p.style == "cruiser" else 0.2)
    return found, tip, light


def _fork(p: Motorcycle, line: Lines) -> list[Solid]:
    if p.style == "scooter":
        return _short_fork(line)
    x, top = line.legs_apart, float(np.linalg.norm(line.clamps[1] - line.axis))
    sport = p.style == "sport"
    middle = 0.42 * top
    slide = solids.cylinder(xyz(x, line.leg(-0.035)), xyz(x, line.leg(middle)), (0.024, 0.03),
                            "engine" if not sport else "trim", 14)  # fmt: skip
    shine = solids.cylinder(xyz(x, line.leg(middle)), xyz(x, line.leg(top + 0.02)), 0.0215,
                            "metal", 14)  # fmt: skip
    seal = solids.cylinder(xyz(x, line.leg(middle - 0.02)), xyz(x, line.leg(middle + 0.012)),
                           0.033, "trim", 14)  # fmt: skip
    leg = slide + shine + seal
    if p.style == "cruiser":
        leg += solids.cylinder(xyz(x, line.leg(top - line.style.gap - 0.02)),
                               xyz(x, line.leg(top - 0.02)), 0.036, "metal", 14)  # fmt: skip
    legs = both(leg)
    for side in (-1, 1) if p.discs == 2 else (-1,):
        legs[0 if side > 0 else 1] += _caliper(line, side)
    axle = solids.cylinder((-x - 0.03, *line.front), (x + 0.03, *line.front), 0.013, "metal", 12)
    return [*legs, _clamps(line) + axle]


def _caliper(line: Lines, side: int) -> Solid:
    at = line.leg(0.075) - 0.07 * line.ahead
    x = side * (line.tyres[0] + 0.022)
    made = solids.chamfered_box((-0.026, -0.034, -0.048), (0.026, 0.034, 0.048), 0.01, "trim")
    return solids.translate(_along(made, line), xyz(x, at))


def _along(solid: Solid, line: Lines) -> Solid:
    """Tilt a solid, whose z axis becomes that of the steering."""
    return solids.rotate(solid, 0, -float(np.arctan2(line.head_way[0], line.head_way[1])))


def _clamps(line: Lines) -> Solid:
    """Build both clamps of the fork and the stem between them."""
    x, found = line.legs_apart, []
    for at in line.clamps:
        low, high = (-x - 0.035, -0.075, -0.018), (x + 0.035, 0.032, 0.014)
        yoke = solids.chamfered_box(low, high, 0.012, "engine")
        found.append(solids.translate(_along(yoke, line), xyz(0.0, at)))
    stem = [xyz(0.0, line.clamps[0] - 0.03 * line.head_way), xyz(0.0, line.at(0.025))]
    found.append(solids.cylinder(stem[0], stem[1], 0.024, "trim", 14))
    return solids.join(found)


def _short_fork(line: Lines) -> list[Solid]:
    """Build the fork of a scooter: short legs below a clamp over the wheel."""
    x, top = line.legs_apart, line.radii[0] + 0.075
    leg = solids.cylinder(xyz(x, line.leg(-0.03)), xyz(x, line.leg(0.5 * top)), 0.028, "trim", 12)
    leg += solids.cylinder(xyz(x, line.leg(0.5 * top)), xyz(x, line.leg(top)), 0.018, "metal", 12)
    crown, high = line.leg(top), line.at(0.0)
    yoke = solids.cylinder((-x - 0.02, *crown), (x + 0.02, *crown), 0.026, "trim", 12)
    stem = solids.cylinder(xyz(0, crown), xyz(0, high), 0.024, "trim", 12)
    axle = solids.cylinder((-x - 0.03, *line.front), (x + 0.03, *line.front), 0.012, "metal", 12)
    legs = both(leg)
    legs[1] += _caliper(line, -1)
    return [*legs, yoke + axle, stem]


def _guard(p: Motorcycle, line: Lines) -> Solid:
    """Build the mudguard of the front wheel, which its fork carries."""
    radius, half = line.radii[0] + 0.028, line.tyres[0] + 0.014
    slot = p.guards_of if p.style in ("standard", "cruiser") else "paint"
    span = {"standard": (0.2, 0.65), "cruiser": (0.14, 0.68), "sport": (0.25, 0.74),
            "scooter": (0.18, 0.84)}[p.style]  # fmt: skip
    drop = 1.1 if p.style in ("cruiser", "scooter") else 0.7
    made = mudguard(radius, half, span[0] * np.pi, span[1] * np.pi, slot, drop)
    for angle in (0.38 * np.pi, 0.62 * np.pi):
        edge = (line.radii[0] + 0.012) * np.array([np.cos(angle), np.sin(angle)])
        foot = 0.2 * line.head_way
        stay = solids.cylinder((half - 0.002, *edge), (line.legs_apart, *foot), 0.006, slot, 6)
        made += solids.with_mirror(stay)
    return solids.translate(made, xyz(0.0, line.front))


def handlebar(p: Motorcycle, line: Lines) -> tuple[list[Solid], np.ndarray]:
    """Build handlebar with grips, levers and mirrors. Returns its groups and a point beyond the
    left end (at +x)."""
    rise, sweep, half = line.bar
    base, riser = line.at(0.05, -0.01), None
    if p.style in ("sport", "scooter"):
        base = line.at(0.03, 0.03)
        inner = line.legs_apart if p.style == "sport" else 0.03
        ways = [(inner, 0.0, 0.0), (0.55 * half, 0.02, rise), (half, sweep, rise - 0.015)]
    else:
        ways = [(0, 0, 0), (0.06, 0, 0.0), (0.13, 0.01, 0.75 * rise), (0.2, 0.03, rise),
                (0.68 * half, 0.35 * sweep, rise), (half, sweep, rise - 0.02)]  # fmt: skip
        riser = solids.cylinder((0.045, *line.at(0.0)), (0.045, *base), 0.017, "engine", 10)
    points = [np.array(way) + (0.0, *base) for way in ways]
    tubes = parts.runs(points, 0.0115, "metal", 2 if p.style == "cruiser" else 1)
    if riser is not None:
        tubes[0] += riser
    found = [one for tube in tubes for one in both(tube)]
    way = curves.unit(points[-1] - points[-2])
    tip = points[-1]
    held = solids.cylinder(tip - 0.125 * way, tip + 0.006 * way, 0.0175, "trim", 10)
    held += solids.cylinder(tip + 0.004 * way, tip + 0.022 * way, 0.0165, "metal", 12)
    held += solids.cylinder(tip - 0.13 * way, tip - 0.122 * way, 0.024, "trim", 12)
    switch = tip - 0.155 * way
    held += solids.cylinder(switch - 0.024 * way, switch + 0.024 * way, 0.024, "trim", 12)
    held += _lever(switch - 0.02 * way, way)
    mirror = _mirror(p, switch - 0.03 * way)
    return [*found, *both(held), *both(mirror)], tip + 0.05 * way


def _lever(start: np.ndarray, way: np.ndarray) -> Solid:
    """Build a lever ahead of a grip, with its perch."""
    ahead = np.cross((0.0, 0.0, 1.0), -way)
    ahead = curves.unit(ahead)
    perch = solids.cylinder(start - 0.012 * way, start + 0.03 * ahead, 0.013, "trim", 8)
    lever = [start + 0.028 * ahead, start + 0.055 * ahead + 0.05 * way + (0, 0, -0.006),
             start + 0.05 * ahead + 0.12 * way + (0, 0, -0.01),
             start + 0.06 * ahead + 0.185 * way + (0, 0, -0.012)]  # fmt: skip
    return perch + parts.bar(lever, (0.008, 0.006, 0.006, 0.007), "metal", 6)


def _mirror(p: Motorcycle, start: np.ndarray) -> Solid:
    """Build a mirror that faces backwards, and its stem."""
    if p.style == "sport":  # on a stalk of the fairing instead, which does not turn
        jar = solids.cylinder(start, start + (0.0, -0.01, 0.035), 0.019, "trim", 12)
        return jar + solids.cylinder(start + (0, -0.01, 0.034), start + (0, -0.01, 0.045), 0.021,
                                     "metal", 12)  # fmt: skip
    high = 0.15 if p.style != "cruiser" else 0.12
    at = start + (0.075, -0.02, high)
    stem = parts.bar([start, start + (0.005, -0.03, 0.5 * high), at - (0.015, 0.0, 0.02)], 0.0055,
                     "metal", 8)  # fmt: skip
    return stem + mirror(at)


def mirror(at: np.ndarray) -> Solid:
    cup = solids.ellipsoid((0, -0.006, 0), (0.068, 0.022, 0.046), "trim", 14, 8)
    face = [(0, 0.0), (0.96, 0.0), (0.96, 0.3), (0, 0.3)]
    glass = solids.rotate(solids.lathe(face, "metal", 18), 0, -np.pi / 2)
    return solids.translate(cup + solids.scale(glass, (0.066, 0.064, 0.044)), at)


def _lights(p: Motorcycle, line: Lines) -> list[Solid]:
    """Build the headlight between the clamps, with its ears, and the indicators."""
    middle, radius = (line.clamps[0] + line.clamps[1]) / 2, 0.085
    at = middle + 0.135 * line.ahead
    cup = "metal" if p.style == "cruiser" else p.guards_of
    made = parts.lamp(at + (-0.02, 0.0), radius, cup)
    ear = solids.cylinder((line.legs_apart, *middle), (0.8 * radius, *at), 0.013, "trim", 8)
    made += solids.with_mirror(ear)
    side = xyz(0.19, middle + 0.05 * line.ahead)
    arm = solids.cylinder(xyz(line.legs_apart, middle), side, 0.008, "trim", 8)
    blink = parts.indicator(side, -1.0) + arm
    return [made + solids.with_mirror(blink)]


def _instruments(line: Lines, radius: float) -> Solid:
    """Build two round instruments before the handlebar, which face the rider."""
    cup = [(0, -0.045), (0.8 * radius, -0.04), (radius, -0.01), (radius, 0.0), (0, 0.0)]
    rim = [(0, -0.003), (radius + 0.003, -0.003), (radius + 0.002, 0.004), (0, 0.004)]
    face = [(0, 0.0), (radius - 0.005, 0.0), (radius - 0.006, 0.006), (0, 0.006)]
    dial = solids.lathe(cup, "trim", 18) + solids.lathe(rim, "metal", 20)
    dial = _along(dial + solids.lathe(face, "glass", 18), line)
    dial = solids.translate(dial, xyz(radius + 0.008, line.at(0.075, 0.09)))
    post = solids.cylinder(xyz(0.03, line.at(0.0, 0.05)), xyz(0.03, line.at(0.05, 0.09)), 0.01,
                           "trim", 6)  # fmt: skip
    return solids.with_mirror(dial + post)


def _screen(line: Lines, high: float) -> list[Solid]:
    """Build a windscreen on the fork, over the headlight."""
    foot = line.at(-0.02, 0.2)
    made = parts.screen(foot, foot + (0.4 * high, high), (0.15, 0.23), 0.055)
    ends = line.at(-0.03), foot + (0.09, 0.08)
    arm = solids.cylinder(xyz(line.legs_apart, ends[0]), xyz(0.15, ends[1]), 0.006, "metal", 6)
    return [made, solids.with_mirror(arm)]
