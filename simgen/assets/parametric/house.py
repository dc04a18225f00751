"""House: detached, of one or two floors, with a pitched roof, its door at -y."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen import solids
from simgen.assets.parametric.parametric_class import ParametricClass
from simgen.mesh import MeshData
from simgen.parameters import between, cases, count, flag
from simgen.solids import Solid, keypoints, uv


@dataclass(frozen=True)
class House:
    length: float = between(8.5, 13.0)
    width: float = between(6.5, 9.0)
    floors: int = count(1, 2)
    storey: float = between(2.5, 2.9)
    pitch: float = between(0.52, 0.85)  # radians
    eaves: float = between(0.35, 0.7)
    wing: bool = flag(above=0.5)  # with a wing to the front above 0.5
    wing_side: int = cases(-1, 1, at=(0.0,), drawn=(-1.0, 1.0), of="wing_at")
    wing_wide: float = between(0.34, 0.46)  # over the length
    chimney: float = between(-0.7, 0.7)
    windows: int = count(2, 4)


SLOTS = ("walls", "roof", "windows", "frames", "door", "chimney")


def build(p: House) -> MeshData:
    half, deep = p.length / 2, p.width / 2
    eave = p.floors * p.storey + 0.3
    ridge = eave + np.tan(p.pitch) * deep
    body = _hull(half, deep, eave, ridge) + _roof(p, half, deep, eave)
    door_x = 0.0
    if p.wing:
        body += _wing(p, half, deep, eave, p.wing_side)
        door_x = -p.wing_side * 0.18 * half
    body += _front(p, half, deep, door_x) + solids.decoration(_other_windows(p, half, deep))
    body += _chimney(p, half, ridge)
    reach = half + p.eaves * 0.6
    marks = {
        "ridge_left": (-reach, 0.0, ridge + 1.0),
        "ridge_right": (reach, 0.0, ridge + 1.0),
        "base_back_left": (-half, deep, -1.0),
        "base_back_right": (half, deep, -1.0),
        "door": (door_x + 0.40, -deep - 1.0, 1.2),
    }
    edges = keypoints.loop("ridge_left", "base_back_left", "base_back_right", "ridge_right")
    return solids.finished(body, SLOTS, marks, (*edges, ("ridge_right", "door")))


def _hull(half: float, deep: float, eave: float, ridge: float) -> Solid:
    """Walls with two gables at the ends of x."""
    outline = np.array(
        [(-deep, 0.0), (deep, 0.0), (deep, eave), (0.0, ridge - 0.05), (-deep, eave)]
    )
    return uv.box_projection(solids.extrude(outline, -half, half, "walls", axis=0))


def _slope(p: House, half: float, deep: float, eave: float, over: float) -> Solid:
    """The front slope of a roof along x, and the gutter's board below its edge."""
    pitch, thick = p.pitch, 0.16
    run = (deep + over) / np.cos(pitch)
    low = eave - np.tan(pitch) * over
    slab = solids.chamfered_box((-half, 0.0, 0.0), (half, run, thick), 0.02, "roof")
    slab = solids.translate(
        solids.filled(solids.rotate(slab, 0, pitch)), (0.0, -deep - over, low + 0.02)
    )
    board = solids.chamfered_box(
        (-half, -deep - over - 0.02, low - 0.10),
        (half, -deep - over + 0.04, low + 0.09),
        0.01,
        "frames",
    )
    return slab + board


def _roof(p: House, half: float, deep: float, eave: float) -> Solid:
    reach = half + 0.6 * p.eaves
    front = _slope(p, reach, deep, eave, p.eaves)
    back = solids.rotate(front, 2, np.pi)
    ridge = eave + np.tan(p.pitch) * deep + 0.16 / np.cos(p.pitch)
    cap = solids.cylinder(
        (-reach - 0.01, 0, ridge - 0.02), (reach + 0.01, 0, ridge - 0.02), 0.09, "roof"
    )
    return front + back + cap


def _wing(p: House, half: float, deep: float, eave: float, side: float) -> Solid:
    """A gabled wing to the front, as high at its eaves as the house."""
    wide = p.wing_wide * p.length / 2
    out = 2.2
    ridge = eave + np.tan(p.pitch) * wide
    outline = np.array(
        [(0.0, -wide), (0.0, wide), (eave, wide), (ridge - 0.05, 0.0), (eave, -wide)]
    )
    walls = solids.extrude(outline, -deep - out, -0.2 * deep, "walls", axis=1)
    walls = uv.box_projection(walls)
    slope = _slope(p, (0.8 * deep + out) / 2 + 0.15, wide, eave, 0.6 * p.eaves)
    found = walls
    for turn in (np.pi / 2, -np.pi / 2):
        found += solids.translate(
            solids.rotate(slope, 2, turn), (0, -(1.2 * deep + out) / 2 - 0.15, 0)
        )
    for floor in range(p.floors):
        z = 0.3 + floor * p.storey + 0.9
        found += solids.translate(_window(1.7, 1.35), (0.0, -deep - out, z))
    return solids.translate(found, (side * (half - wide - 0.35), 0.0, 0.0))


