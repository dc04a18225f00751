"""Furniture along the walls of a room: its arrangement, and the floor that stays free."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from simgen.geometry.solids import to_mesh
from simgen.spec.rng import stream, uniform
from simgen.spec.scene import Vector
from simgen.stages.stage import StagePart

from . import furniture
from .shapes import Solids, placed, split, turned_profile, untouched
from .shell import Side

Rng = np.random.Generator
CLASSES = {
    "bookcase": "bookcase",
    "sofa": "couch",
    "armchair": "chair",  # as in COCO and Open Images; couches have several seats
    "desk": "table",
    "table": "table",  # includes coffee tables
    "floor_lamp": "lamp",
    "pot_plant": "potted_plant",
    "sink": "sink",
    "oven": "oven",
    "refrigerator": "refrigerator",
    "bed": "bed",
}
"""Built-in class of each kind of furniture that belongs to one. Sideboards, nightstands and
kitchen cabinets belong to none and resemble none."""


ALSO = {"armchair": ("couch",)}
"""Further classes that a kind resembles."""


@dataclass(frozen=True)
class Item:
    """A piece of furniture with its back to a wall, in the axes of `walls`.

    x: of its centre along the wall. size: width, depth and height, metres. top: whether objects can
    lie on it. bulb: height of its lamp, 0 for none. `CLASSES` maps its kind to its built-in class.
    """

    kind: str
    stuff: str
    solids: Solids
    size: tuple[float, float, float]
    top: bool = False
    bulb: float = 0.0
    x: float = 0.0

    @property
    def ends(self) -> tuple[float, float]:
        return self.x - self.size[0] / 2, self.x + self.size[0] / 2


@dataclass(frozen=True)
class Chair:
    """A chair on the floor of a room, in the room's axes. heading: radians about z; at 0 its front
    is at -y."""

    solids: Solids
    heading: float

    def part(self, name: str, middle: Vector) -> StagePart:
        """Return the chair as a part. middle: centre of the room's floor."""
        shape = to_mesh(self.solids)
        return StagePart(name, shape, middle, "furniture", class_name="chair", heading=self.heading)


def chair(at: Sequence[float], heading: float, height: float, rng: Rng) -> Chair:
    """Return a chair at a position on the floor, x and y. rng: for its design."""
    made = furniture.stool_or_chair(rng, height)
    return Chair(placed(made, (float(at[0]), float(at[1]), 0.0), heading), heading)


def make(kind: str, seed: int, name: str) -> Item:
    """Return a piece of one of `KINDS`. Its shape depends on seed and name only."""
    return _MAKERS[kind](stream(seed, "furniture", name))


def along_wall(kinds: Sequence[str], width: float, seed: int, name: str) -> list[Item]:
    """Return pieces side by side along a wall of length `width`, as many as fit."""
    rng = stream(seed, "run", name)
    found: list[Item] = []
    made = [make(kind, seed, f"{name}.{number}") for number, kind in enumerate(kinds)]
    gaps = rng.uniform(0.04, 0.3, len(made))
    used = 0.1
    for item, gap in zip(made, gaps, strict=True):
        if used + item.size[0] + gap <= width - 0.1:
            found.append(item)
            used += item.size[0] + gap
    spare, shares = width - 0.1 - used, rng.dirichlet(np.ones(len(made) + 1))
    at, placed_items = -width / 2 + 0.1 + spare * shares[0] / 2, []
    for number, item in enumerate(found):
        middle = at + item.size[0] / 2
        placed_items.append(moved_along(item, middle))
        at += item.size[0] + gaps[number] + spare * shares[number + 1] / 2
    return placed_items


def parts_at(side: Side, item: Item, middle: Vector, name: str) -> list[StagePart]:
    """Return the parts of a piece at a wall: the piece, and any books in it, which are a crowd.

    middle: centre of the room's floor. name: of the part.
    """
    case, books = split(item.solids, furniture.BOOKS)
    kind, turn = CLASSES.get(item.kind, ""), side.heading
    shape = to_mesh(side.put(case))
    also = ALSO.get(item.kind, ())
    part = StagePart(name, shape, middle, item.stuff, class_name=kind, also=also, heading=turn)
    if not books:
        return [part]
    row = to_mesh(side.put(books))
    return [
        replace(part, apart=lambda: (replace(part, mesh=to_mesh(side.put(item.solids))),)),
        StagePart(
            f"{name}_books", row, middle, item.stuff, class_name="book", crowd=True, apart=tuple
        ),
    ]


