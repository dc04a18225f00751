"""A furnished room: a living room, a bedroom, an office, a dining room or a kitchen.

Objects lie on the free floor, whose centre is the origin, and on furniture. Furniture stands along
the wall at -y and the two adjacent walls; cameras look from +y. The room is closed, so daylight
enters through its windows only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from simgen.geometry.solids import to_mesh
from simgen.sampling.randomizers.materials import draw_by_slot
from simgen.spec.rng import Stream
from simgen.stages.stage import LampPlace, Materials, Room, Stage, StageContent, StagePart, Support

from .parts.furnishing import ceiling_lamp, parts_at
from .parts.roomplan import (
    CABINETS,
    MARGIN,
    OBJECTS_SHARE,
    FurnishedRoom,
    Plan,
    bare_walls,
    plan_of,
)
from .parts.shapes import rectangle, slab
from .parts.shell import ceiling, floor
from .parts.surfaces import toned
from .parts.walls import THICKNESS

PILE_MARGIN = 1.1
STRIP = 1.05
"""Width of the strip of floor along a wall, metres: slightly more than the depth of a couch."""
_SHORTEST = 0.7
"""Minimum length of a stretch of wall for furniture, metres."""

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
"""Slots that are seldom painted in saturated colours."""
_PALE = ("ceiling", "trim", "sheet", "paper", "shade", "radiator")
"""Slots that are white or nearly white, whatever their material."""


def materials(p: FurnishedRoom, rng: Stream) -> Materials:
    """Sample muted large surfaces, and a pale ceiling and trim."""
    return toned(draw_by_slot(KINDS, rng), rng, _CALM, _PALE)


def fit(p: FurnishedRoom, pile: float, reach: float) -> FurnishedRoom:
    """Widen and deepen the room for the pile. Cameras have to stay inside."""
    for _ in range(3):  # a deeper room may have more furniture, which reduces the free width
        half = plan_of(p).half
        wider = 2 * max(0.0, PILE_MARGIN * pile - half[0])
        deeper = 2 / OBJECTS_SHARE * max(0.0, PILE_MARGIN * pile - half[1])
        if wider == deeper == 0.0:
            break
        p = replace(p, width=p.width + wider, free_depth=p.free_depth + deeper)
    return p


def build(p: FurnishedRoom) -> StageContent:
    """Build the room and its furniture."""
    plan = plan_of(p)
    parts = [*_shell(p, plan), *_furniture(plan)]
    if p.rug > 0:
        half = (plan.half[0] + 0.05, plan.half[1] + 0.05)
        made = slab(rectangle(2 * half[0], 2 * half[1]), p.rug, 0.3 * p.rug, "rug")
        parts.append(StagePart("rug", to_mesh([made]), (0.0, 0.0, 0.0), "rug"))
    return StageContent(tuple(parts), _supports(p, plan), _free_air(p, plan), _lamps(plan))


def _shell(p: FurnishedRoom, plan: Plan) -> list[StagePart]:
    """Return floor, ceiling and walls."""
    # The floor extends under the walls, so that no light enters under a door.
    wide = plan.sides[0].width + 2 * THICKNESS
    deep = plan.sides[1].width + 2 * THICKNESS
    above = (plan.middle[0], plan.middle[1], plan.middle[2] + p.height)
    parts = [
        StagePart("floor", to_mesh([floor(wide, deep)]), plan.middle, "floor"),
        StagePart("ceiling", to_mesh([ceiling(wide, deep)]), above, "ceiling"),
    ]
    for number, side in enumerate(plan.sides):
        parts += side.parts(f"wall_{number}", plan.middle, p.skirting)
    return parts


def _furniture(plan: Plan) -> list[StagePart]:
    """Return furniture at the walls, ceiling lamps, table and chairs."""
    parts: list[StagePart] = []
    for number, (item, side) in enumerate(plan.items):
        parts += parts_at(side, item, plan.middle, f"{item.kind}_{number}")
    for number, place in enumerate(plan.ceiling_lamps):
        parts.append(ceiling_lamp(f"ceiling_lamp_{number}", place))
    if plan.table is not None:
        at = (plan.middle[0], plan.middle[1] + plan.table_y, plan.middle[2])
        shape = to_mesh(plan.table.solids)
        parts.append(StagePart("table", shape, at, "furniture", class_name="table"))
    for number, chair in enumerate(plan.chairs):
        parts.append(chair.part(f"chair_{number}", plan.middle))
    return parts


def _supports(p: FurnishedRoom, plan: Plan) -> tuple[Support, ...]:
    """Return the free floor, then the tops of furniture."""
    found = [Support(plan.half, False, tags=("furniture", "floor"), name="floor")]
    for number, (item, side) in enumerate(plan.items):
        if item.top:
            wide, deep, high = item.size
            # Skirting boards, sills and curtains protrude from the wall by up to 13 cm.
            centre = side.at(plan.middle, item.x, -(deep + 0.13) / 2, high)
            half = (wide / 2 - 0.03, deep / 2 - 0.09)
            level = abs(np.sin(side.azimuth)) > 0.5
            clear = (CABINETS if item.kind == "counter" else p.height) - high
            name = f"{item.kind}_{number}"
            half = half if level else half[::-1]
            found.append(Support(half, False, centre, clear, ("tabletop",), name))
            faces = (side.azimuth - np.pi,)
            found.append(Support(half, False, centre, clear, ("counter",), f"{name}_back", faces))
    if plan.table is not None:
        wide, deep, high = plan.table.size
        centre = (plan.middle[0], plan.middle[1] + plan.table_y, plan.middle[2] + high)
        half = (wide / 2 - 0.04, deep / 2 - 0.04)
        found.append(Support(half, False, centre, p.height - high, ("tabletop",), "table"))
    return (*found, *_along_walls(p, plan))


def _along_walls(p: FurnishedRoom, plan: Plan) -> Iterator[Support]:
    """Yield strips of floor for furniture with its back to a wall, outside the free floor."""
    # Objects stand either entirely on the rug or off it; pictures protrude by 4 cm.
    near = MARGIN + 0.06 if p.rug > 0 else 0.06
    for number, (side, (start, end)) in enumerate(bare_walls(plan)):
        corners = np.array(
            [side.at(plan.middle, start, -near, 0.0), side.at(plan.middle, end, -near - STRIP, 0.0)]
        )
        low, high = corners[:, :2].min(axis=0), corners[:, :2].max(axis=0)
        low[1], high[1] = np.clip([low[1], high[1]], -plan.half[1], plan.half[1])
        if high[1] - low[1] > _SHORTEST:
            (x, y), half = (low + high) / 2, (high - low) / 2
            yield Support(
                (float(half[0]), float(half[1])),
                False,
                (float(x), float(y), 0.0 if p.rug > 0 else plan.middle[2]),
                tags=("wall",),
                name=f"along_wall_{number}",
                headings=(side.azimuth - np.pi,),
            )


def _free_air(p: FurnishedRoom, plan: Plan) -> Room:
    """Return the room for cameras: the space above the free floor."""
    low, high = plan.free
    return Room((low[0], low[1], 0.3), (high[0], high[1], plan.middle[2] + p.height - 0.25))


def _lamps(plan: Plan) -> tuple[LampPlace, ...]:
    """Return ceiling lamps, floor lamps and windows."""
    found = [
        LampPlace("ceiling", (x, y, top - 0.07), (x, y, 0.0), 0.3, 0.3)
        for x, y, top in plan.ceiling_lamps
    ]
    for item, side in plan.items:
        if item.bulb > 0:
            here = side.at(plan.middle, item.x, -0.26, item.bulb)
            found.append(LampPlace("bulb", here, (here[0], here[1], 0.0), 0.08, 0.08))
    return (*found, *(place for side in plan.sides for place in side.daylight(plan.middle)))


STAGE = Stage(
    FurnishedRoom,
    materials,
    build,
    fit,
    stuff=("furniture", "lamp", "plant", "floor", "rug", "wall", "window", "curtain", "door",
           "picture", "ceiling"),
)  # fmt: skip
