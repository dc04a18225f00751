"""A shelf with several boards: bookcase, metal rack, cupboard, refrigerator, shop shelf or wall
boards.

It opens towards +y, where the cameras are. The lowest board is z = 0, with the origin at its
centre.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from simgen.geometry.solids import to_mesh
from simgen.sampling.randomizers.materials import draw_by_slot, draw_material
from simgen.spec.parameters import (
    between,
    choice,
    computed,
    constant,
    layout_seed,
    scene_size,
    whole,
)
from simgen.spec.rng import Stream, stream
from simgen.spec.scene import Vector
from simgen.stages.stage import LampPlace, Materials, Room, Stage, StageContent, StagePart, Support

from .parts import shelving
from .parts.furnishing import Item, ceiling_lamp, make, moved_along, parts_at
from .parts.shapes import Solids, split
from .parts.shell import Side, ceiling, floor, four_walls, hang_pictures
from .parts.shelving import Frame
from .parts.surfaces import like, toned
from .parts.walls import Opening

Style = Literal["bookcase", "rack", "cupboard", "fridge", "gondola", "wall_boards"]
BUILDERS: dict[Style, Callable[[Frame, Stream], Solids]] = {
    "bookcase": shelving.bookcase,
    "rack": shelving.rack,
    "cupboard": shelving.cupboard,
    "fridge": shelving.fridge,
    "gondola": shelving.gondola,
    "wall_boards": shelving.wall_boards,
}
BASES: dict[Style, tuple[float, float]] = {
    "bookcase": (0.08, 0.75),
    "rack": (0.12, 0.8),
    "cupboard": (1.0, 1.35),
    "fridge": (0.3, 0.75),
    "gondola": (0.15, 0.6),
    "wall_boards": (0.7, 1.2),
}
"""Height of the lowest board above the floor, metres."""
CLASSES: dict[Style, str] = {"bookcase": "bookcase", "fridge": "refrigerator"}
"""Built-in class of the styles that belong to one. The others resemble bookcases."""
HOMELY: tuple[Style, ...] = ("bookcase", "cupboard", "wall_boards", "fridge")
WIDEST, DEEPEST = 2.4, 0.7
"""Maximum width and depth of a shelf, metres. Objects that do not fit are omitted."""
TALLEST = 2.4
HEIGHT = 3.0
EDGE = 0.03
"""Width of the strip along a board's edges that is not part of the support, metres."""

_WOODEN = ("tabletop_wood", "tabletop_wood", "laminate", "painted")
_METAL = ("painted", "worn_paint", "brushed_metal", "metal")
BOARD_KINDS: dict[Style, tuple[str, ...]] = {
    "rack": _METAL,
    "gondola": ("painted", "brushed_metal"),
}
KINDS = {
    "side": ("wood", "laminate", "painted"),
    "back": ("laminate", "painted", "wood"),
    "front": ("painted", "laminate", "wood"),
    "glass": ("glass",),
    "liner": ("plastic",),
    "drawer": ("clear_plastic",),
    "rail": ("plastic", "painted"),
    "label": ("paper",),
    "goods_a": ("print",),
    "goods_b": ("print", "cardboard"),
    "goods_c": ("print", "plastic"),
    "handle": ("brushed_metal", "chrome", "dark_plastic"),
    "wall": ("plaster", "plaster", "wallpaper", "brick", "concrete", "tiles"),
    "ceiling": ("plaster",),
    "floor": ("floorboards", "tiles", "concrete", "laminate", "carpet", "terrazzo"),
    "trim": ("painted",),
    "body": _WOODEN,
    "legs": ("wood", "metal"),
    "sofa": ("fabric", "leather"),
    "pillow": ("fabric",),
    "frame": ("wood", "painted", "gold", "dark_plastic"),
    "picture_a": ("pattern", "print"),
    "picture_b": ("pattern", "marble"),
    "paper": ("paper",),
    "book_a": ("print", "fabric"),
    "book_b": ("print", "leather"),
    "book_c": ("paper", "painted"),
    "shade": ("fabric", "paper"),
    "pot": ("terracotta", "ceramic", "plastic"),
    "leaves": ("foliage",),
}
_PALE = ("glass", "liner", "drawer", "label", "ceiling", "trim", "paper", "shade")
_CALM = ("board", "side", "back", "front", "wall", "floor", "body", "sofa")


