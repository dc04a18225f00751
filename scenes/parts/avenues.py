"""Town streets: lanes, rows of parked cars, medians, and road markings.

A street has the same cross-section throughout the district; traffic keeps right. Coordinates along
and across it are world coordinates, so a street along y (axis 0) has a constant x.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from simgen.geometry.solids import Solid, box
from simgen.spec.rng import Stream, stream

from .plots import PAVED, ROAD, District, between_roads, stripe
from .shapes import Solids
from .streets import PARKED, Row, lane_row

_LANE = (2.8, 3.4)
"""Width of a lane, metres."""
_MOST_LANES = 3
"""Maximum number of lanes in each direction."""
_MEDIAN = (8.5, 1.0, 2.2)
"""Half the width of the narrowest street with a median, and range of half the median's width,
metres."""
_KERB = 0.2
_GUTTER = 0.1
_FREE = 7.0
"""Distance from a crossing street beyond which cars may park or wait, metres."""
_STOP = 4.6
"""Distance from a crossing street to a stop line, metres."""
_FORD = (0.8, 4.0)
"""Distances from a crossing street to the start and end of a pedestrian crossing, metres."""
_QUEUE = (14.0, 34.0)
"""Length of a lane in which traffic waits at a stop line, metres."""
_PAINTED = 90.0
"""Distance from the centre within which streets have markings, metres."""
_THIN = 0.07
"""Half the width of a line, metres."""


@dataclass(frozen=True)
class Avenue:
    """A street.

    axis: 0 along y, 1 along x. at: position of its centre line; half: half its width. lanes: number
    in each direction; lane: width of one. median: half the width of the median, 0 for a line.
    parked: whether there are rows of parked cars along its kerbs.
    """

    axis: int
    at: float
    half: float
    lanes: int
    lane: float
    median: float
    parked: bool

    def edges(self, side: int) -> np.ndarray:
        """Return the lane edges on a side (-1 or 1) across the street, from the centre outwards."""
        return self.at + side * (self.median + self.lane * np.arange(self.lanes + 1))

    def heading(self, side: int) -> float:
        """Return the heading of traffic on a side, radians from x."""
        along = np.pi / 2 if self.axis == 0 else 0.0
        right = 1 if self.axis == 0 else -1
        return along if side == right else along + np.pi

    def incoming(self, side: int, sign: int) -> bool:
        """Return whether a side's traffic approaches a crossing from its `sign` side."""
        ahead = np.sin(self.heading(side)) if self.axis == 0 else np.cos(self.heading(side))
        return bool(ahead * sign < 0)


def avenues(plan: District, seed: int) -> list[Avenue]:
    """Return the streets of a district, those along y first."""
    rng = stream(seed, "avenues")
    return [
        _avenue(axis, at, wide / 2, rng)
        for axis, own in enumerate((plan.roads_x, plan.roads_y))
        for at, wide in own
    ]


def _avenue(axis: int, at: float, half: float, rng: Stream) -> Avenue:
    lane, median = float(rng.uniform(*_LANE)), float(rng.uniform(*_MEDIAN[1:]))
    divided, empty = rng.random(2) < (0.5, 0.12)
    if half < _MEDIAN[0] or not divided:
        median = 0.0
    room = half - median - (_GUTTER if empty else PARKED + _GUTTER)
    lanes = min(max(int(room / lane), 1), _MOST_LANES)
    return Avenue(axis, at, half, lanes, min(lane, room / lanes), median, not empty)


def avenue_rows(found: list[Avenue], plan: District, seed: int, reach: float) -> Iterator[Row]:
    """Yield lanes and kerbside rows within `reach` of the centre, metres. In some lanes, cars only
    queue at a crossing."""
    rng = stream(seed, "traffic")
    for avenue in found:
        others = (plan.roads_y, plan.roads_x)[avenue.axis]
        if abs(avenue.at) > reach:
            continue
        for start, end in between_roads(others, 2 * reach):
            ends = (max(start + _FREE, -reach), min(end - _FREE, reach))
            if ends[1] - ends[0] > _FREE:
                yield from _parked(avenue, ends, rng)
                yield from _lanes(avenue, ends, rng)


def _parked(avenue: Avenue, ends: tuple[float, float], rng: Stream) -> Iterator[Row]:
    if not avenue.parked:
        return
    for side in (-1, 1):
        cut = ends[0] + rng.uniform(0.0, 0.4, 2) * (ends[1] - ends[0]) * [1.0, -1.0]
        edge = avenue.at + side * (avenue.half - _GUTTER)
        across = tuple(sorted((edge, edge - side * PARKED)))
        # Rows of parked cars have gaps for drives, bus stops and loading bays.
        at = (float(cut[0]), ends[1]) if rng.random() < 0.5 else ends
        yield lane_row(avenue.axis, (across[0], across[1]), at, (avenue.heading(side),))


def _lanes(avenue: Avenue, ends: tuple[float, float], rng: Stream) -> Iterator[Row]:
    for side in (-1, 1):
        edges = avenue.edges(side)
        for one, other in pairwise(edges):
            queue, long = rng.random() < 0.45, float(rng.uniform(*_QUEUE))
            across = tuple(sorted((float(one), float(other))))
            at = ends
            if queue and avenue.incoming(side, -1):
                at = (max(ends[0], ends[1] - long), ends[1])
            elif queue:
                at = (ends[0], min(ends[1], ends[0] + long))
            yield lane_row(avenue.axis, (across[0], across[1]), at, (avenue.heading(side),))


