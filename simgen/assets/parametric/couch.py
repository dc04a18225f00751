"""Couch: two or three seats with loose cushions between two arms. Its front is at -y."""

from __future__ import annotations

import numpy as np

from simgen.assets.parametric import bodies, landmarks, shapes
from simgen.assets.parametric.bodies import Body
from simgen.mesh import MeshData

RANGES: shapes.Ranges = {
    "seats": (2.0, 3.99),
    "seat_width": (0.58, 0.74),
    "depth": (0.82, 0.98),
    "height": (0.76, 0.92),
    "seat_height": (0.42, 0.48),
    "arm_width": (0.13, 0.24),
    "arm_height": (0.56, 0.66),
    "leg": (0.05, 0.13),
    "square": (6.0, 14.0),  # exponent of the frame's outline
    "plump": (2.6, 4.0),  # exponent of the cushions' height
    "pillows": (0.0, 1.0),
    "lean": (0.10, 0.24),
}
SLOTS = ("cover", "pillows", "feet")


def draw(rng: np.random.Generator) -> dict[str, float]:
    return shapes.draw_ranges(rng, RANGES)


def build(p: dict[str, float]) -> MeshData:
    wide = int(p["seats"]) * p["seat_width"] / 2
    deep = p["depth"] / 2
    body = _frame(p, wide, deep) + _cushions(p, wide, deep) + _pillows(p, wide, deep)
    edge, arm, high = wide + p["arm_width"], p["arm_height"], p["height"]
    marks = {
        "arm_front_left": (-edge, -1.1 * deep, arm),
        "arm_front_right": (edge, -1.1 * deep, arm),
        "back_top_left": (-wide, 1.1 * deep, high + 0.1),
        "back_top_right": (wide, 1.1 * deep, high + 0.1),
        "seat_front_left": (-wide + 0.1, -deep - 0.2, p["seat_height"] - 0.05),
        "seat_front_right": (wide - 0.1, -deep - 0.2, p["seat_height"] - 0.05),
    }
    order = ("arm_front_left", "seat_front_left", "seat_front_right", "arm_front_right")
    edges = landmarks.loop(*order, "back_top_right", "back_top_left")
    return bodies.built(body, SLOTS, marks, edges)


def _frame(p: dict[str, float], wide: float, deep: float) -> Body:
    """Base, back, arms and feet."""
    leg, arm, q = p["leg"], p["arm_width"], p["square"]
    front = (-wide - 0.04, -deep + 0.03, leg)
    found = [
        bodies.soft(front, (wide + 0.04, deep - 0.02, p["seat_height"] - 0.13), "cover", (24, 16))
    ]
    back = (wide + 0.04, deep, p["height"] - 0.05)
    found.append(bodies.soft((-wide - 0.04, deep - 0.18, leg), back, "cover", (q, 9.0)))
    found.append(
        bodies.both(
            bodies.soft((wide, -deep, leg), (wide + arm, deep, p["arm_height"]), "cover", (q, 9.0))
        )
    )
    for x in (-1, 1):
        for y in (-1, 1):
            at = np.array([x * (wide + 0.5 * arm - 0.01), y * (deep - 0.10), 0.0])
            found.append(bodies.stick(at, at + (0, 0, leg + 0.03), (0.018, 0.026), "feet", 14))
    return bodies.total(found)


def _cushions(p: dict[str, float], wide: float, deep: float) -> Body:
    """A seat cushion and a back cushion for every seat."""
    found, seat, step = [], p["seat_height"], p["seat_width"]
    for number in range(int(p["seats"])):
        left, right = -wide + number * step, -wide + (number + 1) * step
        low, high = (left + 0.003, -deep - 0.015, seat - 0.17), (right - 0.003, deep - 0.15, seat)
        found.append(bodies.soft(low, high, "cover", (14.0, p["plump"])))
        low, high = (left + 0.005, -0.11, -0.01), (right - 0.005, 0.11, p["height"] - seat + 0.01)
        # Laid down, so that the superellipse of its height becomes that of its thickness.
        flat = bodies.soft((low[0], 0.0, -0.11), (high[0], high[2], 0.11), "cover", (7.0, 2.8))
        cushion = bodies.turned(flat, 0, np.pi / 2 - p["lean"])
        found.append(bodies.merged(bodies.moved(cushion, (0, deep - 0.29, seat - 0.015))))
    return bodies.total(found)


def _pillows(p: dict[str, float], wide: float, deep: float) -> Body:
    """One pillow at an end of the couch, or one at both."""
    found = []
    for side in (-1, 1) if p["pillows"] > 0.5 else (1,):
        pillow = bodies.soft((-0.21, -0.21, -0.075), (0.21, 0.21, 0.075), "pillows", (5.0, 2.0))
        pillow = bodies.turned(pillow, 2, 0.25 * side)
        pillow = bodies.turned(pillow, 0, np.pi / 2 - 0.35)
        at = (side * (wide - 0.29), deep - 0.52, p["seat_height"] + 0.20)
        found.append(bodies.merged(bodies.moved(bodies.turned(pillow, 2, -0.25 * side), at)))
    return bodies.total(found)
