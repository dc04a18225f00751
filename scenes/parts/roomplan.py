"""The plan of a furnished room: the furniture at each wall, and the floor that stays free."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from simgen.geometry.solids import box
from simgen.geometry.transforms import as_vector
from simgen.spec.parameters import between, chance, choice, computed, layout_seed, scene_size
from simgen.spec.rng import stream
from simgen.spec.scene import Vector

from . import furniture, walls
from .furnishing import (
    Chair,
    Item,
    along_wall,
    chair,
    make,
    moved_along,
    widest_gap,
)
from .shapes import Solids, placed, untouched
from .shell import Side, four_walls, free_stretch, hang_pictures
from .walls import Opening

Kind = Literal["living", "bedroom", "office", "dining", "kitchen"]
RUNS: dict[Kind, tuple[str, ...]] = {
    "living": ("bookcase", "sofa", "floor_lamp", "pot_plant", "sideboard"),
    "bedroom": ("nightstand", "bed", "nightstand", "floor_lamp", "bookcase"),
    "office": ("desk", "bookcase", "floor_lamp", "sideboard", "pot_plant"),
    "dining": ("sideboard", "pot_plant", "floor_lamp", "bookcase", "armchair"),
    "kitchen": (),
}
"""Furniture at the wall opposite the cameras, by kind of room."""
SHUFFLED = ("living", "office", "dining")
BESIDE = ("sideboard", "bookcase", "armchair", "pot_plant", "desk")
RUG_THICKNESS = 0.009
OBJECTS_SHARE = 0.6
MARGIN = 0.12
"""Distance that cameras and lamps keep from walls and furniture, metres."""
COUNTER, CABINETS = 0.9, 1.45
"""Height of a worktop, and of the underside of the cabinets above it, metres."""


@dataclass(frozen=True)
class FurnishedRoom:
    """Parameters of a room, metres.

    free_depth: of the free floor, half of which is for objects and half for cameras. rug: its
    thickness, 0 for none. skirting: height. table: whether there is one.
    """

    layout_seed: int = layout_seed()
    width: float = scene_size()
    free_depth: float = computed(lambda p, rng: max(2.0, p.width * rng.uniform(0.5, 0.8)))
    height: float = between(2.4, 2.9)
    kind: Kind = choice(*RUNS)
    rug: float = computed(lambda _, rng: RUG_THICKNESS if rng.random() < 0.5 else 0.0)
    skirting: float = between(0.05, 0.14)
    table: bool = chance(0.6)


@dataclass(frozen=True)
class Plan:
    """Positions of everything in a room, metres.

    middle: centre of the room's floor. half: half sizes of the floor for objects, whose centre is
    the origin. free: lowest and highest x and y for cameras. table, table_y: a table and its
    distance from the room's centre.
    """

    middle: Vector
    half: tuple[float, float]
    free: tuple[tuple[float, float], tuple[float, float]]
    sides: tuple[Side, ...]
    items: tuple[tuple[Item, Side], ...]
    table: Item | None
    table_y: float
    chairs: tuple[Chair, ...]
    ceiling_lamps: tuple[Vector, ...]


@lru_cache(maxsize=2)  # fitting and building a stage need the same plan
def plan_of(p: FurnishedRoom) -> Plan:
    """Return the plan of a room."""
    seed, kind = p.layout_seed, p.kind
    rng = stream(seed, "room")
    row = _back_row(kind, p.width, seed, rng)
    taken = max([item.size[1] for item in row], default=0.0) + 0.05
    table, gap, seats = _table(kind, seed) if p.table or kind == "dining" else (None, 0.0, 0)
    room_for_seats = 0.5 if seats or any(item.kind == "desk" for item in row) else 0.0
    table_from = taken + gap
    taken += room_for_seats + (gap + table.size[1] if table is not None else 0.0)
    deep = taken + 0.08 + p.free_depth
    beside = [_beside(seed, name, taken, deep) for name in ("left", "right")]
    inner = [MARGIN + 0.1 + (item.size[1] if item else 0.0) for item in beside]
    low = (-p.width / 2 + inner[0], -deep / 2 + taken + 0.08)
    high = (p.width / 2 - inner[1], deep / 2 - MARGIN - 0.06)  # curtains protrude by 0.13
    objects = (high[0] - low[0], OBJECTS_SHARE * (high[1] - low[1]))
    centre = (low[0] + objects[0] / 2, low[1] + objects[1] / 2)
    middle = (-centre[0], -centre[1], -p.rug)
    bare = four_walls(p.width, deep, p.height)
    sides = _openings(kind, bare, row, beside, seed)
    items = [(item, sides[0]) for item in row]
    items += [(item, side) for item, side in zip(beside, sides[1:3], strict=True) if item]
    table_y = -deep / 2 + table_from + (table.size[1] / 2 if table is not None else 0.0)
    return Plan(
        middle=middle,
        half=(objects[0] / 2, objects[1] / 2),
        free=(
            (low[0] - centre[0], low[1] - centre[1]),
            (high[0] - centre[0], high[1] - centre[1]),
        ),
        sides=sides,
        items=tuple(items),
        table=table,
        table_y=table_y,
        chairs=tuple(_chairs(row, table, table_y, seats, -deep / 2, seed)),
        ceiling_lamps=_ceiling_lamps((p.width, deep, p.height), middle, rng),
    )


def _back_row(kind: Kind, width: float, seed: int, rng: np.random.Generator) -> list[Item]:
    if kind == "kitchen":
        size = (width - 0.02, 0.64, COUNTER)
        made = furniture.counter(size[0], 0.62, size[2], stream(seed, "counter"))
        return [Item("counter", "furniture", made, size, top=True)]
    kinds = RUNS[kind]
    order = rng.permutation(len(kinds)) if kind in SHUFFLED else np.arange(len(kinds))
    must = {"living": "sofa", "dining": "sideboard", "office": "desk"}.get(kind)
    # The room's characteristic piece comes first, since the last ones may not fit a narrow room.
    names = sorted((kinds[i] for i in order), key=lambda name: name != must)
    return along_wall(names, width, seed, kind)


def _table(kind: Kind, seed: int) -> tuple[Item | None, float, int]:
    """Return a table in front of the back row, the gap between them, and its number of seats."""
    rng = stream(seed, "table")
    if kind == "living":
        size = (rng.uniform(0.8, 1.2), rng.uniform(0.45, 0.6), rng.uniform(0.36, 0.46))
        made = furniture.table(*size, False, rng)
        return Item("table", "furniture", made, size, top=True), 0.35, 0
    if kind in ("dining", "kitchen"):
        size = (rng.uniform(1.1, 1.7), rng.uniform(0.75, 0.9), rng.uniform(0.72, 0.76))
        made = furniture.table(*size, False, rng)
        return Item("table", "furniture", made, size, top=True), 1.0, int(rng.integers(2, 7))
    return None, 0.0, 0


def _beside(seed: int, name: str, taken: float, deep: float) -> Item | None:
    """Return a piece at a side wall of the free floor, near the back, or None."""
    rng = stream(seed, "beside", name)
    if rng.random() < 0.3:
        return None
    item = make(str(rng.choice(BESIDE)), seed, name)
    from_back = taken + 0.1 + item.size[0] / 2 + rng.uniform(0.0, 0.4)
    if from_back + item.size[0] / 2 > deep - 0.6:
        return None
    y = -deep / 2 + from_back
    return moved_along(item, y if name == "left" else -y)


def _chairs(
    row: list[Item], table: Item | None, y: float, seats: int, back: float, seed: int
) -> list[Chair]:
    """Return chairs at the table and at desks, relative to the room's centre."""
    found = []
    high = stream(seed, "chair.height").uniform(0.8, 0.95)

    def seat(at: tuple[float, float], angle: float, number: int) -> Chair:
        # All chairs have the same design and differ only in rotation.
        askew = float(stream(seed, "askew", number).normal(0.0, 0.12))
        return chair(at, angle + askew, high, stream(seed, "chair"))

    for number in range(seats if table is not None else 0):
        assert table is not None
        side = 1 if number % 2 else -1
        count = (seats + 1) // 2 if side < 0 else seats // 2
        x = ((number // 2) + 0.5) / count * table.size[0] - table.size[0] / 2
        reach = table.size[1] / 2 + 0.1
        found.append(seat((x, y + side * reach), 0.0 if side > 0 else np.pi, number))
    for item in row:
        if item.kind == "desk":
            found.append(seat((-item.x, back + item.size[1] + 0.12), 0.0, 99))
    return found


def _ceiling_lamps(size: Vector, middle: Vector, rng: np.random.Generator) -> tuple[Vector, ...]:
    """Return one lamp at the centre of the room, or two or three in a row along either axis.

    size: width, depth and height of the room, metres.
    """
    width, deep, height = size
    count, across = int(rng.integers(1, 4)), rng.random() < 0.5
    shares = (np.arange(count) + 0.5) / count - 0.5
    places = [(share * width, 0.0) if across else (0.0, share * deep) for share in shares]
    return tuple(as_vector((x + middle[0], y + middle[1], middle[2] + height)) for x, y in places)


def _openings(
    kind: Kind,
    sides: tuple[Side, ...],
    row: list[Item],
    beside: list[Item | None],
    seed: int,
) -> tuple[Side, ...]:
    """Return the walls with windows, doors, pictures and, in a kitchen, cabinets."""
    rng = stream(seed, "openings")
    back, left, right, front = sides
    gap = widest_gap(row, back.width, 0.95)
    if rng.random() < 0.6:
        back = _window(back, gap, 1.1 if kind == "kitchen" else 1.0, kind != "kitchen", rng)
    if kind == "kitchen":
        back = _kitchen_wall(back, row[0], seed)
    else:
        back = hang_pictures(back, free_stretch(back, gap), 0.95, rng)
    doors = rng.permutation(2)
    walls_beside = []
    for number, (side, item) in enumerate(zip((left, right), beside, strict=True)):
        stretch = _beyond(side, item, number == 0)
        if stretch[1] - stretch[0] > 1.2 and doors[number]:
            x = rng.uniform(stretch[0] + 0.5, stretch[1] - 0.5)
            side = side.with_door(float(x), int(rng.integers(1, 4)))
        elif rng.random() < 0.6:
            side = _window(side, stretch, 0.9, True, rng)
        walls_beside.append(hang_pictures(side, free_stretch(side, stretch), 0.3, rng))
    if rng.random() < 0.5 or not any(s.openings for s in (back, *walls_beside)):
        front = _window(front, (-front.width / 2 + 0.2, front.width / 2 - 0.2), 0.9, True, rng)
    return back, walls_beside[0], walls_beside[1], front


def _beyond(side: Side, item: Item | None, is_left: bool) -> tuple[float, float]:
    """Return the stretch of a side wall between its furniture and the wall behind the cameras."""
    end = side.width / 2 - 0.15
    if is_left:
        return (item.ends[1] + 0.15 if item else -end + 1.0, end)
    return (-end, item.ends[0] - 0.15 if item else end - 1.0)


def bare_walls(plan: Plan) -> list[tuple[Side, tuple[float, float]]]:
    """Return stretches without doors, windows and furniture of the walls beside the free floor."""
    found = []
    for number, side in enumerate(plan.sides[1:3]):
        item = next((item for item, at in plan.items if at is side), None)
        found.append((side, free_stretch(side, _beyond(side, item, number == 0))))
    return found


def _window(
    side: Side, stretch: tuple[float, float], low: float, dressed: bool, rng: np.random.Generator
) -> Side:
    """Return a wall with a window in a stretch of it, if that is wide enough."""
    most = min(stretch[1] - stretch[0] - 0.5, 2.2)
    if most < 0.6:
        return side
    wide = rng.uniform(max(0.6, 0.5 * most), most)
    middle = rng.uniform(stretch[0] + 0.25 + wide / 2, stretch[1] - 0.25 - wide / 2)
    high = min(rng.uniform(1.95, 2.25), side.height - 0.2)
    hole = Opening(float(middle - wide / 2), float(middle + wide / 2), low, float(high))
    side = side.with_window(hole, rng)
    if dressed and rng.random() < 0.6:
        side = side.having("curtain", walls.curtains(hole, low - 0.03, rng))
    return side


def _kitchen_wall(side: Side, counter: Item, seed: int) -> Side:
    """Return the wall with tiles behind the worktop, and cabinets beside the window."""
    rng = stream(seed, "kitchen")
    wide, low = counter.size[0], counter.size[2]
    holes = list(side.openings)
    stretches = [(-wide / 2, wide / 2)]
    if holes:
        stretches = [(-wide / 2, holes[0].left - 0.1), (holes[0].right + 0.1, wide / 2)]
    tiles = [
        box((left, -0.008, low), (right, 0.0, CABINETS), "splash") for left, right in stretches
    ]
    hung: Solids = []
    for left, right in stretches:
        if right - left > 0.5:
            high = min(2.15, side.height - 0.05)
            made = furniture.wall_cabinets(right - left, 0.34, CABINETS, high, rng)
            hung += placed(made, ((left + right) / 2, 0.0, 0.0))
    return side.having("furniture", [*untouched(tiles), *hung])
