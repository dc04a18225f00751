"""Furniture in the surroundings of objects.

Each piece stands on z = 0 with its back at y = 0, its front towards -y and its centre at x = 0, so
that `walls.against` can move it to a wall. Details that the arguments leave open are sampled from
`rng`.
"""

from __future__ import annotations

import itertools

import numpy as np

from simgen.assets.classes import CLASSES
from simgen.geometry.solids import Solid, box, loft

from .shapes import (
    Solids,
    cushion,
    from_asset,
    placed,
    rectangle,
    ring,
    rod,
    slab,
    turned_profile,
    untouched,
)

Rng = np.random.Generator
BOOKS = ("book_a", "book_b", "book_c")
"""Slots of the books on a shelf."""


def sideboard(width: float, depth: float, height: float, rng: Rng) -> Solids:
    """Build a low cupboard with doors or drawers on short legs; its top is flat."""
    leg, top = float(rng.choice([0.06, 0.14])), 0.022
    found = [
        box((-width / 2, -depth, height - top), (width / 2, 0.0, height), "body", 0.002),
        box((-width / 2, -depth + 0.02, leg), (width / 2, -0.005, height - top), "body", 0.002),
    ]
    found += fronts(width, (leg, height - top), -depth, rng)
    x, y = width / 2 - 0.06, depth - 0.07
    for at in ((-x, -y), (x, -y), (-x, -0.06), (x, -0.06)):
        found.append(
            box((at[0] - 0.02, at[1] - 0.02, 0.0), (at[0] + 0.02, at[1] + 0.02, leg), "legs")
        )
    return found


def fronts(width: float, heights: tuple[float, float], front: float, rng: Rng) -> Solids:
    """Build doors and drawers with their handles, 20 mm thick, on the plane y = `front`."""
    low, high = heights
    columns = max(2, round(width / rng.uniform(0.38, 0.6)))
    drawers = rng.random(columns) < 0.45
    rows = int(rng.integers(2, 4))
    long_handles, gap = rng.random() < 0.5, 0.003
    found = []
    for number in range(columns):
        left = -width / 2 + number * width / columns
        cells = np.linspace(low, high, (rows if drawers[number] else 1) + 1)
        for start, end in itertools.pairwise(cells):
            right = left + width / columns
            corners = ((left + gap, front, start + gap), (right - gap, front + 0.02, end - gap))
            found.append(box(*corners, "front", 0.002))
            found += _handle(
                (left, right), (start, end), front, bool(drawers[number]), long_handles
            )
    return found


def _handle(
    x: tuple[float, float], z: tuple[float, float], front: float, level: bool, is_long: bool
) -> Solids:
    """Build a bar or a knob: horizontal on a drawer, upright at the edge of a door."""
    middle = ((x[0] + x[1]) / 2, (z[0] + z[1]) / 2)
    if not level:
        middle = (x[1] - 0.05, z[1] - 0.12)
    reach = 0.07 if is_long else 0.004
    along = np.array([reach, 0.0, 0.0]) if level else np.array([0.0, 0.0, reach])
    centre = np.array([middle[0], front - 0.022, middle[1]])
    radius = 0.006 if is_long else 0.013
    found = [rod(centre - along, centre + along, radius, "handle")]
    foot = centre + [0.0, 0.022, 0.0]
    for side in (-0.8, 0.8) if is_long else (0.0,):
        found.append(rod(foot + side * along, centre + side * along, 0.004, "handle"))
    return found


def bookcase(width: float, depth: float, height: float, rng: Rng) -> Solids:
    """Build an open bookcase full of books, which supports no objects."""
    t, count = 0.02, max(3, round(height / rng.uniform(0.3, 0.4)))
    found = [
        box((x, -depth, 0.0), (x + t, 0.0, height), "body", 0.001)
        for x in (-width / 2, width / 2 - t)
    ]
    found.append(box((-width / 2 + t, -0.008, 0.0), (width / 2 - t, 0.0, height), "body"))
    floors = np.linspace(0.06, height - t, count + 1)
    for z in floors:
        found.append(
            box((-width / 2 + t, -depth, z), (width / 2 - t, -0.008, z + t), "body", 0.001)
        )
    for low, high in zip(floors[:-1] + t, floors[1:], strict=True):
        found += books((-width / 2 + t, width / 2 - t), depth, low, float(high - low), rng)
    return found


def books(x: tuple[float, float], depth: float, z: float, clear: float, rng: Rng) -> Solids:
    """Build a row of upright books with gaps, standing on z and less than `clear` high."""
    found: Solids = []
    at = x[0] + rng.uniform(0.0, 0.1)
    usual = rng.uniform(0.55, 0.85) * clear
    while True:
        thick = rng.uniform(0.012, 0.045)
        if at + thick > x[1] - 0.005:
            return untouched(found)
        tall = min(usual * rng.uniform(0.8, 1.12), 0.95 * clear)
        deep = min(tall * rng.uniform(0.65, 0.8), depth - 0.03)
        front = -depth + rng.uniform(0.01, 0.03)
        slot = BOOKS[rng.integers(len(BOOKS))]
        found.append(box((at, front, z), (at + thick, front + deep, z + tall), slot, 0.0015))
        at += thick + (rng.uniform(0.05, 0.25) if rng.random() < 0.07 else 0.0008)


