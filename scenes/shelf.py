"""A shelf with several boards: bookcase, metal rack, cupboard, refrigerator, shop or wall boards.

It opens towards +y, where the cameras are. The lowest board is z = 0 and the origin its middle.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simgen.draws import Draws
from simgen.randomizers.materials import draw_material
from simgen.rng import stream
from simgen.scenery import shelving
from simgen.scenery.furnishing import Item, ceiling_lamp, make, moved_along, parts_at
from simgen.scenery.shell import Side, four_walls, hang_pictures
from simgen.scenery.shelving import Frame
from simgen.scenery.solids import box, mesh, split
from simgen.scenery.surfaces import calm, like, pale
from simgen.scenery.walls import Opening
from simgen.spec import StageSpec, Vector
from simgen.stage import LampPlace, Room, StagePart, Support

NAME = "shelf"
STUFF = ("shelf", "furniture", "plant", "lamp", "floor", "wall", "window", "picture", "ceiling")

STYLES = ("bookcase", "bookcase", "rack", "rack", "cupboard", "fridge", "gondola", "wall_boards")
BUILDERS = {
    "bookcase": shelving.bookcase,
    "rack": shelving.rack,
    "cupboard": shelving.cupboard,
    "fridge": shelving.fridge,
    "gondola": shelving.gondola,
    "wall_boards": shelving.wall_boards,
}
BASES = {
    "bookcase": (0.08, 0.75),
    "rack": (0.12, 0.8),
    "cupboard": (1.0, 1.35),
    "fridge": (0.3, 0.75),
    "gondola": (0.15, 0.6),
    "wall_boards": (0.7, 1.2),
}
"""Height of the lowest board above the floor, metres."""
CLASSES = {"bookcase": "bookcase", "fridge": "refrigerator"}
"""Built-in class of a style that is one. The others look like bookcases."""
HOMELY = ("bookcase", "cupboard", "wall_boards", "fridge")
BOARDS = (2, 4)
PITCH_RANGE = (0.27, 0.42)
DEPTH_RANGE = (0.27, 0.45)
THICKNESS_RANGE = (0.014, 0.03)
WIDEST, DEEPEST = 2.4, 0.7
"""Metres. A shelf grows no farther: what does not find room on it stays away."""
TALLEST = 2.4
FRONT = 3.0
HEIGHT = 3.0
EDGE = 0.03
"""Metres along a board's edges that are left out of the support."""

_WOODEN = ("tabletop_wood", "tabletop_wood", "laminate", "painted")
_METAL = ("painted", "worn_paint", "brushed_metal", "metal")
BOARD_KINDS = {"rack": _METAL, "gondola": ("painted", "brushed_metal")}
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


def draw(draws: Draws) -> StageSpec:
    """A shelf `scene.size_range` metres wide inside."""
    rng = draws.stream("stage")
    number = int(rng.integers(len(STYLES)))
    style = STYLES[number]
    params = {
        "layout_seed": float(rng.integers(2**31)),
        "style": float(number),
        "width": draws.number("scene.size_range"),
        "depth": rng.uniform(*DEPTH_RANGE),
        "boards": float(rng.integers(BOARDS[0], BOARDS[1] + 1)),
        "pitch": rng.uniform(*PITCH_RANGE),
        "thickness": 0.006 if style == "fridge" else rng.uniform(*THICKNESS_RANGE),
        "base": rng.uniform(*BASES[style]),
        "beside": rng.uniform(0.5, 1.8),
        "front": FRONT,
        "skirting": rng.uniform(0.05, 0.12),
    }
    # The highest space ends within reach of a tall person.
    most = int((TALLEST - params["base"]) / params["pitch"])
    params["boards"] = float(max(BOARDS[0], min(params["boards"], most)))
    kinds = {"board": BOARD_KINDS.get(style, _WOODEN), **KINDS}
    materials = {slot: draw_material(str(rng.choice(some)), rng) for slot, some in kinds.items()}
    for slot in _CALM:
        materials[slot] = calm(materials[slot], rng)
    for slot in _PALE:
        materials[slot] = pale(materials[slot], rng)
    if style in ("rack", "gondola"):
        materials["side"] = materials["board"]
    elif materials["board"].kind == "tabletop_wood":
        # Boards lie with the grain along x, uprights have it along z; it is the same tree.
        upright = draw_material("wood", rng)
        materials["side"] = like(upright, materials["board"])
        materials["back"] = materials["side"]
    else:
        materials["side"] = materials["board"]
    return StageSpec(NAME, {key: float(value) for key, value in params.items()}, materials)


def grow(stage: StageSpec, pile: float, reach: float) -> StageSpec:
    """The same shelf, wider and deeper within reason, with room before it for cameras."""
    p = dict(stage.params)
    p["width"] = max(p["width"], min(2.0 * pile, WIDEST))
    p["depth"] = max(p["depth"], min(0.6 * pile, DEEPEST))
    p["front"] = max(p["front"], reach + 0.4)
    return replace(stage, params=p)


def supports(stage: StageSpec) -> tuple[Support, ...]:
    """The boards, from below."""
    f = _frame(stage.params)
    half = (f.width / 2 - EDGE, f.depth / 2 - EDGE - 0.01)
    clear = f.pitch - f.thick - 0.045
    return tuple(
        Support(half, False, (0.0, 0.0, z), clear, name=f"board_{number}")
        for number, z in enumerate(f.heights())
    )


