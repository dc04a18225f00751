"""A street or a yard under open sky.

The ground runs in bands along x: lawn, path, pavement, road. Objects lie on the middle one, flat at
z = 0. Upright things stand around it, farther off than the cameras: fences, walls, hedges, houses,
bushes and trees.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simgen.draws import Draws
from simgen.randomizers.materials import GROUND_KINDS, draw_material
from simgen.rng import stream
from simgen.scenery.grounds import bands_of, ground_parts
from simgen.scenery.surfaces import calm, like, pale, sunlit, trodden, weathered
from simgen.scenery.surroundings import edge_parts, plant_parts, sides_of, small_parts
from simgen.spec import StageSpec
from simgen.stage import LampPlace, Room, StagePart, Support

NAME = "outdoor"
STUFF = ("road", "path", "grass", "fence", "building", "window", "vegetation", "tree")
"""`window` is of datasets made before, and keeps the ids of those behind it."""
Range = tuple[float, float]

SITES = ("pavement", "pavement", "lane", "lawn", "lawn", "terrace", "terrace", "square")
GROUND_SIZE = 160.0
"""Metres. Its edge is a degree below the horizon."""
CLEAR_RANGE: Range = (4.0, 8.0)
"""Metres from the middle to the nearest upright thing; cameras have to stay nearer."""
GROUND = ("lawn", "pavement", "path", "terrace", "square", "road", "kerb")
DECK = 9.0
"""Metres. Nobody builds a deck of boards that is longer."""
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
_GROUND = ("pavement", "path", "terrace", "square", "kerb")
_WALLS = ("facade", "masonry", "fence", "plinth", "mark")
LEAF_LIGHT = 1.7


def draw(draws: Draws) -> StageSpec:
    """A place `scene.size_range` metres wide, and what surrounds it."""
    rng = draws.stream("stage")
    width = draws.number("scene.size_range")
    params = {
        "layout_seed": float(rng.integers(2**31)),
        "site": float(rng.integers(len(SITES))),
        "width": width,
        "depth": width * rng.uniform(0.5, 0.9),
        "clear": rng.uniform(*CLEAR_RANGE),
        "ground": GROUND_SIZE,
        "fallen": float(rng.choice([0, 0, 25, 60, 120])),
        "tufts": rng.uniform(3.0, 12.0),
    }
    materials = {slot: draw_material(str(rng.choice(some)), rng) for slot, some in KINDS.items()}
    for slot in _CALM:
        materials[slot] = calm(materials[slot], rng)
    for slot in _PALE:
        materials[slot] = pale(materials[slot], rng)
    for slot in _GROUND:
        materials[slot] = trodden(materials[slot])
    for slot in _WALLS:
        materials[slot] = weathered(materials[slot])
    for slot in ("leaves", "leaves_far"):
        materials[slot] = sunlit(materials[slot], LEAF_LIGHT)
    materials["blades"] = like(materials["blades"], materials["lawn"])
    brown = rng.uniform([0.25, 0.12, 0.03], [0.5, 0.3, 0.06])
    autumn = (float(brown[0]), float(brown[1]), float(brown[2]))
    materials["fallen"] = replace(materials["fallen"], color_a=autumn)
    return StageSpec(NAME, {key: float(value) for key, value in params.items()}, materials)


def grow(stage: StageSpec, pile: float, reach: float) -> StageSpec:
    """The same place with room for more, where it needs any.

    pile: radius of the place that the objects take up, metres. reach: farthest that a camera stands
    from the origin, metres; what is upright gives way.
    """
    p = dict(stage.params)
    for side in ("width", "depth"):
        p[side] = max(p[side], 2.0 * PILE_MARGIN * pile)
    corner = float(np.hypot(p["width"], p["depth"])) / 2
    p["clear"] = max(p["clear"], CAMERA_MARGIN * reach + 0.5, corner + 1.0)
    p["ground"] = max(p["ground"], 8.0 * p["clear"])
    materials = stage.materials
    if max(p["width"], p["depth"]) > DECK and materials["terrace"].kind not in GROUND_KINDS:
        materials = {**materials, "terrace": materials["square"]}
    return replace(stage, params=p, materials=materials)


def supports(stage: StageSpec) -> tuple[Support, ...]:
    """The middle of the ground."""
    half = (stage.params["width"] / 2, stage.params["depth"] / 2)
    return (Support(half, False, name=_site(stage.params)),)


def room(stage: StageSpec) -> Room | None:
    return None


def lamps(stage: StageSpec) -> tuple[LampPlace, ...]:
    return ()


def build(stage: StageSpec) -> tuple[StagePart, ...]:
    """The parts of a drawn stage."""
    p = stage.params
    bands = bands_of(_site(p), p["depth"], stream(int(p["layout_seed"]), "bands"))
    parts = ground_parts(bands, p["ground"], (p["width"], p["depth"]), int(p["layout_seed"]))
    parts += small_parts(p, bands)
    for side in sides_of(p, bands, crossed=_site(p) in ("lawn", "terrace")):
        parts += edge_parts(p, side)
    return (*parts, *plant_parts(p, bands, parts))


def _site(p: dict[str, float]) -> str:
    return SITES[int(p["site"])]
