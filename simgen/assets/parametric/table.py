"""Table of real size: a dining table on four legs, a round one on a foot, or a desk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from simgen import solids
from simgen.assets.parametric.parametric_class import ParametricClass
from simgen.mesh import MeshData
from simgen.parameters import between, cases, flag
from simgen.solids import Solid, curves, keypoints

Kind = Literal["legs", "pedestal", "desk"]


@dataclass(frozen=True)
class Table:
    kind: Kind = cases(
        "legs", "pedestal", "desk", at=(0.55, 0.75)
    )  # four legs below 0.55, round on a foot below 0.75, a desk above
    length: float = between(1.0, 1.9)
    width: float = between(0.70, 0.95)
    height: float = between(0.71, 0.77)
    top: float = between(0.020, 0.045)
    leg: float = between(0.024, 0.042)  # half its width
    leg_taper: float = between(0.5, 1.0)
    square_legs: bool = flag(below=0.6, of="leg_round")  # square below 0.6
    splay: float = between(0.0, 0.10)
    apron: float = between(0.05, 0.10)
    overhang: float = between(0.01, 0.12)
    corner: float = between(0.004, 0.08)
    drawers_on_both_sides: bool = flag(above=0.5, of="drawers")  # on both sides of a desk above 0.5


SLOTS = ("top", "legs")


def build(p: Table) -> MeshData:
    round_top = p.kind == "pedestal"
    half = (p.length / 2, 0.36 if p.kind == "desk" else p.width / 2)
    if round_top:
        half = (0.30 + 0.3 * p.width,) * 2
    high, thick = p.height, p.top
    if round_top:
        r = half[0]
        b = 0.3 * thick
        rim = [(0, high - thick), (r - b, high - thick), (r, high - thick + b), (r, high - b)]
        body = solids.convex_lathe([*rim, (r - b, high), (0, high)], "top", 64)
        body += _pedestal(p, r, high - thick)
    else:
        body = solids.rounded_slab(half, p.corner, (high - thick, high), 0.2 * thick, "top")
        body += (_legs if p.kind == "legs" else _pedestals)(p, half, high - thick)
    way = 0.71 if round_top else 1.0
    marks: dict[str, ArrayLike] = {}
    names = ("front_left", "front_right", "back_right", "back_left")
    signs = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    for name, (x, y) in zip(names, signs, strict=True):
        marks[f"top_{name}"] = (1.1 * way * x * half[0], 1.1 * way * y * half[1], high + 0.1)
    edges = keypoints.loop(*marks)
    low = body.vertices
    low = low[low[:, 2] < 0.01]
    for name, (x, y) in zip(names, signs, strict=True):
        foot = keypoints.extreme(low, (x, y, 0.0))
        marks[f"foot_{name}"] = foot
        edges += ((f"top_{name}", f"foot_{name}"),)
    return solids.finished(body, SLOTS, marks, edges)


def _legs(p: Table, half: tuple[float, float], high: float) -> Solid:
    """Four legs and the apron between them."""
    leg = p.leg
    inset = p.overhang + leg
    x, y = half[0] - inset, half[1] - inset
    power = 6.0 if p.square_legs else 2.0
    section = curves.superellipse((leg, leg), power, 20)
    found = []
    for sx in (-1, 1):
        for sy in (-1, 1):
            z = np.array([0.0, 0.004, 0.5 * high, high - p.apron, high])
            size = np.array([0.9, 1.0, 1.0, 1.0, 1.0]) * np.interp(
                z, [0, high - p.apron], [p.leg_taper, 1.0]
            )
            out = p.splay * np.clip(high - p.apron - z, 0, None) * min(1.0, p.overhang / 0.05)
            rings = np.stack(
                [
                    np.column_stack(
                        [
                            sx * (x + o) + section[:, 0] * f,
                            sy * (y + o) + section[:, 1] * f,
                            np.full(20, level),
                        ]
                    )
                    for o, f, level in zip(out, size, z, strict=True)
                ]
            )
            part = solids.loft(rings, "legs")
            found.append(solids.filled(part))
    low, t = high - p.apron, 0.011
    for side in (-1, 1):
        found.append(
            solids.chamfered_box((-x, side * y - t, low), (x, side * y + t, high), 0.002, "legs")
        )
        found.append(
            solids.chamfered_box((side * x - t, -y, low), (side * x + t, y, high), 0.002, "legs")
        )
    return solids.join(found)


def _pedestal(p: Table, r: float, high: float) -> Solid:
    """One turned column on a round foot."""
    foot, leg = 0.55 * r, p.leg * 1.1
    plate = [(0, 0), (foot - 0.006, 0), (foot, 0.006), (foot, 0.016), (foot - 0.02, 0.024)]
    body = solids.convex_lathe([*plate, (leg * 1.6, 0.045), (0, 0.045)], "legs", 44)
    body += solids.convex_lathe(
        [
            (0, 0.04),
            (leg * 1.5, 0.04),
            (leg, 0.10),
            (leg, high - 0.10),
            (leg * 1.4, high - 0.03),
            (0, high - 0.03),
        ],
        "legs",
        28,
    )
    top = [
        (0, high - 0.035),
        (leg * 1.4, high - 0.035),
        (0.4 * r, high - 0.012),
        (0.4 * r, high),
        (0, high),
    ]
    return body + solids.convex_lathe(top, "legs", 36)


def _pedestals(p: Table, half: tuple[float, float], high: float) -> Solid:
    """A desk's drawers on one side or both, a panel at the back, and legs where no drawers are."""
    wide, gap = 0.42, 0.02
    y = half[1] - 0.03
    found = []
    for side in (-1, 1):
        x = side * (half[0] - 0.02 - wide / 2)
        if side > 0 or p.drawers_on_both_sides:
            low, front = (x - wide / 2, -y, 0.03), (x + wide / 2, y, high)
            found.append(solids.chamfered_box(low, front, 0.002, "legs"))
            found.append(
                solids.chamfered_box(
                    (low[0] + 0.02, -y + 0.02, 0.0),
                    (front[0] - 0.02, y - 0.02, 0.04),
                    0.002,
                    "legs",
                )
            )
            step = (high - 0.05) / 3
            for number in range(3):
                z = 0.04 + number * step
                face = solids.chamfered_box(
                    (low[0] + 0.008, -y - 0.016, z + gap / 4),
                    (front[0] - 0.008, -y + 0.002, z + step - gap / 4),
                    0.003,
                    "top",
                )
                grip = solids.cylinder(
                    (x - 0.06, -y - 0.034, z + 0.6 * step),
                    (x + 0.06, -y - 0.034, z + 0.6 * step),
                    0.006,
                    "legs",
                )
                found += [face, grip]
        else:
            edge = -(half[0] - 0.02)
            found.append(
                solids.chamfered_box((edge, -y, 0.0), (edge + 0.035, y, high), 0.003, "legs")
            )
    span = half[0] - 0.03
    found.append(
        solids.chamfered_box((-span, y - 0.03, 0.35 * high), (span, y - 0.012, high), 0.002, "legs")
    )
    return solids.join(found)


CLASSES = (ParametricClass("table", Table, build),)
