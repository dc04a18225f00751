"""A district from above: a grid of roads, and blocks divided into plots.

Asphalt lies under the entire district; blocks with their pavements stand on it, and plots on the
blocks. The tops of plots are z = 0.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from simgen.geometry.solids import Solid, box, decoration, to_mesh, translate
from simgen.spec.rng import stream
from simgen.stages.stage import StagePart

from .shapes import Solids, ring, slab

Rng = np.random.Generator
ROAD = 0.14
"""Depth of roads below the plots, metres."""
PAVED = 0.02
PAVEMENT = 1.8
PAINT = 0.01
"""Thickness of road markings, metres."""
PATCH = 4e-4
"""Thickness of beds and terraces, metres: so thin that objects may penetrate them."""
NARROW, WIDE = (5.5, 8.5), (7.0, 12.0)
"""Widths of roads without and with parked cars, metres."""
NEAR = 130.0
"""Distance from the centre at which gardens end and fields begin, metres."""
_MARKED = 220.0
_GARDEN = (20.0, 34.0)
_FIELD = (60.0, 120.0)
"""Minimum and maximum side of a plot, metres."""
_GARDENS = ("lawn_a", "lawn_a", "lawn_b")
_YARDS = (1, 4)
_GREEN = 6
"""Ranks, counted from the centre, of plots that are always yards, and rank from which others may
become yards: houses near the centre need gardens."""
_FIELDS = ("lawn_a", "lawn_b", "field_a", "field_a", "field_b", "soil")
_STUFF = {"yard": "yard"}


@dataclass(frozen=True)
class Plot:
    """A rectangle of ground, metres: x and y of its corners, and its surface."""

    low: tuple[float, float]
    high: tuple[float, float]
    slot: str

    @property
    def middle(self) -> np.ndarray:
        return (np.array(self.low) + np.array(self.high)) / 2

    @property
    def half(self) -> np.ndarray:
        return (np.array(self.high) - np.array(self.low)) / 2


@dataclass(frozen=True)
class District:
    """roads_x: x and width of the roads along y; roads_y: y and width of those along x. built:
    blocks with houses around them, out to the pavement."""

    roads_x: tuple[tuple[float, float], ...]
    roads_y: tuple[tuple[float, float], ...]
    blocks: tuple[Plot, ...]
    plots: tuple[Plot, ...]
    built: tuple[Plot, ...] = ()


def district(
    seed: int,
    size: float,
    block: float,
    widths: tuple[float, float] = NARROW,
    paved: float = 0.0,
) -> District:
    """Generate a district, `size` metres square, with blocks about `block` metres wide.

    widths: of the narrowest and the widest road, metres. paved: fraction of the gardens that become
    yards.
    """
    rng = stream(seed, "roads")
    roads = [_roads(size, block * float(rng.uniform(0.8, 1.4)), widths, rng) for _ in range(2)]
    spans = [between_roads(lines, size) for lines in roads]
    blocks, plots = [], []
    for x in spans[0]:
        for y in spans[1]:
            blocks.append(Plot((x[0], y[0]), (x[1], y[1]), "pavement"))
            inner = np.array([[x[0], y[0]], [x[1], y[1]]]) + [[PAVEMENT], [-PAVEMENT]]
            far = float(np.linalg.norm(inner.mean(axis=0))) > NEAR
            plots += _cut(inner, _FIELD if far else _GARDEN, _FIELDS if far else _GARDENS, rng)
    order = sorted(range(len(plots)), key=lambda n: float(np.linalg.norm(plots[n].middle)))
    chosen = stream(seed, "paved").random(len(plots)) < paved
    for rank, place in enumerate(order):
        near = np.linalg.norm(plots[place].middle) < NEAR
        if rank in _YARDS or (near and rank >= _GREEN and chosen[rank]):
            plots[place] = replace(plots[place], slot="yard")
    return District(roads[0], roads[1], tuple(blocks), tuple(plots))


def _roads(
    size: float, pitch: float, widths: tuple[float, float], rng: Rng
) -> tuple[tuple[float, float], ...]:
    start = float(rng.uniform(0.3, 0.7)) * pitch
    near = [start + pitch * k for k in range(-2, 2)]
    far = np.arange(near[-1] + 1.8 * pitch, size / 2 - 20, 1.8 * pitch)
    lines = [*(-far[::-1]), *near, *far]
    return tuple((float(at), float(rng.uniform(*widths))) for at in sorted(lines))


def between_roads(lines: tuple[tuple[float, float], ...], size: float) -> list[tuple[float, float]]:
    """Return the intervals between roads within `size`, centred on the origin."""
    starts = [-size / 2, *(at + wide / 2 for at, wide in lines)]
    ends = [*(at - wide / 2 for at, wide in lines), size / 2]
    return [(a, b) for a, b in zip(starts, ends, strict=True) if b - a > 4 * PAVEMENT]


def cut_gardens(whole: Plot, rng: Rng, far: bool = False) -> list[Plot]:
    """Divide a rectangle into gardens, or into fields."""
    corners = np.array([whole.low, whole.high])
    return _cut(corners, _FIELD if far else _GARDEN, _FIELDS if far else _GARDENS, rng)


def _cut(
    corners: np.ndarray, sides: tuple[float, float], slots: tuple[str, ...], rng: Rng
) -> list[Plot]:
    """Divide a rectangle, `2 x 2`, repeatedly across its longer side until the pieces are small."""
    size = corners[1] - corners[0]
    axis = int(np.argmax(size))
    if size[axis] < max(2 * sides[0], float(rng.uniform(*sides))):
        low, high = corners
        slot = str(rng.choice(slots))
        return [Plot((float(low[0]), float(low[1])), (float(high[0]), float(high[1])), slot)]
    at = corners[0, axis] + size[axis] * float(rng.uniform(0.42, 0.58))
    gap = float(rng.choice([0.0, 0.0, 1.4])) / 2
    first, second = corners.copy(), corners.copy()
    first[1, axis], second[0, axis] = at - gap, at + gap
    return [*_cut(first, sides, slots, rng), *_cut(second, sides, slots, rng)]


def ground_parts(
    plan: District, size: float, seed: int, marks: Solids | None = None
) -> list[StagePart]:
    """Return roads with markings, pavements, plots, and the beds and terraces on these.

    marks: markings that replace dashes and stop lines.
    """
    half = size / 2
    base = box((-half, -half, -1.0), (half, half, 0.0), "road")
    pavements = [_top(block, -ROAD, -PAVED) for block in plan.blocks]
    found = [
        StagePart("road", to_mesh([base]), (0.0, 0.0, -ROAD), "road"),
        StagePart(
            "marks", to_mesh(_marks(plan) if marks is None else marks), (0.0, 0.0, -ROAD), "road"
        ),
        StagePart("pavement", to_mesh(pavements), (0.0, 0.0, 0.0), "pavement"),
    ]
    for slot in sorted({plot.slot for plot in plan.plots}):
        tops = [_top(plot, -PAVED, 0.0) for plot in plan.plots if plot.slot == slot]
        found.append(StagePart(slot, to_mesh(tops), (0.0, 0.0, 0.0), _STUFF.get(slot, "grass")))
    beds = _beds(plan, stream(seed, "beds"))
    return [
        *found,
        *([StagePart("beds", to_mesh(beds), (0.0, 0.0, 0.0), "garden")] if beds else []),
    ]


def _top(plot: Plot, low: float, high: float) -> Solid:
    return box((*plot.low, low), (*plot.high, high), plot.slot)


def _marks(plan: District) -> Solids:
    """Build dashed centre lines except at crossings, and stop lines."""
    found: Solids = []
    for axis, (own, others) in enumerate(
        ((plan.roads_x, plan.roads_y), (plan.roads_y, plan.roads_x))
    ):
        for at, wide in own:
            if abs(at) > _MARKED:
                continue
            for along in np.arange(-_MARKED, _MARKED, 7.0):
                ends = (along, along + 3.0)
                if all(ends[1] < x - w / 2 - 1 or ends[0] > x + w / 2 + 1 for x, w in others):
                    found.append(stripe(axis, at, 0.075, ends))
            for x, w in others:
                for sign in (-1, 1):
                    start = x + sign * (w / 2 + 0.6)
                    ends = (min(start, start + sign * 0.4), max(start, start + sign * 0.4))
                    side = at + sign * wide / 4 * (1 if axis else -1)
                    found.append(stripe(axis, side, wide / 4 - 0.25, ends))
    return found


def stripe(axis: int, at: float, half: float, ends: tuple[float, float]) -> Solid:
    """Build a painted rectangle on a road along y (axis 0) or x (axis 1)."""
    low, high = (at - half, ends[0]), (at + half, ends[1])
    if axis:
        low, high = low[::-1], high[::-1]
    return decoration(box((*low, 0.0), (*high, PAINT), "mark"))


def _beds(plan: District, rng: Rng) -> Solids:
    """Build terraces, beds and ponds in gardens, and rows in fields."""
    found: Solids = []
    for plot in plan.plots:
        if np.linalg.norm(plot.middle) > NEAR or plot.slot == "yard":
            continue
        for number in range(int(rng.integers(1, 6))):
            half = rng.uniform(0.06, 0.28, 2) * plot.half
            at = plot.middle + rng.uniform(-1.0, 1.0, 2) * (plot.half - half - 0.8)
            corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half
            outline = ring(half[0], half[1], 28) if rng.random() < 0.35 else corners
            slot = str(rng.choice(["soil", "terrace", "terrace", "lawn_c", "lawn_c"]))
            # Each is slightly higher than the previous one, to avoid coplanar faces.
            high = PATCH * (1.0 + 0.1 * number)
            made = decoration(slab(outline + at, high, 0.0, slot))
            found.append(translate(made, (0.0, 0.0, high)))
    return found