@dataclass(frozen=True)
class Shelf:
    """width, depth: inner dimensions, metres. boards: their number. pitch: distance between boards.
    base: height of the lowest board above the floor. beside: free width of the room on either side
    of the shelf. front: depth of the room in front of it. skirting: height."""

    style: Style = choice(
        "bookcase", "bookcase", "rack", "rack", "cupboard", "fridge", "gondola", "wall_boards"
    )
    layout_seed: int = layout_seed()
    width: float = scene_size()
    depth: float = between(0.27, 0.45)
    boards: int = whole(2, 4)
    pitch: float = between(0.27, 0.42)
    thickness: float = computed(
        lambda p, rng: 0.006 if p.style == "fridge" else rng.uniform(0.014, 0.03)
    )
    base: float = computed(lambda p, rng: rng.uniform(*BASES[p.style]))
    beside: float = between(0.5, 1.8)
    front: float = constant(3.0)
    skirting: float = between(0.05, 0.12)


def adjust(p: Shelf, rng: Stream) -> Shelf:
    """Limit the height of the topmost space to the reach of a tall person."""
    return replace(p, boards=max(2, min(p.boards, int((TALLEST - p.base) / p.pitch))))


def materials(p: Shelf, rng: Stream) -> Materials:
    """Sample the surfaces. Sides and boards have the same material."""
    found = draw_by_slot({"board": BOARD_KINDS.get(p.style, _WOODEN), **KINDS}, rng)
    found = toned(found, rng, _CALM, _PALE)
    metal = p.style in ("rack", "gondola")
    if not metal and found["board"].kind == "tabletop_wood":
        # The grain runs along x in boards and along z in uprights; the wood is the same.
        upright = like(draw_material("wood", rng), found["board"])
        return {**found, "side": upright, "back": upright}
    return {**found, "side": found["board"]}


def fit(p: Shelf, pile: float, reach: float) -> Shelf:
    """Widen and deepen the shelf, within limits, and make space for cameras in front of it."""
    return replace(
        p,
        width=max(p.width, min(2.0 * pile, WIDEST)),
        depth=max(p.depth, min(0.6 * pile, DEEPEST)),
        front=max(p.front, reach + 0.4),
    )


def build(p: Shelf) -> StageContent:
    """Build the shelf, the walls behind and beside it, floor and ceiling; the front is open."""
    beside = _neighbours(p)
    walls = _walls(p, bare=not beside)
    middle, lamp = _middle(p), _lamp(p)
    parts = [*_unit(p, lamp)]
    for number, side in enumerate(walls):
        parts += side.parts(f"wall_{number}", middle, p.skirting)
    for number, item in enumerate(beside):
        parts += parts_at(walls[0], item, middle, f"{item.kind}_{number}")
    x, y, z = lamp
    shining = LampPlace("ceiling", (x, y, z - 0.07), (x, y, 0.0), 0.3, 0.3)
    windows = [place for side in walls for place in side.daylight(middle)]
    return StageContent(tuple(parts), _supports(p), _free_air(p, beside), (shining, *windows))


def _unit(p: Shelf, lamp: Vector) -> list[StagePart]:
    """Return the shelf, the floor, the ceiling with a lamp, and the goods of a shop."""
    solids = BUILDERS[p.style](_frame(p), stream(p.layout_seed, "unit"))
    unit, goods = split(solids, shelving.GOODS)
    middle, wide, deep = _middle(p), 2 * _half_width(p), _deep(p)
    above = (middle[0], middle[1], middle[2] + HEIGHT)
    origin = (0.0, 0.0, 0.0)
    shelf = StagePart(
        "shelf",
        to_mesh(unit),
        origin,
        "shelf",
        class_name=CLASSES.get(p.style, "bookcase"),
        crowd=p.style not in CLASSES,
        heading=np.pi,
    )
    parts = [
        replace(shelf, apart=lambda: (replace(shelf, mesh=to_mesh(solids)),)) if goods else shelf,
        StagePart("floor", to_mesh([floor(wide, deep)]), middle, "floor"),
        StagePart("ceiling", to_mesh([ceiling(wide, deep)]), above, "ceiling"),
        ceiling_lamp("lamp", lamp),
    ]
    if goods:
        packed = to_mesh(goods)
        parts.append(
            StagePart("goods", packed, origin, "shelf", class_name="box", crowd=True, apart=tuple)
        )
    return parts