def room(stage: StageSpec) -> Room | None:
    """In front of the shelf, and of its open doors."""
    p, f = stage.params, _frame(stage.params)
    style, x = STYLES[int(p["style"])], _half_width(p) - 0.2
    near = f.depth / 2 + 0.15
    near += {"cupboard": f.width / 2, "fridge": f.width + 0.1}.get(style, 0.1)
    if style not in ("cupboard", "fridge"):
        near += max([item.size[1] for item in _neighbours(p)], default=0.0)
    top = HEIGHT - f.base - 0.25
    return Room((-x, near, 0.25 - f.base), (x, max(p["front"], near + 0.5), top))


def lamps(stage: StageSpec) -> tuple[LampPlace, ...]:
    """A lamp on the ceiling before the shelf, and a window where there is one."""
    x, y, z = _lamp(stage.params)
    sides = _walls(stage.params)
    windows = [place for side in sides for place in side.daylight(_middle(stage.params))]
    return (LampPlace("ceiling", (x, y, z - 0.07), (x, y, 0.0), 0.3, 0.3), *windows)


def build(stage: StageSpec) -> tuple[StagePart, ...]:
    """The shelf, the wall behind it, walls beside it, floor and ceiling, open behind cameras."""
    p, f = stage.params, _frame(stage.params)
    rng = stream(int(p["layout_seed"]), "unit")
    style = STYLES[int(p["style"])]
    unit, goods = split(BUILDERS[style](f, rng), shelving.GOODS)
    middle, half, deep = _middle(p), _half_width(p), _deep(p)
    floor = box((-half, -deep / 2, -0.1), (half, deep / 2, 0.0), "floor")
    cover = box((-half, -deep / 2, 0.0), (half, deep / 2, 0.1), "ceiling")
    above = (middle[0], middle[1], middle[2] + HEIGHT)
    shelf = StagePart(
        "shelf",
        mesh(unit),
        (0.0, 0.0, 0.0),
        "shelf",
        class_name=CLASSES.get(style, "bookcase"),
        crowd=style not in CLASSES,
        heading=np.pi,
    )
    parts = [
        shelf,
        StagePart("floor", mesh([floor]), middle, "floor"),
        StagePart("ceiling", mesh([cover]), above, "ceiling"),
        ceiling_lamp("lamp", _lamp(p)),
    ]
    if goods:
        packed = mesh(goods)
        parts.append(
            StagePart("goods", packed, (0.0, 0.0, 0.0), "shelf", class_name="box", crowd=True)
        )
    back, *beside = _walls(p)
    parts += back.parts("wall_0", middle, p["skirting"])
    for number, side in enumerate(beside, start=1):
        parts += side.parts(f"wall_{number}", middle, p["skirting"])
    for number, item in enumerate(_neighbours(p)):
        parts += parts_at(back, item, middle, f"{item.kind}_{number}")
    return tuple(parts)


def _frame(p: dict[str, float]) -> Frame:
    return Frame(p["width"], p["depth"], int(p["boards"]), p["pitch"], p["thickness"], p["base"])


def _half_width(p: dict[str, float]) -> float:
    """Of the room."""
    units = 1.5 if STYLES[int(p["style"])] == "gondola" else 0.5
    return units * (p["width"] + 0.06) + 0.1 + p["beside"]


def _deep(p: dict[str, float]) -> float:
    """Of the room, from the wall behind the shelf to where it is open."""
    return p["front"] + 0.5 - _behind(p)


def _behind(p: dict[str, float]) -> float:
    """y of the wall behind the shelf."""
    gap = {"fridge": 0.06, "gondola": 0.03, "rack": 0.03, "wall_boards": 0.0}
    return -p["depth"] / 2 - gap.get(STYLES[int(p["style"])], 0.006)


def _middle(p: dict[str, float]) -> Vector:
    """Of the room's floor."""
    return (0.0, _behind(p) + _deep(p) / 2, -p["base"])


def _lamp(p: dict[str, float]) -> Vector:
    shift = stream(int(p["layout_seed"]), "lamp").uniform(-0.3, 0.3)
    return (float(shift), p["depth"] / 2 + 0.9, HEIGHT - p["base"])


def _walls(p: dict[str, float]) -> tuple[Side, ...]:
    """Behind the shelf and at both sides; one of these may have a window."""
    rng = stream(int(p["layout_seed"]), "walls")
    back, left, right, _ = four_walls(2 * _half_width(p), _deep(p), HEIGHT)
    if rng.random() < 0.5:
        y = float(rng.uniform(-0.2, 0.4))
        hole = Opening(y - 0.55, y + 0.55, 0.9, 2.2)
        if rng.random() < 0.5:
            left = left.with_window(hole, rng)
        else:
            right = right.with_window(hole, rng)
    if STYLES[int(p["style"])] in HOMELY and not _neighbours(p):
        edge = p["width"] / 2 + 0.25
        back = hang_pictures(back, (edge, back.width / 2 - 0.15), 1.0, rng)
    return back, left, right


def _neighbours(p: dict[str, float]) -> list[Item]:
    """Furniture to the left and right of the shelf, where it has room."""
    if STYLES[int(p["style"])] not in HOMELY[:3]:
        return []
    rng, found = stream(int(p["layout_seed"]), "beside"), []
    for sign in (-1, 1):
        kind = str(rng.choice(("pot_plant", "bookcase", "sideboard", "floor_lamp", "none")))
        if kind == "none":
            continue
        item = make(kind, int(p["layout_seed"]), f"beside.{sign}")
        x = p["width"] / 2 + 0.12 + item.size[0] / 2 + rng.uniform(0.0, 0.2)
        hangs = STYLES[int(p["style"])] == "cupboard"
        if x + item.size[0] / 2 < _half_width(p) - 0.05 and not (hangs and item.size[2] > 0.95):
            found.append(moved_along(item, sign * x))
    return found
