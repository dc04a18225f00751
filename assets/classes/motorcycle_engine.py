"""Engines of motorcycles, their exhausts and chains."""

from __future__ import annotations

import numpy as np

from simgen.geometry import solids
from simgen.geometry.solids import Solid, curves

from . import motorcycle_parts as parts
from .motorcycle_lines import Lines, Motorcycle
from .two_wheelers import around_two, chain_loop, flat_ring, spider, xyz

PIVOT = np.array([0.27, 0.36])
"""Of the swing arm, y and z."""
_CRANK = np.array([-0.02, 0.34])


def engine(p: Motorcycle) -> list[Solid]:
    if p.style == "cruiser":
        return [_v_case(), *_vee(p.vee), _air_cleaner()]
    return [_case(), _cylinders(p.tilt)]


def _case() -> Solid:
    """Build a crankcase with the round covers of alternator and clutch."""
    corners = [(-0.2, 0.26), (-0.15, 0.205), (0.18, 0.2), (0.3, 0.27), (0.31, 0.4), (0.2, 0.475),
               (-0.1, 0.475), (-0.2, 0.4)]  # fmt: skip
    case = solids.extrude(np.array(corners), -0.15, 0.15, "engine", 0.02, axis=0)
    found = [case]
    for x, at, radius in ((1, (-0.07, 0.335), 0.09), (1, (0.2, 0.36), 0.065),
                          (-1, (0.06, 0.33), 0.115), (-1, (-0.11, 0.32), 0.055)):  # fmt: skip
        found.append(solids.translate(_cover(radius, 0.145 * x, x), (0.0, *at)))
    sump = solids.chamfered_box((-0.1, -0.14, 0.165), (0.1, 0.15, 0.22), 0.02, "engine")
    return solids.join([*found, sump])


def _cover(radius: float, x: float, side: int) -> Solid:
    profile = [(0, x), (radius, x), (radius, x + 0.035 * side), (0.93 * radius, x + 0.048 * side),
               (0.5 * radius, x + 0.052 * side), (0.45 * radius, x + 0.058 * side),
               (0, x + 0.06 * side)]  # fmt: skip
    return solids.lathe(profile, "engine", 24, axis=0)


def _cylinders(tilt: float) -> Solid:
    """Build cylinders in line, across the motorcycle, with fins, head and carburettors."""
    boxes = [((-0.135, -0.075, 0.46), (0.135, 0.075, 0.66))]
    boxes += [((-0.165, -0.105, z), (0.165, 0.105, z + 0.006)) for z in np.arange(0.48, 0.6, 0.018)]
    made = solids.chamfered_boxes("engine", 0.003, boxes)
    made += solids.chamfered_box((-0.17, -0.1, 0.605), (0.17, 0.1, 0.655), 0.012, "engine")
    for y in (-0.05, 0.05):
        low, high = (-0.165, y - 0.042, 0.65), (0.165, y + 0.042, 0.695)
        made += solids.chamfered_box(low, high, 0.016, "metal")
    for x in (-0.075, 0.075):
        body = solids.cylinder((x, 0.09, 0.6), (x, 0.24, 0.6), (0.032, 0.036), "trim", 12)
        made += body + solids.cylinder((x, 0.14, 0.545), (x, 0.14, 0.66), 0.03, "metal", 12)
    return solids.rotate(made, 0, tilt, (0.0, 0.0, 0.42))


def _v_case() -> Solid:
    corners = [(-0.2, 0.24), (-0.12, 0.19), (0.26, 0.19), (0.36, 0.25), (0.36, 0.4), (0.24, 0.45),
               (-0.1, 0.46), (-0.2, 0.4)]  # fmt: skip
    found = [solids.extrude(np.array(corners), -0.12, 0.12, "engine", 0.02, axis=0)]
    primary = around_two(np.array([-0.06, 0.32]), 0.11, np.array([0.27, 0.33]), 0.095)
    found.append(solids.extrude(primary, 0.11, 0.19, "metal", 0.02, axis=0))
    cams = around_two(np.array([-0.1, 0.33]), 0.085, np.array([0.07, 0.33]), 0.085)
    found.append(solids.extrude(cams, -0.175, -0.11, "metal", 0.018, axis=0))
    gear = around_two(np.array([0.2, 0.34]), 0.09, np.array([0.28, 0.34]), 0.08)
    found.append(solids.extrude(gear, -0.15, -0.11, "engine", 0.015, axis=0))
    return solids.join(found)