def _supports(p: Shelf) -> tuple[Support, ...]:
    """Return the boards, from bottom to top."""
    f = _frame(p)
    half = (f.width / 2 - EDGE, f.depth / 2 - EDGE - 0.01)
    clear = f.pitch - f.thick - 0.045
    return tuple(
        Support(half, False, (0.0, 0.0, z), clear, name=f"board_{number}")
        for number, z in enumerate(f.heights())
    )


def _free_air(p: Shelf, beside: list[Item]) -> Room:
    """Return the room for cameras: in front of the shelf, its open doors and adjacent furniture."""
    x, near = _half_width(p) - 0.2, p.depth / 2 + 0.15
    near += {"cupboard": p.width / 2, "fridge": p.width + 0.1}.get(p.style, 0.1)
    if p.style not in ("cupboard", "fridge"):
        near += max([item.size[1] for item in beside], default=0.0)
    top = HEIGHT - p.base - 0.25
    return Room((-x, near, 0.25 - p.base), (x, max(p.front, near + 0.5), top))


def _frame(p: Shelf) -> Frame:
    return Frame(p.width, p.depth, p.boards, p.pitch, p.thickness, p.base)


def _half_width(p: Shelf) -> float:
    """Return half the width of the room, metres."""
    units = 1.5 if p.style == "gondola" else 0.5
    return units * (p.width + 0.06) + 0.1 + p.beside


def _deep(p: Shelf) -> float:
    """Return the depth of the room from the wall behind the shelf to the open side, metres."""
    return p.front + 0.5 - _behind(p)


def _behind(p: Shelf) -> float:
    """Return y of the wall behind the shelf."""
    gap = {"fridge": 0.06, "gondola": 0.03, "rack": 0.03, "wall_boards": 0.0}
    return -p.depth / 2 - gap.get(p.style, 0.006)


def _middle(p: Shelf) -> Vector:
    """Return the centre of the room's floor."""
    return (0.0, _behind(p) + _deep(p) / 2, -p.base)


def _lamp(p: Shelf) -> Vector:
    shift = stream(p.layout_seed, "lamp").uniform(-0.3, 0.3)
    return (float(shift), p.depth / 2 + 0.9, HEIGHT - p.base)


def _walls(p: Shelf, bare: bool) -> tuple[Side, ...]:
    """Return the walls behind and beside the shelf; one of the latter may have a window.

    bare: whether nothing stands at the wall behind.
    """
    rng = stream(p.layout_seed, "walls")
    back, left, right, _ = four_walls(2 * _half_width(p), _deep(p), HEIGHT)
    if rng.random() < 0.5:
        y = float(rng.uniform(-0.2, 0.4))
        hole = Opening(y - 0.55, y + 0.55, 0.9, 2.2)
        if rng.random() < 0.5:
            left = left.with_window(hole, rng)
        else:
            right = right.with_window(hole, rng)
    if p.style in HOMELY and bare:
        edge = p.width / 2 + 0.25
        back = hang_pictures(back, (edge, back.width / 2 - 0.15), 1.0, rng)
    return back, left, right


def _neighbours(p: Shelf) -> list[Item]:
    """Return furniture to the left and right of the shelf, where there is space."""
    if p.style not in HOMELY[:3]:
        return []
    rng, found = stream(p.layout_seed, "beside"), []
    for sign in (-1, 1):
        kind = str(rng.choice(("pot_plant", "bookcase", "sideboard", "floor_lamp", "none")))
        if kind == "none":
            continue
        item = make(kind, p.layout_seed, f"beside.{sign}")
        x = p.width / 2 + 0.12 + item.size[0] / 2 + rng.uniform(0.0, 0.2)
        hangs = p.style == "cupboard"
        if x + item.size[0] / 2 < _half_width(p) - 0.05 and not (hangs and item.size[2] > 0.95):
            found.append(moved_along(item, sign * x))
    return found


STAGE = Stage(
    Shelf,
    materials,
    build,
    fit,
    stuff=("shelf", "furniture", "plant", "lamp", "floor", "wall", "window", "picture", "ceiling"),
    adjust=adjust,
)
