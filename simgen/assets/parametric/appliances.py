"""Television, microwave and refrigerator: boxes with screens, doors and handles at -y."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from simgen import solids
from simgen.assets.parametric.parametric_class import ParametricClass
from simgen.mesh import MeshData
from simgen.parameters import between, count, flag
from simgen.solids import Edges, Solid, keypoints


@dataclass(frozen=True)
class Tv:
    diagonal: float = between(0.60, 1.40)
    bezel: float = between(0.006, 0.022)
    thick: float = between(0.024, 0.050)
    two_feet: bool = flag(below=0.5, of="stand")  # two feet below 0.5, a foot in the middle above
    lift: float = between(0.05, 0.10)


@dataclass(frozen=True)
class Microwave:
    width: float = between(0.44, 0.54)
    height: float = between(0.26, 0.31)
    depth: float = between(0.33, 0.42)
    panel: float = between(0.22, 0.28)  # over the width
    bar_handle: bool = flag(above=0.35, of="handle")  # with a bar above 0.35
    window: float = between(0.72, 0.84)
    buttons: int = count(3, 5)


@dataclass(frozen=True)
class Refrigerator:
    height: float = between(1.45, 1.95)
    width: float = between(0.55, 0.78)
    depth: float = between(0.58, 0.72)
    split: float = between(0.30, 0.72)  # height of the gap between the doors over the height
    side_by_side: bool = flag(above=0.75)  # two doors next to each other above 0.75
    handle: float = between(0.30, 0.55)
    door: float = between(0.045, 0.07)


def build_tv(p: Tv) -> MeshData:
    half = np.array([16, 9]) / np.hypot(16, 9) * p.diagonal / 2
    edge, t = p.bezel, p.thick
    x, low = half[0] + edge, p.lift
    high = low + 2 * (half[1] + edge)
    panel = solids.chamfered_box((-x, 0.0, low), (x, 0.35 * t, high), 0.003, "frame")
    back = solids.chamfered_box(
        (-0.8 * x, 0.3 * t, low + 0.1 * (high - low)),
        (0.8 * x, t, high - 0.25 * (high - low)),
        0.3 * t,
        "frame",
    )
    screen = solids.chamfered_box(
        (-half[0], -0.0012, low + edge), (half[0], 0.002, high - edge), 0.0006, "screen"
    )
    # A picture on a large screen is coarser than one in the hand: twice the size.
    screen = replace(solids.decoration(screen), uv=0.52 * screen.uv)
    body = panel + back + screen
    for s in (-1, 1):
        if p.two_feet:
            for y in (-0.11, 0.11):
                end = (s * (0.62 * x + 0.02), y + 0.01, 0.008)
                body += solids.cylinder((s * 0.62 * x, 0.3 * t, low + 0.02), end, 0.008, "stand")
    if not p.two_feet:
        body += solids.rounded_slab((0.30 * x, 0.11), 0.03, (0.0, 0.012), 0.004, "stand")
        body += solids.chamfered_box(
            (-0.07 * x, 0.15 * t, 0.008), (0.07 * x, 0.6 * t, low + 0.03), 0.004, "stand"
        )
    marks = {}
    for level, z in (("bottom", low), ("top", high)):
        for name, sx in (("left", -1), ("right", 1)):
            marks[f"{level}_{name}"] = (1.1 * sx * x, -0.1, z)
    order = ("bottom_left", "bottom_right", "top_right", "top_left")
    return solids.finished(body, ("frame", "screen", "stand"), marks, keypoints.loop(*order))


def build_microwave(p: Microwave) -> MeshData:
    half, deep, low = p.width / 2, p.depth / 2, 0.012
    high = low + p.height
    body = solids.chamfered_box((-half, -deep + 0.02, low), (half, deep, high), 0.006, "case")
    split = half - p.panel * p.width
    body += solids.chamfered_box(
        (-half, -deep, low), (split - 0.002, -deep + 0.0215, high), 0.006, "case"
    )
    body += solids.chamfered_box((split, -deep, low), (half, -deep + 0.0215, high), 0.006, "panel")
    middle, wide = (split - half) / 2, p.window * (split + half) / 2
    tall = 0.5 * p.window * p.height
    centre = (low + high) / 2
    window = solids.rounded_slab((wide, tall), 0.014, (-0.0012, 0.006), 0.001, "window")
    window = solids.rotate(window, 0, np.pi / 2)
    body += solids.decoration(solids.translate(window, (middle, -deep + 0.0015, centre)))
    x0, x1 = split + 0.16 * (half - split), half - 0.16 * (half - split)
    display = solids.chamfered_box(
        (x0, -deep - 0.0012, high - 0.065), (x1, -deep + 0.004, high - 0.03), 0.001, "display"
    )
    body += solids.decoration(display) + _buttons(p, x0, x1, deep, low, high)
    if p.bar_handle:
        x = split - 0.028
        body += solids.cylinder(
            (x, -deep - 0.032, low + 0.05), (x, -deep - 0.032, high - 0.05), 0.008, "handle"
        )
        for z in (low + 0.07, high - 0.07):
            body += solids.cylinder((x, -deep - 0.034, z), (x, -deep + 0.006, z), 0.006, "handle")
    else:
        body += solids.chamfered_box(
            (x0, -deep - 0.005, low + 0.015), (x1, -deep + 0.004, low + 0.045), 0.003, "handle"
        )
    for sx in (-1, 1):
        for y in (-deep + 0.05, deep - 0.05):
            at = np.array([sx * (half - 0.05), y, 0.0])
            body += solids.cylinder(at, at + (0, 0, low + 0.004), 0.014, "panel")
    slots = ("case", "panel", "window", "display", "handle")
    return solids.finished(body, slots, *_corners(half, deep, low, high))


def _corners(
    half: float, deep: float, low: float, high: float
) -> tuple[dict[str, tuple[float, float, float]], Edges]:
    """Marks at the four corners of a front, and at two of the back's, with their edges."""
    marks = {}
    for level, z in (("bottom", low), ("top", high)):
        for name, x in (("left", -half), ("right", half)):
            marks[f"{level}_front_{name}"] = (1.05 * x, -1.05 * deep, z)
    for name, x in (("left", -half), ("right", half)):
        marks[f"top_back_{name}"] = (1.05 * x, 1.05 * deep, high)
    order = ("bottom_front_left", "bottom_front_right", "top_front_right", "top_front_left")
    edges = keypoints.loop(*order)
    rest = keypoints.chain("top_front_left", "top_back_left", "top_back_right", "top_front_right")
    return marks, edges + rest


