"""House: a detached house with one or two floors and a pitched roof, its door at -y."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Solid, keypoints, uv
from simgen.spec.parameters import added, between, cases, count, flag

from .house_roofs import TILES, Slope, dormers, panels, skylights, window


@dataclass(frozen=True)
class House:
    length: float = between(8.5, 13.0)
    width: float = between(6.5, 9.0)
    floors: int = count(1, 2)
    storey: float = between(2.5, 2.9)
    pitch: float = between(0.52, 0.85)  # radians
    eaves: float = between(0.35, 0.7)
    wing: bool = flag(above=0.5)  # at the front
    wing_side: int = cases(-1, 1, at=(0.0,), drawn=(-1.0, 1.0), of="wing_at")
    wing_wide: float = between(0.34, 0.46)  # over the length
    chimney: float = between(-0.7, 0.7)
    windows: int = count(2, 4)
    dormers: int = added(cases(0, 2, 3, at=(0.5, 0.75)), older=0)
    skylights: int = added(cases(0, 2, 3, 5, at=(0.4, 0.6, 0.8)), older=0)
    solar: bool = added(flag(above=0.75), older=0)  # at the back


SLOTS = ("walls", "roof", "windows", "frames", "door", "chimney")


def build(p: House) -> MeshData:
    half, deep = p.length / 2, p.width / 2
    eave = p.floors * p.storey + 0.3
    ridge = eave + np.tan(p.pitch) * deep
    gable = [(-deep, 0.0), (deep, 0.0), (deep, eave), (0.0, ridge - 0.05), (-deep, eave)]
    walls = solids.extrude(np.array(gable), -half, half, "walls", axis=0)
    body = uv.box_projection(walls) + _roof(p, half, deep, eave)
    door_x = 0.0
    if p.wing:
        body += _wing(p, half, deep, eave)
        door_x = -p.wing_side * 0.18 * half
    body += _entrance(door_x, deep) + _front_windows(p, half, deep, door_x)
    body += _other_windows(p, half, deep)
    x, y = p.chimney * half, 0.35
    stack = ((x - 0.3, y - 0.25, ridge - 1.4), (x + 0.3, y + 0.25, ridge + 0.8))
    top = ((x - 0.36, y - 0.31, ridge + 0.72), (x + 0.36, y + 0.31, ridge + 0.86))
    body += solids.chamfered_box(*stack, 0.01, "chimney")
    body += solids.chamfered_box(*top, 0.02, "chimney")
    body += _on_roof(p, half, Slope(deep, p.pitch, eave + 0.02))
    reach = half + p.eaves * 0.6
    points = {
        "ridge_left": (-reach, 0.0, ridge + 1.0),
        "ridge_right": (reach, 0.0, ridge + 1.0),
        "base_back_left": (-half, deep, -1.0),
        "base_back_right": (half, deep, -1.0),
        "door": (door_x + 0.40, -deep - 1.0, 1.2),
    }
    edges = keypoints.loop("ridge_left", "base_back_left", "base_back_right", "ridge_right")
    return solids.finished(body, SLOTS, points, (*edges, ("ridge_right", "door")))


def _slope(p: House, half: float, deep: float, eave: float, over: float) -> Solid:
    """Build the front slope of a roof along x, and the fascia board below its edge."""
    run = (deep + over) / np.cos(p.pitch)
    low, y = eave - np.tan(p.pitch) * over, -deep - over
    slab = solids.chamfered_box((-half, 0.0, 0.0), (half, run, TILES), 0.02, "roof")
    slab = solids.translate(solids.filled(solids.rotate(slab, 0, p.pitch)), (0.0, y, low + 0.02))
    board = ((-half, y - 0.02, low - 0.10), (half, y + 0.04, low + 0.09))
    return slab + solids.chamfered_box(*board, 0.01, "frames")


def _roof(p: House, half: float, deep: float, eave: float) -> Solid:
    reach = half + 0.6 * p.eaves
    front = _slope(p, reach, deep, eave, p.eaves)
    x, z = reach + 0.01, eave + np.tan(p.pitch) * deep + TILES / np.cos(p.pitch) - 0.02
    cap = solids.cylinder((-x, 0, z), (x, 0, z), 0.09, "roof")
    return front + solids.rotate(front, 2, np.pi) + cap


def _on_roof(p: House, half: float, slope: Slope) -> Solid:
    """Build dormers at the front, skylights on both sides near the ridge, and solar panels at the
    back."""
    free = [x for x in _spread(p.dormers, half) if not _behind_wing(p, half, x)]
    front = dormers(slope, free) + skylights(slope, _spread(p.skylights, half), -0.24 * slope.deep)
    if p.solar:
        back = panels(slope, half, -0.5 * slope.deep)
    else:
        back = skylights(slope, _spread(p.skylights, half), -0.5 * slope.deep)
    return front + solids.rotate(back, 2, np.pi)


def _spread(number: int, half: float) -> list[float]:
    """Return evenly spaced positions along a wall, half a spacing from its ends."""
    return [float((2 * n + 1) / number - 1) * half for n in range(number)]


def _behind_wing(p: House, half: float, x: float) -> bool:
    return p.wing and x * p.wing_side > half - p.wing_wide * p.length - 1.3


def _wing(p: House, half: float, deep: float, eave: float) -> Solid:
    """Build a gabled wing to the front, with eaves as high as those of the house."""
    wide, out = p.wing_wide * p.length / 2, 2.2
    ridge = eave + np.tan(p.pitch) * wide
    gable = [(0.0, -wide), (0.0, wide), (eave, wide), (ridge - 0.05, 0.0), (eave, -wide)]
    walls = solids.extrude(np.array(gable), -deep - out, -0.2 * deep, "walls", axis=1)
    found = [uv.box_projection(walls)]
    slope = _slope(p, (0.8 * deep + out) / 2 + 0.15, wide, eave, 0.6 * p.eaves)
    middle = (0, -(1.2 * deep + out) / 2 - 0.15, 0)
    for turn in (np.pi / 2, -np.pi / 2):
        found.append(solids.translate(solids.rotate(slope, 2, turn), middle))
    for z in _sills(p):
        found.append(solids.translate(window(1.7, 1.35), (0.0, -deep - out, z)))
    return solids.translate(solids.join(found), (p.wing_side * (half - wide - 0.35), 0.0, 0.0))


def _sills(p: House) -> list[float]:
    """Return the heights of the window sills on each floor."""
    return [0.3 + floor * p.storey + 0.9 for floor in range(p.floors)]


def _entrance(x: float, deep: float) -> Solid:
    """Build the door with its pane, frame and handle, a step, and a canopy."""
    y, low = -deep, 0.3
    leaf = ((x - 0.5, y - 0.05, low), (x + 0.5, y + 0.1, low + 2.1))
    pane = ((x - 0.28, y - 0.06, low + 1.2), (x + 0.28, y, low + 1.9))
    frame = [
        ((x - 0.6, y - 0.07, low), (x - 0.5, y + 0.1, low + 2.2)),
        ((x + 0.5, y - 0.07, low), (x + 0.6, y + 0.1, low + 2.2)),
        ((x - 0.6, y - 0.07, low + 2.1), (x + 0.6, y + 0.1, low + 2.2)),
        ((x + 0.36, y - 0.11, low + 0.98), (x + 0.42, y, low + 1.1)),
    ]
    step = ((x - 0.9, y - 0.9, 0.0), (x + 0.9, y + 0.1, 0.28))
    canopy = ((x - 0.9, y - 0.85, low + 2.35), (x + 0.9, y + 0.1, low + 2.47))
    door = solids.chamfered_box(*leaf, 0.01, "door") + solids.chamfered_box(*pane, 0.01, "windows")
    door += solids.chamfered_boxes("frames", 0.01, frame)
    step_and_canopy = solids.chamfered_box(*step, 0.02, "chimney")
    step_and_canopy += solids.chamfered_box(*canopy, 0.02, "roof")
    return solids.decoration(door) + step_and_canopy


def _front_windows(p: House, half: float, deep: float, door_x: float) -> Solid:
    """Build the windows of the front, except where the door or a wing is."""
    found = []
    for floor, z in enumerate(_sills(p)):
        for x in np.linspace(-half + 1.2, half - 1.2, p.windows + 1):
            if not _behind_wing(p, half, x) and (floor > 0 or abs(x - door_x) >= 1.5):
                found.append(solids.translate(window(1.15, 1.3), (float(x), -deep, z)))
    return solids.join(found)


def _other_windows(p: House, half: float, deep: float) -> Solid:
    """Build the windows of the back and of the gables."""
    found = []
    for z in _sills(p):
        for x in np.linspace(-half + 1.4, half - 1.4, p.windows):
            back = solids.rotate(window(1.15, 1.3), 2, np.pi)
            found.append(solids.translate(back, (float(x), deep, z)))
        for turn, end in ((np.pi / 2, half), (-np.pi / 2, -half)):
            for y in (-0.45 * deep, 0.45 * deep):
                side = solids.rotate(window(1.0, 1.3), 2, turn)
                found.append(solids.translate(side, (end, y, z)))
    return solids.join(found)


CLASSES = (ParametricClass("house", House, build),)
