"""A furnished room: a living room, a bedroom, an office, a dining room or a kitchen.

Things lie on the free floor, whose middle is the origin, and on furniture. Furniture stands at the
wall at -y and at the two beside it; cameras look from the side of +y. The room is closed, so
daylight comes through its windows alone.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simgen.draws import Draws
from simgen.randomizers.materials import draw_material
from simgen.scenery.furnishing import ceiling_lamp, parts_at
from simgen.scenery.roomplan import CABINETS, OBJECTS_SHARE, RUNS, plan_of
from simgen.scenery.solids import box, mesh, rectangle, slab
from simgen.scenery.surfaces import calm, pale
from simgen.scenery.walls import THICKNESS
from simgen.spec import StageSpec
from simgen.stage import LampPlace, Room, StagePart, Support

NAME = "room"
STUFF = ("furniture", "lamp", "plant", "floor", "rug", "wall", "window", "curtain", "door",
         "picture", "ceiling")  # fmt: skip
Range = tuple[float, float]

HEIGHT_RANGE: Range = (2.4, 2.9)
FREE_DEPTH_RANGE: Range = (0.5, 0.8)
"""Depth of the free floor, in widths of the room; half of it is for objects, half for cameras."""
RUG_PROBABILITY = 0.5
RUG_THICKNESS = 0.009
TABLE_PROBABILITY = 0.6
PILE_MARGIN = 1.1

_WOODEN = ("tabletop_wood", "tabletop_wood", "laminate", "painted")
KINDS = {
    "wall": ("plaster", "plaster", "plaster", "wallpaper", "wallpaper", "brick", "concrete"),
    "ceiling": ("plaster",),
    "floor": ("floorboards", "floorboards", "floorboards", "laminate", "tiles", "carpet",
              "terrazzo", "concrete"),
    "trim": ("painted", "plastic"),
    "door": ("painted", "wood"),
    "handle": ("brushed_metal", "chrome", "dark_plastic", "metal"),
    "body": _WOODEN,
    "front": _WOODEN,
    "top": ("tabletop_wood", "tabletop_wood", "laminate", "stone", "marble", "painted"),
    "legs": ("wood", "wood", "metal", "painted"),
    "chair": ("wood", "wood", "painted", "brushed_metal"),
    "seat": ("wood", "fabric", "leather", "plastic"),
    "sofa": ("fabric", "fabric", "leather", "plush"),
    "pillow": ("fabric", "plush", "pattern"),
    "sheet": ("fabric",),
    "curtain": ("fabric", "tablecloth"),
    "rug": ("carpet", "carpet", "fabric", "plush", "pattern"),
    "frame": ("wood", "painted", "gold", "dark_plastic"),
    "picture_a": ("pattern", "print", "marble", "stone"),
    "picture_b": ("pattern", "print", "rust", "terrazzo"),
    "paper": ("paper",),
    "book_a": ("print", "fabric", "paper"),
    "book_b": ("print", "plastic", "leather"),
    "book_c": ("paper", "fabric", "painted"),
    "shade": ("fabric", "paper"),
    "pot": ("terracotta", "ceramic", "plastic", "concrete"),
    "leaves": ("foliage",),
    "radiator": ("painted",),
    "splash": ("tiles", "tiles", "stone", "marble", "painted"),
}  # fmt: skip
_CALM = ("wall", "floor", "body", "front", "top", "sofa", "curtain", "rug", "door", "chair",
         "splash")  # fmt: skip
"""Slots that are seldom painted in strong colours."""
_PALE = ("ceiling", "trim", "sheet", "paper", "shade", "radiator")
"""Slots that are white or nearly so, whatever their material."""


def draw(draws: Draws) -> StageSpec:
    """A room `scene.size_range` metres wide."""
    rng = draws.stream("stage")
    width = draws.number("scene.size_range")
    params = {
        "layout_seed": float(rng.integers(2**31)),
        "width": width,
        "free_depth": max(2.0, width * rng.uniform(*FREE_DEPTH_RANGE)),
        "height": rng.uniform(*HEIGHT_RANGE),
        "kind": float(rng.integers(len(RUNS))),
        "rug": RUG_THICKNESS if rng.random() < RUG_PROBABILITY else 0.0,
        "skirting": rng.uniform(0.05, 0.14),
        "table": float(rng.random() < TABLE_PROBABILITY),
    }
    materials = {slot: draw_material(str(rng.choice(kinds)), rng) for slot, kinds in KINDS.items()}
    for slot in _CALM:
        materials[slot] = calm(materials[slot], rng)
    for slot in _PALE:
        materials[slot] = pale(materials[slot], rng)
    return StageSpec(NAME, {key: float(value) for key, value in params.items()}, materials)


def grow(stage: StageSpec, pile: float, reach: float) -> StageSpec:
    """The same room, wider and deeper where the pile needs it. Cameras have to stay inside."""
    p = dict(stage.params)
    for _ in range(3):  # in a deeper room there may be more furniture, which takes width
        half = plan_of(p).half
        p["width"] += 2 * max(0.0, PILE_MARGIN * pile - half[0])
        p["free_depth"] += 2 / OBJECTS_SHARE * max(0.0, PILE_MARGIN * pile - half[1])
    return replace(stage, params=p)


def supports(stage: StageSpec) -> tuple[Support, ...]:
    """The free floor, then tops of furniture."""
    plan = plan_of(stage.params)
    found = [Support(plan.half, False, tags=("furniture", "floor"), name="floor")]
    for number, (item, side) in enumerate(plan.items):
        if item.top:
            wide, deep, high = item.size
            # Skirting, sills and curtains stick out of the wall by up to 13 cm.
            centre = side.at(plan.middle, item.x, -(deep + 0.13) / 2, high)
            half = (wide / 2 - 0.03, deep / 2 - 0.09)
            level = abs(np.sin(side.azimuth)) > 0.5
            clear = (CABINETS if item.kind == "counter" else stage.params["height"]) - high
            name = f"{item.kind}_{number}"
            found.append(
                Support(half if level else half[::-1], False, centre, clear, ("tabletop",), name)
            )
    if plan.table is not None:
        wide, deep, high = plan.table.size
        centre = (plan.middle[0], plan.middle[1] + plan.table_y, plan.middle[2] + high)
        half = (wide / 2 - 0.04, deep / 2 - 0.04)
        clear = stage.params["height"] - high
        found.append(Support(half, False, centre, clear, ("tabletop",), "table"))
    return tuple(found)


def room(stage: StageSpec) -> Room | None:
    """Above the free floor."""
    plan, height = plan_of(stage.params), stage.params["height"]
    low, high = plan.free
    return Room((low[0], low[1], 0.3), (high[0], high[1], plan.middle[2] + height - 0.25))


def lamps(stage: StageSpec) -> tuple[LampPlace, ...]:
    """Ceiling lamps, floor lamps and windows."""
    plan = plan_of(stage.params)
    top = plan.middle[2] + stage.params["height"]
    found = [
        LampPlace("ceiling", (x, y, top - 0.07), (x, y, 0.0), 0.3, 0.3)
        for x, y in plan.ceiling_lamps
    ]
    for item, side in plan.items:
        if item.bulb > 0:
            here = side.at(plan.middle, item.x, -0.26, item.bulb)
            found.append(LampPlace("bulb", here, (here[0], here[1], 0.0), 0.08, 0.08))
    return (*found, *(place for side in plan.sides for place in side.daylight(plan.middle)))


def build(stage: StageSpec) -> tuple[StagePart, ...]:
    """The room and its furniture."""
    p, plan = stage.params, plan_of(stage.params)
    # The floor goes on under the walls, so that no light comes in under a door.
    wide = plan.sides[0].width + 2 * THICKNESS
    deep = plan.sides[1].width + 2 * THICKNESS
    floor = box((-wide / 2, -deep / 2, -0.1), (wide / 2, deep / 2, 0.0), "floor")
    cover = box((-wide / 2, -deep / 2, 0.0), (wide / 2, deep / 2, 0.1), "ceiling")
    above = (plan.middle[0], plan.middle[1], plan.middle[2] + p["height"])
    parts = [
        StagePart("floor", mesh([floor]), plan.middle, "floor"),
        StagePart("ceiling", mesh([cover]), above, "ceiling"),
    ]
    for number, side in enumerate(plan.sides):
        parts += side.parts(f"wall_{number}", plan.middle, p["skirting"])
    for number, (item, side) in enumerate(plan.items):
        parts += parts_at(side, item, plan.middle, f"{item.kind}_{number}")
    for number, (x, y) in enumerate(plan.ceiling_lamps):
        parts.append(ceiling_lamp(f"ceiling_lamp_{number}", (x, y, above[2])))
    if plan.table is not None:
        at = (plan.middle[0], plan.middle[1] + plan.table_y, plan.middle[2])
        shape = mesh(plan.table.solids)
        parts.append(StagePart("table", shape, at, "furniture", class_name="table"))
    for number, chair in enumerate(plan.chairs):
        parts.append(chair.part(f"chair_{number}", plan.middle))
    if p["rug"] > 0:
        half = (plan.half[0] + 0.05, plan.half[1] + 0.05)
        made = slab(rectangle(2 * half[0], 2 * half[1]), p["rug"], 0.3 * p["rug"], "rug")
        parts.append(StagePart("rug", mesh([made]), (0.0, 0.0, 0.0), "rug"))
    return tuple(parts)
