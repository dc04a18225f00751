"""Surroundings of an outdoor place: fences, walls, hedges, houses, bushes and trees, all farther
away than the cameras, and tufts and fallen leaves nearby."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import to_mesh
from simgen.spec.rng import stream
from simgen.stages.stage import StagePart

from . import houses, vegetation
from .grounds import Band, band_at
from .shapes import Solids, placed, untouched
from .walls import against

Range = tuple[float, float]
Bands = tuple[Band, ...]
EDGES = ("fence", "fence", "wall", "hedge", "hedge", "house", "house", "open")
FENCES = ("pickets", "boards", "bars")
EDGE_LENGTH = 36.0
FAR_RANGE: Range = (28.0, 66.0)
_ROW: Range = (12.0, 30.0)
"""Distance from the centre to the ends of a row of houses, metres."""
_JOINED = 0.6
"""Gap below which the roofs of two houses meet, metres."""


@dataclass(frozen=True)
class Side:
    """One side of the place. azimuth: radians. distance: from the centre, metres.

    level: height of its ground.
    """

    number: int
    azimuth: float
    distance: float
    level: float


def sides_of(bands: Bands, clear: float, crossed: bool, seed: int) -> list[Side]:
    """Return the sides along the bands, and those across them where no road or path leads out.

    clear: distance to the nearest upright part, metres. crossed: whether there may be sides across
    bands.
    """
    rng = stream(seed, "sides")
    found = []
    for number, (azimuth, outer) in enumerate(((np.pi / 2, bands[-1]), (-np.pi / 2, bands[0]))):
        inner = min(abs(outer.low), abs(outer.high))
        away = max(clear, inner) + rng.uniform(0.3, 4.0)
        found.append(Side(number, azimuth, away, outer.level))
    if crossed:
        for number, azimuth in ((2, 0.0), (3, np.pi)):
            if rng.random() < 0.7:
                away = clear + rng.uniform(0.3, 6.0)
                found.append(Side(number, azimuth, away, bands[0].level))
    return found


def edge_parts(side: Side, seed: int) -> list[StagePart]:
    """Return the parts that bound the place on a side."""
    rng = stream(seed, "edge", side.number)
    across = side.number > 1
    kind = str(rng.choice(EDGES[:-3] if across else EDGES))
    length = 2.0 * side.distance if across else EDGE_LENGTH + 2.0 * side.distance
    found = []
    if kind == "fence":
        found.append(_edge(side, houses.fence(length, str(rng.choice(FENCES)), rng)))
    elif kind == "wall":
        found.append(_edge(side, houses.garden_wall(length, float(rng.uniform(0.8, 2.1)))))
    elif kind == "hedge":
        return _hedges(side, length, rng)
    if kind == "house" or (not across and rng.random() < 0.5):
        found += _row(side, kind == "house", rng, len(found))
    return found


def _edge(side: Side, made: Solids) -> StagePart:
    shape = to_mesh(against(made, side.azimuth, side.distance))
    part = StagePart(f"edge_{side.number}", shape, (0.0, 0.0, side.level), "fence")
    return replace(part, apart=lambda: (replace(part, name=f"edge_{side.number}_0"),))


def _row(side: Side, near: bool, rng: np.random.Generator, first: int) -> list[StagePart]:
    """Return houses side by side, or one behind a garden. Houses whose roofs meet are a crowd,
    since they cannot be told apart. first: number of their first part, in older datasets."""
    away = side.distance + (0.2 if near else float(rng.uniform(4.0, 10.0)))
    storeys = int(rng.integers(1, 4))
    left, right = (float(rng.uniform(*_ROW)) * sign for sign in (-1, 1))
    made: list[houses.House] = []
    gaps = [np.inf]  # before the first house, then after each
    while left < right:
        wide = float(rng.uniform(7.0, 11.0))
        middle = (left + wide / 2, 0.0, 0.0)
        parts = houses.house(wide, storeys, rng)
        made.append(houses.House(*(placed(solids, middle) for solids in parts)))
        gaps.append(float(rng.choice([_JOINED, 3.0, 6.0])))
        left += wide + gaps[-1]
    gaps[-1] = np.inf
    found = []
    for number, one in enumerate(made):
        part = StagePart(
            f"house_{side.number}_{number}",
            to_mesh(against([*one.shell, *one.openings, *one.upper], side.azimuth, away)),
            (0.0, 0.0, side.level),
            "building",
            class_name="house",
            crowd=_JOINED in gaps[number : number + 2],
            heading=side.azimuth - np.pi / 2,
        )
        found.append(replace(part, apart=partial(_apart, part, one, side, away, first)))
        first += sum(map(bool, (one.shell, one.openings, one.upper)))
    return found


def _apart(
    house: StagePart, solids: houses.House, side: Side, away: float, first: int
) -> tuple[StagePart, ...]:
    """Return a house as separate parts: walls with the roof, then windows. first: number of the
    first."""
    parts = (("building", solids.shell), ("window", solids.openings), ("window", solids.upper))
    return tuple(
        replace(
            house,
            name=f"edge_{side.number}_{number}",
            mesh=to_mesh(against(made, side.azimuth, away)),
            stuff=stuff,
            class_name="house" if stuff == "building" else "",
        )
        for number, (stuff, made) in enumerate((pair for pair in parts if pair[1]), start=first)
    )


def _hedges(side: Side, length: float, rng: np.random.Generator) -> list[StagePart]:
    """Return copies of a piece of hedge, end to end."""
    wide, high = 3.0, float(rng.uniform(0.9, 2.0))
    one = vegetation.hedge(wide, high, float(rng.uniform(0.6, 0.9)), 0.09, rng)
    shape = to_mesh(untouched(against(one, side.azimuth, 0.0)))
    out = np.array([np.cos(side.azimuth), np.sin(side.azimuth)])
    right = np.array([out[1], -out[0]])
    found = []
    for number, x in enumerate(np.arange(-length / 2 + wide / 2, length / 2, wide - 0.05)):
        at = out * (side.distance + 0.5) + right * x
        place = (float(at[0]), float(at[1]), side.level)
        found.append(vegetation.shrub(f"hedge_{side.number}_{number}", shape, place))
    return found


def small_parts(
    bands: Bands, size: tuple[float, float], density: float, fallen: int, seed: int
) -> list[StagePart]:
    """Return tufts beside the place and leaves on it.

    size: width and depth of the place, metres. density: of the tufts. fallen: number of leaves.
    """
    rng = stream(seed, "small")
    found = []
    for number, band in enumerate(bands):
        if band.slot != "lawn":
            continue
        at = _in_band(band, size, 14.0, int(density * 60), rng)
        if len(at):
            grass = vegetation.tufts(at, float(rng.uniform(0.05, 0.13)), 9, rng)
            place = (0.0, 0.0, band.level)
            found.append(StagePart(f"tufts_{number}", to_mesh([grass]), place, "grass"))
    if fallen:
        reach = max(6.0, size[0])
        at = rng.uniform(-reach, reach, (fallen, 2))
        middle = next(band for band in bands if band.low < 0.0 < band.high)
        at = at[(at[:, 1] > middle.low + 0.1) & (at[:, 1] < middle.high - 0.1)]
        if len(at):
            lying = vegetation.fallen(at, float(rng.uniform(0.04, 0.08)), rng)
            found.append(StagePart("fallen", to_mesh(lying), (0.0, 0.0, 0.0), "vegetation"))
    return found


def _in_band(
    band: Band, size: tuple[float, float], reach: float, count: int, rng: np.random.Generator
) -> np.ndarray:
    """Return positions in a band, `n x 2`, denser at its edges, outside the area for objects."""
    low, high = max(band.low, -reach), min(band.high, reach)
    if high - low < 0.3:
        return np.zeros((0, 2))
    y = rng.uniform(low + 0.05, high - 0.05, count)
    rim = rng.random(count) < 0.35
    near = low if abs(low) < abs(high) else high
    inward = 1.0 if near == low else -1.0
    y[rim] = near + inward * rng.uniform(0.03, 0.15, int(rim.sum()))
    at = np.column_stack([rng.uniform(-reach, reach, count), y])
    free = (np.abs(at[:, 0]) > size[0] / 2 + 0.2) | (np.abs(at[:, 1]) > size[1] / 2 + 0.2)
    return at[free & (y > band.low + 0.02) & (y < band.high - 0.02)]


def plant_parts(
    bands: Bands, clear: float, standing: list[StagePart], seed: int, looks: int
) -> list[StagePart]:
    """Return bushes and trees beyond the cameras and distant trees all around, none inside a
    building.

    clear: distance to the nearest upright part, metres. standing: the existing parts. looks: 0 for
    the trees of older datasets.
    """
    rng = stream(seed, "plants")
    bushes = [
        to_mesh(
            vegetation.bush(float(rng.uniform(0.4, 0.9)), float(rng.uniform(0.7, 1.5)), 0.07, rng)
        )
        for _ in range(2)
    ]
    grow = vegetation.broad_tree if looks else vegetation.far_tree
    trees = [to_mesh(untouched(grow(float(rng.uniform(6, 14)), rng))) for _ in range(4)]
    trees = [replace(tree, slots=_renamed(tree.slots)) for tree in trees]
    found = []
    for number in range(int(rng.integers(3, 9))):
        at = _beyond(bands, clear, (1.2, 7.0), rng)
        if at is not None:
            shape = bushes[number % 2]
            found.append(vegetation.shrub(f"bush_{number}", shape, at))
    for number in range(int(rng.integers(1, 5))):
        at = _beyond(bands, clear, (6.0, 18.0), rng)
        if at is not None:
            shape = trees[number % 4]
            found.append(StagePart(f"tree_{number}", shape, at, "tree", class_name="tree"))
    houses_there = [part for part in standing if part.stuff == "building"]
    plants = [*found, *_far_trees(bands, clear, trees, rng)]
    return [plant for plant in plants if not any(_within(plant, part) for part in houses_there)]


def _within(plant: StagePart, building: StagePart) -> bool:
    """Return whether a plant's stem stands in a building, or so close that its crown would
    intersect it."""
    low, high = building.mesh.bounds()[:, :2] + np.array(building.position)[:2]
    stem, room = np.array(plant.position)[:2], 1.8 if plant.stuff == "tree" else 0.3
    return bool((stem > low - room).all() and (stem < high + room).all())


def _far_trees(
    bands: Bands, clear: float, trees: list[MeshData], rng: np.random.Generator
) -> list[StagePart]:
    """Return groups of trees all around, with gaps between them."""
    found: list[StagePart] = []
    for turn in rng.uniform(0.0, 2.0 * np.pi, int(rng.integers(10, 17))):
        middle = clear + float(rng.uniform(*FAR_RANGE))
        for _ in range(int(rng.integers(2, 6))):
            away = middle + float(rng.normal(0.0, 4.0))
            angle = turn + float(rng.normal(0.0, 0.14))
            x, y = away * float(np.cos(angle)), away * float(np.sin(angle))
            band = band_at(bands, y)
            if band.slot == "lawn":
                shape = trees[int(rng.integers(len(trees)))]
                name = f"far_tree_{len(found)}"
                place = (x, y, band.level)
                # Their crowns overlap, so they cannot be separate instances.
                far = StagePart(name, shape, place, "tree", class_name="tree", crowd=True)
                found.append(far)
    return found


def _renamed(slots: tuple[str, ...]) -> tuple[str, ...]:
    return tuple("leaves_far" if slot == "leaves" else slot for slot in slots)


def _beyond(
    bands: Bands, clear: float, away: Range, rng: np.random.Generator
) -> tuple[float, float, float] | None:
    """Return a position on a lawn, beyond the nearest upright part by a random distance, if one is
    found."""
    for _ in range(20):
        turn = rng.uniform(0.0, 2.0 * np.pi)
        reach = clear + rng.uniform(*away)
        x, y = float(reach * np.cos(turn)), float(reach * np.sin(turn))
        band = band_at(bands, y)
        if band.slot == "lawn":
            return x, y, band.level
    return None
