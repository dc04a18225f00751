"""Couch: two or three seats with loose cushions between two arms. Its front is at -y."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Solid, keypoints
from simgen.spec.parameters import between, count, flag


@dataclass(frozen=True)
class Couch:
    seats: int = count(2, 3)
    seat_width: float = between(0.58, 0.74)
    depth: float = between(0.82, 0.98)
    height: float = between(0.76, 0.92)
    seat_height: float = between(0.42, 0.48)
    arm_width: float = between(0.13, 0.24)
    arm_height: float = between(0.56, 0.66)
    leg: float = between(0.05, 0.13)
    square: float = between(6.0, 14.0)  # exponent of the frame's outline
    plump: float = between(2.6, 4.0)  # exponent of the cushions' height
    two_pillows: bool = flag(above=0.5, of="pillows")
    lean: float = between(0.10, 0.24)


SLOTS = ("cover", "pillows", "feet")


def build(p: Couch) -> MeshData:
    wide = p.seats * p.seat_width / 2
    deep = p.depth / 2
    body = _frame(p, wide, deep) + _cushions(p, wide, deep) + _pillows(p, wide, deep)
    edge, arm, high = wide + p.arm_width, p.arm_height, p.height
    marks = {
        "arm_front_left": (-edge, -1.1 * deep, arm),
        "arm_front_right": (edge, -1.1 * deep, arm),
        "back_top_left": (-wide, 1.1 * deep, high + 0.1),
        "back_top_right": (wide, 1.1 * deep, high + 0.1),
        "seat_front_left": (-wide + 0.1, -deep - 0.2, p.seat_height - 0.05),
        "seat_front_right": (wide - 0.1, -deep - 0.2, p.seat_height - 0.05),
    }
    order = ("arm_front_left", "seat_front_left", "seat_front_right", "arm_front_right")
    edges = keypoints.loop(*order, "back_top_right", "back_top_left")
    return solids.finished(body, SLOTS, marks, edges)


def _frame(p: Couch, wide: float, deep: float) -> Solid:
    """Build base, back, arms and feet."""
    leg, arm, q = p.leg, p.arm_width, p.square
    reach = wide + 0.04
    base = ((-reach, -deep + 0.03, leg), (reach, deep - 0.02, p.seat_height - 0.13))
    back = ((-reach, deep - 0.18, leg), (reach, deep, p.height - 0.05))
    side = ((wide, -deep, leg), (wide + arm, deep, p.arm_height))
    found = [
        solids.superellipsoid(*base, "cover", (24, 16)),
        solids.superellipsoid(*back, "cover", (q, 9.0)),
        solids.with_mirror(solids.superellipsoid(*side, "cover", (q, 9.0))),
    ]
    for x in (-1, 1):
        for y in (-1, 1):
            at = np.array([x * (wide + 0.5 * arm - 0.01), y * (deep - 0.10), 0.0])
            found.append(solids.cylinder(at, at + (0, 0, leg + 0.03), (0.018, 0.026), "feet", 14))
    return solids.join(found)


def _cushions(p: Couch, wide: float, deep: float) -> Solid:
    """Build a seat cushion and a back cushion for every seat."""
    found, seat, step = [], p.seat_height, p.seat_width
    for number in range(p.seats):
        left, right = -wide + number * step, -wide + (number + 1) * step
        low, high = (left + 0.003, -deep - 0.015, seat - 0.17), (right - 0.003, deep - 0.15, seat)
        found.append(solids.superellipsoid(low, high, "cover", (14.0, p.plump)))
        low, high = (left + 0.005, -0.11, -0.01), (right - 0.005, 0.11, p.height - seat + 0.01)
        # Built lying down, so that the superellipse of the height becomes that of the thickness.
        flat = solids.superellipsoid(
            (low[0], 0.0, -0.11), (high[0], high[2], 0.11), "cover", (7.0, 2.8)
        )
        cushion = solids.rotate(flat, 0, np.pi / 2 - p.lean)
        found.append(solids.filled(solids.translate(cushion, (0, deep - 0.29, seat - 0.015))))
    return solids.join(found)


def _pillows(p: Couch, wide: float, deep: float) -> Solid:
    """Build a pillow at one or both ends of the couch."""
    found = []
    for side in (-1, 1) if p.two_pillows else (1,):
        pillow = solids.superellipsoid(
            (-0.21, -0.21, -0.075), (0.21, 0.21, 0.075), "pillows", (5.0, 2.0)
        )
        pillow = solids.rotate(pillow, 2, 0.25 * side)
        pillow = solids.rotate(pillow, 0, np.pi / 2 - 0.35)
        at = (side * (wide - 0.29), deep - 0.52, p.seat_height + 0.20)
        found.append(solids.filled(solids.translate(solids.rotate(pillow, 2, -0.25 * side), at)))
    return solids.join(found)


CLASSES = (ParametricClass("couch", Couch, build),)
