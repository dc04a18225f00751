"""A table in a room or under open sky.

The top of the table, or of its cloth, is flat at z = 0 and centred on the origin. Below it are legs
and chairs on a wide floor. Most samples have two walls that meet in a corner, with furniture,
windows and pictures; the others show the environment.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from simgen.geometry.solids import box, to_mesh
from simgen.sampling.randomizers.materials import draw_by_slot
from simgen.spec.parameters import (
    between,
    chance,
    choice,
    computed,
    constant,
    layout_seed,
    one_of,
    scene_size,
    share_of,
)
from simgen.spec.rng import Stream, stream
from simgen.stages.stage import Materials, Stage, StageContent, StagePart, Support

from .parts import walls
from .parts.furnishing import Chair, Item, along_wall, chair, parts_at, widest_gap
from .parts.shapes import (
    Solids,
    placed,
    rectangle,
    ring,
    rod,
    slab,
    tablecloth,
    turned_profile,
    untouched,
)
from .parts.shell import Side, floor, free_stretch, hang_pictures
from .parts.surfaces import toned
from .parts.walls import Opening

Cover = Literal["none", "cloth", "mats", "runner"]
Legs = Literal["round", "square", "pedestal", "panels"]

CLOTH = 0.0015
MAT = 4e-4
"""Thickness, metres. A cloth supports the objects; mats are so thin that objects may penetrate
them."""
ALONG = ("sideboard", "bookcase", "sofa", "pot_plant", "floor_lamp", "armchair")
FURNITURE_DEPTH = 1.2
PILE_MARGIN = 1.15
CAMERA_MARGIN = 1.15
"""Factors by which the table is wider than the pile, and the room wider than the cameras' circle.
"""

_WOODEN = ("tabletop_wood", "laminate", "painted")
KINDS = {
    "top": ("tabletop_wood", "tabletop_wood", "tabletop_wood", "laminate", "laminate", "stone",
            "marble", "furniture_paint", "furniture_paint", "concrete", "tiles", "terrazzo",
            "brushed_metal", "leather"),
    "legs": ("wood", "wood", "metal", "painted"),
    "cloth": ("tablecloth", "tablecloth", "fabric"),
    "mat": ("fabric", "tablecloth", "leather", "rubber", "pattern", "paper"),
    "chair": ("wood", "wood", "painted", "brushed_metal"),
    "seat": ("wood", "fabric", "leather", "plastic"),
    "floor": ("floorboards", "floorboards", "floorboards", "concrete", "tiles", "terrazzo",
              "laminate", "carpet", "stone"),
    "wall": ("plaster", "plaster", "plaster", "wallpaper", "wallpaper", "brick", "concrete",
             "tiles"),
    "trim": ("painted",),
    "body": _WOODEN,
    "front": _WOODEN,
    "handle": ("brushed_metal", "chrome", "dark_plastic"),
    "sofa": ("fabric", "leather", "plush"),
    "pillow": ("fabric", "plush"),
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
    "curtain": ("fabric",),
}  # fmt: skip
CALM = ("top", "floor", "wall", "body", "front", "sofa", "cloth", "curtain")
PALE = ("trim", "paper", "shade")


@dataclass(frozen=True)
class Table:
    """A table and its surroundings, metres and radians."""

    round: bool = chance(0.3)
    width: float = scene_size()
    depth: float = computed(lambda p, rng: p.width if p.round else p.width * rng.uniform(0.55, 1.0))
    thickness: float = between(0.018, 0.05)
    layout_seed: int = layout_seed()
    bevel: float = share_of("thickness", 0.08, 0.35)
    corner_radius: float = between(0.01, 0.12)
    leg_radius: float = between(0.018, 0.04)
    legs: Legs = choice("round", "square", "pedestal", "panels")
    height: float = between(0.68, 0.78)
    """Height of the table top above the floor."""
    cover: Cover = choice("none", "none", "none", "cloth", "mats", "mats", "runner")
    overhang: float = between(0.12, 0.3)
    chairs: int = one_of(0, 0, 1, 2, 3, 4, 6)
    walls: bool = chance(0.65)
    wall_distance: float = between(2.6, 4.2)
    """Distance from the origin. Cameras must stay closer, by the depth of the furniture."""
    wall_height: float = constant(2.7)
    skirting: float = between(0.05, 0.13)
    floor_size: float = constant(14.0)
    """Wide enough to reach up to a few degrees below the horizon, as seen from a table."""
    wall_azimuth: float = between(0.0, 2.0 * np.pi)


def materials(p: Table, rng: Stream) -> Materials:
    """Sample muted large surfaces, and pale trim and paper."""
    return toned(draw_by_slot(KINDS, rng), rng, CALM, PALE)


def fit[T: Table](p: T, pile: float, reach: float) -> T:
    """Widen the table for the pile, and move walls and floor edges away from the cameras."""
    factor = max(1.0, PILE_MARGIN * 2.0 * pile / min(p.width, p.depth))
    width, depth = p.width * factor, p.depth * factor
    room = CAMERA_MARGIN * reach + FURNITURE_DEPTH
    clear = max(p.wall_distance, room, 0.75 * max(width, depth) + FURNITURE_DEPTH)
    return replace(
        p,
        width=width,
        depth=depth,
        wall_height=max(p.wall_height, 0.75 * clear),
        wall_distance=clear,
        floor_size=max(p.floor_size, 4.0 * clear),
    )


def build(p: Table) -> StageContent:
    """Build the table, the chairs, the floor, and two walls with furniture."""
    below = (0.0, 0.0, -p.height)
    parts = [
        *_table_parts(p),
        StagePart("floor", to_mesh([floor(p.floor_size, p.floor_size)]), below, "floor"),
    ]
    for number, seat in enumerate(_chairs(p)):
        parts.append(seat.part(f"chair_{number}", below))
    for number in (0, 1) if p.walls else ():
        side, items = _side(p, number)
        parts += side.parts(f"wall_{number}", below, p.skirting)
        for item in items:
            parts += parts_at(side, item, below, f"{item.kind}_{number}")
    return StageContent(tuple(parts), (_support(p),))


def _support(p: Table) -> Support:
    """Return the flat part of the table top."""
    rim = 3.0 * p.bevel
    if not p.round:
        # The flat face has rounded corners, the support has not.
        radius = _corner(p)
        rim = max(rim, radius - (radius - 2.0 * p.bevel) / np.sqrt(2.0) + 1e-3)
    half = (float(p.width / 2.0 - rim), float(p.depth / 2.0 - rim))
    return Support(half, p.round, name="table")


def _table_parts(p: Table) -> list[StagePart]:
    """Return the table and its cover."""
    # A table and its overhanging cloth look like one object, so neither is an instance.
    clad = p.cover == "cloth"
    down = -CLOTH if clad else 0.0
    top = slab(_outline(p), p.thickness, p.bevel, "top")
    legs = placed(_legs(p), (0.0, 0.0, -p.height - down))
    whole, at = to_mesh([top, *legs]), (0.0, 0.0, down)

    def apart() -> tuple[StagePart, ...]:
        return (
            StagePart("table_top", to_mesh([top]), at, "table", class_name="table", crowd=clad),
            StagePart("legs", to_mesh(_legs(p)), (0.0, 0.0, -p.height), "table"),
        )

    parts = [StagePart("table", whole, at, "table", class_name="table", crowd=clad, apart=apart)]
    if p.cover != "none":
        plates = p.cover == "mats" and _mats_are_round(p)  # as seen from above
        name, alike = ("round_mats", "plate") if plates else (p.cover, "table" if clad else "")
        shape, origin = to_mesh(_cover(p)), (0.0, 0.0, 0.0)
        parts.append(StagePart(name, shape, origin, "cloth", class_name=alike, crowd=bool(alike)))
    return parts


def _outline(p: Table) -> np.ndarray:
    """Return the corners of the table top, `n x 2`, counter-clockwise, metres."""
    if p.round:
        return ring(p.width / 2.0, p.depth / 2.0, 96)
    return rectangle(p.width, p.depth, _corner(p))


def _corner(p: Table) -> float:
    return min(max(p.corner_radius, 2.5 * p.bevel), 0.45 * min(p.width, p.depth))


def _legs(p: Table) -> Solids:
    """Build the legs and frame within the outline, from the floor at z = 0 upwards."""
    r = p.leg_radius
    high = p.height - p.thickness
    if p.cover == "cloth":
        high -= CLOTH
    if p.legs == "pedestal":
        foot = 0.28 * min(p.width, p.depth)
        profile = [(0, 0), (foot, 0), (foot, 0.02), (2 * r, 0.06), (1.6 * r, 0.5 * high)]
        neck = [(2.2 * r, high - 0.03), (0.5 * foot, high - 0.01), (0.5 * foot, high), (0, high)]
        count = 2 if not p.round and p.width > 1.3 * p.depth else 1
        shift = p.width * 0.27 * (count - 1)
        one = turned_profile(profile + neck, "legs", 40)
        return [leg for x in sorted({-shift, shift}) for leg in placed([one], (x, 0.0, 0.0))]
    reach = 0.6 if p.round else 0.88
    x, y = p.width / 2.0 * reach, p.depth / 2.0 * reach
    if p.legs == "panels" and not p.round:
        return [box((s * x - r, -y, 0.0), (s * x + r, y, high), "legs", 0.003) for s in (-1, 1)]
    corners = [(-x, -y), (x, -y), (x, y), (-x, y)]
    if p.legs == "square":
        found = [box((a - r, b - r, 0.0), (a + r, b + r, high), "legs", 0.003) for a, b in corners]
        low = high - 0.09
        for s in (-1, 1):
            found.append(box((-x, s * y - 0.01, low), (x, s * y + 0.01, high), "legs"))
            found.append(box((s * x - 0.01, -y, low), (s * x + 0.01, y, high), "legs"))
        return found
    return [rod((*at, 0.0), (*at, high), r, "legs", 20) for at in corners]


def _cover(p: Table) -> Solids:
    """Build a cloth that hangs over the edge, a runner along the table, or place mats around it."""
    if p.cover == "cloth":
        outline = _outline(replace(p, width=p.width + 0.008, depth=p.depth + 0.008))
        return tablecloth(outline, p.overhang, CLOTH, "cloth", stream(p.layout_seed, "cover"))
    if p.cover == "runner":
        made = slab(rectangle(0.96 * p.width, 0.3 * p.depth), MAT, 0.0, "mat")
        if p.round:
            made = slab(rectangle(0.9 * p.width, 0.3 * p.depth), MAT, 0.0, "mat")
        return untouched(placed([made], (0.0, 0.0, MAT)))
    wide, deep = 0.3 * p.width, min(0.32 * p.depth, 0.3)
    mat = ring(deep / 2, deep / 2, 48) if _mats_are_round(p) else rectangle(wide, deep, 0.01)
    reach = p.depth * (0.27 if p.round else 0.48) - deep / 2 - 0.01
    x = 0.0 if p.round else 0.24 * p.width
    places = {(a, b) for a in (-x, x) for b in (-reach, reach)}
    found = placed([slab(mat, MAT, 0.0, "mat")], (0.0, 0.0, MAT))
    return untouched(one for at in sorted(places) for one in placed(found, (*at, 0.0)))


def _mats_are_round(p: Table) -> bool:
    return bool(stream(p.layout_seed, "cover").random() < 0.4)


def _chairs(p: Table) -> list[Chair]:
    """Return chairs pushed in at the table, at random positions around it."""
    rng = stream(p.layout_seed, "chairs")
    seats = rng.permutation(6)[: p.chairs]
    high, found = rng.uniform(0.78, 0.94), []
    for seat in seats:
        turn = seat * np.pi / 3
        if p.round:
            out = np.array([np.sin(turn), np.cos(turn)])
            at, angle = out * (p.width / 2 + 0.06), -turn
        else:
            side, column = (1 if seat % 2 else -1), seat // 2 - 1
            at = np.array([column * p.width / 3, side * (p.depth / 2 + 0.06)])
            angle = 0.0 if side > 0 else np.pi
        design = stream(p.layout_seed, "chair")
        away = at * (1 + rng.uniform(0.0, 0.35) / float(np.linalg.norm(at)))
        found.append(chair((away[0], away[1]), angle + float(rng.normal(0.0, 0.15)), high, design))
    return found


def _side(p: Table, number: int) -> tuple[Side, list[Item]]:
    """Return one of two perpendicular walls, and the furniture in front of it."""
    seed = p.layout_seed
    rng = stream(seed, "side", number)
    azimuth = p.wall_azimuth + number * np.pi / 2.0
    side = Side(azimuth, p.wall_distance, 2.0 * p.wall_distance, p.wall_height)
    kinds = [str(kind) for kind in rng.permutation(ALONG)[: int(rng.integers(1, 5))]]
    # The corner is left to the furniture of the other wall.
    items = along_wall(kinds, side.width - 2.0 * FURNITURE_DEPTH, seed, f"side.{number}")
    gap = widest_gap(items, side.width, 0.95)
    if rng.random() < 0.6 and gap[1] - gap[0] > 1.2:
        wide = min(gap[1] - gap[0] - 0.6, float(rng.uniform(0.9, 2.4)))
        slack = max(0.0, gap[1] - gap[0] - 0.6 - wide)
        middle = gap[0] + 0.3 + wide / 2 + slack * float(rng.random())
        hole = Opening(middle - wide / 2, middle + wide / 2, 1.0, 2.25)
        side = side.with_window(hole, rng)
        if rng.random() < 0.5:
            side = side.having("window", walls.curtains(hole, 0.96, rng))
    return hang_pictures(side, free_stretch(side, gap), 0.95, rng), items


STAGE = Stage(
    Table,
    materials,
    build,
    fit,
    stuff=("table", "cloth", "furniture", "plant", "lamp", "floor", "wall", "window", "picture"),
)
