"""Bicycles for the city, low step-through ones, mountain and racing bicycles, their fronts at -y.

Most lean on a side stand; the others stand as if held. The mesh is built of groups, each of which
is one convex piece of it.
"""

from __future__ import annotations

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Solid, curves, keypoints

from . import bicycle_front as front
from . import bicycle_parts as parts
from .bicycle_lines import Bicycle, Lines, has, lines
from .two_wheelers import steering, xyz

SLOTS = ("frame", "tyres", "rims", "metal", "saddle", "trim", "reflector")
_SPREAD = 0.06
"""x of the ends of the rear fork, metres."""


def build(p: Bicycle) -> MeshData:
    line = lines(p)
    stands = has(p, "stand")
    steer = p.steer if stands else 0.25 * p.steer
    lean = p.lean if stands else 0.0
    steered, tip = _front(p, line)
    turn = steering(line.axis, line.head_way, steer)
    rigid, pedals = _rear(p, line)
    if stands:
        rigid.append(_stand(line, lean))
    groups = [solids.move_points(one, turn) for one in steered] + rigid
    points = {
        "wheel_front": turn(xyz(-0.06, line.front)),
        "wheel_back": xyz(-0.2, line.rear),
        "handlebar_left": turn(tip),
        "handlebar_right": turn(tip * (-1, 1, 1)),
        "saddle": xyz(0.0, line.saddle + (0.1, 0.06)),
        "pedal_left": pedals[1] + (0.1, 0, 0),
        "pedal_right": pedals[0] - (0.1, 0, 0),
    }
    body = solids.join([solids.filled(solids.rotate(one, 1, lean)) for one in groups])
    points = {name: solids.rotate_points(at, 1, lean) for name, at in points.items()}
    edges = keypoints.chain("handlebar_left", "handlebar_right", "wheel_front")
    edges += keypoints.chain("handlebar_right", "saddle", "wheel_back")
    edges += keypoints.chain("pedal_left", "saddle", "pedal_right")
    return solids.finished(body, SLOTS, points, edges)


def _front(p: Bicycle, line: Lines) -> tuple[list[Solid], np.ndarray]:
    """Build what turns with the handlebar. Returns the groups and the left end of the bar."""
    wheel = parts.wheel(line, p.spokes, front.SPREAD, has(p, "discs"))
    if has(p, "guards"):
        wheel += parts.mudguard(line, 0.15, 0.55 * np.pi + 0.35, p.guards_of)
    bar, tip = front.handlebar(p, line)
    found = [solids.translate(wheel, (0, *line.front)), *front.fork(p, line), *bar]
    if has(p, "basket"):
        found += front.basket(line)
    elif has(p, "lamp"):
        found.append(front.lamp(line))
    return found, tip


def _rear(p: Bicycle, line: Lines) -> tuple[list[Solid], list[np.ndarray]]:
    """Build frame, rear wheel, saddle, drive and what is fixed to them. Returns the groups and the
    centres of the pedals, the right one first."""
    wheel = parts.wheel(line, p.spokes, _SPREAD, has(p, "discs"))
    if has(p, "guards"):
        wheel += parts.mudguard(line, -0.25, 0.95 * np.pi, p.guards_of)
    city = p.style in ("city", "step_through")
    teeth = 0.085 if city else 0.09 if p.style == "racing" else 0.075
    crank, pedals = parts.cranks(line, p.crank)
    found = [solids.translate(wheel, (0, *line.rear)), *_frame(p, line), *crank]
    found.append(parts.drive(line, teeth, city))
    if has(p, "cover"):
        found.append(_cover(line, teeth, p.guards_of))
    seat = parts.saddle(0.26 if city else 0.275, 0.1 if city else 0.072)
    found.append(solids.translate(seat, xyz(0, line.saddle)))
    at = line.saddle - 0.07 * line.seat_way + (0.03, 0.0)
    if has(p, "rack"):
        found.append(_rack(line))
        at = line.rear + (0.2, line.wheel + 0.03)
    mark = solids.chamfered_box((-0.019, 0.0, -0.015), (0.019, 0.012, 0.015), 0.004, "reflector")
    mark += solids.cylinder((0, -0.025, 0), (0, 0.004, 0), 0.006, "trim", 6)
    found.append(solids.translate(mark, xyz(0, at)))
    if has(p, "bottle"):
        found.append(_bottle(line))
    return found, pedals


def _frame(p: Bicycle, line: Lines) -> list[Solid]:
    thick = line.style.tube
    low = line.head_low + 0.3 * (line.head_top - line.head_low)
    high = line.head_top - 0.2 * (line.head_top - line.head_low)
    head = solids.cylinder(xyz(0, line.head_low), xyz(0, line.head_top), 1.0 * thick + 0.004,
                           "frame", 14)  # fmt: skip
    for end in (line.head_low, line.head_top):
        rim = 0.006 * line.head_way
        head += solids.cylinder(xyz(0, end - rim), xyz(0, end + rim), thick + 0.007, "metal", 14)
    tube = solids.cylinder(xyz(0, line.bracket), xyz(0, line.seat_top), 0.0155, "frame", 12)
    end = line.seat_top - 0.02 * line.seat_way
    tube += solids.cylinder(xyz(0, end), xyz(0, line.seat_top + 0.004 * line.seat_way), 0.019,
                            "metal", 12)  # fmt: skip
    post = solids.cylinder(xyz(0, end), xyz(0, line.saddle - 0.01 * line.seat_way), 0.0132,
                           "metal", 12)  # fmt: skip
    shell = solids.cylinder((-0.036, *line.bracket), (0.036, *line.bracket), 0.022, "frame", 14)
    sag, joint = 0.0, line.seat_top - 0.03 * line.seat_way
    if p.style == "step_through":
        sag, joint = (
            0.08 if p.curved else 0.0,
            line.bracket + p.low * (line.seat_top - line.bracket),
        )
    down = _tube(low, line.bracket, thick, 0.8 * sag)
    top = _tube(high, joint, 0.85 * thick, sag)
    return [head, tube, post, *down, *top, shell, *_stays(line)]


