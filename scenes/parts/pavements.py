"""Street furniture on the pavements of a district and markings on its roads: shelters, kiosks,
cabinets, bicycles, poles; zebra crossings and arrows. From above, much of it resembles a car."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simgen.geometry.solids import (
    Solid,
    box,
    cylinder,
    decoration,
    join,
    rotate,
    to_mesh,
    translate,
)
from simgen.spec.rng import Stream
from simgen.stages.stage import StagePart

from .plots import PAINT, PAVED, PAVEMENT, District, Plot, stripe
from .shapes import Solids, slab

_REACH = 95.0
"""Distance from the centre within which there is street furniture and detailed markings, metres."""
_APART = (5.0, 30.0)
"""Distance between neighbouring pieces in a row, centre to centre, metres."""
_ZEBRA = (1.0, 4.0)
"""Distances from the crossing road to the start and end of a zebra crossing, metres."""
_ARROW = 9.0
"""Distance from the crossing road to an arrow's tip, metres."""


def paint(plan: District, rng: Stream) -> Solids:
    """Build zebra crossings at some ends of roads, and arrows in the lanes of others."""
    found: Solids = []
    for axis, (own, others) in enumerate(
        ((plan.roads_x, plan.roads_y), (plan.roads_y, plan.roads_x))
    ):
        for at, wide in own:
            for x, w in others:
                for sign in (-1, 1):
                    zebra, arrowed = rng.random(2) < (0.4, 0.5)
                    if max(abs(at), abs(x)) > _REACH:
                        continue
                    if zebra:
                        ends = sorted(x + sign * (w / 2 + end) for end in _ZEBRA)
                        found += _zebra(axis, at, wide, (ends[0], ends[1]))
                    if arrowed:
                        tip = x + sign * (w / 2 + _ARROW)
                        side = at + sign * wide / 4 * (1 if axis else -1)
                        found.append(arrow(axis, side, tip, sign))
    return found


def _zebra(axis: int, at: float, wide: float, ends: tuple[float, float]) -> Iterator[Solid]:
    """Yield stripes along the road, half a metre wide and half a metre apart."""
    count = int((wide - 0.6) / 1.0)
    for number in range(count):
        yield stripe(axis, at + (number - (count - 1) / 2) * 1.0, 0.25, ends)


def arrow(axis: int, at: float, tip: float, sign: int) -> Solid:
    """Build an arrow in a lane of a road along y (axis 0) or x (axis 1). sign: the side from which
    traffic comes."""
    head = slab(np.array([[0.0, 0.0], [-0.35, -1.1], [0.35, -1.1]]), PAINT, 0.0, "mark")
    shaft = box((-0.08, -3.6, -PAINT), (0.08, -1.1, 0.0), "mark")
    # The arrow is modelled along y; traffic from the positive side moves in negative direction.
    turn = sign * np.pi / 2 if axis else (np.pi if sign > 0 else 0.0)
    made = rotate(decoration(join([head, shaft])), 2, turn)
    return translate(made, (at, tip, PAINT) if axis == 0 else (tip, at, PAINT))


def furniture(plan: District, rng: Stream) -> list[StagePart]:
    """Return street furniture along the kerbs of blocks near the centre, one part per kind."""
    found: dict[str, Solids] = {}
    for block in plan.blocks:
        for axis in (0, 1):
            for sign in (-1, 1):
                if rng.random() < 0.7:
                    for name, solid in _along(block, axis, sign, rng):
                        found.setdefault(name, []).append(solid)
    return [
        StagePart(name, to_mesh(solids), (0.0, 0.0, -PAVED), "furniture")
        for name, solids in sorted(found.items())
    ]