def _vee(half: float) -> list[Solid]:
    """Build two finned cylinders in a V, with heads and bright rocker covers."""
    profile = [(0.0, 0.08), (0.07, 0.08)]
    for z in np.arange(0.135, 0.26, 0.0165):
        profile += [(0.07, z), (0.098, z + 0.003), (0.07, z + 0.008)]
    profile += [(0.07, 0.27), (0.0, 0.27)]
    barrel = solids.lathe(profile, "engine", 16)
    for z in (0.272, 0.287, 0.302):
        low, high = (-0.1, -0.098, z), (0.1, 0.098, z + 0.008)
        barrel += solids.chamfered_box(low, high, 0.003, "engine")
    barrel += solids.chamfered_box((-0.08, -0.075, 0.265), (0.08, 0.075, 0.32), 0.006, "engine")
    barrel += solids.chamfered_box((-0.085, -0.085, 0.315), (0.085, 0.085, 0.365), 0.02, "metal")
    for x in (0.07,):
        for y in (-0.025, 0.025):
            rod = solids.cylinder((-x - 0.035, y, 0.06), (-x - 0.015, y, 0.3), 0.009, "metal", 8)
            barrel += rod
    return [solids.translate(solids.rotate(barrel, 0, turn), xyz(0.0, _CRANK))
            for turn in (half, -half)]  # fmt: skip


def _air_cleaner() -> Solid:
    """Build the round air cleaner between the cylinders, on the right."""
    profile = [(0, -0.14), (0.04, -0.14), (0.04, -0.165), (0.088, -0.166), (0.094, -0.172),
               (0.094, -0.205), (0.08, -0.218), (0.03, -0.222), (0, -0.224)]  # fmt: skip
    made = solids.lathe(profile, "metal", 28, axis=0)
    made += solids.cylinder((-0.15, 0, 0), (0.0, 0, 0), 0.03, "trim", 12)
    return solids.translate(made, xyz(0.0, _CRANK + (0.0, 0.265)))


def exhaust(p: Motorcycle, line: Lines) -> list[Solid]:
    """Build pipes and silencers."""
    if p.style == "cruiser":
        return _long_pipes(p, line)
    if p.style == "sport":
        return _sport_pipes(p, line)
    found = []
    two = p.silencer < 0.6
    end = np.array([line.rear[0] + 0.16, line.rear[1] + 0.0])
    for x in (-1, 1):
        ways = [(0.075, -0.08, 0.625), (0.085, -0.2, 0.6), (0.1, -0.285, 0.49), (0.11, -0.28, 0.34),
                (0.125, -0.2, 0.23), (0.14, -0.03, 0.205)]  # fmt: skip
        last = (0.165, 0.2, 0.215)
        if not two:
            last = (-0.165 * x, 0.2, 0.215) if x > 0 else (0.165, 0.22, 0.235)
            if x > 0:
                ways[-2:] = [(0.1, -0.2, 0.19), (-0.02, -0.02, 0.175)]
        points = [np.array(one) * (x, 1, 1) for one in [*ways, last]]
        found += parts.runs(points, 0.0205, "metal", 3)
        if two or x < 0:
            start, stop = np.array(last) * (x, 1, 1), xyz(x * (line.tyres[1] + 0.125), end)
            found.append(silencer(start, stop, 0.048, "metal"))
    return found


