"""A desk at a wall: screens, keyboard and mouse or a laptop, books, cups and papers around them.

The origin is the centre of the desk's top. The wall is at -y; whoever works there sits at +y, where
the room is open and the cameras are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from simgen.assets.classes import CLASSES
from simgen.geometry.solids import box, to_mesh
from simgen.sampling.randomizers.materials import draw_by_slot
from simgen.spec.parameters import (
    between,
    chance,
    choice,
    constant,
    layout_seed,
    one_of,
    scene_size,
)
from simgen.spec.rng import Stream, stream
from simgen.stages.stage import Materials, Stage, StageContent, StagePart, Support

from .parts import furniture, walls
from .parts.alcove import Alcove
from .parts.furnishing import Item, chair, make, moved_along
from .parts.shapes import Solids, from_asset, placed
from .parts.shell import four_walls, free_stretch, hang_pictures
from .parts.surfaces import toned
from .parts.walls import Opening

Screens = Literal["none", "one", "two"]
WIDEST = 2.4
_EDGE = 0.03
_SHELF = 0.6
"""Minimum height of a board above the desk, metres."""
_SILL = 0.14
"""Distance of a desk from a wall with a window, for its sill."""
_USER = np.pi / 2
"""Direction from the desk to whoever sits there, radians about z from x."""
_ALONG = float(_USER + np.pi / 2)
"""Heading of what is modelled along x and points away from the user, such as a computer mouse."""
_UPRIGHT_AT_BACK = ("book", "clock", "potted_plant", "vase", "box", "teddy_bear", "bottle", "lamp",
                    "candle", "can")  # fmt: skip
_DRINKS = ("mug", "cup", "paper_cup", "tumbler", "bottle", "can")

_WOODEN = ("tabletop_wood", "tabletop_wood", "laminate", "furniture_paint", "painted")
BESIDE = ("bookcase", "bookcase", "sideboard", "pot_plant", "floor_lamp", "bed", "nightstand",
          "sofa")  # fmt: skip
KINDS = {
    "top": ("tabletop_wood", "tabletop_wood", "laminate", "laminate", "furniture_paint", "painted"),
    "legs": ("wood", "metal", "metal", "painted"),
    "bezel": ("dark_plastic",),
    "screen": ("computer_screen", "computer_screen", "screen"),
    "stand": ("dark_plastic", "brushed_metal"),
    "chair": ("dark_plastic", "painted", "wood", "brushed_metal"),
    "seat": ("fabric", "fabric", "leather", "wood"),
    "floor": ("floorboards", "laminate", "carpet", "carpet", "concrete", "tiles"),
    "wall": ("plaster", "plaster", "plaster", "plaster", "wallpaper", "brick", "concrete"),
    "ceiling": ("plaster",),
    "trim": ("painted",),
    "body": _WOODEN,
    "front": _WOODEN,
    "handle": ("brushed_metal", "chrome", "dark_plastic"),
    "sofa": ("fabric", "leather"),
    "pillow": ("fabric",),
    "sheet": ("fabric",),
    "frame": ("wood", "painted", "dark_plastic"),
    "picture_a": ("pattern", "print"),
    "picture_b": ("pattern", "print"),
    "paper": ("paper",),
    "book_a": ("print", "fabric"),
    "book_b": ("print", "leather"),
    "book_c": ("paper", "painted"),
    "curtain": ("fabric",),
    "shade": ("fabric", "paper"),
    "pot": ("terracotta", "ceramic", "plastic"),
    "leaves": ("foliage",),
}  # fmt: skip
_CALM = ("top", "wall", "floor", "body", "front", "sofa", "curtain", "seat", "chair")
_PALE = ("ceiling", "trim", "paper", "shade", "sheet")


@dataclass(frozen=True)
class Desk:
    """width, depth, height: of the desk, metres. beside: free width of the room on either side.
    front: depth of the room in front of the desk. shelf: whether a board with books hangs above.
    """

    layout_seed: int = layout_seed()
    width: float = scene_size()
    depth: float = between(0.6, 0.8)
    height: float = between(0.71, 0.76)
    screens: Screens = choice("none", "one", "one", "two")
    beside: float = between(0.3, 1.6)
    front: float = constant(2.0)
    chair: bool = chance(0.7)
    shelf: bool = chance(0.35)
    window: bool = chance(0.35)
    neighbours: int = one_of(0, 1, 1, 2)
    ceiling: float = between(2.4, 2.9)
    skirting: float = between(0.05, 0.12)


def materials(p: Desk, rng: Stream) -> Materials:
    """Sample muted large surfaces, and pale trim and paper."""
    return toned(draw_by_slot(KINDS, rng), rng, _CALM, _PALE)


def fit(p: Desk, pile: float, reach: float) -> Desk:
    """Lengthen the desk within limits, and make space for cameras in front of it."""
    return replace(p, width=max(p.width, min(1.6 * pile, WIDEST)), front=max(p.front, reach + 0.5))


def build(p: Desk) -> StageContent:
    """Build the desk with its screens, the chair, and the open room around them."""
    low = (0.0, 0.0, -p.height)
    rng = stream(p.layout_seed, "desk")
    made = furniture.table(p.width, p.depth, p.height, False, rng)
    parts = [StagePart("desk", to_mesh(made), low, "furniture", class_name="table")]
    for number, (x, turn) in enumerate(_screens(p)):
        solids = placed(_screen(p), (x, -p.depth / 2 + 0.17, 0.0), np.pi + turn)
        parts.append(
            StagePart(
                f"screen_{number}",
                to_mesh(solids),
                (0.0, 0.0, 0.0),
                "furniture",
                class_name="tv",
                heading=np.pi + turn,
            )
        )
    if p.chair:
        seat = stream(p.layout_seed, "chair")
        at = (
            _middle(p) + float(seat.normal(0, 0.12)),
            p.depth / 2 + float(seat.uniform(-0.05, 0.5)),
        )
        parts.append(chair(at, float(seat.normal(0.0, 0.5)), 0.95, seat).part("chair", low))
    room = _room(p)
    parts += room.parts()
    if p.shelf:
        parts += _shelf(p, room)
    near = -p.depth / 2 + 0.3
    return StageContent(tuple(parts), tuple(_supports(p)), room.air(near, 0.12), room.lights())


def _middle(p: Desk) -> float:
    """Return x of the seat."""
    return float(stream(p.layout_seed, "seat").uniform(-0.2, 0.2) * p.width)


def _screens(p: Desk) -> list[tuple[float, float]]:
    """Return x of each screen, and how far it is turned, radians."""
    rng = stream(p.layout_seed, "screens")
    middle, turn = _middle(p), float(rng.normal(0.0, 0.08))
    if p.screens == "none":
        return []
    wide = _screen_width(p)
    if p.screens == "one" or p.width < 2.3 * wide:
        return [(float(np.clip(middle, wide / 2 - p.width / 2, p.width / 2 - wide / 2)), turn)]
    half = wide / 2 + 0.02
    middle = float(np.clip(middle, 2 * half - p.width / 2, p.width / 2 - 2 * half))
    return [(middle - half, 0.12), (middle + half, -0.12)]


def _screen_width(p: Desk) -> float:
    return 16 / float(np.hypot(16, 9)) * _screen_numbers(p)["diagonal"] + 0.02


def _screen_numbers(p: Desk) -> dict[str, float]:
    rng = stream(p.layout_seed, "screen")
    return dict(CLASSES["tv"].draw(rng), diagonal=float(rng.uniform(0.5, 0.72)), bezel=0.008)


def _screen(p: Desk) -> Solids:
    """Build a monitor: a television of a monitor's size."""
    mesh = CLASSES["tv"].build(_screen_numbers(p))
    names = {"frame": "bezel", "screen": "screen", "stand": "stand"}
    return [from_asset(mesh, float(np.ptp(mesh.vertices[:, 2])), names)]


