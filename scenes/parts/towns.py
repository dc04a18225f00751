"""A town from above: wide streets with a crossing near the centre, and between them perimeter
blocks, parks, car parks and gardens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from simgen.geometry.solids import to_mesh
from simgen.spec.rng import Stream, stream
from simgen.stages.stage import StagePart

from . import vegetation
from .avenues import Avenue, median_stretches
from .perimeter import courtyard, perimeter, takes
from .plots import NEAR, PAVED, District, Plot, between_roads, cut_gardens
from .shapes import untouched

STREETS = (10.0, 23.0)
"""Minimum and maximum width of a street, metres."""
_WIDEST = 85.0
"""Maximum width of a block, metres. With wider ones, no street would be near the centre."""
_PAVEMENT = (2.6, 5.5)
_CROSSING = (-0.15, 0.15)
"""Position of the first crossing, relative to the distance between two streets."""
_KINDS = ("houses", "houses", "houses", "houses", "park", "car park", "gardens")
_TREES = 75.0
"""Distance from the centre within which streets have trees, metres."""
_TREE = (7.0, 13.0)
"""Height of a tree, metres."""
_SHAPES = 2
"""Number of different tree meshes, which have more faces than the rest of a street."""


def town(seed: int, size: float, block: float) -> District:
    """Generate a town, `size` metres square, with blocks about `block` metres wide."""
    rng = stream(seed, "town")
    pitch = min(block, _WIDEST) * rng.uniform(0.9, 1.3, 2)
    roads = [_streets(size, float(one), rng) for one in pitch]
    spans = [between_roads(lines, size) for lines in roads]
    blocks = [Plot((x[0], y[0]), (x[1], y[1]), "pavement") for x in spans[0] for y in spans[1]]
    order = sorted(range(len(blocks)), key=lambda n: float(np.linalg.norm(blocks[n].middle)))
    # Of the four blocks at the crossing, one has gardens, for houses and trees, and one is a yard
    # or a car park.
    green, paved = (order[int(place)] for place in rng.permutation(4)[:2])
    plots: list[Plot] = []
    built: list[Plot] = []
    for number, whole in enumerate(blocks):
        wide = float(rng.uniform(*_PAVEMENT))
        inner = _inner(whole, wide)
        kind, yard = str(rng.choice(_KINDS)), number == paved or rng.random() < 0.4
        if number == green:
            kind = "gardens"
        if number == paved and kind in ("park", "gardens"):
            kind = "car park"
        if np.linalg.norm(whole.middle) > NEAR:
            plots += cut_gardens(inner, rng, far=True)
        elif kind == "houses" and takes(inner):
            built.append(inner)
            plots.append(courtyard(inner, "yard" if yard else "lawn_a"))
        elif kind in ("park", "car park") or number == paved:
            slot = "lawn_a" if kind == "park" else "yard"
            plots.append(replace(inner, slot=slot))
        else:
            plots += cut_gardens(inner, rng)
    return District(roads[0], roads[1], tuple(blocks), tuple(plots), tuple(built))


def _streets(size: float, pitch: float, rng: Stream) -> tuple[tuple[float, float], ...]:
    """Return centre lines and widths of parallel streets, farther apart away from the centre."""
    start = float(rng.uniform(*_CROSSING)) * pitch
    near = start + pitch * np.arange(-1, 2)
    far = np.arange(near[-1] + 1.8 * pitch, size / 2 - 20, 1.8 * pitch)
    back = np.arange(near[0] - 1.8 * pitch, 20 - size / 2, -1.8 * pitch)
    lines = (float(at) for at in (*back[::-1], *near, *far))
    return tuple((at, float(rng.uniform(*STREETS))) for at in lines)


def _inner(block: Plot, pavement: float) -> Plot:
    low, high = np.array(block.low) + pavement, np.array(block.high) - pavement
    return Plot((float(low[0]), float(low[1])), (float(high[0]), float(high[1])), block.slot)


def within(plot: Plot, reach: float) -> Plot:
    """Return the part of a plot within `reach` of the centre along both axes; it may be empty."""
    low, high = (np.clip(corner, -reach, reach) for corner in (plot.low, plot.high))
    return Plot((float(low[0]), float(low[1])), (float(high[0]), float(high[1])), plot.slot)


def buildings(plan: District, seed: int) -> list[StagePart]:
    """Return the houses around blocks, one part per block. Each resembles a `house` but contains
    many."""
    return [
        StagePart(
            f"perimeter_{number}",
            to_mesh(perimeter(block, stream(seed, "perimeter", number))),
            (0.0, 0.0, 0.0),
            "building",
            class_name="house",
            crowd=True,
        )
        for number, block in enumerate(plan.built)
    ]


def street_trees(plan: District, streets: list[Avenue], seed: int) -> list[StagePart]:
    """Return rows of trees on some pavements, behind the kerb, and on some medians."""
    rng = stream(seed, "street trees")
    shapes = [
        to_mesh(untouched(vegetation.far_tree(float(rng.uniform(*_TREE)), rng)))
        for _ in range(_SHAPES)
    ]
    places = [*_kerbs(plan, rng), *_medians(plan, streets, rng)]
    near = [(x, y, -PAVED) for x, y in places if np.hypot(x, y) < _TREES]
    return [
        vegetation.shrub(f"street_tree_{number}", shapes[int(rng.integers(_SHAPES))], place)
        for number, place in enumerate(near)
    ]


def _kerbs(plan: District, rng: Stream) -> Iterator[tuple[float, float]]:
    for block in plan.blocks:
        for axis in (0, 1):
            for sign in (-1, 1):
                kept, apart = rng.random() < 0.4, float(rng.uniform(7.0, 13.0))
                edge = block.middle[1 - axis] + sign * (block.half[1 - axis] - 1.0)
                end = float(block.half[axis]) - 5.0
                if kept:
                    yield from _row(axis, edge, block.middle[axis] + np.array([-end, end]), apart)


def _medians(plan: District, streets: list[Avenue], rng: Stream) -> Iterator[tuple[float, float]]:
    for street in streets:
        kept, apart = rng.random() < 0.6, float(rng.uniform(8.0, 15.0))
        if street.median and kept:
            for start, end in median_stretches(street, plan):
                # For axis 0, `_row` runs along x.
                yield from _row(1 - street.axis, street.at, np.array([start + 4, end - 4]), apart)


def _row(axis: int, edge: float, ends: np.ndarray, apart: float) -> Iterator[tuple[float, float]]:
    """Yield positions along x (axis 0) or y (axis 1), at y or x = `edge`."""
    for at in np.arange(ends[0], ends[1], apart):
        yield (float(at), float(edge)) if axis == 0 else (float(edge), float(at))
