"""Gardens, fields and roads as seen from a drone.

Objects stand on plots, flat at z = 0; the roads between them stay free. Hedges and bushes grow
along the edges of the plots.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from simgen.geometry.solids import to_mesh
from simgen.sampling.randomizers.materials import draw_by_slot
from simgen.spec.parameters import (
    added,
    between,
    chance,
    computed,
    constant,
    layout_seed,
    version,
    whole,
)
from simgen.spec.rng import Stream, stream
from simgen.stages.stage import Materials, Stage, StageContent, StagePart, Support

from .parts import perimeter, vegetation
from .parts.avenues import arrow_places, avenue_rows, avenues, lines, medians
from .parts.pavements import arrow, furniture, paint
from .parts.plots import NARROW, PAINT, PATCH, ROAD, WIDE, Plot, district, ground_parts
from .parts.shapes import placed, untouched
from .parts.streets import BAY, Row, bay_marks, bay_rows, street_rows
from .parts.surfaces import calm, faded, of_albedo, pale, sunlit, trodden
from .parts.towns import buildings, street_trees, town, within

GROUND_SIZE = 900.0
MARGIN = 2.0
"""Width of the strip along a plot's edge that is reserved for hedges, metres."""
USED = 50.0
"""Distance from the centre within which plots carry objects, metres."""
GARDEN_TAGS = ("garden",)
YARD_TAGS = ("vehicle",)
HEDGE = 5.0
_HEDGED = 95.0

KINDS = {
    "lawn_a": ("grass",),
    "lawn_b": ("grass",),
    "lawn_c": ("grass",),
    "field_a": ("grass",),
    "field_b": ("grass", "soil"),
    "soil": ("soil",),
    "road": ("asphalt",),
    "mark": ("worn_paint",),
    "pavement": ("concrete", "gravel", "asphalt", "stone"),
    "yard": ("asphalt", "gravel", "concrete", "stone"),
    "terrace": ("stone", "concrete", "gravel", "tiles"),
    "leaves": ("foliage",),
    "furniture": ("painted", "brushed_metal", "dark_plastic", "concrete"),
    "cover": ("painted", "brushed_metal", "dark_plastic", "window_glass"),
    "bicycles": ("painted", "dark_plastic", "brushed_metal"),
    "bark": ("bark",),
    **perimeter.SLOTS,
}
_GROUND = ("lawn_a", "lawn_b", "lawn_c", "field_a", "field_b", "soil", "road", "pavement", "yard",
          "terrace")  # fmt: skip
_CALM = ("pavement", "yard", "terrace")
_GRASS = ("lawn_a", "lawn_b", "lawn_c", "field_a", "field_b")
_SEASON = (0.3, 0.8)
"""Fraction of their saturation that grass and leaves keep when seen from above, due to dust and
drought. The palettes describe plants seen from nearby."""
_ASPHALT = (0.08, 0.2)
"""Albedo of roads, from a few years old to old: US EPA, Reducing urban heat islands, Cool
pavements, 2012."""
LEAF_LIGHT = 1.7
SMALLEST_BLOCK = 25.0
"""Minimum width of a block, metres: smaller ones have no space for a plot."""


@dataclass(frozen=True)
class District:
    """A grid of roads.

    block: approximate width of its blocks, metres. ground: total width, metres. hedges: fraction of
    the plots' sides that have one. bushes: their number. streets: 0 for narrow streets without
    parked cars and without car parks. paved: fraction of the plots near the centre that are yards.
    tones: 0 for ground in the colours that it has from nearby. details: 0 without zebra crossings,
    arrows and street furniture. town: whether it has wide streets and perimeter blocks of tall
    houses rather than gardens alone.
    """

    layout_seed: int = layout_seed()
    block: float = computed(lambda drawn, _: max(SMALLEST_BLOCK, drawn.scene_size()))
    ground: float = constant(GROUND_SIZE)
    hedges: float = between(0.1, 0.6)
    bushes: int = whole(40, 139)
    streets: int = version(1)
    paved: float = added(between(0.0, 0.5), older=0)
    tones: int = version(1)
    details: int = version(1)
    town: bool = added(chance(0.6), older=0)