def _supports(p: Desk) -> Iterator[Support]:
    """Yield the top, and the places on it where people put things."""
    rng, screens = stream(p.layout_seed, "places"), _screens(p)
    x, y = p.width / 2, p.depth / 2
    front = y - (0.16 if screens else _EDGE)  # half of the depth that screens leave free
    yield Support(
        (x - _EDGE, front - _EDGE / 2), False, (0.0, y - front - _EDGE / 2, 0.0), name="desk"
    )
    middle, hand = _middle(p), -1 if rng.random() < 0.85 else 1
    near = y - float(rng.uniform(0.14, 0.2))

    def within(spot: float, margin: float) -> float:
        return float(np.clip(spot, margin - x, x - margin))

    def single(name: str, at: tuple[float, float], half: tuple[float, float], tags: tuple[str, ...],
               heading: float = _USER) -> Support:  # fmt: skip
        return Support(half, False, (at[0], at[1], 0.0), tags=tags, name=name, headings=(heading,),
                       single=True)  # fmt: skip

    if screens:
        yield single("keyboard", (middle, near), (0.26, 0.11), ("keyboard",))
        yield single(
            "mouse", (middle + hand * 0.33, near), (0.06, 0.09), ("computer_mouse",), _ALONG
        )
        side = -hand * float(rng.uniform(0.5, 0.62))
        yield single("laptop", (within(middle + side, 0.2), 0.0), (0.21, 0.2), ("laptop",))
    else:
        yield single("laptop", (middle, y - 0.24), (0.21, 0.2), ("laptop",))
        yield single(
            "mouse", (middle + hand * 0.3, near), (0.06, 0.09), ("computer_mouse",), _ALONG
        )
    for number in range(2):
        side = float(rng.choice((-1, 1)) * rng.uniform(0.35, 0.6))
        at = (within(middle + side, 0.1), float(rng.uniform(-0.1, 0.18)))
        yield single(f"drink_{number}", at, (0.08, 0.08), _DRINKS, float(rng.uniform(0, 2 * np.pi)))
    at = (within(middle - hand * float(rng.uniform(0.32, 0.45)), 0.08), near)
    yield single(
        "phone", at, (0.06, 0.1), ("cell_phone", "remote"), float(_USER + rng.normal(0, 0.3))
    )
    yield from _back(p, screens)