def _window(wide: float, tall: float) -> Solid:
    """A window in a wall at y = 0 that looks to the front, its sill at z = 0."""
    x, f = wide / 2, 0.07
    found = []
    for low, high in (
        ((-x, -0.05, 0.0), (-x + f, 0.05, tall)),
        ((x - f, -0.05, 0.0), (x, 0.05, tall)),
        ((-f / 2, -0.045, 0.01), (f / 2, 0.05, tall - 0.01)),
        ((-x, -0.052, 0.0), (x, 0.05, f)),
        ((-x, -0.052, tall - f), (x, 0.05, tall)),
        ((-x - 0.08, -0.13, -0.06), (x + 0.08, 0.05, 0.0)),
    ):
        found.append(solids.chamfered_box(low, high, 0.008, "frames"))
    found.append(
        solids.chamfered_box(
            (-x + 0.01, -0.022, 0.01), (x - 0.01, 0.04, tall - 0.01), 0.004, "windows"
        )
    )
    return solids.decoration(solids.join(found))


def _front(p: House, half: float, deep: float, door_x: float) -> Solid:
    """The door with its frame, a step, a canopy, and the windows of the front."""
    low = 0.3
    found = [
        solids.chamfered_box(
            (door_x - 0.5, -deep - 0.05, low), (door_x + 0.5, -deep + 0.1, low + 2.1), 0.01, "door"
        ),
        solids.chamfered_box(
            (door_x - 0.28, -deep - 0.06, low + 1.2),
            (door_x + 0.28, -deep, low + 1.9),
            0.01,
            "windows",
        ),
        solids.chamfered_box(
            (door_x - 0.6, -deep - 0.07, low),
            (door_x - 0.5, -deep + 0.1, low + 2.2),
            0.01,
            "frames",
        ),
        solids.chamfered_box(
            (door_x + 0.5, -deep - 0.07, low),
            (door_x + 0.6, -deep + 0.1, low + 2.2),
            0.01,
            "frames",
        ),
        solids.chamfered_box(
            (door_x - 0.6, -deep - 0.07, low + 2.1),
            (door_x + 0.6, -deep + 0.1, low + 2.2),
            0.01,
            "frames",
        ),
        solids.chamfered_box(
            (door_x + 0.36, -deep - 0.11, low + 0.98),
            (door_x + 0.42, -deep, low + 1.1),
            0.01,
            "frames",
        ),
    ]
    found = [solids.decoration(item) for item in found]
    found.append(
        solids.chamfered_box(
            (door_x - 0.9, -deep - 0.9, 0.0), (door_x + 0.9, -deep + 0.1, 0.28), 0.02, "chimney"
        )
    )
    found.append(
        solids.chamfered_box(
            (door_x - 0.9, -deep - 0.85, low + 2.35),
            (door_x + 0.9, -deep + 0.1, low + 2.47),
            0.02,
            "roof",
        )
    )
    wing = p.wing
    side = p.wing_side
    edge = p.wing_wide * p.length + 0.6 if wing else 0.0
    count = p.windows
    for floor in range(p.floors):
        z = low + floor * p.storey + 0.9
        for x in np.linspace(-half + 1.2, half - 1.2, count + 1):
            taken = (wing and x * side > half - edge - 0.7) or (
                floor == 0 and abs(x - door_x) < 1.5
            )
            if not taken:
                found.append(solids.translate(_window(1.15, 1.3), (float(x), -deep, z)))
    return solids.join(found)


def _other_windows(p: House, half: float, deep: float) -> Solid:
    """Windows of the back and of the gables."""
    found = []
    for floor in range(p.floors):
        z = 0.3 + floor * p.storey + 0.9
        for x in np.linspace(-half + 1.4, half - 1.4, p.windows):
            back = solids.rotate(_window(1.15, 1.3), 2, np.pi)
            found.append(solids.translate(back, (float(x), deep, z)))
        for turn, end in ((np.pi / 2, half), (-np.pi / 2, -half)):
            for y in (-0.45 * deep, 0.45 * deep):
                found.append(
                    solids.translate(solids.rotate(_window(1.0, 1.3), 2, turn), (end, y, z))
                )
    return solids.join(found)


def _chimney(p: House, half: float, ridge: float) -> Solid:
    x, y = p.chimney * half, 0.35
    body = solids.chamfered_box(
        (x - 0.3, y - 0.25, ridge - 1.4), (x + 0.3, y + 0.25, ridge + 0.8), 0.01, "chimney"
    )
    cap = solids.chamfered_box(
        (x - 0.36, y - 0.31, ridge + 0.72), (x + 0.36, y + 0.31, ridge + 0.86), 0.02, "chimney"
    )
    return body + cap


CLASSES = (ParametricClass("house", House, build),)
