"""A street or a yard under open sky.

The ground runs in bands along x: lawn, path, pavement, road. Objects lie on the middle one, flat at
z = 0. Upright things stand around it, farther off than the cameras: fences, walls, hedges, houses,
bushes and trees.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from simgen.geometry.transforms import as_vector
from simgen.sampling.randomizers.materials import GROUND_KINDS, draw_by_slot
from simgen.spec.parameters import (
    between,
    choice,
    constant,
    layout_seed,
    one_of,
    scene_size,
    share_of,
)
from simgen.spec.rng import Stream, stream
from simgen.stages.stage import Materials, Stage, StageContent, Support

from .parts.grounds import bands_of, ground_parts
from .parts.surfaces import like, sunlit, toned, trodden, weathered
from .parts.surroundings import edge_parts, plant_parts, sides_of, small_parts

Site = Literal["pavement", "lane", "lawn", "terrace", "square"]
DECK = 9.0
"""Metres. Decks of boards are not longer."""
PILE_MARGIN = 1.15
CAMERA_MARGIN = 1.15

KINDS = {
    "lawn": ("grass",),
    "pavement": ("concrete", "tiles", "tiles", "stone", "asphalt", "brick"),
    "path": ("gravel", "gravel", "tiles", "stone", "concrete", "brick", "soil"),
    "terrace": ("tiles", "tiles", "stone", "concrete", "floorboards", "brick", "gravel"),
    "square": ("asphalt", "asphalt", "concrete", "gravel", "stone", "tiles"),
    "road": ("asphalt",),
    "kerb": ("concrete", "stone"),
    "mark": ("worn_paint",),
    "cover": ("metal",),
    "blades": ("foliage",),
    "leaves": ("foliage",),
    "leaves_far": ("foliage",),
    "bark": ("bark",),
    "fallen": ("foliage",),
    "facade": ("brick", "brick", "plaster", "plaster", "plaster", "concrete"),
    "plinth": ("concrete", "stone"),
    "roof": ("roof_tiles",),
    "trim": ("painted",),
    "door": ("painted", "wood"),
    "handle": ("metal", "brushed_metal"),
    "glass": ("window_glass",),
    "fence": ("wood", "wood", "painted", "metal"),
    "masonry": ("brick", "plaster", "stone", "concrete"),
}
_CALM = ("pavement", "path", "terrace", "square", "facade", "masonry", "fence", "mark")
_PALE = ("trim", "mark")
_TRODDEN = ("pavement", "path", "terrace", "square", "kerb")
_WALLS = ("facade", "masonry", "fence", "plinth", "mark")
LEAF_LIGHT = 1.7


@dataclass(frozen=True)
class Place:
    """A place under open sky, metres.

    width, depth: of what is kept free for objects. clear: from the middle to the nearest upright
    thing; cameras have to stay nearer. ground: width of all of it, whose edge is a degree below the
    horizon. fallen: how many leaves lie there. tufts: how densely the lawn is set with them.
    """

    layout_seed: int = layout_seed()
    site: Site = choice(
        "pavement", "pavement", "lane", "lawn", "lawn", "terrace", "terrace", "square"
    )
    width: float = scene_size()
    depth: float = share_of("width", 0.5, 0.9)
    clear: float = between(4.0, 8.0)
    ground: float = constant(160.0)
    fallen: int = one_of(0, 0, 25, 60, 120)
    tufts: float = between(3.0, 12.0)


def materials(p: Place, rng: Stream) -> Materials:
    """Weathered surfaces, leaves in the sun, and fallen ones in the colours of autumn."""
    found = toned(draw_by_slot(KINDS, rng), rng, _CALM, _PALE)
    found |= {slot: trodden(found[slot]) for slot in _TRODDEN}
    found |= {slot: weathered(found[slot]) for slot in _WALLS}
    found |= {slot: sunlit(found[slot], LEAF_LIGHT) for slot in ("leaves", "leaves_far")}
    found["blades"] = like(found["blades"], found["lawn"])
    brown = rng.uniform([0.25, 0.12, 0.03], [0.5, 0.3, 0.06])
    found["fallen"] = replace(found["fallen"], color_a=as_vector(brown))
    return found


def fit(p: Place, pile: float, reach: float) -> Place:
    """As wide as the pile needs; what is upright gives way to the cameras."""
    width, depth = (max(side, 2.0 * PILE_MARGIN * pile) for side in (p.width, p.depth))
    corner = float(np.hypot(width, depth)) / 2
    clear = max(p.clear, CAMERA_MARGIN * reach + 0.5, corner + 1.0)
    return replace(p, width=width, depth=depth, clear=clear, ground=max(p.ground, 8.0 * clear))


def recover(p: Place, found: Materials) -> Materials:
    """A terrace that is too long for a deck of boards is paved."""
    if max(p.width, p.depth) > DECK and found["terrace"].kind not in GROUND_KINDS:
        return {**found, "terrace": found["square"]}
    return found


def build(p: Place) -> StageContent:
    """The ground, what lies on it and what stands around it."""
    size, seed = (p.width, p.depth), p.layout_seed
    bands = bands_of(p.site, p.depth, stream(seed, "bands"))
    parts = ground_parts(bands, p.ground, size, seed)
    parts += small_parts(bands, size, p.tufts, p.fallen, seed)
    for side in sides_of(bands, p.clear, p.site in ("lawn", "terrace"), seed):
        parts += edge_parts(side, seed)
    parts += plant_parts(bands, p.clear, parts, seed)
    return StageContent(tuple(parts), (Support((p.width / 2, p.depth / 2), False, name=p.site),))


STAGE = Stage(
    Place,
    materials,
    build,
    fit,
    # `window` is of older datasets, and keeps the ids of those behind it.
    stuff=("road", "path", "grass", "fence", "building", "window", "vegetation", "tree"),
    ground=("lawn", "pavement", "path", "terrace", "square", "road", "kerb"),
    recover=recover,
)
