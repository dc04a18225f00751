"""Exteriors of houses, fences and garden walls.

Each is modelled as seen along +y: x runs to the right from the centre, the front is y = 0 and the
ground z = 0. `walls.against` moves it to a side of a place.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simgen.geometry.solids import box, rotate

from . import walls
from .shapes import Solids, placed, rod, slab, untouched
from .walls import THICKNESS, Opening

Rng = np.random.Generator
STOREY = 2.75
"""Height of a storey, metres."""
DEPTH = 7.5
_EAVES = 0.45
_TILES = 0.14


class House(NamedTuple):
    """A house in parts: walls and roof; door and windows of the ground floor; upper windows."""

    shell: Solids
    openings: Solids
    upper: Solids


def house(width: float, storeys: int, rng: Rng) -> House:
    """Build a house with a gable roof whose ridge runs along x. Its front is y = 0."""
    high = storeys * STOREY + 0.35
    holes, door = _openings(width, storeys, rng)
    front = walls.wall(width, high, holes, "facade")
    shell = [
        *front,
        box((-width / 2, THICKNESS, 0.0), (-width / 2 + 0.2, DEPTH, high), "facade"),
        box((width / 2 - 0.2, THICKNESS, 0.0), (width / 2, DEPTH, high), "facade"),
        box((-width / 2 + 0.2, DEPTH - 0.2, 0.0), (width / 2 - 0.2, DEPTH, high), "facade"),
        box((-width / 2 - 0.02, -0.03, 0.0), (door.left - 0.1, -0.001, 0.35), "plinth"),
        box((door.right + 0.1, -0.03, 0.0), (width / 2 + 0.02, -0.001, 0.35), "plinth"),
    ]
    glazed = _glazed(holes, door, rng)
    pitch = float(rng.uniform(0.5, 0.85))
    upper = _upper_windows(width, storeys, rng)
    return House(untouched([*shell, *_roof(width, high, pitch)]), glazed, upper)


def _openings(width: float, storeys: int, rng: Rng) -> tuple[list[Opening], Opening]:
    """Return windows in columns, and a door in place of one of them."""
    columns = max(2, int(width / rng.uniform(2.3, 3.2)))
    pitch = width / columns
    wide = min(float(rng.uniform(0.9, 1.6)), pitch - 0.7)
    tall = float(rng.uniform(1.15, 1.6))
    entrance = int(rng.integers(columns))
    centre = -width / 2 + (entrance + 0.5) * pitch
    door = Opening(centre - 0.5, centre + 0.5, 0.0, 2.2)
    # Openings in a wall must not overlap along x, so each column is one hole with panels in it.
    found = [door]
    for column in range(columns):
        middle = -width / 2 + (column + 0.5) * pitch
        if column != entrance:
            found.append(Opening(middle - wide / 2, middle + wide / 2, 1.0, 1.0 + tall))
    return found, door


def _glazed(holes: list[Opening], door: Opening, rng: Rng) -> Solids:
    columns, rows = int(rng.integers(1, 3)), int(rng.integers(1, 3))
    found = walls.door(door, int(rng.integers(1, 4)))
    for hole in holes:
        if hole is not door:
            found += walls.window(hole, columns, rows)
            y = THICKNESS * 0.6
            corners = ((hole.left, y, hole.low), (hole.right, y + 0.01, hole.high))
            found.append(box(*corners, "glass"))
    return untouched(found)


def _roof(width: float, high: float, pitch: float) -> Solids:
    """Build two tiled slopes and the gables under them."""
    ridge = DEPTH / 2 * np.tan(pitch)
    slope = (DEPTH / 2 + _EAVES) / np.cos(pitch)
    side = width / 2 + 0.3
    plane = box((-side, -_EAVES / np.cos(pitch), 0.0), (side, slope, _TILES), "roof")
    front = rotate(plane, 0, pitch, (0.0, 0.0, 0.0))
    lifted = placed([front], (0.0, 0.0, high))
    back = placed(placed([front], (0.0, 0.0, 0.0), np.pi), (0.0, DEPTH, high))
    triangle = np.array([[0.0, 0.0], [DEPTH, 0.0], [DEPTH / 2, ridge]])
    gables: Solids = []
    for x in (-width / 2, width / 2 - 0.2):
        # Rotate the slab from the plane z = 0 to a plane of constant x, then move it along x.
        flat = slab(triangle, 0.2, 0.0, "facade")
        upright = placed([rotate(flat, 0, np.pi / 2, (0.0, 0.0, 0.0))], (0.0, 0.0, 0.0), np.pi / 2)
        gables += placed(upright, (x, 0.0, high))
    return [*lifted, *back, *gables]


def _upper_windows(width: float, storeys: int, rng: Rng) -> Solids:
    """Build the windows of the upper storeys, on the surface of the facade."""
    columns = max(2, int(width / rng.uniform(2.3, 3.2)))
    pitch = width / columns
    wide, tall = min(float(rng.uniform(0.8, 1.4)), pitch - 0.6), float(rng.uniform(1.1, 1.5))
    found: Solids = []
    for storey in range(1, storeys):
        for column in range(columns):
            x = -width / 2 + (column + 0.5) * pitch
            low = storey * STOREY + 1.1
            found.append(
                box((x - wide / 2, -0.02, low), (x + wide / 2, -0.012, low + tall), "glass")
            )
            hole = Opening(x - wide / 2, x + wide / 2, low, low + tall)
            found += walls.casing(hole)
            found.append(box((x - 0.025, -0.03, low), (x + 0.025, -0.02, low + tall), "trim"))
            sill = ((x - wide / 2 - 0.1, -0.1, low - 0.06), (x + wide / 2 + 0.1, 0.0, low))
            found.append(box(*sill, "trim", 0.004))
    return untouched(found)


def fence(width: float, kind: str, rng: Rng, slot: str = "fence") -> Solids:
    """Build a wooden or metal fence. kind: `pickets`, `boards` or `bars`."""
    high = float(rng.uniform(0.9, 1.3) if kind != "boards" else rng.uniform(1.5, 1.9))
    found: Solids = []
    for x in np.arange(-width / 2, width / 2 + 0.01, 2.2):
        found.append(box((x - 0.05, 0.0, 0.0), (x + 0.05, 0.1, high + 0.05), slot, 0.006))
    if kind == "bars":
        for x in np.arange(-width / 2, width / 2, 0.13):
            found.append(rod((x, 0.05, 0.08), (x, 0.05, high), 0.009, slot, 6))
        for z in (0.12, high - 0.06):
            found.append(box((-width / 2, 0.035, z), (width / 2, 0.065, z + 0.035), slot))
        return untouched(found)
    wide = float(rng.uniform(0.07, 0.11) if kind == "pickets" else rng.uniform(0.12, 0.18))
    step = wide + (float(rng.uniform(0.04, 0.08)) if kind == "pickets" else 0.006)
    for z in (0.2 * high, 0.78 * high):
        found.append(box((-width / 2, 0.0, z), (width / 2, 0.04, z + 0.08), slot))
    for x in np.arange(-width / 2, width / 2 - wide, step):
        top = high + rng.normal(0.0, 0.004)
        found.append(box((x, -0.022, 0.06), (x + wide, -0.001, top), slot, 0.004))
    return untouched(found)


def garden_wall(width: float, height: float) -> Solids:
    """Build a wall with a coping."""
    return untouched([
        box((-width / 2, 0.0, 0.0), (width / 2, 0.24, height), "masonry"),
        box((-width / 2, -0.04, height), (width / 2, 0.28, height + 0.07), "kerb", 0.008),
    ])  # fmt: skip