def _back(p: Desk, screens: list[tuple[float, float]]) -> Iterator[Support]:
    """Yield the strips along the wall beside the screens."""
    wide = _screen_width(p)
    cuts = sorted((x - wide / 2 - 0.02, x + wide / 2 + 0.02) for x, _ in screens)
    at, end = -p.width / 2 + _EDGE, p.width / 2 - _EDGE
    clear = _SHELF - 0.03 if p.shelf else 0.8
    for number, (left, right) in enumerate([*cuts, (end, end)]):
        if left - at > 0.2:
            half = ((left - at) / 2, 0.13)
            centre = ((left + at) / 2, -p.depth / 2 + half[1] + 0.015, 0.0)
            yield Support(half, False, centre, clear, _UPRIGHT_AT_BACK, f"back_{number}", (_USER,))
        at = max(at, right)


def _room(p: Desk) -> Alcove:
    """Return the room, with furniture beside the desk, a window and pictures."""
    rng = stream(p.layout_seed, "room")
    items = _beside(p, rng)
    widths = {sign: max([item.size[0] + 0.5 for s, item in items if s == sign], default=0.0)
              for sign in (-1, 1)}  # fmt: skip
    free = {sign: max(p.beside, widths[sign]) for sign in (-1, 1)}
    width = p.width + free[-1] + free[1]
    wall = -p.depth / 2 - (_SILL if p.window else 0.015)
    deep = p.front + 0.5 - wall
    aside = (free[-1] - free[1]) / 2  # of the desk, to the right of the wall's centre
    middle = (aside, wall + deep / 2, -p.height)
    back, left, right, _ = four_walls(width, deep, p.ceiling)
    moved = []
    for sign, item in items:
        gap = 0.45 if item.kind == "pot_plant" else 0.08  # its leaves bend over the desk
        x = aside + sign * (p.width / 2 + gap + item.size[0] / 2)
        moved.append(moved_along(item, float(x)))
    stretch = (aside - p.width / 2, aside + p.width / 2)
    if p.window:
        half = float(rng.uniform(0.3, 0.45)) * p.width
        hole = Opening(aside - half, aside + half, p.height + float(rng.uniform(0.15, 0.3)), 2.15)
        back = back.with_window(hole, rng)
        if rng.random() < 0.5:
            back = back.having("window", walls.curtains(hole, p.height + 0.1, rng))
    elif not p.shelf:
        low = p.height + (0.55 if p.screens != "none" else 0.25)
        back = hang_pictures(back, free_stretch(back, stretch), low, rng)
    if rng.random() < 0.6:
        hole = Opening(-0.5, 0.6, 0.95, 2.15)
        if rng.random() < 0.5:
            left = left.with_window(hole, rng)
        else:
            right = right.with_window(hole, rng)
    lamp = (float(middle[0] + rng.uniform(-0.4, 0.4)), float(wall + rng.uniform(1.0, 1.8)))
    return Alcove(
        middle, width, deep, p.ceiling, back, left, right, tuple(moved), (lamp,), p.skirting
    )


def _beside(p: Desk, rng: Stream) -> list[tuple[int, Item]]:
    """Return furniture to the left and right of the desk, each with the sign of x."""
    found = []
    for sign in [int(s) for s in rng.permutation((-1, 1))[: p.neighbours]]:
        kind = str(rng.choice(BESIDE))
        found.append((sign, make(kind, p.layout_seed, f"beside.{sign}")))
    return found


def _shelf(p: Desk, room: Alcove) -> list[StagePart]:
    """Return a board above the desk, and the books on it as a crowd."""
    rng = stream(p.layout_seed, "shelf")
    half = float(rng.uniform(0.3, 0.48)) * p.width
    high = p.height + 0.02 + _SHELF + float(rng.uniform(0.0, 0.2))
    if p.window:
        return []
    aside, side = room.middle[0], room.back
    board = box((aside - half, -0.22, high - 0.02), (aside + half, 0.0, high), "body", 0.001)
    start = aside - half + float(rng.uniform(0.0, 0.5)) * half
    row = furniture.books((start, aside + half - 0.05), 0.22, high, 0.32, rng)
    return [
        StagePart("shelf", to_mesh(side.put([board])), room.middle, "furniture",
                  class_name="bookcase", crowd=True),
        StagePart("shelf_books", to_mesh(side.put(row)), room.middle, "furniture",
                  class_name="book", crowd=True),
    ]  # fmt: skip


STAGE = Stage(
    Desk,
    materials,
    build,
    fit,
    stuff=("furniture", "lamp", "plant", "floor", "wall", "window", "picture", "ceiling"),
)
