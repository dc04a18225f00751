"""Open containers. The inner floor is z = 0 with the origin at its centre; the container extends
below it by the thickness of the floor."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from simgen.geometry.solids import Solid, box, curves, filled, loft, rotate

from .shapes import Solids, placed, rod, untouched

Rng = np.random.Generator
Size = tuple[float, float, float]
"""Inner width (x), depth (y) and height, metres; width and depth at the floor."""

FLOOR = 0.006
"""Thickness of floors, metres."""


def tote(size: Size, taper: float, corner: float, wall: float, slot: str = "bin") -> Solids:
    """Build a moulded or pressed box with a rim.

    taper: outward offset of a wall at its rim, metres. corner: radius of upright edges.
    """
    width, depth, height = size
    lip = 0.018
    levels = [
        (0.4 * wall, -FLOOR, corner), (wall, -0.3 * FLOOR, corner),
        (wall + taper * (height - 0.03) / height, height - 0.03, corner),
        (wall + taper + lip, height - 0.028, corner), (wall + taper + lip, height - 0.003, corner),
        (wall + taper + lip - 0.003, height, corner), (taper + 0.002, height, corner),
        (taper, height - 0.003, corner), (0.0, 0.0, corner),
    ]  # fmt: skip
    rings = []
    for out, z, radius in levels:
        outline = _outline(width / 2 + out, depth / 2 + out, radius + out)
        rings.append(np.column_stack([outline, np.full(len(outline), z)]))
    stack = np.array(rings)
    inner, outer = stack[[8, 7]], stack[[1, 2]]
    around = stack.shape[1]
    walls = []
    for number in range(around):
        pair = [number, (number + 1) % around]
        walls.append(np.concatenate([inner[:, pair].reshape(-1, 3), outer[:, pair].reshape(-1, 3)]))
    base = np.concatenate([stack[0], stack[8]])
    rim = [
        np.concatenate([stack[k][[n, (n + 1) % around]] for k in (3, 4, 6, 7)])
        for n in range(around)
    ]
    return [filled(loft(stack, slot), [base, *walls, *rim])]


def tote_ribs(size: Size, taper: float, wall: float, rng: Rng, slot: str = "bin") -> Solids:
    """Build ribs on the outside of a tote, and grips on its short sides."""
    width, depth, height = size
    found = []
    out = wall + 0.5 * taper
    for x in np.linspace(-width / 2, width / 2, int(rng.integers(3, 6)) + 2)[1:-1]:
        for sign in (-1, 1):
            y = sorted((sign * (depth / 2 + 0.5 * wall), sign * (depth / 2 + out + 0.006)))
            low, high = (x - 0.004, y[0], 0.01), (x + 0.004, y[1], height - 0.029)
            found.append(box(low, high, slot, 0.001))
    return untouched(found)


def cardboard(size: Size, flap: float, rng: Rng, slot: str = "bin") -> Solids:
    """Build a corrugated box with four flaps folded outwards. flap: their length, metres."""
    width, depth, height = size
    t = 0.004
    found = [
        box((-width / 2 - t, -depth / 2 - t, -FLOOR), (width / 2 + t, depth / 2 + t, 0.0), slot)
    ]
    for sign in (-1, 1):
        x = sorted((sign * width / 2, sign * (width / 2 + t)))
        found.append(box((x[0], -depth / 2 - t, 0.0), (x[1], depth / 2 + t, height), slot, 0.001))
        y = sorted((sign * depth / 2, sign * (depth / 2 + t)))
        found.append(box((-width / 2, y[0], 0.0), (width / 2, y[1], height), slot, 0.001))
    for number in range(4):
        along, away = (width, depth / 2 + t) if number % 2 == 0 else (depth, width / 2 + t)
        leaf = box((-along / 2, 0.0, height - t), (along / 2, flap, height), slot, 0.001)
        # From horizontal (0) to hanging down the side.
        leaf = rotate(leaf, 0, -rng.uniform(0.25, 1.35), (0.0, 0.0, height))
        found += _around(leaf, away, number)
    return found


def _around(leaf: Solid, away: float, number: int) -> Solids:
    """Move a part modelled for the side at +y to side `number` of four."""
    angle = number * np.pi / 2
    shift = away * np.array([-np.sin(angle), np.cos(angle), 0.0])
    return placed([leaf], shift, angle)


def crate(size: Size, rng: Rng) -> Solids:
    """Build a wooden crate: boards with gaps along x, upright boards at its ends, posts in its
    corners."""
    width, depth, height = size
    t, post = rng.uniform(0.008, 0.014), rng.uniform(0.018, 0.028)
    found = [box((-width / 2, -depth / 2, -FLOOR), (width / 2, depth / 2, 0.0), "bin")]
    count = max(2, round(height / rng.uniform(0.06, 0.1)))
    gap = rng.uniform(0.006, 0.02)
    edges = np.linspace(-FLOOR, height, count + 1)
    for sign in (-1, 1):
        y = sorted((sign * depth / 2, sign * (depth / 2 + t)))
        for low, high in pairwise(edges):
            reach = width / 2 + post + t
            found.append(box((-reach, y[0], low), (reach, y[1], high - gap), "bin", 0.0015))
        x = sorted((sign * width / 2, sign * (width / 2 + t)))
        boards = max(2, round(depth / 0.09))
        for left, right in pairwise(np.linspace(-depth / 2, depth / 2, boards + 1)):
            ends = (left + 0.0015, right - 0.0015)
            found.append(box((x[0], ends[0], -FLOOR), (x[1], ends[1], height), "upright", 0.0015))
        for side in (-1, 1):
            corner = sorted((sign * (width / 2 + t), sign * (width / 2 + t + post)))
            inner = sorted((side * (depth / 2 - post), side * depth / 2))
            start, end = (corner[0], inner[0], -FLOOR), (corner[1], inner[1], height)
            found.append(box(start, end, "upright", 0.002))
    return found


def wire_basket(size: Size, rng: Rng) -> Solids:
    """Build a wire basket with a sheet-metal floor and a stout rim."""
    width, depth, height = size
    thin, stout = rng.uniform(0.0012, 0.002), rng.uniform(0.003, 0.0045)
    found = [box((-width / 2, -depth / 2, -FLOOR), (width / 2, depth / 2, 0.0), "bin", 0.001)]
    x, y = width / 2 + thin, depth / 2 + thin
    corners = [(-x, -y), (x, -y), (x, y), (-x, y)]
    for a, b in zip(corners, corners[1:] + corners[:1], strict=True):
        span = float(np.hypot(b[0] - a[0], b[1] - a[1]))
        for share in np.linspace(0, 1, max(4, round(span / 0.035)))[:-1]:
            at = np.array(a) + share * (np.array(b) - np.array(a))
            found.append(rod((*at, -FLOOR), (*at, height), thin, "bin", 6))
        for z in (*np.linspace(0.0, height, 5)[1:-1], height):
            radius = stout if z == height else thin
            found.append(rod((*a, z), (*b, z), radius, "bin", 8))
    return found


def _outline(half_x: float, half_y: float, radius: float) -> np.ndarray:
    return curves.rounded_rectangle((half_x, half_y), min(radius, 0.45 * min(half_x, half_y)), 4)