def silencer(start: np.ndarray, end: np.ndarray, radius: float, slot: str) -> Solid:
    """Build a silencer between two points, tapered at both ends."""
    share = np.array([-0.06, 0.0, 0.12, 0.2, 0.8, 0.92, 0.985, 1.0])
    wide = radius * np.array([0.46, 0.5, 0.82, 1.0, 1.0, 0.9, 0.66, 0.6])
    path = start + share[:, None] * (end - start)
    made = solids.loft(_tube(path, wide), slot)
    hole = solids.cylinder(path[-2], path[-1] + 0.003 * curves.unit(end - start), 0.45 * radius,
                           "trim", 12)  # fmt: skip
    return solids.filled(made + hole)


def _tube(path: np.ndarray, radius: np.ndarray, around: int = 18) -> np.ndarray:
    return solids.sections.tube(path, radius, (1, 0, 0), around)


def _long_pipes(p: Motorcycle, line: Lines) -> list[Solid]:
    """Build two long pipes, both on the right, or one on either side."""
    far = line.rear[0] + 0.3
    staggered = p.silencer < 0.65
    found = []
    for number, turn in enumerate((p.vee, -p.vee)):
        head = _CRANK + 0.29 * np.array([-np.sin(turn), np.cos(turn)])
        ahead = -1.0 if number == 0 else 1.0
        high = 0.34 if staggered and number else 0.24
        x = -0.19
        port = np.array([-0.07, *(head + (0.075 * ahead, 0.02))])
        knee = np.array([-0.15, *(head + ((-0.17, -0.1) if number == 0 else (0.16, -0.08)))])
        low = np.array([x, knee[1] + 0.06, high + 0.04])
        start = np.array([x, knee[1] + 0.2, high])
        end = np.array([x - 0.015, far - 0.12 * number, high + 0.03])
        points = [port, knee, low, start]
        slot = "metal"
        if not staggered and number:
            points = [point * (-1, 1, 1) for point in points]
            start, end = start * (-1, 1, 1), end * (-1, 1, 1)
        found += parts.runs(points, 0.024, slot, 2, 10)
        found.append(silencer(start, end, 0.046, slot))
    return found


def _sport_pipes(p: Motorcycle, line: Lines) -> list[Solid]:
    """Build the pipes below a sport motorcycle and its silencer: short, or long and raised."""
    ways = [(0.06, -0.12, 0.5), (0.06, -0.3, 0.42), (0.06, -0.26, 0.22), (0.05, -0.05, 0.16),
            (0.02, 0.14, 0.16)]  # fmt: skip
    pipes = solids.with_mirror(parts.bar([np.array(one) for one in ways], 0.022, "metal", 8))
    x = -(line.tyres[1] + 0.09)
    start = np.array([x, 0.36, 0.3])
    end = start + ((-0.015, 0.28, 0.12) if p.silencer < 0.5 else (-0.02, 0.5, 0.3))
    link = parts.bar([np.array([-0.02, 0.12, 0.16]), np.array([-0.1, 0.24, 0.19]), start], 0.024,
                     "metal", 8)  # fmt: skip
    slot = "metal" if p.silencer < 0.75 else "trim"
    return [pipes + link, silencer(start, end, 0.062, slot)]


def chain(line: Lines) -> Solid:
    """Build chain, sprockets and chain guard, on the left."""
    x, teeth = line.tyres[1] + 0.026, 0.095
    front = np.array([0.2, 0.36])
    loop = around_two(front, 0.036, line.rear, teeth)
    loop = np.concatenate([np.linspace(loop[-1], loop[0], 6)[1:-1], loop[:20],
                           np.linspace(loop[19], loop[20], 6)[1:-1], loop[20:]])  # fmt: skip
    made = chain_loop(x, loop, (0.008, 0.007))
    made += solids.translate(solids.mirror(flat_ring(teeth, 0.022) + spider(teeth)),
                             (x, *line.rear))  # fmt: skip
    way = curves.unit(line.rear - front)
    up = np.array([-way[1], way[0]])
    guard = [front + 0.1 * way + 0.06 * up, line.rear + 0.03 * way + (teeth + 0.025) * up]
    outline = np.array([guard[0], guard[1], guard[1] + 0.035 * up, guard[0] + 0.03 * up])
    return made + solids.extrude(outline, x - 0.014, x + 0.012, "trim", 0.003, axis=0)