def _buttons(p: Microwave, x0: float, x1: float, deep: float, low: float, high: float) -> Solid:
    rows = p.buttons
    room = high - low - 0.15
    found = []
    for row in range(rows):
        for column in range(3):
            x = x0 + (column + 0.5) * (x1 - x0) / 3
            z = low + 0.065 + (row + 0.5) * room / rows
            w, h = 0.38 * (x1 - x0) / 3, 0.32 * room / rows
            low_corner, high_corner = (x - w, -deep - 0.002, z - h), (x + w, -deep + 0.003, z + h)
            found.append(
                solids.decoration(solids.chamfered_box(low_corner, high_corner, 0.001, "handle"))
            )
    return solids.join(found)


def build_fridge(p: Refrigerator) -> MeshData:
    beside = p.side_by_side
    half = p.width / 2 * (1.25 if beside else 1.0)
    deep, tall, t, low = p.depth / 2, p.height, p.door, 0.05
    body = solids.chamfered_box((-half, -deep + t, 0.03), (half, deep, tall - 0.006), 0.004, "case")
    body += solids.chamfered_box(
        (-half + 0.02, -deep + t + 0.01, 0.0), (half - 0.02, deep - 0.05, 0.04), 0.004, "seal"
    )
    body += solids.chamfered_box(
        (-half + 0.012, -deep + 0.6 * t, low + 0.01),
        (half - 0.012, -deep + t + 0.004, tall - 0.015),
        0.002,
        "seal",
    )
    gap = low + p.split * (tall - low)
    doors = [(-half, low, -0.06 * half, tall), (-0.06 * half + 0.006, low, half, tall)]
    if not beside:
        doors = [(-half, low, half, gap - 0.004), (-half, gap + 0.004, half, tall)]
    for number, (x0, z0, x1, z1) in enumerate(doors):
        door = solids.chamfered_box((x0, -deep, z0), (x1, -deep + 0.8 * t, z1), 0.012, "doors")
        long = p.handle * (z1 - z0)
        if beside:
            x, z = (x1 - 0.05 if number == 0 else x0 + 0.05), low + 0.55 * tall - long / 2
        else:
            x, z = x0 + 0.06, (z1 - 0.06 - long if number == 0 else z0 + 0.06)
        y = -deep - 0.045
        grip = solids.cylinder((x, y, z), (x, y, z + long), 0.010, "handles", 12)
        for at in (z + 0.1 * long, z + 0.9 * long):
            grip += solids.cylinder((x, y - 0.002, at), (x, -deep + 0.01, at), 0.008, "handles")
        body += door + grip
    slots = ("case", "doors", "handles", "seal")
    return solids.finished(body, slots, *_corners(half, deep, low, tall))


CLASSES = (
    ParametricClass("microwave", Microwave, build_microwave),
    ParametricClass("refrigerator", Refrigerator, build_fridge),
    ParametricClass("tv", Tv, build_tv),
)
