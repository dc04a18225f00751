"""Places for vehicles in a district: lanes, rows along kerbs, and car parks with bays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from simgen.spec.rng import stream
from simgen.stages.stage import Support

from .plots import District, Plot, between_roads, stripe
from .shapes import Solids

PARKED = 2.2
"""Width of a row along a kerb, metres."""
_LANE = 2.6
"""Minimum width of a lane, metres."""
_GUTTER = 0.05
"""Width of the gap at a kerb, metres."""
_CROSSING = 7.0
"""Distance from a crossing beyond which cars may park or wait, metres."""
BAY = (2.5, 5.0)
"""Width and depth of a bay, metres."""
_AISLE = 6.0
"""Distance between rows of bays, metres."""


@dataclass(frozen=True)
class Row:
    """A strip of ground for vehicles.

    low, high: corners in the plane, metres. headings: radians from x.
    """

    low: tuple[float, float]
    high: tuple[float, float]
    headings: tuple[float, ...]

    def support(self, height: float, name: str, tags: tuple[str, ...]) -> Support:
        low, high = np.array(self.low), np.array(self.high)
        x, y = (low + high) / 2
        half = (high - low) / 2
        return Support(
            (float(half[0]), float(half[1])),
            False,
            (float(x), float(y), height),
            tags=tags,
            name=name,
            headings=self.headings,
        )


def street_rows(plan: District, seed: int, reach: float) -> Iterator[Row]:
    """Yield rows along kerbs and lanes, on roads within `reach` of the centre, metres."""
    rng = stream(seed, "streets")
    for axis, (own, others) in enumerate(
        ((plan.roads_x, plan.roads_y), (plan.roads_y, plan.roads_x))
    ):
        stretches = between_roads(others, 2 * reach)
        for at, wide in own:
            both = wide >= 2 * PARKED + 2 * _LANE or rng.random() < 0.5
            empty = not both and rng.random() < 0.5
            if abs(at) > reach:
                continue
            for start, end in stretches:
                ends = (max(start + _CROSSING, -reach), min(end - _CROSSING, reach))
                if ends[1] - ends[0] > _CROSSING:
                    parked = () if empty else _sides(both)
                    yield from _stretch(axis, at, wide / 2 - _GUTTER, ends, parked)


def _sides(both: bool) -> tuple[int, ...]:
    return (-1, 1) if both else (1,)


def _stretch(
    axis: int, at: float, half: float, ends: tuple[float, float], parked: Sequence[int]
) -> Iterator[Row]:
    """Yield the rows of a road along y (axis 0) or x (axis 1) between two crossings. Traffic keeps
    right."""
    along = np.pi / 2 if axis == 0 else 0.0
    right = 1 if axis == 0 else -1
    low = at - half + (PARKED if -1 in parked else 0.0)
    high = at + half - (PARKED if 1 in parked else 0.0)
    for sign in parked:
        edge = at + sign * half
        across = (edge - PARKED, edge) if sign > 0 else (edge, edge + PARKED)
        ways = (along, along + np.pi) if half < PARKED + _LANE else _way(along, sign * right)
        yield lane_row(axis, across, ends, ways)
    if high - low < 2 * _LANE:
        yield lane_row(axis, (low, high), ends, (along,))
        return
    middle = (low + high) / 2
    for sign, across in ((-1, (low, middle)), (1, (middle, high))):
        yield lane_row(axis, across, ends, _way(along, sign * right))


def _way(along: float, sign: int) -> tuple[float]:
    """Return the heading of traffic on the right or the left of a road."""
    return (along if sign > 0 else along + np.pi,)


def lane_row(
    axis: int,
    across: tuple[float, float],
    ends: tuple[float, float],
    headings: tuple[float, ...],
) -> Row:
    """Return a row on a street along y (axis 0) or x (axis 1), given its extent across and along
    it."""
    low, high = (across[0], ends[0]), (across[1], ends[1])
    return Row(low, high, headings) if axis == 0 else Row(low[::-1], high[::-1], headings)


def bay_rows(plot: Plot, margin: float) -> Iterator[Row]:
    """Yield rows of bays on a plot, parallel to its longer side, with aisles between them; cars
    face across the rows."""
    half = plot.half - margin
    axis = int(np.argmax(half))
    ends = (float(plot.middle[axis] - half[axis]), float(plot.middle[axis] + half[axis]))
    start, end = plot.middle[1 - axis] - half[1 - axis], plot.middle[1 - axis] + half[1 - axis]
    across = 0.0 if axis else np.pi / 2
    at = float(start)
    while at + BAY[1] <= end:
        # `lane_row` runs along y for axis 0.
        yield lane_row(1 - axis, (at, at + BAY[1]), ends, (across, across + np.pi))
        at += BAY[1] + _AISLE


def bay_marks(rows: Sequence[Row]) -> Solids:
    """Build lines between the bays of rows, on ground at z = 0."""
    found: Solids = []
    for row in rows:
        axis = int(np.argmax(np.subtract(row.high, row.low)))
        count = int((row.high[axis] - row.low[axis]) / BAY[0])
        for number in range(count + 1):
            at = row.low[axis] + number * BAY[0]
            ends = (row.low[1 - axis], row.high[1 - axis])
            found.append(stripe(axis, at, 0.05, ends))
    return found
