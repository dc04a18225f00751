"""What a bicycle steers with: fork, stem, handlebar and basket, in its own axes, wheels ahead."""

from __future__ import annotations

import numpy as np

from simgen.geometry import solids
from simgen.geometry.solids import Solid, curves

from .bicycle_lines import Bicycle, Lines
from .two_wheelers import both, xyz

SPREAD = 0.052
"""x of the fork's ends, metres."""


def fork(p: Bicycle, line: Lines) -> list[Solid]:
    crown = line.axis + line.head_way * (line.wheel + 0.6 * line.style.crown)
    top = line.head_low + 0.01 * line.head_way
    if p.style == "mountain":
        return _suspension(line, crown)
    steerer = solids.cylinder(xyz(0, crown), xyz(0, top), 0.016, "frame", 12)
    straight = line.axis + 0.3 * line.wheel * line.head_way
    bend = line.axis + 0.08 * line.wheel * line.head_way
    path = curves.bezier([crown, (crown + straight) / 2, straight, bend, line.front], 9)
    wide = max(line.tyre + 0.014, 0.03)
    x = np.interp(np.linspace(0, 1, 9), (0, 0.12, 1), (0.7 * wide, wide, SPREAD))
    radius = np.interp(np.linspace(0, 1, 9), (0, 0.5, 1), (0.0135, 0.0125, 0.008))
    blade = solids.rod(np.column_stack([x, path]), radius, "frame", (1, 0, 0), 8)
    across = solids.cylinder((-wide, *crown), (wide, *crown), 0.015, "frame", 10)
    return [steerer + across, solids.with_mirror(blade)]


def _suspension(line: Lines, crown: np.ndarray) -> list[Solid]:
    """Build a fork with two bright stanchions that slide in thick legs."""
    x, lift = line.tyre + 0.032, line.ahead * line.style.rake
    high = crown + lift
    middle = line.front + line.head_way * 0.62 * np.linalg.norm(high - line.front)
    arch = line.front + line.head_way * (line.wheel + 0.028)
    leg = solids.cylinder((x, *line.front), (x, *middle), (0.016, 0.023), "trim", 12)
    leg += solids.cylinder((x, *middle), (x, *high), 0.0155, "metal", 12)
    bridge = np.array([(x, *middle), (0.7 * x, *arch), (-0.7 * x, *arch), (-x, *middle)])
    made = solids.rod(bridge, 0.011, "trim", _ahead(line), 8)
    top = np.array([(x, *high), (0.5 * x, *crown), (-0.5 * x, *crown), (-x, *high)])
    yoke = solids.rod(top, 0.02, "trim", (0, 0, 1), 8)
    steerer = solids.cylinder(xyz(0, crown - 0.02 * line.head_way), xyz(0, line.head_low), 0.02,
                              "trim", 12)  # fmt: skip
    return [yoke + steerer, solids.with_mirror(leg), made]


def _ahead(line: Lines) -> tuple[float, float, float]:
    return (0.0, float(line.ahead[0]), float(line.ahead[1]))


def handlebar(p: Bicycle, line: Lines) -> tuple[list[Solid], np.ndarray]:
    """Build stem and handlebar. Returns their solids and a point beyond the
    left end (at +x)."""
    up, ahead = line.head_way, line.ahead
    high, reach = {"upright": (0.09, 0.05), "straight": (0.045, 0.075), "drop": (0.03, 0.1)}[
        line.bar
    ]
    if p.style in ("city", "step_through"):
        high += 0.03
    top = line.head_top + high * up
    clamp = top + reach * ahead * (0.98, 1.0) + (0.0, 0.004)
    stem = solids.cylinder(xyz(0, line.head_top), xyz(0, top + 0.012 * up), 0.0135, "metal", 12)
    stem += solids.cylinder(xyz(0, top), xyz(0, clamp), (0.015, 0.017), "metal", 12)
    if line.bar == "drop":
        bar, end = _drop(p.width, clamp)
    else:
        bar, end = _flat(p, line, clamp)
    return [stem, *bar], end


def _flat(p: Bicycle, line: Lines, clamp: np.ndarray) -> tuple[list[Solid], np.ndarray]:
    """Build a straight or an upright handlebar with grips and brake levers."""
    if line.bar == "upright":
        half = 0.29 * p.width
        ways = [(0, 0, 0), (0.05, -0.01, 0), (0.11, -0.03, 0.03), (0.2, -0.02, 0.075),
                (0.97 * half, 0.05, 0.09), (half, 0.13, 0.083),
                (1.03 * half, 0.24, 0.07)]  # fmt: skip
        grip = 0.125
    else:
        half = (0.35 if p.style == "mountain" else 0.29) * p.width
        ways = [(0, 0, 0), (0.05, 0, 0), (0.11, 0.003, 0.018), (0.6 * half, 0.015, 0.022),
                (half, 0.05, 0.026)]  # fmt: skip
        grip = 0.13
    path = curves.catmull_rom(np.array(ways), 15) + (0.0, *clamp)
    runs = (path[:9], path[8:]) if line.bar == "upright" else (path,)
    bars = [solids.rod(run, 0.0115, "metal", (0, 0, 1), 8) for run in runs]
    way = curves.unit(path[-1] - path[-3])
    held = solids.cylinder(path[-1] - grip * way, path[-1] + 0.004 * way, 0.0165, "saddle", 10)
    start = path[-1] - (grip + 0.015) * way
    both_bars = [one for bar in bars for one in both(bar)]
    return [*both_bars, *both(held + _brake(start, way))], path[-1] + 0.05 * way