def sofa(width: float, depth: float, rng: Rng) -> Solids:
    """Build a sofa, or an armchair if it is narrow."""
    seat, arm = rng.uniform(0.4, 0.46), rng.uniform(0.12, 0.22)
    back, arms = rng.uniform(0.74, 0.9), rng.uniform(0.54, 0.66)
    foot, inner = rng.uniform(0.04, 0.14), width / 2 - arm
    base = seat - 0.16
    found = [box((-inner, -depth + 0.03, foot), (inner, 0.0, base), "sofa", 0.01)]
    found.append(cushion((-inner, -0.22, foot), (inner, 0.0, back - 0.06), "sofa", 0.06))
    for sign in (-1, 1):
        side = sorted((sign * inner, sign * width / 2))
        found.append(cushion((side[0], -depth, foot), (side[1], 0.0, arms), "sofa", 0.05))
    seats = max(1, round(2 * inner / 0.75))
    edges = np.linspace(-inner, inner, seats + 1)
    for left, right in zip(edges[:-1] + 0.004, edges[1:] - 0.004, strict=True):
        found.append(cushion((left, -depth - 0.01, base), (right, -0.2, seat), "sofa", 0.05))
        found.append(cushion((left, -0.4, seat - 0.02), (right, -0.17, back), "sofa", 0.08))
    for _ in range(int(rng.integers(0, 3)) if width > 1.2 else 0):
        x, half = rng.uniform(-inner + 0.25, inner - 0.25), rng.uniform(0.17, 0.22)
        pillow = cushion(
            (x - half, -0.52, seat), (x + half, -0.39, seat + 2 * half), "pillow", 0.06
        )
        found.append(pillow)
    x, y = width / 2 - 0.08, depth - 0.08
    for at in ((-x, -y), (x, -y), (-x, -0.08), (x, -0.08)):
        found.append(rod((*at, 0.0), (*at, foot + 0.02), 0.022, "legs"))
    return found


def table(width: float, depth: float, height: float, is_round: bool, rng: Rng) -> Solids:
    """Build a table around the origin, standing on z = 0; its top is flat."""
    thick = rng.uniform(0.018, 0.035)
    bevel = thick * rng.uniform(0.1, 0.3)
    corner = max(rng.uniform(0.004, 0.06), 2.6 * bevel)
    outline = ring(width / 2, depth / 2, 64) if is_round else rectangle(width, depth, corner)
    found = placed([slab(outline, thick, bevel, "top")], (0.0, 0.0, height))
    reach = 0.62 if is_round else 1.0
    x, y = width / 2 * reach - 0.05, depth / 2 * reach - 0.05
    radius, square = rng.uniform(0.016, 0.03), rng.random() < 0.5
    for at in ((-x, -y), (x, -y), (-x, y), (x, y)):
        if square:
            low = (at[0] - radius, at[1] - radius, 0.0)
            high = (at[0] + radius, at[1] + radius, height - thick)
            found.append(box(low, high, "legs", 0.003))
        else:
            found.append(rod((*at, 0.0), (*at, height - thick), radius, "legs", 14))
    if height > 0.6 and not is_round:
        found += apron(x, y, (height - thick - 0.08, height - thick))
    return found


def apron(x: float, y: float, heights: tuple[float, float]) -> Solids:
    """Build the boards that join legs at (+-x, +-y) under a top."""
    low, high = heights
    along = [(-x, s * y - 0.011, x, s * y + 0.011) for s in (-1, 1)]
    across = [(s * x - 0.011, -y, s * x + 0.011, y) for s in (-1, 1)]
    return [box((a, b, low), (c, d, high), "legs", 0.001) for a, b, c, d in along + across]


def stool_or_chair(rng: Rng, height: float) -> Solids:
    """Build a chair around the origin that faces -y."""
    shape = CLASSES["chair"].build(CLASSES["chair"].draw(rng))
    names = {name: "seat" if name == "seat" else "chair" for name in shape.slots}
    return [from_asset(shape, height, names)]


def floor_lamp(height: float, rng: Rng) -> Solids:
    """Build a floor lamp around the origin; its bulb is at 0.93 of its height."""
    wide = rng.uniform(0.15, 0.24)
    narrow = wide * rng.uniform(0.55, 1.0)
    tall = rng.uniform(0.2, 0.32)
    foot = [(0.0, 0.0), (0.14, 0.0), (0.14, 0.02), (0.13, 0.024), (0.0, 0.03)]
    low, high = height - tall, height
    wall = 0.004
    shade = [(0.0, high - 0.02), (0.01, high - 0.02), (narrow - wall, high), (narrow, high)]
    shade += [(wide, low), (wide - wall, low), (narrow - 2 * wall, high - 0.006)]
    shade += [(0.01, high - 0.026), (0.0, high - 0.026)]
    found = [turned_profile(foot, "handle"), turned_profile(shade[::-1], "shade", 40)]
    found.append(rod((0.0, 0.0, 0.02), (0.0, 0.0, high - 0.02), 0.011, "handle"))
    return found