def _tube(start: np.ndarray, end: np.ndarray, radius: float, sag: float) -> list[Solid]:
    """Build a tube of the frame: straight, or sagging in the middle and then in two groups."""
    share = np.linspace(0, 1, 11)[:, None]
    path = start + share * (end - start) - (0.0, 1.0) * (4 * sag * share * (1 - share))
    full = np.column_stack([np.zeros(11), path])
    runs = (full[:6], full[5:]) if sag else (full[[0, 5, 10]],)
    return [solids.rod(run, radius, "frame", (1, 0, 0), 12) for run in runs]


def _stays(line: Lines) -> list[Solid]:
    """Build the rear fork: seat stays and chain stays of both sides."""
    inner = max(line.tyre + 0.011, 0.022)
    rear, top = xyz(_SPREAD, line.rear), line.seat_top - 0.045 * line.seat_way
    near = line.rear + (line.wheel + 0.03) * curves.unit(top - line.rear)
    seat = np.array([rear, xyz(inner + 0.006, near), xyz(0.012, top)])
    seat_stays = solids.with_mirror(solids.rod(seat, (0.0075, 0.008, 0.008), "frame",
                                               _normal(seat), 8))  # fmt: skip
    near = line.rear + (line.wheel + 0.012) * curves.unit(line.bracket - line.rear)
    chain = np.array([rear, xyz(inner + 0.006, near), xyz(inner, line.bracket)])
    chain_stays = solids.with_mirror(solids.rod(chain, (0.0085, 0.01, 0.011), "frame",
                                                _normal(chain), 8))  # fmt: skip
    drop = solids.chamfered_box((-0.004, -0.022, -0.022), (0.004, 0.022, 0.022), 0.002, "frame")
    ends = [solids.translate(drop, rear * (side, 1, 1)) for side in (-1, 1)]
    return [seat_stays, solids.join([chain_stays, *ends])]


def _normal(path: np.ndarray) -> np.ndarray:
    """Return the normal of the plane of three points, or one across if they are on a line."""
    found = np.cross(path[1] - path[0], path[2] - path[1])
    size = float(np.linalg.norm(found))
    return found / size if size > 1e-6 else np.array([1.0, 0.0, 0.0])


def _cover(line: Lines, teeth: float, slot: str) -> Solid:
    """Build a chain guard on the right: a plate over the chain."""
    big, small = teeth + 0.022, parts.SPROCKET + 0.02
    way = np.arctan2(*(line.rear - line.bracket)[::-1])
    around = way + np.linspace(np.pi / 2, 3 * np.pi / 2, 20)
    behind = way + np.linspace(-np.pi / 2, np.pi / 2, 10)
    outline = np.concatenate([
        line.bracket + big * np.column_stack([np.cos(around), np.sin(around)]),
        line.rear - (0.03, 0) + small * np.column_stack([np.cos(behind), np.sin(behind)]),
    ])  # fmt: skip
    return solids.extrude(outline, -0.059, -0.05, slot, 0.003, axis=0)


def _rack(line: Lines) -> Solid:
    """Build a rack over the rear wheel, with its stays."""
    z, start, end = line.rear[1] + line.wheel + 0.04, line.rear[0] - 0.17, line.rear[0] + 0.2
    flat = curves.rounded_rectangle((0.06, (end - start) / 2), 0.03, 3)
    ring = np.column_stack([flat + (0, (start + end) / 2), np.full(len(flat), z)])
    bars = [solids.rod(np.concatenate([ring, ring[:1]]), 0.005, "trim", (0, 0, 1), 6)]
    for x in (-0.02, 0.02):
        bars.append(solids.cylinder((x, start, z), (x, end, z), 0.004, "trim", 6))
    for y in np.linspace(start + 0.06, end - 0.06, 4):
        bars.append(solids.cylinder((-0.06, y, z), (0.06, y, z), 0.004, "trim", 6))
    foot = xyz(_SPREAD + 0.008, line.rear + (0.0, 0.02))
    for y in (line.rear[0] - 0.02, line.rear[0] + 0.12):
        bars.append(solids.with_mirror(solids.cylinder(foot, (0.06, y, z), 0.0045, "trim", 6)))
    joint = xyz(0.018, line.seat_top - 0.06 * line.seat_way)
    bars.append(solids.with_mirror(solids.cylinder((0.03, start, z), joint, 0.004, "trim", 6)))
    return solids.join(bars)


def _bottle(line: Lines) -> Solid:
    """Build a drinking bottle on the down tube."""
    way = curves.unit(line.head_low - line.bracket)
    up = np.array([way[1], -way[0]])
    base = line.bracket + 0.2 * way + (0.037 + line.style.tube) * up
    body = solids.cylinder(xyz(0, base), xyz(0, base + 0.16 * way), 0.036, "trim", 16)
    neck, tip = base + 0.15 * way, base + 0.2 * way
    return body + solids.cylinder(xyz(0, neck), xyz(0, tip), (0.03, 0.014), "saddle", 12)


def _stand(line: Lines, lean: float) -> Solid:
    """Build the side stand, whose foot is on the ground of the leaning bicycle."""
    top = np.array([0.035, 0.1, line.bracket[1] + 0.005])
    x = 0.24
    foot = np.array([x, 0.2, x * np.tan(lean) + 0.008])
    return solids.cylinder(top, foot, 0.0085, "metal", 8)


CLASSES = (ParametricClass("bicycle", Bicycle, build),)