def medians(found: list[Avenue], plan: District) -> Solids:
    """Build grass with a kerb around it between the two directions, up to the crossings; plots are
    at z = 0."""
    made: Solids = []
    for avenue in found:
        if not avenue.median or abs(avenue.at) > _PAINTED:
            continue
        for start, end in median_stretches(avenue, plan):
            wide = avenue.median - 0.25
            for inset, high, slot in ((0.0, -PAVED - 0.02, "pavement"), (_KERB, -PAVED, "lawn_b")):
                low = (avenue.at - wide + inset, start + inset)
                top = (avenue.at + wide - inset, end - inset)
                if avenue.axis:
                    low, top = low[::-1], top[::-1]
                made.append(box((*low, -ROAD), (*top, high), slot))
    return made


def median_stretches(avenue: Avenue, plan: District) -> Iterator[tuple[float, float]]:
    """Yield the start and end of each median between crossings."""
    others = (plan.roads_y, plan.roads_x)[avenue.axis]
    for start, end in between_roads(others, 2 * _PAINTED):
        if end - start > 3 * _FREE:
            yield start + _STOP, end - _STOP


def lines(found: list[Avenue], plan: District, seed: int) -> Solids:
    """Build all road markings except arrows, on roads at z = 0."""
    rng = stream(seed, "lines")
    made: Solids = []
    for avenue in found:
        dashed, edged = rng.random(2) < (0.35, 0.5)
        if abs(avenue.at) > _PAINTED:
            continue
        others = (plan.roads_y, plan.roads_x)[avenue.axis]
        for start, end in between_roads(others, 2 * _PAINTED):
            ends = (start + _STOP, end - _STOP)
            if ends[1] - ends[0] > _FREE:
                made += _along(avenue, ends, bool(dashed), bool(edged))
        for at, wide in others:
            for sign in (-1, 1):
                if abs(at) < _PAINTED:
                    made += _before(avenue, at + sign * wide / 2, sign, rng)
    return made


def _along(avenue: Avenue, ends: tuple[float, float], dashed: bool, edged: bool) -> Iterator[Solid]:
    """Yield the lines of a street between two crossings."""
    axis = avenue.axis
    if not avenue.median:
        if dashed or avenue.lanes == 1:
            yield from _dashes(axis, avenue.at, ends, (3.0, 6.0))
        else:
            for shift in (-0.12, 0.12):
                yield stripe(axis, avenue.at + shift, _THIN, ends)
    for side in (-1, 1):
        for at in avenue.edges(side)[1:-1]:
            yield from _dashes(axis, float(at), ends, (3.0, 6.0))
        if edged and avenue.parked:
            at = avenue.at + side * (avenue.half - PARKED - _GUTTER)
            yield from _dashes(axis, at, ends, (1.5, 1.5))


def _dashes(
    axis: int, at: float, ends: tuple[float, float], rhythm: tuple[float, float]
) -> Iterator[Solid]:
    """Yield dashes of a given length and gap, metres."""
    for start in np.arange(ends[0], ends[1] - rhythm[0] / 2, sum(rhythm)):
        yield stripe(axis, at, _THIN, (float(start), float(min(start + rhythm[0], ends[1]))))


def _before(avenue: Avenue, edge: float, sign: int, rng: Stream) -> Iterator[Solid]:
    """Yield a stop line on the incoming lanes, and a pedestrian crossing: a zebra or two dotted
    lines.

    edge: of the crossing street. sign: side of that street.
    """
    axis, kind = avenue.axis, rng.random()
    for side in (-1, 1):
        if avenue.incoming(side, sign):
            first, *_, last = sorted(float(at) for at in avenue.edges(side))
            ends = sorted((edge + sign * _STOP, edge + sign * (_STOP + 0.45)))
            half = (last - first) / 2 - 0.1
            yield stripe(axis, (first + last) / 2, half, (ends[0], ends[1]))
    reach = avenue.half - 0.4
    if kind < 0.25:
        ends = sorted(edge + sign * end for end in _FORD)
        for at in np.arange(-reach, reach - 0.5, 1.0):
            yield stripe(axis, avenue.at + float(at) + 0.25, 0.25, (ends[0], ends[1]))
    elif kind < 0.85:
        for end in _FORD:
            for at in np.arange(-reach, reach - 0.5, 1.0):
                line = (edge + sign * end - 0.06, edge + sign * end + 0.06)
                yield stripe(axis, avenue.at + float(at) + 0.25, 0.25, line)


def arrow_places(
    found: list[Avenue], plan: District, rng: Stream
) -> Iterator[tuple[int, float, float, int]]:
    """Yield the arrows in lanes: axis, position across, position of the tip along, and the side
    from which traffic comes."""
    for avenue in found:
        for at, wide in (plan.roads_y, plan.roads_x)[avenue.axis]:
            for sign in (-1, 1):
                shown, further = rng.random(2) < (0.55, 0.6)
                if not shown or max(abs(avenue.at), abs(at)) > _PAINTED:
                    continue
                sides = [side for side in (-1, 1) if avenue.incoming(side, sign)]
                edges = avenue.edges(sides[0])
                for middle in (edges[:-1] + edges[1:]) / 2:
                    for away in (9.0, 24.0) if further else (9.0,):
                        yield avenue.axis, float(middle), at + sign * (wide / 2 + away), sign
