"""A kitchen: a worktop with sink and cooker along a wall, or a table laid for meals in front of it.

The origin is the centre of the worktop's longest free stretch, or of the table, at the height of
its surface. The wall is at -y; the room is open towards +y, where the cameras are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import numpy as np

from simgen.geometry.solids import to_mesh
from simgen.sampling.randomizers.materials import draw_by_slot
from simgen.spec.parameters import (
    between,
    chance,
    choice,
    constant,
    layout_seed,
    one_of,
    scene_size,
    version,
)
from simgen.spec.rng import Stream, stream
from simgen.spec.scene import Vector
from simgen.stages.stage import Materials, Stage, StageContent, StagePart, Support

from .parts import furniture, kitchens, place_settings
from .parts.alcove import Alcove
from .parts.shapes import placed
from .parts.shell import Side, four_walls
from .parts.surfaces import toned
from .parts.walls import Opening

View = Literal["worktop", "table"]
WIDEST, LONGEST_TABLE = 5.0, 2.4
_REACH = 0.02
"""Distance that objects keep from the worktop's edges, metres."""
_SILL = 0.15
"""Depth of a window's sill with its casing, metres."""
_BACK_ROW = (
    "microwave",
    "toaster",
    "teapot",
    "bottle",
    "box",
    "vase",
    "potted_plant",
    "can",
    "clock",
)
"""Classes that stand at the back of a worktop."""
_ON_BURNERS = ("frying_pan", "teapot")
_IN_SINK = ("plate", "bowl", "cup", "mug", "tumbler", "fork", "knife", "spoon", "frying_pan")
_ON_SHELVES = ("bowl", "cup", "mug", "tumbler", "wine_glass", "plate", "vase", "potted_plant",
               "bottle", "teapot", "can", "box")  # fmt: skip

_WOODEN = ("tabletop_wood", "laminate", "furniture_paint", "furniture_paint", "painted")
KINDS = {
    "top": ("tabletop_wood", "laminate", "stone", "stone", "marble", "terrazzo", "concrete",
            "painted"),
    "body": _WOODEN,
    "front": _WOODEN,
    "plinth": ("dark_plastic", "furniture_paint", "brushed_metal"),
    "handle": ("brushed_metal", "chrome", "dark_plastic"),
    "splash": ("tiles", "tiles", "tiles", "stone", "marble", "painted", "plaster"),
    "hood": ("brushed_metal", "brushed_metal", "painted", "dark_plastic"),
    "oven_case": ("enamel", "enamel", "brushed_metal"),
    "oven_panel": ("brushed_metal", "black_glass"),
    "oven_window": ("black_glass",),
    "oven_metal": ("brushed_metal", "chrome"),
    "oven_trim": ("dark_plastic",),
    "sink_bowl": ("brushed_metal", "brushed_metal", "ceramic"),
    "sink_tap": ("chrome", "brushed_metal"),
    "sink_drain": ("chrome",),
    "fridge_case": ("clock_face", "clock_face", "dark_plastic"),
    "fridge_doors": ("clock_face", "clock_face", "brushed_metal"),
    "fridge_handles": ("brushed_metal", "chrome"),
    "fridge_seal": ("dark_plastic",),
    "legs": ("wood", "wood", "metal", "painted"),
    "chair": ("wood", "wood", "painted", "brushed_metal"),
    "seat": ("wood", "fabric", "leather", "plastic"),
    "table": ("tabletop_wood", "tabletop_wood", "laminate", "painted", "marble"),
    "floor": ("floorboards", "tiles", "tiles", "laminate", "terrazzo", "concrete"),
    "wall": ("plaster", "plaster", "plaster", "wallpaper", "brick"),
    "ceiling": ("plaster",),
    "trim": ("painted",),
    "shade": ("fabric", "paper"),
    "oven_knobs": ("dark_plastic", "dark_plastic", "enamel", "brushed_metal"),
    "oven_digits": ("led",),
    "oven_inside": ("brushed_metal",),
}  # fmt: skip
_CALM = (
    "fridge_case",
    "fridge_doors",
    "top",
    "body",
    "front",
    "plinth",
    "splash",
    "floor",
    "wall",
    "table",
    "chair",
    "hood",
)
_PALE = ("ceiling", "trim", "sink_bowl")