def materials(p: District, rng: Stream) -> Materials:
    """Sample muted, weathered ground and sunlit leaves."""
    found = draw_by_slot(KINDS, rng)
    found |= {slot: trodden(calm(found[slot], rng)) for slot in _CALM}
    found["mark"] = pale(found["mark"], rng)
    found["leaves"] = sunlit(found["leaves"], LEAF_LIGHT)
    if p.tones:
        keep = rng.uniform(*_SEASON)
        for slot in (*_GRASS, "leaves"):
            found[slot] = faded(found[slot], keep * rng.uniform(0.85, 1.15))
        found["road"] = of_albedo(found["road"], rng.uniform(*_ASPHALT))
    for slot in ("furniture", "cover", *perimeter.SLOTS):
        found[slot] = calm(found[slot], rng)
    return found


def fit(p: District, pile: float, reach: float) -> District:
    """Enlarge the ground for high cameras."""
    return replace(p, ground=max(p.ground, 6.0 * reach))


def build(p: District) -> StageContent:
    """Build the district with its hedges and bushes."""
    if p.town:
        return _town(p)
    plan = district(p.layout_seed, GROUND_SIZE, p.block, WIDE if p.streets else NARROW, p.paved)
    parts = ground_parts(plan, p.ground, p.layout_seed)
    parts += [*_hedges(p, plan.plots), *_bushes(p, plan.plots)]
    found = supports(plan.plots)
    if p.streets:
        # Cars stand on the paint, so it must be thin.
        parts = [_sunk(part) if part.name == "marks" else part for part in parts]
        car_parks = _car_parks(plan.plots, p.layout_seed)
        bays = [(plot, row) for plot in car_parks for row in bay_rows(plot, MARGIN)]
        if bays:
            marks = to_mesh(bay_marks([row for _, row in bays]))
            parts.append(_sunk(StagePart("bays", marks, (0.0, 0.0, 0.0), "yard")))
        found += _rows(street_rows(plan, p.layout_seed, USED), -ROAD, "street")
        near = [row for plot, row in bays if np.linalg.norm(plot.middle) <= USED]
        found += _rows(near, 0.0, "bays")
    if p.details:
        painted = to_mesh(paint(plan, stream(p.layout_seed, "paint")))
        parts.append(_sunk(StagePart("paint", painted, (0.0, 0.0, -ROAD), "road")))
        parts += furniture(plan, stream(p.layout_seed, "furniture"))
    return StageContent(tuple(parts), found)


def _town(p: District) -> StageContent:
    """Build a town: streets with lanes, perimeter blocks, rows of trees, and hedges and bushes in
    gardens."""
    plan = town(p.layout_seed, GROUND_SIZE, p.block)
    found = avenues(plan, p.layout_seed)
    rng = stream(p.layout_seed, "paint")
    painted = lines(found, plan, p.layout_seed)
    painted += [arrow(*place) for place in arrow_places(found, plan, rng)]
    parts = [
        _sunk(part) if part.name == "marks" else part
        for part in ground_parts(plan, p.ground, p.layout_seed, painted)
    ]
    islands = medians(found, plan)
    if islands:
        parts.append(StagePart("median", to_mesh(islands), (0.0, 0.0, 0.0), "grass"))
    gardens = tuple(plot for plot in plan.plots if plot.slot != "yard" and min(plot.half) < 20.0)
    parts += [*_hedges(p, gardens), *_bushes(p, gardens)]
    parts += buildings(plan, p.layout_seed)
    parts += street_trees(plan, found, p.layout_seed)
    parts += furniture(plan, stream(p.layout_seed, "furniture"))
    bays = [(plot, row) for plot in _car_parks(plan.plots, p.layout_seed)
            for row in bay_rows(plot, MARGIN)]  # fmt: skip
    if bays:
        marks = to_mesh(bay_marks([row for _, row in bays]))
        parts.append(_sunk(StagePart("bays", marks, (0.0, 0.0, 0.0), "yard")))
    rows = _rows(avenue_rows(found, plan, p.layout_seed, USED), -ROAD, "street")
    near = [row for _, row in bays if np.linalg.norm(np.add(row.low, row.high)) <= 2 * USED]
    plots = tuple(within(plot, USED) for plot in plan.plots)
    return StageContent(tuple(parts), supports(plots) + rows + _rows(near, 0.0, "bays"))


