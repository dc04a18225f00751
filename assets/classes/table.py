"""Table, life-size: a dining table on four legs, a round one on a pedestal, or a desk."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Solid, curves, keypoints, sections
from simgen.spec.parameters import between, cases, flag

Kind = Literal["legs", "pedestal", "desk"]


@dataclass(frozen=True)
class Table:
    kind: Kind = cases("legs", "pedestal", "desk", at=(0.55, 0.75))
    length: float = between(1.0, 1.9)
    width: float = between(0.70, 0.95)
    height: float = between(0.71, 0.77)
    top: float = between(0.020, 0.045)
    leg: float = between(0.024, 0.042)  # half its width
    leg_taper: float = between(0.5, 1.0)
    square_legs: bool = flag(below=0.6, of="leg_round")  # else round
    splay: float = between(0.0, 0.10)
    apron: float = between(0.05, 0.10)
    overhang: float = between(0.01, 0.12)
    corner: float = between(0.004, 0.08)
    drawers_on_both_sides: bool = flag(above=0.5, of="drawers")  # of a desk


SLOTS = ("top", "legs")


def build(p: Table) -> MeshData:
    low, high = p.height - p.top, p.height
    if p.kind == "pedestal":
        half = (0.30 + 0.3 * p.width,) * 2
        r, b = half[0], 0.3 * p.top
        rim = [(0, low), (r - b, low), (r, low + b), (r, high - b), (r - b, high), (0, high)]
        body = solids.convex_lathe(rim, "top", 64) + _pedestal(p, r, low)
    else:
        half = (p.length / 2, 0.36 if p.kind == "desk" else p.width / 2)
        body = solids.rounded_slab(half, p.corner, (low, high), 0.2 * p.top, "top")
        body += (_legs if p.kind == "legs" else _drawers)(p, half, low)
    way = 0.71 if p.kind == "pedestal" else 1.0
    tops = keypoints.plan_corners("top", 1.1 * way * half[0], 1.1 * way * half[1], high + 0.1)
    feet = body.vertices[body.vertices[:, 2] < 0.01]
    points: dict[str, ArrayLike] = {**tops}
    for name, (x, y) in keypoints.CORNERS.items():
        points[f"foot_{name}"] = keypoints.extreme(feet, (x, y, 0.0))
    upright = tuple((f"top_{name}", f"foot_{name}") for name in keypoints.CORNERS)
    return solids.finished(body, SLOTS, points, keypoints.loop(*tops) + upright)


def _legs(p: Table, half: tuple[float, float], high: float) -> Solid:
    """Build four legs and the apron between them."""
    low, t = high - p.apron, 0.011
    x, y = (edge - (p.overhang + p.leg) for edge in half)
    section = curves.superellipse((p.leg, p.leg), 6.0 if p.square_legs else 2.0, 20)
    z = np.array([0.0, 0.004, 0.5 * high, low, high])
    size = np.array([0.9, 1.0, 1.0, 1.0, 1.0]) * np.interp(z, [0, low], [p.leg_taper, 1.0])
    out = p.splay * np.clip(low - z, 0, None) * min(1.0, p.overhang / 0.05)
    found = []
    for sx, sy in product((-1, 1), repeat=2):
        rings = sections.levels(section, z, size)
        rings[..., :2] += np.stack([sx * (x + out), sy * (y + out)], axis=1)[:, None]
        found.append(solids.filled(solids.loft(rings, "legs")))
    for s in (-1, 1):
        boards = [((-x, s * y - t, low), (x, s * y + t, high))]
        boards.append(((s * x - t, -y, low), (s * x + t, y, high)))
        found.append(solids.chamfered_boxes("legs", 0.002, boards))
    return solids.join(found)


def _pedestal(p: Table, r: float, high: float) -> Solid:
    """Build a column on a round foot."""
    foot, leg = 0.55 * r, p.leg * 1.1
    plate = [(0, 0), (foot - 0.006, 0), (foot, 0.006), (foot, 0.016), (foot - 0.02, 0.024)]
    column = [(0, 0.04), (leg * 1.5, 0.04), (leg, 0.10), (leg, high - 0.10)]
    column += [(leg * 1.4, high - 0.03), (0, high - 0.03)]
    head = [(0, high - 0.035), (leg * 1.4, high - 0.035), (0.4 * r, high - 0.012)]
    body = solids.convex_lathe([*plate, (leg * 1.6, 0.045), (0, 0.045)], "legs", 44)
    body += solids.convex_lathe(column, "legs", 28)
    return body + solids.convex_lathe([*head, (0.4 * r, high), (0, high)], "legs", 36)


def _drawers(p: Table, half: tuple[float, float], high: float) -> Solid:
    """Build a desk's drawers on one or both sides, a panel at the back, and a panel as the leg on a
    side without drawers."""
    edge, span, y = half[0] - 0.02, half[0] - 0.03, half[1] - 0.03
    found = []
    for side in (-1, 1):
        if side > 0 or p.drawers_on_both_sides:
            found.append(_drawer_case(side * (edge - 0.21), y, high))
        else:
            panel = ((-edge, -y, 0.0), (-edge + 0.035, y, high))
            found.append(solids.chamfered_box(*panel, 0.003, "legs"))
    back = ((-span, y - 0.03, 0.35 * high), (span, y - 0.012, high))
    return solids.join([*found, solids.chamfered_box(*back, 0.002, "legs")])


def _drawer_case(x: float, y: float, high: float) -> Solid:
    """Build three drawers with handles, one above the other."""
    left, right, step = x - 0.21, x + 0.21, (high - 0.05) / 3
    case = [
        ((left, -y, 0.03), (right, y, high)),
        ((left + 0.02, -y + 0.02, 0.0), (right - 0.02, y - 0.02, 0.04)),
    ]
    found = [solids.chamfered_boxes("legs", 0.002, case)]
    for z in (0.04 + number * step for number in range(3)):
        low, top = (
            (left + 0.008, -y - 0.016, z + 0.005),
            (right - 0.008, -y + 0.002, z + step - 0.005),
        )
        found.append(solids.chamfered_box(low, top, 0.003, "top"))
        at = np.array([x, -y - 0.034, z + 0.6 * step])
        found.append(solids.cylinder(at - (0.06, 0, 0), at + (0.06, 0, 0), 0.006, "legs"))
    return solids.join(found)


CLASSES = (ParametricClass("table", Table, build),)
