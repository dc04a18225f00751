"""Microwave ovens: a door with a window at the left, keys and a clock at the right, front at -y."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Solid
from simgen.spec.parameters import added, between, cases, count, flag, version

from . import older_appliances
from .appliances import corners
from .digits import clock


@dataclass(frozen=True)
class Microwave:
    width: float = between(0.44, 0.54)
    height: float = between(0.26, 0.31)
    depth: float = between(0.33, 0.42)
    panel: float = between(0.22, 0.28)  # over the width
    bar_handle: bool = flag(above=0.35, of="handle")
    window: float = between(0.72, 0.84)
    buttons: int = count(3, 5)
    design: int = version(1)
    time: float = added(between(0.0, 1440.0), older=0)  # that it shows, minutes
    frame: float = added(between(0.018, 0.034), older=0)  # width of the door around its glass
    front: str = added(cases("plain", "dark", "split", at=(0.5, 0.8)), older=0)
    dial: bool = added(flag(above=0.75), older=0)  # a dial below fewer keys


_SLOTS = ("case", "panel", "window", "screen", "display", "digits", "keys", "handle")
_LOW = 0.012


def build(p: Microwave) -> MeshData:
    if p.design == 0:
        return older_appliances.microwave(p)
    half, deep, high = p.width / 2, p.depth / 2, _LOW + p.height
    front, split = -deep, half - p.panel * p.width
    case = ((-half, front + 0.02, _LOW), (half, deep, high))
    panel = ((split + 0.0015, front, _LOW + 0.003), (half, front + 0.021, high - 0.003))
    found = [
        solids.chamfered_box(*case, 0.008, "case"),
        solids.chamfered_box(*panel, 0.003, "case" if p.front == "plain" else "panel"),
        *_door(p, -half, split, front),
        *_panel(p, split, half, front),
    ]
    for s, y in product((-1, 1), (front + 0.05, deep - 0.05)):
        at = np.array([s * (half - 0.05), y, 0.0])
        found.append(solids.cylinder(at, at + (0, 0, _LOW + 0.004), 0.014, "panel"))
    vents = [
        (
            (s * half - 0.001, -0.03 + 0.02 * n, high - 0.06),
            (s * half + 0.001, -0.02 + 0.02 * n, high - 0.02),
        )
        for s, n in product((-1, 1), range(5))
    ]
    found.append(solids.decoration(solids.chamfered_boxes("window", 2e-4, vents)))
    return solids.finished(solids.join(found), _SLOTS, *corners(half, deep, _LOW, high))


def _door(p: Microwave, left: float, right: float, front: float) -> list[Solid]:
    """Build the door: a frame, dark glass in it, and the screen that one looks through."""
    low, high, f = _LOW + 0.003, _LOW + p.height - 0.003, p.frame
    reach = 0.052 if p.bar_handle else f
    slab = ((left, front, low), (right - 0.0015, front + 0.021, high))
    x0, x1, z0, z1 = left + f, right - reach, low + f, high - f
    glass = ((x0, front - 0.0012, z0), (x1, front + 0.004, z1))
    u, v = (1 - p.window) * 0.5 * (x1 - x0), 0.9 * (1 - p.window) * (z1 - z0)
    mesh = ((x0 + u, front - 0.0017, z0 + v), (x1 - u, front + 0.003, z1 - v))
    found = [
        solids.chamfered_box(*slab, 0.004, "panel" if p.front == "dark" else "case"),
        solids.decoration(solids.chamfered_box(*glass, 8e-4, "window")),
        solids.decoration(solids.chamfered_box(*mesh, 2e-4, "screen")),
    ]
    if p.bar_handle:
        x, y = right - 0.024, front - 0.034
        ends = (low + 0.03, high - 0.03)
        found.append(solids.cylinder((x, y, ends[0]), (x, y, ends[1]), 0.009, "handle", 14))
        for z in (ends[0] + 0.02, ends[1] - 0.02):
            found.append(solids.cylinder((x, y - 0.002, z), (x, front + 0.006, z), 0.007, "handle"))
    return found


def _panel(p: Microwave, left: float, right: float, front: float) -> list[Solid]:
    """Build the clock, the keys, and the button of a door without a handle."""
    gap = 0.14 * (right - left)
    x0, x1, top = left + gap, right - gap, _LOW + p.height
    glass = ((x0, front - 0.0012, top - 0.062), (x1, front + 0.004, top - 0.026))
    middle = ((x0 + x1) / 2, front - 0.0014, top - 0.044)
    low = _LOW + (0.02 if p.bar_handle else 0.062)
    if p.dial:
        low += 0.075
    found = [
        solids.decoration(solids.chamfered_box(*glass, 8e-4, "display")),
        clock(p.time, middle, 0.8 * (x1 - x0), "digits"),
        _keys(p.buttons, (x0, x1), (low, top - 0.074), front),
    ]
    if p.dial:
        at = np.array([(x0 + x1) / 2, front + 0.002, low - 0.038])
        found.append(solids.cylinder(at - [0, 0.02, 0], at, 0.025, "handle", 28))
    if not p.bar_handle:
        button = ((x0, front - 0.005, _LOW + 0.016), (x1, front + 0.004, _LOW + 0.05))
        found.append(solids.chamfered_box(*button, 0.003, "handle"))
    return found


def _keys(rows: int, x: tuple[float, float], z: tuple[float, float], front: float) -> Solid:
    """Build rows of three keys between two sides and two heights."""
    w, h = (x[1] - x[0]) / 3, (z[1] - z[0]) / rows
    boxes = []
    for row, column in product(range(rows), range(3)):
        u, v = x[0] + (column + 0.5) * w, z[0] + (row + 0.5) * h
        low = (u - 0.42 * w, front - 0.0022, v - 0.38 * h)
        boxes.append((low, (u + 0.42 * w, front + 0.003, v + 0.38 * h)))
    return solids.decoration(solids.chamfered_boxes("keys", 8e-4, boxes))


CLASSES = (ParametricClass("microwave", Microwave, build),)
