"""Motorcycles: standard, cruiser, sport and scooter, their fronts at -y.

They lean on a side stand, or stand on a centre stand (scooters). The mesh is built of groups, each
of which is one convex piece of it.
"""

from __future__ import annotations

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Solid, keypoints

from . import motorcycle_body, scooter_body
from .motorcycle_front import front
from .motorcycle_lines import Motorcycle, lines
from .two_wheelers import steering, xyz

SLOTS = (
    "paint", "frame", "tyres", "rims", "metal", "engine", "seat", "trim", "glass", "headlights",
    "tail_light", "indicators", "plate",
)  # fmt: skip


def build(p: Motorcycle) -> MeshData:
    line, scooter = lines(p), p.style == "scooter"
    lean = 0.0 if scooter else p.lean
    steered, tip, light = front(p, line)
    if scooter:
        cover, light = scooter_body.cowl(p, line)
        steered += cover
        rigid = [*scooter_body.body(p, line), *scooter_body.stand(line)]
    else:
        rigid = [*motorcycle_body.body(p, line), _side_stand(lean)]
    turn = steering(line.axis, line.head_way, p.steer)
    groups = [solids.move_points(one, turn) for one in steered] + rigid
    ahead = xyz(0.0, light) - (0.0, 0.4, 0.0)
    points = {
        # At or beside the ends of the axles.
        "wheel_front": turn(xyz(-line.legs_apart - 0.03, line.front)),
        "wheel_back": xyz(-line.tyres[1] - 0.18, line.rear),
        "handlebar_left": turn(tip),
        "handlebar_right": turn(tip * (-1, 1, 1)),
        "saddle": np.array([0.0, 0.3, line.seat + 0.05]),
        "headlight": turn(ahead) if _turning_lamp(p) else ahead + (0.08, 0.0, 0.0),
        "tail_light": np.array([0.0, line.rear[0] + 0.35, line.seat]),
    }
    points["headlight"], points["tail_light"] = (
        _nearest(groups, slot, points[name])
        for name, slot in (("headlight", "headlights"), ("tail_light", "tail_light"))
    )
    body = solids.join([solids.filled(solids.rotate(one, 1, lean)) for one in groups])
    points = {name: solids.rotate_points(at, 1, lean) for name, at in points.items()}
    edges = keypoints.chain("handlebar_left", "handlebar_right", "wheel_front")
    edges += keypoints.chain("handlebar_right", "saddle", "wheel_back")
    edges += keypoints.chain("headlight", "saddle", "tail_light")
    return solids.finished(body, SLOTS, points, edges)


def _turning_lamp(p: Motorcycle) -> bool:
    """Return whether the handlebar turns the headlight; if not, there are two, side by side."""
    return p.lamp < 0.5 if p.style == "scooter" else p.style != "sport"


def _nearest(groups: list[Solid], slot: str, point: np.ndarray) -> np.ndarray:
    """Return the vertex of a slot that is nearest to a point."""
    found = np.concatenate([one.vertices[np.unique(one.faces[one.slot == slot])] for one in groups])
    return found[np.argmin(((found - point) ** 2).sum(axis=1))]


def _side_stand(lean: float) -> Solid:
    """Build the side stand, whose foot is on the ground of the leaning motorcycle."""
    x = 0.3
    top, foot = np.array([0.12, 0.12, 0.2]), np.array([x, 0.08, x * np.tan(lean) + 0.01])
    leg = solids.cylinder(top, foot, (0.014, 0.011), "trim", 10)
    low, high = foot - (0.03, 0.03, 0.006), foot + (0.03, 0.03, 0.006)
    return leg + solids.rotate(solids.chamfered_box(low, high, 0.004, "trim"), 1, -lean, foot)


CLASSES = (ParametricClass("motorcycle", Motorcycle, build),)