def _brake(start: np.ndarray, way: np.ndarray) -> Solid:
    """Build a brake lever ahead of a grip, which goes outwards (`way`) from `start`."""
    ahead = np.cross((0.0, 0.0, 1.0), -way)
    lever = np.array([start, start + 0.03 * ahead + (0, 0, -0.012),
                      start + 0.042 * ahead + 0.03 * way + (0, 0, -0.022),
                      start + 0.045 * ahead + 0.11 * way + (0, 0, -0.03)])  # fmt: skip
    return solids.rod(lever, (0.011, 0.008, 0.005, 0.005), "trim", (0, 0, 1), 6)


def _drop(width: float, clamp: np.ndarray) -> tuple[list[Solid], np.ndarray]:
    """Build a racing handlebar, with tape, brake hoods and levers."""
    half = 0.205 * width
    flat = np.array([(0, 0, 0), (0.07, 0, 0), (0.07, 0, 0), (half - 0.03, 0.0, 0.0),
                     (half - 0.008, -0.012, 0.0), (half, -0.035, -0.002)])  # fmt: skip
    hook = np.array([(0, -0.03, 0.0), (0, -0.065, -0.006), (0, -0.088, -0.03), (0, -0.09, -0.065),
                     (0, -0.068, -0.105), (0, -0.03, -0.125), (0, 0.04, -0.132)])  # fmt: skip
    bare = solids.rod(flat[:2] + (0, *clamp), 0.0125, "metal", (0, 0, 1), 8)
    tops = solids.rod(flat[2:] + (0, *clamp), 0.0155, "saddle", (0, 0, 1), 8)
    path = curves.catmull_rom(hook, 14) + (half, *clamp)
    drops = solids.rod(path, 0.0155, "saddle", (1, 0, 0), 8)
    hood = np.array([(0, -0.06, -0.004), (0, -0.1, 0.008), (0, -0.13, 0.028)]) + (half, *clamp)
    lever = np.array([(0, -0.118, 0.018), (0, -0.14, -0.03), (0, -0.125, -0.1)]) + (half, *clamp)
    brake = solids.rod(hood, (0.016, 0.017, 0.013), "trim", (1, 0, 0), 8)
    brake += solids.rod(lever, (0.008, 0.006, 0.005), "metal", (1, 0, 0), 6)
    return [*both(bare + tops), *both(drops), *both(brake)], path[-1] + (0.0, 0.05, 0.0)


def basket(line: Lines) -> list[Solid]:
    """Build a wire basket in front of the handlebar: its floor with its bracket, and four walls."""
    back = line.head_top + (-0.07, 0.02)
    floor, top = back[1] - 0.18, back[1] + 0.06
    y = back[0] - 0.12
    low = np.array([(x, y + d, floor) for x, d in _corners(0.12, 0.085)])
    high = np.array([(x, y + d, top) for x, d in _corners(0.17, 0.12)])
    across = zip(_between(low[0], low[1], 11), _between(low[3], low[2], 11), strict=True)
    wires = [_wire(start, end) for start, end in across]
    arm = solids.cylinder(xyz(0, line.head_top + 0.03 * line.head_way), xyz(0, back), 0.008,
                          "trim", 8)  # fmt: skip
    found = [solids.join(wires), arm]
    for one, other, count in ((0, 1, 11), (1, 2, 8), (2, 3, 11), (3, 0, 8)):
        feet, heads = _between(low[one], low[other], count), _between(high[one], high[other], count)
        wires = [_wire(start, end) for start, end in zip(feet, heads, strict=True)]
        starts, ends = _between(low[one], high[one], 6), _between(low[other], high[other], 6)
        wires += [_wire(start, end) for start, end in zip(starts, ends, strict=True)]
        rim = solids.cylinder(high[one], high[other], 0.0045, "trim", 6)
        found.append(solids.join([*wires, rim]))
    return found


def _corners(x: float, y: float) -> list[tuple[float, float]]:
    return [(-x, -y), (x, -y), (x, y), (-x, y)]


def _between(start: np.ndarray, end: np.ndarray, count: int) -> np.ndarray:
    return start + np.linspace(0, 1, count)[:, None] * (end - start)


def _wire(start: np.ndarray, end: np.ndarray) -> Solid:
    return solids.cylinder(start, end, 0.0022, "trim", 4)


def lamp(line: Lines) -> Solid:
    at = line.head_top + (-0.075, -0.02)
    body = solids.ellipsoid(xyz(0, at), (0.033, 0.035, 0.033), "metal", 16, 9)
    start = line.head_top - 0.02 * line.head_way
    return body + solids.cylinder(xyz(0, start), xyz(0, at), 0.007, "trim", 6)