@dataclass(frozen=True)
class Kitchen:
    """width: of the row of units, metres. left, right: floor between its ends and the side walls.
    front: floor in front of it. table, table_depth: length and width of the table; of a round one,
    `table` is the diameter. gap: between the worktop and the table. chairs: whether there are any
    at the table's seats. skirting: height. looks: 0 for the cookers of older datasets.
    """

    view: View = choice("worktop", "worktop", "table")
    layout_seed: int = layout_seed()
    width: float = scene_size()
    depth: float = between(0.58, 0.65)
    counter: float = between(0.86, 0.94)
    height: float = between(2.4, 2.8)
    left: float = between(0.02, 0.9)
    right: float = between(0.02, 0.9)
    front: float = constant(3.0)
    round: bool = chance(0.25)
    table: float = between(1.1, 1.7)
    table_depth: float = between(0.72, 0.95)
    table_height: float = between(0.72, 0.77)
    gap: float = between(0.9, 1.5)
    seats: int = one_of(0, 1, 2, 2, 3, 4, 4, 6)
    chairs: bool = chance(0.75)
    skirting: float = between(0.05, 0.12)
    looks: int = version(1)

    @property
    def table_deep(self) -> float:
        return self.table if self.round else self.table_depth


def materials(p: Kitchen, rng: Stream) -> Materials:
    """Sample the surfaces. Doors and carcasses are usually the same."""
    found = toned(draw_by_slot(KINDS, rng), rng, _CALM, _PALE)
    if rng.random() < 0.7:
        found = {**found, "body": found["front"]}
    return found


def fit(p: Kitchen, pile: float, reach: float) -> Kitchen:
    """Lengthen the worktop or the table within limits, and make space for cameras."""
    front = max(p.front, reach + 0.5)
    if p.view == "worktop":
        return replace(p, width=max(p.width, min(1.2 * pile, WIDEST)), front=front)
    table = max(p.table, min(1.6 * pile, LONGEST_TABLE))
    wide = max(p.width, table + 1.2)
    return replace(p, table=table, width=wide, front=front)


@dataclass(frozen=True)
class Layout:
    """Positions of the large pieces. wall: y of the wall's face. shift: x of the row's centre.
    floor: z."""

    run: kitchens.Run
    wall: float
    shift: float
    floor: float

    def at(self, x: float, y: float, z: float) -> Vector:
        """Convert a point in the wall's axes to the world's. The wall is seen along -y."""
        return (self.shift - x, self.wall - y, self.floor + z)


@lru_cache(maxsize=2)  # fitting and building a stage need the same one
def layout(p: Kitchen) -> Layout:
    """Return the positions of the large pieces."""
    run = kitchens.plan(p.width, p.depth, p.counter, p.height, p.layout_seed)
    run = replace(run, looks=p.looks)
    if p.view == "table":
        shift = float(stream(p.layout_seed, "shift").uniform(-0.3, 0.3))
        wall = -(p.table_deep / 2 + p.gap + p.depth)
        return Layout(run, wall, shift, -p.table_height)
    longest = max(run.of("base"), key=lambda unit: unit.width)
    return Layout(run, -p.depth / 2, longest.middle, -p.counter)


def build(p: Kitchen) -> StageContent:
    """Build the row of units, what hangs above it, the table and the open room around them."""
    place = layout(p)
    hung, boards = kitchens.above(place.run, p.layout_seed)
    hung = placed(hung, (_aside(p), 0.0, 0.0))
    room = _room(p, place)
    parts = [*room.parts()]
    parts.append(StagePart("hung", to_mesh(room.back.put(hung)), room.middle, "furniture"))
    supports = [*_on_worktop(p, place), *_on_boards(place, boards)]
    if p.view == "table":
        parts += _table(p)
        supports = [*_on_table(p), *(s for s in supports if s.headings)]
    near = place.wall + p.depth + 0.2
    return StageContent(tuple(parts), tuple(supports), room.air(near), room.lights())


def _room(p: Kitchen, place: Layout) -> Alcove:
    """Return the room with the units as furniture at its back wall."""
    rng = stream(p.layout_seed, "room")
    width = p.width + p.left + p.right
    deep = p.front - place.wall + 0.5
    aside = _aside(p)
    middle = (place.shift + aside, place.wall + deep / 2, place.floor)
    back, left, right, _ = four_walls(width, deep, p.height)
    units = kitchens.items(place.run, p.layout_seed, aside)
    hole = place.run.window
    if hole is not None:
        back = back.with_window(
            replace(hole, left=hole.left + aside, right=hole.right + aside), rng
        )
    if rng.random() < 0.4:
        left, right = _window_beside(left, right, rng)
    lamps = tuple(
        (float(middle[0] + x), float(place.wall + 1.1 + y))
        for x, y in rng.uniform([-0.3, 0.0], [0.3, 0.8], (int(rng.integers(1, 3)), 2))
    )
    return Alcove(middle, width, deep, p.height, back, left, right, tuple(units), lamps, p.skirting)


