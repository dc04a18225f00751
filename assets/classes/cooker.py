"""Cookers with four burners and an oven (class oven); knobs and door are at -y."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Solid, keypoints
from simgen.spec.parameters import added, between, cases, count, flag, version

from . import older_appliances
from .digits import clock


@dataclass(frozen=True)
class Oven:
    width: float = between(0.50, 0.60)
    height: float = between(0.85, 0.92)
    depth: float = between(0.56, 0.62)
    panel: float = between(0.085, 0.12)  # height
    drawer: float = between(0.10, 0.20)  # height of the drawer below the door
    window: float = between(0.45, 0.70)  # height over the door's
    knobs: int = count(4, 6)
    gas: bool = flag(above=0.5, of="burner")  # else plates of glass, or coils
    back: float = between(-0.12, 0.14)  # height of a panel at the back, none if negative
    design: int = version(1)
    coils: bool = added(flag(above=0.4), older=0)
    glass_door: bool = added(flag(above=0.6), older=0)  # the whole door is glass
    open_view: bool = added(flag(above=0.5), older=0)  # without reflections in the window
    racks: int = added(cases(1, 2, at=(0.4,)), older=0)
    time: float = added(between(0.0, 1440.0), older=0)  # that it shows, minutes
    plain: bool = added(flag(below=0.6), older=0)  # panel and top as the case


Box = tuple[tuple[float, float, float], tuple[float, float, float]]
_SLOTS = ("case", "panel", "window", "metal", "trim", "knobs", "digits", "inside")
_FOOT, _RIM = 0.05, 0.03
_GUARD = 0.018
"""Thickness of the panel at the back, which leaves room for pans on the rear burners, metres."""
_DEEP = 0.07
"""Depth of the visible part of the inside, metres."""
_REACH = (0.24, 0.22)
"""Of the burners from the centre, over width and depth."""


def build(p: Oven) -> MeshData:
    if p.design == 0:
        return older_appliances.oven(p)
    half, deep, high = p.width / 2, p.depth / 2, p.height
    front = -deep
    door_top, door_low = high - _RIM - p.panel, _FOOT + p.drawer
    case = ((-half, front + 0.03 + _DEEP, _FOOT), (half, deep, high - _RIM))
    under = ((-half + 0.02, front + 0.06, 0), (half - 0.02, deep - 0.03, _FOOT + 0.01))
    top = ((-half, front - 0.004, high - 0.032), (half, deep, high - 0.006))
    panel = ((-half, front, door_top + 0.004), (half, front + 0.1, high - 0.031))
    drawer = ((-half, front + 0.004, _FOOT + 0.005), (half, front + 0.1, door_low - 0.004))
    strip = (
        (-0.7 * half, front - 0.004, door_low - 0.03),
        (0.7 * half, front + 0.02, door_low - 0.014),
    )
    found = [
        solids.chamfered_box(*case, 0.003, "case"),
        solids.chamfered_box(*under, 0.002, "trim"),
        solids.chamfered_box(*top, 0.006, _trim(p)),
        solids.chamfered_box(*panel, 0.004, _trim(p)),
        solids.chamfered_box(*drawer, 0.006, "case"),
        solids.decoration(solids.chamfered_box(*strip, 0.002, "panel")),
        *_door(p, front, door_low + 0.003, door_top - 0.003),
        *_controls(p, front, door_top + p.panel / 2),
        *_hob(p, high - 0.006),
    ]
    if p.back > 0:
        found += _backguard(p, deep, high)
    marks = keypoints.front_corners(1.05 * half, 1.05 * front, _FOOT, high)
    return solids.finished(solids.join(found), _SLOTS, *marks)


def _trim(p: Oven) -> str:
    return "case" if p.plain else "panel"


def _door(p: Oven, front: float, low: float, high: float) -> list[Solid]:
    """Build the frame of the door around its window, what is behind this, and the handle."""
    half, back = p.width / 2, front + 0.035
    slot = "window" if p.glass_door else "case"
    x = 0.36 * p.width
    z0 = low + 0.05
    z1 = z0 + p.window * (high - z0 - 0.10)
    frame = [
        ((-half, front, low), (-x, back, high)),
        ((x, front, low), (half, back, high)),
        ((-x, front, low), (x, back, z0)),
        ((-x, front, z1), (x, back, high)),
    ]
    found = [solids.chamfered_box(*one, 0.0015, slot) for one in frame]
    found += _inside(p, x, (z0, z1), front)
    y, z = front - 0.045, high - 0.045
    reach = 0.43 * p.width
    found.append(solids.cylinder((-reach, y, z), (reach, y, z), 0.012, "metal", 16))
    for s in (-1, 1):
        at = s * 0.92 * reach
        stem = solids.cylinder((at, y, z), (at, front + 0.004, z), 0.009, "metal")
        found.append(solids.decoration(stem))
    return found


def _inside(p: Oven, x: float, heights: tuple[float, float], front: float) -> list[Solid]:
    """Build the visible part of the inside with its racks, or the pane that hides it."""
    z0, z1 = heights
    y0, y1, t = front + 0.02, front + 0.03 + _DEEP, 0.02
    walls = [
        ((-x - t, y1 - 0.006, z0 - t), (x + t, y1 + 0.002, z1 + t)),
        ((-x - t, y0, z0 - t), (-x + 0.001, y1, z1 + t)),
        ((x - 0.001, y0, z0 - t), (x + t, y1, z1 + t)),
        ((-x, y0, z0 - t), (x, y1, z0 + 0.001)),
        ((-x, y0, z1 - 0.001), (x, y1, z1 + t)),
    ]
    found = [solids.chamfered_box(*wall, 5e-4, "inside") for wall in walls[:3]]
    found.append(solids.decoration(solids.chamfered_boxes("inside", 5e-4, walls[3:])))
    for number in range(p.racks):
        z = z0 + (number + 1) * (z1 - z0) / (p.racks + 1)
        bars = [((-x, y0 + 0.02, z - 0.004), (x, y0 + 0.026, z + 0.004))]
        bars += [
            ((u - 0.002, y0 + 0.02, z), (u + 0.002, y1 - 0.007, z + 0.003))
            for u in np.linspace(-0.92 * x, 0.92 * x, 13)
        ]
        made = [solids.box(*bar, "metal") for bar in bars]
        found.append(solids.filled(solids.join(made), [solids.pieces.block(*_around(bars))]))
    if p.open_view:
        rim = ((-x - 0.012, front - 0.001, z0 - 0.012), (x + 0.012, front + 0.003, z0 - 0.001))
        return [*found, solids.decoration(solids.chamfered_box(*rim, 5e-4, "trim"))]
    pane = ((-x - 0.008, front - 0.002, z0 - 0.008), (x + 0.008, front + 0.005, z1 + 0.008))
    return [*found, solids.decoration(solids.chamfered_box(*pane, 0.001, "window"))]


def _around(boxes: list[Box]) -> tuple[np.ndarray, np.ndarray]:
    """Return the lowest and the highest corner of some boxes."""
    low, high = np.moveaxis(np.array(boxes), 1, 0)
    return low.min(axis=0), high.max(axis=0)


def _controls(p: Oven, front: float, z: float) -> list[Solid]:
    """Build the knobs, with a clock between them where their number is even."""
    with_clock = p.knobs % 2 == 0 and p.back < 0.07
    places = np.linspace(-0.42 * p.width, 0.42 * p.width, p.knobs + with_clock)
    found = []
    for x in places:
        if with_clock and abs(x) < 0.01:
            found += _display(p, (x, front - 0.0015, z), 0.10)
        else:
            found += _knob((x, front, z))
    if not with_clock and p.back < 0.07:
        found += _display(p, (0.0, front - 0.0015, z + 0.033), 0.03)
    return found


def _knob(at: tuple[float, float, float]) -> list[Solid]:
    """Build a knob with a collar behind it and a ridge across it."""
    x, y, z = at
    collar = solids.cylinder((x, y - 0.003, z), (x, y + 0.002, z), 0.025, "metal", 24)
    knob = solids.cylinder((x, y - 0.022, z), (x, y - 0.002, z), (0.019, 0.021), "knobs", 24)
    ridge = ((x - 0.004, y - 0.032, z - 0.019), (x + 0.004, y - 0.02, z + 0.019))
    return [
        solids.decoration(collar),
        knob,
        solids.decoration(solids.chamfered_box(*ridge, 0.002, "knobs")),
    ]


def _display(p: Oven, at: tuple[float, float, float], width: float) -> list[Solid]:
    """Build a clock behind dark glass."""
    x, y, z = at
    half = (0.5 * width, 0.22 * width)
    glass = ((x - half[0], y, z - half[1]), (x + half[0], y + 0.006, z + half[1]))
    made = solids.decoration(solids.chamfered_box(*glass, 5e-4, "window"))
    return [made, clock(p.time, (x, y, z), 0.7 * width, "digits")]


def _backguard(p: Oven, deep: float, high: float) -> list[Solid]:
    """Build the panel at the back; a tall one has the clock and two knobs."""
    panel = ((-p.width / 2, deep - _GUARD, high - 0.01), (p.width / 2, deep, high + p.back))
    found = [solids.chamfered_box(*panel, 0.006, _trim(p))]
    if p.back < 0.07:
        return found
    y, z = deep - _GUARD, high + 0.55 * p.back
    found += _display(p, (0.0, y - 0.0015, z), min(0.14, 2.2 * p.back))
    for x in (-0.36, 0.36):
        found += _knob((x * p.width, y, z))
    return found


def _hob(p: Oven, top: float) -> list[Solid]:
    """Build four gas burners under grates, four coils, or four plates in a sheet of glass."""
    x, y = _REACH[0] * p.width, _REACH[1] * p.depth
    found = []
    if not p.gas and not p.coils:
        low = (-0.46 * p.width, -0.44 * p.depth, top - 0.002)
        sheet = (low, (0.46 * p.width, 0.42 * p.depth, top + 0.004))
        found.append(solids.chamfered_box(*sheet, 0.002, "window"))
    for number, (sx, sy) in enumerate(product((-1, 1), repeat=2)):
        at = np.array([sx * x, sy * y, top])
        radius = 0.105 if number in (0, 3) else 0.08
        kind = _gas if p.gas else _coil if p.coils else _plate
        found += kind(at, radius)
    return found


def _plate(at: np.ndarray, radius: float) -> list[Solid]:
    ring = solids.cylinder(at + [0, 0, 0.002], at + [0, 0, 0.0042], radius, "metal", 40)
    inner = solids.cylinder(at + [0, 0, 0.002], at + [0, 0, 0.0044], 0.97 * radius, "window", 40)
    return [solids.decoration(ring), solids.decoration(inner)]


def _coil(at: np.ndarray, radius: float) -> list[Solid]:
    """Build the rings of an electric coil in a bright drip pan."""
    pan = [(0.0, 0.0), (1.12 * radius, 0.0), (1.12 * radius, 0.004), (1.02 * radius, 0.005)]
    pan += [(0.9 * radius, 0.0015), (0.0, 0.0015)]
    found = [solids.translate(solids.convex_lathe(pan, "metal", 32), at)]
    section = 0.0045 * np.stack([np.cos(angle := 2 * np.pi * np.arange(6) / 6), np.sin(angle)], 1)
    for share in (0.3, 0.52, 0.74, 0.96):
        turn = 2 * np.pi * np.arange(28) / 28
        path = share * radius * np.stack([np.cos(turn), np.sin(turn), 0 * turn], axis=1)
        path = path + at + [0.0, 0.0, 0.009]
        ring = solids.loft_loop(solids.sections.sweep_loop(path, section), "trim")
        found.append(solids.filled(ring) if share > 0.9 else solids.decoration(ring))
    return found


def _gas(at: np.ndarray, radius: float) -> list[Solid]:
    """Build a burner with its cap, and a grate of four arms in a frame above it."""
    low, cap = at - [0, 0, 0.001], at + [0, 0, 0.012]
    found = [
        solids.decoration(solids.cylinder(low, at + [0, 0, 0.010], 0.42 * radius, "metal", 24)),
        solids.decoration(solids.cylinder(cap - [0, 0, 0.003], cap, 0.34 * radius, "trim", 24)),
    ]
    a, t, z = 0.115, 0.005, np.array([0.018, 0.026])
    bars = [((-a, -t), (-0.03, t)), ((0.03, -t), (a, t)), ((-t, -a), (t, -0.03)),
            ((-t, 0.03), (t, a))]  # fmt: skip
    bars += [((-a, s * a - t), (a, s * a + t)) for s in (-1, 1)]
    bars += [((s * a - t, -a), (s * a + t, a)) for s in (-1, 1)]
    for low_xy, high_xy in bars:
        corners = (at + [*low_xy, z[0]], at + [*high_xy, z[1]])
        found.append(solids.chamfered_box(*corners, 0.001, "trim"))
    for u, v in product((-a, a), repeat=2):
        foot = at + [u, v, 0.0]
        found.append(
            solids.decoration(solids.cylinder(foot, foot + [0, 0, 0.02], 0.005, "trim", 8))
        )
    return found


CLASSES = (ParametricClass("oven", Oven, build),)
