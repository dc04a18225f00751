"""Walls and their fittings.

Everything is modelled for a wall seen along +y: x runs to the right from the wall's centre, its
face is y = 0, the room is at y < 0 and its floor at z = 0. `against` moves it to a side of the
room.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from simgen.geometry.solids import Solid, box

from .shapes import Solids, band, placed, rod, untouched

THICKNESS = 0.12
"""Thickness of walls, metres."""


@dataclass(frozen=True)
class Opening:
    """A rectangle in a wall, metres: x and z of its corners."""

    left: float
    right: float
    low: float
    high: float


def against(solids: Iterable[Solid], azimuth: float, distance: float, x: float = 0.0) -> Solids:
    """Move solids from a wall's axes to the room's.

    azimuth: direction from the centre of the room to the wall, radians from x to y. distance: from
    the centre to its face. x: offset to the right of the wall's centre.
    """
    outward = np.array([np.cos(azimuth), np.sin(azimuth), 0.0])
    right = np.array([outward[1], -outward[0], 0.0])
    return placed(solids, outward * distance + right * x, azimuth - np.pi / 2)


def wall(
    width: float, height: float, openings: Sequence[Opening] = (), slot: str = "wall"
) -> Solids:
    """Build a wall from boxes around its openings, which do not overlap along x."""
    found, at = [], -width / 2
    for hole in sorted(openings, key=lambda hole: hole.left):
        found.append(_panel(at, hole.left, 0.0, height, slot))
        if hole.low > 0:
            found.append(_panel(hole.left, hole.right, 0.0, hole.low, slot))
        if hole.high < height:
            found.append(_panel(hole.left, hole.right, hole.high, height, slot))
        at = hole.right
    found.append(_panel(at, width / 2, 0.0, height, slot))
    return found


def _panel(left: float, right: float, low: float, high: float, slot: str) -> Solid:
    return box((left, 0.0, low), (right, THICKNESS, high), slot)


def skirting(
    width: float, height: float, openings: Sequence[Opening] = (), slot: str = "trim"
) -> Solids:
    """Build a board along the base of a wall, interrupted by doors."""
    doors = sorted((hole for hole in openings if hole.low <= 0), key=lambda hole: hole.left)
    starts = [-width / 2, *(hole.right + CASING for hole in doors)]
    ends = [*(hole.left - CASING for hole in doors), width / 2]
    return [
        box((left, -0.014, 0.0), (right, 0.0, height), slot, 0.003)
        for left, right in zip(starts, ends, strict=True)
        if right - left > 0.02
    ]


CASING = 0.07
"""Width of the boards around a door or a window, metres."""


def casing(hole: Opening, slot: str = "trim") -> Solids:
    """Build boards around an opening, on the wall's face."""
    low = max(hole.low, 0.0)
    sides = [
        box((x, -0.018, low), (x + CASING, 0.0, hole.high + CASING), slot, 0.003)
        for x in (hole.left - CASING, hole.right)
    ]
    return [
        *sides,
        box((hole.left, -0.018, hole.high), (hole.right, 0.0, hole.high + CASING), slot),
    ]


def door(hole: Opening, panels: int, slot: str = "door") -> Solids:
    """Build a closed door with raised panels and a handle."""
    leaf = box((hole.left, 0.03, 0.005), (hole.right, 0.07, hole.high), slot, 0.002)
    found = [leaf, *casing(hole)]
    edge, gap = 0.12, 0.1
    tall = (hole.high - 2 * edge - gap * (panels - 1)) / panels
    for number in range(panels):
        low = edge + number * (tall + gap)
        corners = ((hole.left + edge, 0.018, low), (hole.right - edge, 0.032, low + tall))
        found.append(box(*corners, slot, 0.008))
    knob = hole.left + 0.06
    found.append(rod((knob, 0.032, 1.02), (knob, -0.03, 1.02), 0.009, "handle"))
    found.append(rod((knob, -0.026, 1.02), (knob + 0.11, -0.026, 1.02), 0.009, "handle"))
    return untouched(found)