def _aside(p: Kitchen) -> float:
    """Return how far the centre of the row is to the right of its wall's, metres."""
    return (p.left - p.right) / 2


def _window_beside(left: Side, right: Side, rng: Stream) -> tuple[Side, Side]:
    """Return the side walls, one of them with a window."""
    hole = Opening(-0.55, 0.55, 0.95, 2.1)
    if rng.random() < 0.5:
        return left.with_window(hole, rng), right
    return left, right.with_window(hole, rng)


def _on_worktop(p: Kitchen, place: Layout) -> Iterator[Support]:
    """Yield the free stretches of the worktop, the longest first, the burners and the bowl."""
    run, seed = place.run, p.layout_seed
    clear = run.hang - run.height - 0.03
    bases = sorted(run.of("base"), key=lambda unit: -unit.width)
    for number, unit in enumerate(bases):
        behind = _REACH if run.window is None or _apart(unit, run.window) else _SILL
        half = (unit.width / 2 - _REACH, (run.depth - behind - _REACH) / 2)
        centre = place.at(unit.middle, -behind - half[1], run.height)
        name = f"worktop_{number}"
        yield Support(half, False, centre, clear, name=name)
        yield Support(half, False, centre, clear, _BACK_ROW, f"{name}_back", (np.pi / 2,))
    for unit in run.of("oven"):
        for number, spot in enumerate(kitchens.burners(run, unit, seed)):
            turn = float(stream(seed, "pan", number).uniform(0, 2 * np.pi))
            at = place.at(*spot)
            yield Support((0.27, 0.27), False, at, clear, _ON_BURNERS, f"burner_{number}", (turn,),
                          single=True)  # fmt: skip
    for unit in run.of("sink"):
        half, spot = kitchens.bowl(run, unit, seed)
        small = (half[0] - 0.01, half[1] - 0.01)
        yield Support(small, False, place.at(*spot), tags=_IN_SINK, name="sink")


def _apart(unit: kitchens.Unit, window: Opening) -> bool:
    """Return whether a unit is beside a window and its sill rather than below it."""
    return unit.right < window.left - 0.1 or unit.left > window.right + 0.1


def _on_boards(place: Layout, boards: list[kitchens.Board]) -> Iterator[Support]:
    for number, board in enumerate(boards):
        half = ((board.right - board.left) / 2 - _REACH, 0.1)
        centre = place.at((board.left + board.right) / 2, -0.125, board.height)
        yield Support(half, False, centre, 0.3, _ON_SHELVES, f"board_{number}", (np.pi / 2,))


def _table(p: Kitchen) -> list[StagePart]:
    """Return the table and its chairs."""
    low = (0.0, 0.0, -p.table_height)
    made = furniture.table(
        p.table, p.table_deep, p.table_height, p.round, stream(p.layout_seed, "table")
    )
    own = [replace(s, slot=np.where(s.slot == "top", "table", s.slot)) for s in made]
    parts = [StagePart("table", to_mesh(own), low, "furniture", class_name="table")]
    if p.chairs:
        parts += place_settings.chairs(_seats(p), low, p.layout_seed)
    return parts


def _seats(p: Kitchen) -> list[tuple[place_settings.Spot, float]]:
    return place_settings.seats(_half(p), p.seats, p.round, stream(p.layout_seed, "seats"))


def _half(p: Kitchen) -> tuple[float, float]:
    return p.table / 2, p.table_deep / 2


def _on_table(p: Kitchen) -> Iterator[Support]:
    """Yield the table's top, the places of the settings, and what stands in its middle."""
    x, y = _half(p)
    yield Support((x - 0.03, y - 0.03), p.round, name="table")
    rng = stream(p.layout_seed, "settings")
    for number, (edge, inward) in enumerate(_seats(p)):
        yield from place_settings.setting(f"seat_{number}", edge, inward, 0.0, rng)
    yield from place_settings.shared((x, y), 0.0, rng)


STAGE = Stage(
    Kitchen,
    materials,
    build,
    fit,
    stuff=("furniture", "lamp", "floor", "wall", "window", "ceiling"),
)
