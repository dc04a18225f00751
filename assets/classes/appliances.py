"""Television and refrigerator: boxes with screens, doors and handles at -y."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Edges, keypoints
from simgen.spec.parameters import between, flag


@dataclass(frozen=True)
class Tv:
    diagonal: float = between(0.60, 1.40)
    bezel: float = between(0.006, 0.022)
    thick: float = between(0.024, 0.050)
    two_feet: bool = flag(below=0.5, of="stand")  # else one in the centre
    lift: float = between(0.05, 0.10)


@dataclass(frozen=True)
class Refrigerator:
    height: float = between(1.45, 1.95)
    width: float = between(0.55, 0.78)
    depth: float = between(0.58, 0.72)
    split: float = between(0.30, 0.72)  # height of the gap between the doors over the height
    side_by_side: bool = flag(above=0.75)  # two doors side by side
    handle: float = between(0.30, 0.55)
    door: float = between(0.045, 0.07)


def build_tv(p: Tv) -> MeshData:
    half = np.array([16, 9]) / np.hypot(16, 9) * p.diagonal / 2
    edge, t = p.bezel, p.thick
    x, low = half[0] + edge, p.lift
    high = low + 2 * (half[1] + edge)
    tall = high - low
    back = ((-0.8 * x, 0.3 * t, low + 0.1 * tall), (0.8 * x, t, high - 0.25 * tall))
    picture = ((-half[0], -0.0012, low + edge), (half[0], 0.002, high - edge))
    screen = solids.decoration(solids.chamfered_box(*picture, 0.0006, "screen"))
    found = [
        solids.chamfered_box((-x, 0.0, low), (x, 0.35 * t, high), 0.003, "frame"),
        solids.chamfered_box(*back, 0.3 * t, "frame"),
        # The image on a large screen is twice as coarse as that on a handheld one.
        replace(screen, uv=0.52 * screen.uv),
    ]
    if p.two_feet:
        for s, y in product((-1, 1), (-0.11, 0.11)):
            start, end = (
                (s * 0.62 * x, 0.3 * t, low + 0.02),
                (s * (0.62 * x + 0.02), y + 0.01, 0.008),
            )
            found.append(solids.cylinder(start, end, 0.008, "stand"))
    else:
        column = ((-0.07 * x, 0.15 * t, 0.008), (0.07 * x, 0.6 * t, low + 0.03))
        found.append(solids.rounded_slab((0.30 * x, 0.11), 0.03, (0.0, 0.012), 0.004, "stand"))
        found.append(solids.chamfered_box(*column, 0.004, "stand"))
    marks = keypoints.front_corners(1.1 * x, -0.1, low, high, side="")
    return solids.finished(solids.join(found), ("frame", "screen", "stand"), *marks)


def corners(
    half: float, deep: float, low: float, high: float
) -> tuple[dict[str, tuple[float, float, float]], Edges]:
    """Return approximate positions of four corners of the front and two of the back, and their
    edges."""
    points, edges = keypoints.front_corners(1.05 * half, -1.05 * deep, low, high)
    for name, x in (("left", -half), ("right", half)):
        points[f"top_back_{name}"] = (1.05 * x, 1.05 * deep, high)
    rest = keypoints.chain("top_front_left", "top_back_left", "top_back_right", "top_front_right")
    return points, edges + rest


def build_fridge(p: Refrigerator) -> MeshData:
    half = p.width / 2 * (1.25 if p.side_by_side else 1.0)
    deep, tall, t, low = p.depth / 2, p.height, p.door, 0.05
    front = -deep
    foot = ((-half + 0.02, front + t + 0.01, 0.0), (half - 0.02, deep - 0.05, 0.04))
    seal = (
        (-half + 0.012, front + 0.6 * t, low + 0.01),
        (half - 0.012, front + t + 0.004, tall - 0.015),
    )
    found = [
        solids.chamfered_box((-half, front + t, 0.03), (half, deep, tall - 0.006), 0.004, "case"),
        solids.chamfered_box(*foot, 0.004, "seal"),
        solids.chamfered_box(*seal, 0.002, "seal"),
    ]
    gap = low + p.split * (tall - low)
    doors = [(-half, low, half, gap - 0.004), (-half, gap + 0.004, half, tall)]
    if p.side_by_side:
        doors = [(-half, low, -0.06 * half, tall), (-0.06 * half + 0.006, low, half, tall)]
    for number, (x0, z0, x1, z1) in enumerate(doors):
        door = ((x0, front, z0), (x1, front + 0.8 * t, z1))
        found.append(solids.chamfered_box(*door, 0.012, "doors"))
        long = p.handle * (z1 - z0)
        if p.side_by_side:
            x, z = (x1 - 0.05 if number == 0 else x0 + 0.05), low + 0.55 * tall - long / 2
        else:
            x, z = x0 + 0.06, (z1 - 0.06 - long if number == 0 else z0 + 0.06)
        y = front - 0.045
        found.append(solids.cylinder((x, y, z), (x, y, z + long), 0.010, "handles", 12))
        for at in (z + 0.1 * long, z + 0.9 * long):
            ends = ((x, y - 0.002, at), (x, front + 0.01, at))
            found.append(solids.cylinder(*ends, 0.008, "handles"))
    slots = ("case", "doors", "handles", "seal")
    return solids.finished(solids.join(found), slots, *corners(half, deep, low, tall))


CLASSES = (
    ParametricClass("refrigerator", Refrigerator, build_fridge),
    ParametricClass("tv", Tv, build_tv),
)
