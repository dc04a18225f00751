"""A street or a yard under open sky.

The ground consists of bands along x: lawn, path, pavement, road. Objects lie on the central band,
flat at z = 0. Fences, walls, hedges, houses, bushes and trees stand around it, farther away than
the cameras.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    version,
)
from simgen.spec.rng import Stream, stream
from simgen.spec.scene import MaterialSpec
from simgen.stages.stage import Materials, Stage, StageContent, Support

from .parts.grounds import STEP, Band, bands_of, ground_parts
from .parts.skyline import skyline
from .parts.surfaces import faded, like, of_albedo, sunlit, toned, trodden, weathered
from .parts.surroundings import edge_parts, plant_parts, sides_of, small_parts

Site = Literal["pavement", "lane", "lawn", "terrace", "square"]
DECK = 9.0
"""Maximum length of a deck of boards, metres."""
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
_GREENS = {"lawn": (0.1, 0.2), "leaves": (0.16, 0.34), "leaves_far": (0.16, 0.34)}
"""Albedo of what grows, by slot."""
_KEPT = (0.5, 0.9)
"""Fraction of their saturation that lawns and leaves keep: under dust, wear and dry weeks."""
_WARMTH = np.array([1.2, 1.0, 0.7])
"""Factor on the colours of lawns and leaves: real ones are more yellow."""
PARKED = 2.2
"""Width of a row of parked cars, metres."""
_FURNISHED = 0.75
"""Width of the strip along a kerb for benches, bins and hydrants, metres."""
_BESIDE = 1.5
"""Extra length of streets at either end of the area for other objects, metres."""


@dataclass(frozen=True)
class Place:
    """A place under open sky, metres.

    width, depth: size of the area that is kept free for objects. clear: distance from the centre to
    the nearest upright part; cameras must stay closer. ground: total width, so that its edge is a
    degree below the horizon. fallen: number of fallen leaves. tufts: density of tufts on the lawn.
    looks: 0 for the greens and the open horizon of older datasets.
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
    looks: int = version(1)


def materials(p: Place, rng: Stream) -> Materials:
    """Sample weathered surfaces, sunlit leaves, and fallen leaves in autumn colours."""
    found = toned(draw_by_slot(KINDS, rng), rng, _CALM, _PALE)
    found |= {slot: trodden(found[slot]) for slot in _TRODDEN}
    found |= {slot: weathered(found[slot]) for slot in _WALLS}
    found |= {slot: sunlit(found[slot], LEAF_LIGHT) for slot in ("leaves", "leaves_far")}
    if p.looks:
        for slot, albedo in _GREENS.items():
            found[slot] = _of_summer(found[slot], albedo, rng)
    found["blades"] = like(found["blades"], found["lawn"])
    brown = rng.uniform([0.25, 0.12, 0.03], [0.5, 0.3, 0.06])
    found["fallen"] = replace(found["fallen"], color_a=as_vector(brown))
    return found


def _of_summer(found: MaterialSpec, albedo: tuple[float, float], rng: Stream) -> MaterialSpec:
    warm = replace(found, color_a=as_vector(_WARMTH * found.color_a),
                   color_b=as_vector(_WARMTH * found.color_b))  # fmt: skip
    return of_albedo(faded(warm, float(rng.uniform(*_KEPT))), float(rng.uniform(*albedo)))


def fit(p: Place, pile: float, reach: float) -> Place:
    """Widen the place for the pile, and move upright parts away from the cameras."""
    width, depth = (max(side, 2.0 * PILE_MARGIN * pile) for side in (p.width, p.depth))
    corner = float(np.hypot(width, depth)) / 2
    clear = max(p.clear, CAMERA_MARGIN * reach + 0.5, corner + 1.0)
    return replace(p, width=width, depth=depth, clear=clear, ground=max(p.ground, 8.0 * clear))


def recover(p: Place, found: Materials) -> Materials:
    """Replace the deck of a terrace that is too long for boards by paving."""
    if max(p.width, p.depth) > DECK and found["terrace"].kind not in GROUND_KINDS:
        return {**found, "terrace": found["square"]}
    return found


def build(p: Place) -> StageContent:
    """Build the ground, what lies on it, and what stands around it."""
    size, seed = (p.width, p.depth), p.layout_seed
    bands = bands_of(p.site, p.depth, stream(seed, "bands"))
    parts = ground_parts(bands, p.ground, size, seed)
    parts += small_parts(bands, size, p.tufts, p.fallen, seed)
    for side in sides_of(bands, p.clear, p.site in ("lawn", "terrace"), seed):
        parts += edge_parts(side, seed)
    if p.looks:
        parts += skyline(bands, p.ground, seed)
    parts += plant_parts(bands, p.clear, parts, seed, p.looks)
    place = Support((p.width / 2, p.depth / 2), False, name=p.site)
    return StageContent(tuple(parts), (place, *_along_street(p, bands)))


def _along_street(p: Place, bands: tuple[Band, ...]) -> Iterator[Support]:
    """Yield supports for cars and for objects on pavements, if there is a road."""
    half = p.width / 2 + _BESIDE
    for number, band in enumerate(bands):
        if band.slot != "road":
            continue
        own = band.low < 0 < band.high
        # On a road beside the place, cars park at the near kerb.
        low, high = (band.low, band.high) if own else _near_side(band, PARKED)
        yield _strip("lane", half, (low + 0.1, high - 0.1), band.level, ("vehicle",), (0.0, np.pi))
        if own:
            for sign, kerb in ((-1, bands[number - 1]), (1, bands[number + 1])):
                edge = kerb.high if sign > 0 else kerb.low
                across = sorted((edge + 0.1 * sign, edge + (0.1 + _FURNISHED) * sign))
                heading = -sign * np.pi / 2
                yield _strip("pavement", half, across, STEP, ("street",), (heading,))


def _near_side(band: Band, width: float) -> tuple[float, float]:
    """Return the part of a band that is closest to the centre of the place."""
    return (band.low, band.low + width) if band.low > 0 else (band.high - width, band.high)


def _strip(
    name: str,
    half: float,
    across: Sequence[float],
    level: float,
    tags: tuple[str, ...],
    headings: tuple[float, ...],
) -> Support:
    low, high = across
    size, centre = (half, (high - low) / 2), (0.0, (low + high) / 2, level)
    return Support(size, False, centre, tags=tags, name=name, headings=headings)


STAGE = Stage(
    Place,
    materials,
    build,
    fit,
    # Older datasets have `window`; removing it would change the ids of the classes after it.
    stuff=("road", "path", "grass", "fence", "building", "window", "vegetation", "tree"),
    ground=("lawn", "pavement", "path", "terrace", "square", "road", "kerb"),
    recover=recover,
)
