"""A table laid for a meal: settings at its seats, food on the plates, and what stands between them.

The table and its surroundings are those of `scenes.tabletop`; place mats and napkins lie at the
seats.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from simgen.geometry.solids import to_mesh
from simgen.sampling.randomizers.materials import draw_by_slot
from simgen.spec.parameters import chance, one_of
from simgen.spec.rng import Stream, stream
from simgen.stages.stage import Materials, Stage, StageContent, StagePart, Support

from . import tabletop
from .parts import place_settings
from .parts.shapes import Solids, placed, rectangle, ring, slab, untouched
from .parts.surfaces import toned

Seats = list[tuple[place_settings.Spot, float]]
KINDS = {**tabletop.KINDS, "napkin": ("fabric", "fabric", "paper", "paper", "tablecloth")}


@dataclass(frozen=True)
class Meal(tabletop.Table):
    """seats: number of settings, if there is room. seated: whether there are chairs at them.
    napkins: whether one lies beside each plate."""

    seats: int = one_of(1, 2, 2, 3, 4, 4, 6)
    seated: bool = chance(0.75)
    napkins: bool = chance(0.4)


def materials(p: Meal, rng: Stream) -> Materials:
    """Sample muted large surfaces, and pale trim and paper."""
    return toned(draw_by_slot(KINDS, rng), rng, tabletop.CALM, tabletop.PALE)


def fit(p: Meal, pile: float, reach: float) -> Meal:
    """Widen the table for what stands on it, and move walls away from the cameras."""
    return tabletop.fit(p, 0.5 * pile, reach)


def build(p: Meal) -> StageContent:
    """Build the table with mats and napkins at its seats, chairs, floor and walls."""
    has_mats = p.cover == "mats"
    bare = replace(p, chairs=0, cover="none" if has_mats else p.cover)
    found = tabletop.build(bare)
    parts = [*found.parts]
    seats = _seats(p)
    if p.seated:
        parts += place_settings.chairs(seats, (0.0, 0.0, -p.height), p.layout_seed)
    if has_mats:
        parts.append(_mats(p, seats))
    if p.napkins:
        parts.append(StagePart("napkins", to_mesh(_napkins(p, seats)), (0.0, 0.0, 0.0), "cloth"))
    return replace(found, parts=tuple(parts), supports=(*found.supports, *_places(p, seats)))


def _half(p: Meal) -> place_settings.Spot:
    return p.width / 2, p.depth / 2


def _seats(p: Meal) -> Seats:
    return place_settings.seats(_half(p), p.seats, p.round, stream(p.layout_seed, "seats"))


def _places(p: Meal, seats: Seats) -> Iterator[Support]:
    """Yield the places of the settings, of the food on their plates, and in the table's middle."""
    rng = stream(p.layout_seed, "settings")
    for number, (edge, inward) in enumerate(seats):
        for place in place_settings.setting(f"seat_{number}", edge, inward, 0.0, rng):
            yield place
            if place.tags == place_settings.PLATES:
                yield from place_settings.served(place, inward, rng)
    yield from place_settings.shared(_half(p), 0.0, rng)


def _mats(p: Meal, seats: Seats) -> StagePart:
    """Return a place mat at each seat: rectangular, or round, as plates are from above."""
    rng = stream(p.layout_seed, "mats")
    size = float(rng.uniform(0.28, 0.36))
    wide = size * float(rng.uniform(1.2, 1.45))
    is_round = bool(rng.random() < 0.4)
    outline = ring(size / 2, size / 2, 48) if is_round else rectangle(wide, size, 0.01)
    made = _at_seats(seats, [slab(outline, tabletop.MAT, 0.0, "mat")], 0.0, size / 2 + 0.01)
    name, alike = ("round_mats", "plate") if is_round else ("mats", "")
    mesh = to_mesh(made)
    return StagePart(name, mesh, (0.0, 0.0, 0.0), "cloth", class_name=alike, crowd=is_round)


def _napkins(p: Meal, seats: Seats) -> Solids:
    """Return a folded napkin to the left of each plate."""
    rng = stream(p.layout_seed, "napkins")
    wide, deep = float(rng.uniform(0.08, 0.14)), float(rng.uniform(0.14, 0.22))
    napkin = slab(rectangle(wide, deep, 0.004), tabletop.MAT, 0.0, "napkin")
    return _at_seats(seats, [napkin], -0.19 - float(rng.uniform(0.0, 0.03)), 0.18)


def _at_seats(seats: Seats, one: Solids, aside: float, away: float) -> Solids:
    """Return copies of solids at all seats. aside: to the right of the plate's middle, away: from
    the table's edge, metres."""
    found: Solids = []
    for edge, inward in seats:
        ahead = np.array([np.cos(inward), np.sin(inward)])
        x, y = np.array(edge) + away * ahead + aside * np.array([ahead[1], -ahead[0]])
        found += placed(one, (x, y, tabletop.MAT), inward - np.pi / 2)
    return untouched(found)


STAGE = Stage(Meal, materials, build, fit, stuff=tabletop.STAGE.stuff)