def _sunk(marks: StagePart) -> StagePart:
    x, y, z = marks.position
    return replace(marks, position=(x, y, z - PAINT + PATCH))


def _rows(rows: Iterable[Row], height: float, name: str) -> tuple[Support, ...]:
    return tuple(
        row.support(height, f"{name}_{number}", YARD_TAGS) for number, row in enumerate(rows)
    )


def _car_parks(plots: tuple[Plot, ...], seed: int) -> list[Plot]:
    """Return a random selection of the yards that are large enough for bays."""
    rng = stream(seed, "car parks")
    yards = [plot for plot in plots if plot.slot == "yard" and rng.random() < 0.6]
    return [plot for plot in yards if min(plot.half) > BAY[1]]


def supports(plots: tuple[Plot, ...]) -> tuple[Support, ...]:
    """Return the plots around the centre as supports: gardens, then yards."""
    found = []
    for number, plot in enumerate(plots):
        half = plot.half - MARGIN
        if np.linalg.norm(plot.middle) > USED or min(half) < 4.0:
            continue
        x, y = (float(value) for value in plot.middle)
        yard = plot.slot == "yard"
        tags = YARD_TAGS if yard else GARDEN_TAGS
        size = (float(half[0]), float(half[1]))
        found.append(Support(size, False, (x, y, 0.0), tags=tags, name=f"{plot.slot}_{number}"))
    return tuple(sorted(found, key=lambda support: support.tags))


def _hedges(p: District, plots: tuple[Plot, ...]) -> list[StagePart]:
    """Return hedges along some sides of the plots, as copies of the same two pieces."""
    rng = stream(p.layout_seed, "hedges")
    one = vegetation.hedge(HEDGE, float(rng.uniform(0.9, 1.9)), 0.9, 0.22, rng)
    shapes = [to_mesh(untouched(placed(one, (0.0, 0.0, 0.0), turn))) for turn in (0.0, np.pi / 2)]
    found: list[StagePart] = []
    for plot in plots:
        for axis, sign in ((0, -1), (0, 1), (1, -1), (1, 1)):
            count = int((2 * plot.half[axis] - 1.5) / HEDGE)
            kept, start = rng.random() < p.hedges, rng.uniform(-0.5, 0.5)
            if not kept or np.linalg.norm(plot.middle) > _HEDGED:
                continue
            for step in range(count):
                at = plot.middle.copy()
                at[axis] += (step - (count - 1) / 2) * (HEDGE - 0.1) + start
                at[1 - axis] += sign * (plot.half[1 - axis] - 0.6)
                place = (float(at[0]), float(at[1]), 0.0)
                name = f"hedge_{len(found)}"
                found.append(vegetation.shrub(name, shapes[axis], place))
    return found


def _bushes(p: District, plots: tuple[Plot, ...]) -> list[StagePart]:
    """Return bushes of three sizes along the edges of plots."""
    rng = stream(p.layout_seed, "bushes")
    shapes = [
        to_mesh(untouched(vegetation.bush(wide, 1.5 * wide, 0.3, rng)))
        for wide in (0.5, 0.62, 0.75)
    ]
    near = [plot for plot in plots if np.linalg.norm(plot.middle) < 1.5 * _HEDGED]
    found = []
    for number in range(p.bushes):
        plot = near[int(rng.integers(len(near)))]
        axis, sign = int(rng.integers(2)), int(rng.choice([-1, 1]))
        at = plot.middle + rng.uniform(-0.9, 0.9, 2) * plot.half
        at[axis] = plot.middle[axis] + sign * (plot.half[axis] - 0.8)
        place = (float(at[0]), float(at[1]), 0.0)
        found.append(vegetation.shrub(f"bush_{number}", shapes[number % 3], place))
    return found


STAGE = Stage(
    District,
    materials,
    build,
    fit,
    stuff=("grass", "road", "pavement", "yard", "garden", "vegetation", "furniture", "building"),
    ground=_GROUND,
)
