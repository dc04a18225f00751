"""Shelf units of several kinds.

A unit opens towards +y. The top of its lowest board is z = 0, with the origin at the board's
centre. It stands on a floor at z = -`base`, or hangs on the wall behind it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.geometry.solids import box

from . import furniture
from .shapes import Solids, placed, rod, untouched

Rng = np.random.Generator

GOODS = ("goods_a", "goods_b", "goods_c")
"""Slots of the packages in a shop."""


@dataclass(frozen=True)
class Frame:
    """Dimensions of all kinds of units, metres. boards: their number. pitch: distance between the
    tops of boards.

    thick: of boards and sides. Width and depth are inner dimensions.
    """

    width: float
    depth: float
    boards: int
    pitch: float
    thick: float
    base: float

    @property
    def top(self) -> float:
        """The height at which the space above the highest board ends."""
        return self.boards * self.pitch - self.thick

    def heights(self) -> list[float]:
        return [number * self.pitch for number in range(self.boards)]


def boards(f: Frame, slot: str, bevel: float = 0.002, cover: bool = True) -> Solids:
    """Build the boards, and one more above them."""
    count = f.boards + (1 if cover else 0)
    x, y = f.width / 2, f.depth / 2
    return [
        box((-x, -y, z - f.thick), (x, y, z), slot, bevel)
        for z in (number * f.pitch for number in range(count))
    ]


def sides(f: Frame, low: float, slot: str) -> Solids:
    """Build two upright sides and a back, from `low` to the top."""
    x, y, t, top = f.width / 2, f.depth / 2, f.thick, f.top + f.thick
    found = [
        box((min(a, b), -y, low), (max(a, b), y, top), slot, 0.002)
        for a, b in ((-x, -x - t), (x, x + t))
    ]
    return [*found, box((-x - t, -y - 0.006, low), (x + t, -y, top), "back")]


def bookcase(f: Frame, rng: Rng) -> Solids:
    """Build boards between two sides, with a plinth or a cupboard below."""
    found = [*boards(f, "board"), *sides(f, -f.base, "side")]
    low, high = -f.base, -f.thick
    if f.base < 0.35:
        front = f.depth / 2 - 0.03
        return [*found, box((-f.width / 2, front - 0.015, low), (f.width / 2, front, high), "side")]
    under = furniture.fronts(f.width, (low + 0.06, high), -f.depth / 2 - 0.021, rng)
    return [*found, *placed(under, (0.0, 0.0, 0.0), np.pi)]


def rack(f: Frame, rng: Rng) -> Solids:
    """Build a metal rack: four posts, and boards with folded edges."""
    post, fold = rng.uniform(0.014, 0.02), rng.uniform(0.025, 0.04)
    found = boards(f, "board", 0.001, cover=False)
    x, y = f.width / 2 + post, f.depth / 2 - post
    high = (f.boards - 1) * f.pitch + rng.uniform(0.02, 0.3)
    for at in ((-x, -y), (x, -y), (x, y), (-x, y)):
        low = (at[0] - post, at[1] - post, -f.base)
        found.append(box(low, (at[0] + post, at[1] + post, high), "side", 0.002))
    for z in f.heights():
        for sign in (-1, 1):
            edge = sorted((sign * (f.depth / 2 - 0.002), sign * f.depth / 2))
            low = (-f.width / 2, edge[0], z - f.thick - fold)
            found.append(box(low, (f.width / 2, edge[1], z - f.thick), "board"))
    if rng.random() < 0.6:  # diagonal braces at the back
        a, b = (-x, -y - post, -0.8 * f.base), (x, -y - post, high)
        found += untouched(
            [rod(a, b, 0.004, "side"), rod((x, *a[1:]), (-x, *b[1:]), 0.004, "side")]
        )
    return found


def cupboard(f: Frame, rng: Rng) -> Solids:
    """Build a wall cupboard with open doors."""
    found = [*boards(f, "board"), *sides(f, -f.thick, "side")]
    y, low, high = f.depth / 2, -f.thick, f.top + f.thick
    for sign in (-1, 1):
        # A door is modelled straight in front of its hinge and then swung open.
        leaf = box((-0.009, 0.0, low), (0.009, f.width / 2, high), "front", 0.002)
        angle = -sign * rng.uniform(0.05, 0.8)
        hinge = (sign * (f.width / 2 + f.thick + 0.012), y + 0.004, 0.0)
        found += placed([leaf], hinge, angle)
    return found


def fridge(f: Frame, rng: Rng) -> Solids:
    """Build the inside of a refrigerator: glass boards, drawers below, and an open door at one
    side."""
    wall, x, y = 0.045, f.width / 2, f.depth / 2
    low, high = -f.base, f.top + f.thick
    found = boards(f, "glass", 0.0015, cover=False)
    for z in f.heights():
        found.append(box((-x, y - 0.004, z - 0.02), (x, y + 0.008, z - 0.0005), "liner", 0.001))
    for sign in (-1, 1):
        side = sorted((sign * x, sign * (x + wall)))
        found.append(box((side[0], -y - wall, low), (side[1], y + 0.03, high), "liner", 0.004))
        for z in f.heights():
            rail = sorted((sign * (x - 0.012), sign * x))
            found.append(
                box((rail[0], -y, z - f.thick - 0.008), (rail[1], y, z - f.thick), "liner")
            )
    found.append(box((-x, -y - wall, low), (x, -y, high), "liner"))
    found.append(box((-x, -y, high - f.thick), (x, y + 0.03, high + 0.06), "liner", 0.004))
    bottom = max(low + 0.05, -0.24)
    found.append(box((-x, -y, low), (x, y + 0.03, bottom - 0.004), "liner", 0.004))
    for left, right in ((-x + 0.004, -0.002), (0.002, x - 0.004)):
        found.append(box((left, -y, bottom), (right, y, -f.thick - 0.02), "drawer", 0.008))
    sign = -1 if rng.random() < 0.5 else 1
    found += placed(_fridge_door(f, low, high), (sign * (x + wall), y + 0.04, 0.0), 0.0)
    return found


def _fridge_door(f: Frame, low: float, high: float) -> Solids:
    """Build a door that is open at a right angle, seen edge-on, with racks on its inside."""
    wide = f.width + 0.09
    return [box((-0.025, 0.0, low), (0.025, wide, high + 0.06), "liner", 0.006)]


def gondola(f: Frame, rng: Rng) -> Solids:
    """Build a shop shelf: a back panel, boards on brackets with price rails, and adjacent shelves
    with goods."""
    x, y, rail = f.width / 2, f.depth / 2, rng.uniform(0.03, 0.045)
    found: Solids = []
    for number in (-1, 0, 1):
        unit = boards(f, "board", 0.001, cover=False)
        unit.append(box((-x, -y - 0.02, -f.base), (x, -y, f.top + 0.1), "back"))
        for z in f.heights():
            unit.append(box((-x, y, z - rail), (x, y + 0.006, z - 0.001), "rail", 0.001))
            tag = -x + rng.uniform(0.02, 0.1)
            while tag < x - 0.08:
                low, high = (tag, y + 0.006, z - rail + 0.004), (tag + 0.055, y + 0.0075, z - 0.005)
                unit.append(box(low, high, "label"))
                tag += rng.uniform(0.09, 0.25)
            if number:
                unit += goods(f, z, rng)
        unit.append(box((-x, -y, -f.base), (x, y - 0.03, -f.thick), "side"))
        for sign in (-1, 1):
            post = sorted((sign * (x + 0.001), sign * (x + 0.014)))
            low, high = (post[0], -y - 0.02, -f.base), (post[1], -y + 0.02, f.top + 0.1)
            unit.append(box(low, high, "side"))
        found += placed(unit, (number * (f.width + 0.03), 0.0, 0.0))
    return found


def goods(f: Frame, z: float, rng: Rng) -> Solids:
    """Build packages of a few sizes side by side on a board."""
    found: Solids = []
    at = -f.width / 2 + 0.02
    while True:
        wide, tall = rng.uniform(0.05, 0.2), rng.uniform(0.3, 0.8) * (f.pitch - f.thick)
        slot = GOODS[rng.integers(len(GOODS))]
        for _ in range(int(rng.integers(1, 5))):
            if at + wide > f.width / 2 - 0.01:
                return untouched(found)
            deep = f.depth * rng.uniform(0.6, 0.9)
            front = f.depth / 2 - rng.uniform(0.005, 0.03)
            low, high = (at, front - deep, z), (at + wide, front, z + tall)
            found.append(box(low, high, slot, 0.0015))
            at += wide + rng.uniform(0.001, 0.006)


def wall_boards(f: Frame, rng: Rng) -> Solids:
    """Build boards on brackets on the wall."""
    found = boards(f, "board", 0.002, cover=False)
    y = -f.depth / 2
    for z in f.heights():
        for x in np.linspace(-0.36, 0.36, int(rng.integers(2, 4))) * f.width:
            under = z - f.thick
            found.append(box((x - 0.01, y, under - 0.12), (x + 0.01, y + 0.004, under), "side"))
            found.append(
                box((x - 0.01, y, under - 0.004), (x + 0.01, 0.7 * f.depth + y, under), "side")
            )
    return found