def ceiling_lamp(name: str, position: Vector) -> StagePart:
    """Return a flat lamp. position: of its centre, on the ceiling. It resembles a lamp, but has
    neither the stand nor the shade of the built-in class."""
    disc = [(0.0, -0.05), (0.16, -0.045), (0.18, -0.03), (0.18, 0.0), (0.0, 0.0)]
    shape = to_mesh(untouched([turned_profile(disc, "shade")]))
    return StagePart(name, shape, position, "lamp", class_name="lamp", crowd=True)


def widest_gap(items: Sequence[Item], width: float, above: float) -> tuple[float, float]:
    """Return the longest stretch of a wall where nothing is higher than `above`."""
    tall = sorted(item.ends for item in items if item.size[2] > above)
    starts = [-width / 2 + 0.1, *(right + 0.06 for _, right in tall)]
    ends = [*(left - 0.06 for left, _ in tall), width / 2 - 0.1]
    return max(zip(starts, ends, strict=True), key=lambda pair: pair[1] - pair[0])


def moved_along(item: Item, x: float) -> Item:
    """Return the piece with its centre at x."""
    moved = placed(item.solids, (x, 0.0, 0.0))
    return Item(item.kind, item.stuff, moved, item.size, item.top, item.bulb, float(x))


def _sideboard(rng: Rng) -> Item:
    size = (uniform(rng, (0.9, 1.7)), uniform(rng, (0.36, 0.48)), uniform(rng, (0.6, 0.88)))
    return Item("sideboard", "furniture", furniture.sideboard(*size, rng), size, top=True)


def _nightstand(rng: Rng) -> Item:
    size = (uniform(rng, (0.4, 0.55)), uniform(rng, (0.36, 0.42)), uniform(rng, (0.48, 0.6)))
    return Item("nightstand", "furniture", furniture.sideboard(*size, rng), size, top=True)


def _bookcase(rng: Rng) -> Item:
    size = (uniform(rng, (0.6, 1.1)), uniform(rng, (0.26, 0.34)), uniform(rng, (1.5, 2.1)))
    return Item("bookcase", "furniture", furniture.bookcase(*size, rng), size)


def _sofa(rng: Rng) -> Item:
    size = (uniform(rng, (1.5, 2.2)), uniform(rng, (0.82, 0.98)), 0.92)
    return Item("sofa", "furniture", furniture.sofa(size[0], size[1] - 0.03, rng), size)


def _armchair(rng: Rng) -> Item:
    size = (uniform(rng, (0.75, 0.95)), uniform(rng, (0.75, 0.9)), 0.92)
    return Item("armchair", "furniture", furniture.sofa(size[0], size[1] - 0.03, rng), size)


def _bed(rng: Rng) -> Item:
    size = (uniform(rng, (0.95, 1.7)), 2.06, 1.15)
    return Item("bed", "furniture", furniture.bed(size[0] - 0.08, size[1], rng), size)


def _desk(rng: Rng) -> Item:
    size = (uniform(rng, (1.1, 1.6)), uniform(rng, (0.6, 0.75)), uniform(rng, (0.71, 0.76)))
    made = furniture.table(*size, False, rng)
    return Item("desk", "furniture", placed(made, (0.0, -size[1] / 2 - 0.01, 0.0)), size, top=True)


def _floor_lamp(rng: Rng) -> Item:
    size = (0.5, 0.5, uniform(rng, (1.45, 1.75)))
    made = placed(furniture.floor_lamp(size[2], rng), (0.0, -0.26, 0.0))
    return Item("floor_lamp", "lamp", made, size, bulb=0.9 * size[2])


def _pot_plant(rng: Rng) -> Item:
    tall = uniform(rng, (0.7, 1.3))
    made = placed(furniture.pot_plant(tall, rng), (0.0, -0.45 * tall, 0.0))
    return Item("pot_plant", "plant", made, (0.9 * tall, 0.9 * tall, tall))


_MAKERS: dict[str, Callable[[Rng], Item]] = {
    "sideboard": _sideboard,
    "nightstand": _nightstand,
    "bookcase": _bookcase,
    "sofa": _sofa,
    "armchair": _armchair,
    "bed": _bed,
    "desk": _desk,
    "floor_lamp": _floor_lamp,
    "pot_plant": _pot_plant,
}

KINDS = tuple(_MAKERS)