def window(hole: Opening, columns: int, rows: int) -> Solids:
    """Build frame, bars and sill of a window without panes, so that light and view are
    unobstructed."""
    y, bar = THICKNESS / 2, 0.022
    outer = 0.05
    found = [
        box((x, y - 0.03, hole.low), (x + outer, y + 0.03, hole.high), "trim", 0.004)
        for x in (hole.left, hole.right - outer)
    ]
    inner = (hole.left + outer, hole.right - outer)
    for z in (hole.low, hole.high - outer):
        found.append(box((inner[0], y - 0.03, z), (inner[1], y + 0.03, z + outer), "trim", 0.004))
    for x in np.linspace(*inner, columns + 1)[1:-1]:
        low, high = hole.low + outer, hole.high - outer
        found.append(box((x - bar, y - 0.02, low), (x + bar, y + 0.02, high), "trim", 0.004))
    for z in np.linspace(hole.low + outer, hole.high - outer, rows + 1)[1:-1]:
        found.append(box((inner[0], y - 0.018, z - bar), (inner[1], y + 0.018, z + bar), "trim"))
    sill = ((hole.left - 0.04, -0.06, hole.low - 0.03), (hole.right + 0.04, 0.0, hole.low))
    found.append(box(*sill, "trim", 0.004))
    return untouched(found)


def curtains(hole: Opening, low: float, rng: np.random.Generator, slot: str = "curtain") -> Solids:
    """Build two curtains drawn to the sides of a window, down to `low`, and their rod."""
    top, wide = hole.high + 0.14, rng.uniform(0.2, 0.4)
    found = [rod((hole.left - 0.35, -0.08, top), (hole.right + 0.35, -0.08, top), 0.011, "handle")]
    for start in (hole.left - 0.28, hole.right + 0.28 - wide):
        x = np.linspace(start, start + wide, 72)
        fold = 0.028 * np.sin(2 * np.pi * (x - start) / rng.uniform(0.07, 0.11))
        slow = 0.012 * np.sin(2 * np.pi * (x - start) / 0.23 + rng.uniform(0, 6))
        line = np.column_stack([x, -0.085 + fold + slow])
        found.append(band(line, low, top - 0.012, 0.003, slot))
    return untouched(found)


def picture(x: float, z: float, width: float, height: float, frame: float, slot: str) -> Solids:
    """Build a framed picture centred at (x, z). slot: of the image."""
    half = (width / 2, height / 2)
    found = [box((x - half[0], -0.008, z - half[1]), (x + half[0], -0.002, z + half[1]), slot)]
    mount = min(0.04, 0.15 * width)
    if frame > 0.02:  # wide frames have a mount around the print
        inner = (half[0] - mount, half[1] - mount)
        found[0] = box(
            (x - inner[0], -0.01, z - inner[1]), (x + inner[0], -0.008, z + inner[1]), slot
        )
        found.append(
            box((x - half[0], -0.008, z - half[1]), (x + half[0], -0.002, z + half[1]), "paper")
        )
    for sign in (-1, 1):
        side = sorted((x + sign * half[0], x + sign * (half[0] + frame)))
        ends = (z - half[1] - frame, z + half[1] + frame)
        found.append(box((side[0], -0.024, ends[0]), (side[1], 0.0, ends[1]), "frame", 0.003))
        rail = sorted((z + sign * half[1], z + sign * (half[1] + frame)))
        found.append(
            box((x - half[0], -0.024, rail[0]), (x + half[0], 0.0, rail[1]), "frame", 0.003)
        )
    return untouched(found)


def radiator(x: float, width: float, slot: str = "radiator") -> Solids:
    """Build a panel radiator under a window."""
    found = [box((x - width / 2, -0.1, 0.12), (x + width / 2, -0.04, 0.62), slot, 0.008)]
    for at in np.arange(x - width / 2 + 0.03, x + width / 2 - 0.02, 0.04):
        found.append(box((at, -0.106, 0.15), (at + 0.022, -0.1, 0.59), slot, 0.003))
    for end in (-0.4, 0.4):
        leg = x + end * width
        found.append(rod((leg, -0.07, 0.0), (leg, -0.07, 0.13), 0.011, slot))
    return found