def _along(block: Plot, axis: int, sign: int, rng: Stream) -> Iterator[tuple[str, Solid]]:
    """Yield pieces in a row on one side of a block, with their backs to its plots."""
    end = float(block.half[axis]) - 4.0
    at = -end + float(rng.uniform(0.0, _APART[1]))
    edge = sign * (float(block.half[1 - axis]) - PAVEMENT / 2)
    name = str(rng.choice(sorted(_THINGS)))
    while at < end:
        place = np.array([at, edge] if axis == 0 else [edge, at]) + block.middle
        if rng.random() < 0.4:
            name = str(rng.choice(sorted(_THINGS)))
        if np.linalg.norm(place) < _REACH:
            # Fronts face the road.
            turn = (np.pi if sign > 0 else 0.0) if axis == 0 else sign * np.pi / 2
            thing = rotate(_THINGS[name](rng), 2, turn)
            yield name, decoration(translate(thing, (float(place[0]), float(place[1]), 0.0)))
        at += float(rng.uniform(*_APART))


def _shelter(rng: Stream) -> Solid:
    """Build a bus shelter, open to the front (-y)."""
    half, tall = float(rng.uniform(1.5, 2.4)), 2.4
    roof = box((-half, -0.75, tall), (half, 0.75, tall + 0.1), "cover")
    walls = [
        ((-half, 0.62, 0.15), (half, 0.66, tall)),
        ((-half, 0.1, 0.15), (-half + 0.04, 0.66, tall)),
    ]
    posts = [((x, 0.6, 0.0), (x + 0.08, 0.68, tall)) for x in (-half, half - 0.08)]
    return join([roof, *(box(*one, "furniture") for one in walls + posts)])


def _kiosk(rng: Stream) -> Solid:
    half = float(rng.uniform(0.6, 1.2))
    walls = box((-half, -0.6, 0.0), (half, 0.6, 2.4), "furniture")
    return join([walls, box((-half - 0.2, -0.75, 2.4), (half + 0.2, 0.75, 2.55), "cover")])


def _cabinet(rng: Stream) -> Solid:
    half = float(rng.uniform(0.3, 0.8))
    body = box((-half, -0.2, 0.0), (half, 0.25, 1.2), "furniture")
    return join([body, box((-half - 0.03, -0.23, 1.2), (half + 0.03, 0.28, 1.26), "cover")])


def _bicycles(rng: Stream) -> Solid:
    """Build a row of bicycles: wheels, frame and handlebar, as far as visible from above."""
    found: Solids = []
    for number in range(int(rng.integers(3, 11))):
        x, lean = number * 0.55, float(rng.uniform(-0.12, 0.12))
        for y in (-0.52, 0.52):
            wheel = ((x - 0.02, y, 0.34), (x + 0.02, y, 0.34))
            found.append(cylinder(*wheel, 0.34, "bicycles", 12))
        frame = ((x - 0.03, -0.4, 0.5), (x + 0.03, 0.45, 0.62))
        bar = ((x - 0.28, -0.45, 0.98), (x + 0.28, -0.38, 1.02))
        stem = ((x - 0.02, -0.45, 0.5), (x + 0.02, -0.38, 1.0))
        seat = ((x - 0.07, 0.2, 0.92), (x + 0.07, 0.45, 0.98))
        post = ((x - 0.02, 0.3, 0.6), (x + 0.02, 0.34, 0.92))
        one = join(box(*part, "bicycles") for part in (frame, bar, stem, seat, post))
        found.append(rotate(one, 1, lean, (x, 0.0, 0.0)))
    return join(found)


def _pole(rng: Stream) -> Solid:
    """Build a street lamp with its arm over the road (-y)."""
    tall = float(rng.uniform(5.0, 8.0))
    post = cylinder((0.0, 0.0, 0.0), (0.0, 0.0, tall), 0.07, "furniture", 10)
    arm = box((-0.05, -1.6, tall - 0.1), (0.05, 0.05, tall), "furniture")
    return join([post, arm, box((-0.15, -2.1, tall - 0.12), (0.15, -1.5, tall), "cover")])


_THINGS = {
    "shelter": _shelter,
    "kiosk": _kiosk,
    "cabinet": _cabinet,
    "bicycles": _bicycles,
    "pole": _pole,
}
