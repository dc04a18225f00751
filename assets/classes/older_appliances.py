"""Cooker, toaster and microwave as datasets from before November 25, 2026 have them.

New objects have the shapes of `cooker.py`, `toaster.py` and `microwave.py`.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Solid, keypoints

from .appliances import corners

if TYPE_CHECKING:
    from .cooker import Oven
    from .microwave import Microwave
    from .toaster import Toaster


def oven(p: Oven) -> MeshData:
    half, deep, high = p.width / 2, p.depth / 2, p.height
    front, foot = -deep, 0.05
    door_top, door_low = high - 0.03 - p.panel, foot + p.drawer

    def level(low: float, high: float, slot: str, inset: float = 0.0) -> Solid:
        corners = ((-half, front + inset, low), (half, front + 0.035, high))
        return solids.chamfered_box(*corners, 0.004, slot)

    case = ((-half, front + 0.03, foot), (half, deep, high - 0.03))
    under = ((-half + 0.02, front + 0.06, 0), (half - 0.02, deep - 0.03, foot + 0.01))
    top = ((-half, front, high - 0.032), (half, deep, high - 0.006))
    found = [
        solids.chamfered_box(*case, 0.003, "case"),
        solids.chamfered_box(*under, 0.002, "trim"),
        solids.chamfered_box(*top, 0.004, "top"),
        level(door_top + 0.004, high - 0.034, "panel"),
        level(door_low + 0.004, door_top - 0.004, "case"),
        level(foot + 0.005, door_low - 0.004, "case", 0.004),
    ]
    found += [
        *_oven_door(p, front, (door_low, door_top)),
        *_knobs(p, front, door_top + p.panel / 2),
    ]
    found += _burners(p, high - 0.006)
    if p.back > 0:
        panel = ((-half, deep - 0.03, high - 0.01), (half, deep, high + p.back))
        found.append(solids.chamfered_box(*panel, 0.004, "panel"))
    slots = ("case", "top", "panel", "window", "metal", "trim")
    marks = keypoints.front_corners(1.05 * half, 1.05 * front, foot, high)
    return solids.finished(solids.join(found), slots, *marks)


def _oven_door(p: Oven, front: float, heights: tuple[float, float]) -> list[Solid]:
    """Build the window and the handle of the door."""
    low, high = heights
    tall, x = p.window * (high - low - 0.09), 0.40 * p.width
    window = ((-x, front - 0.0015, low + 0.045), (x, front + 0.004, low + 0.045 + tall))
    y, z = front - 0.042, high - 0.042
    handle = solids.cylinder((-x, y, z), (x, y, z), 0.010, "metal", 14)
    stems = [
        solids.cylinder((s * 0.9 * x, y, z), (s * 0.9 * x, front + 0.004, z), 0.008, "metal")
        for s in (-1, 1)
    ]
    return [solids.decoration(solids.chamfered_box(*window, 0.001, "window")), handle, *stems]


def _knobs(p: Oven, front: float, z: float) -> list[Solid]:
    """Build the knobs, and a display between them where their number is even."""
    half = 0.42 * p.width
    places = np.linspace(-half, half, p.knobs + (p.knobs % 2 == 0))
    found = []
    for x in places:
        if p.knobs % 2 == 0 and abs(x) < 0.01:
            low, top = (x - 0.045, front - 0.0015, z - 0.018), (x + 0.045, front + 0.003, z + 0.018)
            found.append(solids.decoration(solids.chamfered_box(low, top, 0.001, "window")))
        else:
            found.append(
                solids.cylinder((x, front - 0.026, z), (x, front + 0.002, z), 0.019, "trim", 18)
            )
    return found


def _burners(p: Oven, top: float) -> list[Solid]:
    """Build four gas burners under grates, or four plates in a sheet of glass."""
    found = []
    x, y = 0.24 * p.width, 0.22 * p.depth
    if not p.gas:
        sheet = (
            (-0.46 * p.width, -0.44 * p.depth, top - 0.002),
            (0.46 * p.width, 0.42 * p.depth, top + 0.004),
        )
        found.append(solids.chamfered_box(*sheet, 0.002, "window"))
    for number, (sx, sy) in enumerate(product((-1, 1), repeat=2)):
        at = np.array([sx * x, sy * y, top])
        radius = 0.105 if number in (0, 3) else 0.08
        if p.gas:
            found.append(
                solids.cylinder(at - [0, 0, 0.001], at + [0, 0, 0.014], 0.38 * radius, "trim", 20)
            )
            bars = [((-0.115, -0.005), (0.115, 0.005)), ((-0.005, -0.115), (0.005, 0.115))]
            for low, high in bars:
                corners = (at + [*low, 0.018], at + [*high, 0.026])
                found.append(solids.chamfered_box(*corners, 0.001, "trim"))
            for a, b in product((-0.11, 0.11), (0.0,)):
                for foot in (at + [a, b, 0.0], at + [b, a, 0.0]):
                    found.append(
                        solids.decoration(
                            solids.cylinder(foot, foot + [0, 0, 0.022], 0.004, "trim", 8)
                        )
                    )
        else:
            plate = solids.cylinder(at + [0, 0, 0.002], at + [0, 0, 0.0042], radius, "metal", 40)
            inner = solids.cylinder(
                at + [0, 0, 0.002], at + [0, 0, 0.0044], 0.96 * radius, "window", 40
            )
            found += [solids.decoration(plate), solids.decoration(inner)]
    return found


def toaster(p: Toaster) -> MeshData:
    half, wide = p.length / 2, p.width / 2
    body = solids.rounded_box((p.length, p.width, p.height - 0.02), p.round, "body",
                              (0.0, 0.0, 0.01 + p.height / 2))  # fmt: skip
    base = ((-half + 0.004, -wide + 0.004, 0.0), (half - 0.004, wide - 0.004, p.base))
    found = [solids.filled(body), solids.chamfered_box(*base, 0.006, "trim")]
    long = 0.40 * p.length if p.long_slots else 0.34 * p.length
    for s in (-1, 1):
        middle = (s * 0.22 * p.length, 0.0) if p.long_slots else (0.0, s * 0.2 * p.width)
        half_size = (0.4 * long, 0.014) if p.long_slots else (long, 0.013)
        low = (middle[0] - half_size[0], middle[1] - half_size[1], p.height - 0.012)
        high = (middle[0] + half_size[0], middle[1] + half_size[1], p.height + 0.0008)
        found.append(solids.decoration(solids.chamfered_box(low, high, 5e-4, "slots")))
    x, z = half - 0.002, p.lever * p.height
    lever = solids.chamfered_box(
        (x, -0.022, z - 0.008), (x + 0.026, 0.022, z + 0.008), 0.004, "trim"
    )
    dial = solids.cylinder(
        (x, 0.0, 0.3 * p.height), (x + 0.014, 0.0, 0.3 * p.height), 0.016, "trim", 18
    )
    marks = keypoints.plan_corners("bottom", 1.1 * half, 1.1 * wide, -0.1)
    marks["lever"] = (x + 0.04, 0.0, z)
    body = solids.join([*found, lever, dial])
    edges = keypoints.loop(*list(marks)[:4])
    return solids.finished(body, ("body", "slots", "trim"), marks, edges)


def microwave(p: Microwave) -> MeshData:
    half, deep, low = p.width / 2, p.depth / 2, 0.012
    high, front = low + p.height, -deep
    split = half - p.panel * p.width
    case = [
        ((-half, front + 0.02, low), (half, deep, high)),
        ((-half, front, low), (split - 0.002, front + 0.0215, high)),
    ]
    panel = ((split, front, low), (half, front + 0.0215, high))
    size = (p.window * (split + half) / 2, 0.5 * p.window * p.height)
    window = solids.rounded_slab(size, 0.014, (-0.0012, 0.006), 0.001, "window")
    middle = ((split - half) / 2, front + 0.0015, (low + high) / 2)
    window = solids.translate(solids.rotate(window, 0, np.pi / 2), middle)
    x0, x1 = split + 0.16 * (half - split), half - 0.16 * (half - split)
    display = ((x0, front - 0.0012, high - 0.065), (x1, front + 0.004, high - 0.03))
    found = [
        solids.chamfered_boxes("case", 0.006, case),
        solids.chamfered_box(*panel, 0.006, "panel"),
        solids.decoration(window),
        solids.decoration(solids.chamfered_box(*display, 0.001, "display")),
        _buttons(p, x0, x1, front, low, high),
    ]
    if p.bar_handle:
        x, y = split - 0.028, front - 0.032
        found.append(solids.cylinder((x, y, low + 0.05), (x, y, high - 0.05), 0.008, "handle"))
        for z in (low + 0.07, high - 0.07):
            ends = ((x, front - 0.034, z), (x, front + 0.006, z))
            found.append(solids.cylinder(*ends, 0.006, "handle"))
    else:
        button = ((x0, front - 0.005, low + 0.015), (x1, front + 0.004, low + 0.045))
        found.append(solids.chamfered_box(*button, 0.003, "handle"))
    for s, y in product((-1, 1), (front + 0.05, deep - 0.05)):
        at = np.array([s * (half - 0.05), y, 0.0])
        found.append(solids.cylinder(at, at + (0, 0, low + 0.004), 0.014, "panel"))
    slots = ("case", "panel", "window", "display", "handle")
    return solids.finished(solids.join(found), slots, *corners(half, deep, low, high))


def _buttons(p: Microwave, x0: float, x1: float, front: float, low: float, high: float) -> Solid:
    """Build rows of three buttons."""
    room = high - low - 0.15
    w, h = 0.38 * (x1 - x0) / 3, 0.32 * room / p.buttons
    corners = []
    for row, column in product(range(p.buttons), range(3)):
        x = x0 + (column + 0.5) * (x1 - x0) / 3
        z = low + 0.065 + (row + 0.5) * room / p.buttons
        corners.append(((x - w, front - 0.002, z - h), (x + w, front + 0.003, z + h)))
    return solids.decoration(solids.chamfered_boxes("handle", 0.001, corners))