def counter(width: float, depth: float, height: float, rng: Rng) -> Solids:
    """Build kitchen cabinets with a worktop, and wall cabinets above them."""
    top, plinth = 0.038, 0.1
    found = [box((-width / 2, -depth - 0.02, height - top), (width / 2, 0.0, height), "top", 0.003)]
    found.append(
        box((-width / 2, -depth + 0.02, plinth), (width / 2, 0.0, height - top), "body", 0.001)
    )
    found.append(box((-width / 2, -depth + 0.07, 0.0), (width / 2, 0.0, plinth), "body"))
    found += fronts(width, (plinth, height - top), -depth, rng)
    return found


def wall_cabinets(width: float, depth: float, low: float, high: float, rng: Rng) -> Solids:
    """Build cabinets on a wall between two heights."""
    found = [box((-width / 2, -depth + 0.02, low), (width / 2, 0.0, high), "body", 0.001)]
    return [*found, *fronts(width, (low, high), -depth, rng)]


def bed(width: float, length: float, rng: Rng) -> Solids:
    """Build a bed with its head at the wall."""
    low, high = rng.uniform(0.16, 0.26), rng.uniform(0.44, 0.56)
    head = rng.uniform(0.8, 1.15)
    side = width / 2
    found = [box((-side - 0.03, -0.06, 0.0), (side + 0.03, 0.0, head), "body", 0.006)]
    found.append(box((-side, -length, 0.08), (side, -0.06, low), "body", 0.006))
    found.append(
        cushion((-side + 0.02, -length + 0.02, low), (side - 0.02, -0.06, high), "sheet", 0.06)
    )
    fold = -rng.uniform(0.55, 0.75)
    found.append(
        cushion((-side - 0.01, -length, low - 0.04), (side + 0.01, fold, high + 0.05), "sofa", 0.05)
    )
    count = 2 if width > 1.1 else 1
    for number in range(count):
        x = (number - (count - 1) / 2) * width / 2
        found.append(
            cushion((x - 0.3, -0.5, high - 0.02), (x + 0.3, -0.1, high + 0.12), "sheet", 0.06)
        )
    x, y = side - 0.06, length - 0.06
    for at in ((-x, -y), (x, -y), (-x, -0.1), (x, -0.1)):
        found.append(rod((*at, 0.0), (*at, 0.1), 0.03, "legs"))
    return found


def pot_plant(height: float, rng: Rng) -> Solids:
    """Build a plant with long, arching leaves in a pot, around the origin."""
    pot = height * rng.uniform(0.22, 0.32)
    r = pot * rng.uniform(0.42, 0.55)
    profile = [(0.0, 0.0), (0.72 * r, 0.0), (r, pot), (0.93 * r, pot), (0.9 * r, 0.9 * pot)]
    found: list[Solid] = [turned_profile([*profile, (0.0, 0.9 * pot)], "pot")]
    tall = height - pot
    for number in range(int(rng.integers(14, 26))):
        angle = 2.4 * number + rng.uniform(-0.3, 0.3)
        steep = rng.uniform(0.35, 1.0)
        found.append(_leaf(0.9 * pot, tall * rng.uniform(0.7, 1.0), steep, angle, rng))
    return [found[0], *untouched(found[1:])]


def _leaf(base: float, length: float, steep: float, angle: float, rng: Rng) -> Solid:
    """Build a leaf that rises from the pot's centre and bends under its weight."""
    s = np.linspace(0.0, 1.0, 9)
    lean = (1 - steep) * 1.2 + 1.1 * s * rng.uniform(0.4, 1.0)  # radians from the vertical
    step = length / 8
    out = np.concatenate([[0.0], np.cumsum(np.sin(lean[1:]))]) * step + 0.02
    up = np.concatenate([[0.0], np.cumsum(np.cos(lean[1:]))]) * step + base
    half = 0.035 * (0.5 + length) * np.sin(np.pi * np.clip(s, 0.04, 0.97)) ** 0.7
    along, across = (
        np.array([np.cos(angle), np.sin(angle)]),
        np.array([-np.sin(angle), np.cos(angle)]),
    )
    rings = []
    for at, z, wide in zip(out, up, half, strict=True):
        section = [(-wide, 0.25 * wide), (0.0, 0.0), (wide, 0.25 * wide), (0.0, -0.0015)]
        rings.append([(*(at * along + u * across), z + v) for u, v in section])
    return loft(np.array(rings), "leaves")
