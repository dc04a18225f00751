"""Helpings of food for bowls and plates: beds of sauce, grains or leaves, with pieces on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from simgen.geometry import solids
from simgen.geometry.solids import Solid, curves

from . import morsels
from .heaps import Heap, bed
from .morsels import Bumps, Dice

SLOTS = ("sauce", "meat", "starch", "vegetables", "greens")
_MEAL = (("steak", "stew", "steak"), ("rice", "mash", "fries", "rice"),
         ("mixed", "salad", "florets"))  # fmt: skip
"""What a plate has beside each other, one of each."""


type Serving = Callable[[Heap, Dice], list[Solid]]


def served(kind: str, heap: Heap, dice: Dice, below: np.ndarray | None = None) -> Solid:
    """Return a helping without pieces. kind: one of `BEDS`. below: `n x 2` (radius, height), what
    its underside rests on, from the axis to the heap's edge; a flat plate if omitted."""
    slot, rough, serving = BEDS[kind]
    deep = replace(heap, bumps=Bumps.rolled(dice, rough, 0.022))
    found = serving(deep, dice)
    if slot:
        found.append(bed(deep, dice, slot, below))
    return solids.join(found)


def meal(dice: Dice) -> list[str]:
    """Return the kinds of a meal: meat, a side dish and vegetables."""
    drawn = dice.table(3)[:, 0]
    return [some[int(one * len(some)) % len(some)] for one, some in zip(drawn, _MEAL, strict=True)]


def _lumps(heap: Heap, dice: Dice, slot: str, count: int, size: tuple[float, float],
           power: float = 3.0, reach: float = 0.86, sink: float = 0.2) -> Solid:  # fmt: skip
    """Scatter lumps. size: range of their radius, metres. sink: depth over the radius."""
    one, two = dice.table(count), dice.table(count)
    radius = size[0] + (size[1] - size[0]) * one[:, 0] ** 1.5
    half = radius[:, None] * (0.75 + 0.5 * two[:, :3])
    at = heap.spread(dice, count, reach)
    at[:, 2] += (0.65 - sink) * radius
    frame = morsels.frames(6.28 * one[:, 1], 2.0 * (one[:, 2] - 0.5), half)
    return morsels.copies(morsels.lumps(power, 0.14), at, frame, slot)


def _herbs(heap: Heap, dice: Dice, count: int, size: float = 0.009, reach: float = 0.7) -> Solid:
    one = dice.table(count)
    at = heap.spread(dice, count, reach, 0.0016)
    long = size * (0.6 + 0.8 * one[:, :1]) * (1.0, 1.0, 1.0)
    frame = morsels.frames(6.28 * one[:, 1], 0.6 * (one[:, 2] - 0.6), long)
    return morsels.copies(morsels.leaves(0.8, 0.6, 4), at, frame, "greens")


def _soup(heap: Heap, dice: Dice) -> list[Solid]:
    few = 4 + int(dice.number(0, 8))
    found = [_lumps(heap, dice, "vegetables", 2 * few, (0.004, 0.008), 3.0, 0.85, 1.25)]
    found.append(_lumps(heap, dice, "meat", few, (0.005, 0.009), 3.0, 0.75, 1.3))
    return [*found, _herbs(heap, dice, 14)]


def _stew(heap: Heap, dice: Dice) -> list[Solid]:
    found = [_lumps(heap, dice, "meat", 22, (0.007, 0.014), 4.0, 0.84, 0.1)]
    found.append(_lumps(heap, dice, "vegetables", 30, (0.005, 0.010), 4.5, 0.88, 0.1))
    return [*found, _herbs(heap, dice, 12)]


def _rice(heap: Heap, dice: Dice) -> list[Solid]:
    count = int(min(340, 0.055 * (heap.radius * 1000) ** 2 + 100))
    one = dice.table(count)
    at = heap.spread(dice, count, 0.97, 0.0006)
    half = np.array([0.0034, 0.0012, 0.0012]) * (0.85 + 0.3 * one[:, :1])
    frame = morsels.frames(6.28 * one[:, 1], 1.2 * (one[:, 2] - 0.5), half)
    found = [morsels.copies(morsels.lumps(2.0, 0.0, 5, 4)[:1], at, frame, "starch")]
    if dice.number(0, 1) < 0.5:
        return [
            *found,
            _lumps(heap, dice, "vegetables", 24, (0.003, 0.005), 3.5),
            _herbs(heap, dice, 8),
        ]
    return [*found, *_topping(heap, dice)]


def _topping(heap: Heap, dice: Dice) -> list[Solid]:
    """Build sauce with pieces in the middle of a heap."""
    size = (0.42 + 0.2 * dice.number(0, 1)) * heap.radius
    low = heap.low + 0.72 * heap.rise
    top = Heap(heap.middle, size, low, 0.3 * heap.rise + 0.008, Bumps.rolled(dice, 0.003, 0.02))
    found = [bed(top, dice, "sauce", None)]
    found.append(_lumps(top, dice, "meat", 12, (0.005, 0.010), 3.0, 0.9, 0.3))
    return [
        *found,
        _lumps(top, dice, "vegetables", 8, (0.004, 0.007), 3.0, 0.9),
        _herbs(top, dice, 7),
    ]


def _noodles(heap: Heap, dice: Dice) -> list[Solid]:
    count, steps = int(np.clip(600 * heap.radius, 18, 42)), np.linspace(0, 1, 20)
    one, two, three = dice.table(count), dice.table(count), dice.table(count)
    centre = dice.spread(count, 0.55 * heap.radius)
    curl = (0.22 + 0.38 * one[:, :1]) * heap.radius
    turn = 6.28 * one[:, 1:2] + (3.5 + 5.5 * one[:, 2:3]) * steps
    sway = 1 + 0.3 * np.sin(6.28 * two[:, :1] + 6 * steps)
    flat = np.stack([np.cos(turn), (0.55 + 0.5 * two[:, 1:2]) * np.sin(turn)], axis=2)
    flat = centre[:, None] + (curl * sway)[..., None] * flat
    away = np.linalg.norm(flat, axis=2, keepdims=True) / heap.radius
    flat = heap.middle + flat * np.where(away > 0.88, (0.88 + 0.1 * (away - 0.88)) / away, 1.0)
    thick = dice.number(0.0010, 0.0021)
    layer = 0.5 * (1 + np.sin(6.28 * two[:, 2:3] + (4 + 5 * three[:, :1]) * steps))
    z = heap.at(flat) + thick * (0.3 + 4.2 * layer * (0.3 + 0.7 * three[:, 1:2]))
    paths = np.concatenate([flat, z[..., None]], axis=2)
    found = [morsels.strands(paths, np.full(count, thick), "starch")]
    if dice.number(0, 1) < 0.7:
        return [*found, *_topping(heap, dice)]
    found.append(_lumps(heap, dice, "meat", 14, (0.005, 0.010)))
    found.append(_lumps(heap, dice, "vegetables", 14, (0.004, 0.008)))
    return [*found, _herbs(heap, dice, 12)]


def _salad(heap: Heap, dice: Dice) -> list[Solid]:
    count = int(np.clip(500 * heap.radius, 16, 34))
    one = dice.table(count)
    long = min(0.045, 0.54 * heap.radius) * (0.6 + 0.6 * one[:, :1])
    at = heap.spread(dice, count, 0.9, 0.001 + 0.005 * one[:, 3])
    turn = 6.28 * one[:, 1]
    at[:, :2] -= 0.5 * long * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    frame = morsels.frames(turn, 0.9 * (one[:, 2] - 0.62), long * (1.0, 1.1, 1.25))
    found = [morsels.copies(morsels.leaves(1.0, 0.8), at, frame, "greens")]
    found.append(_flat(heap, dice, "vegetables", 8, (0.009, 0.015)))
    return [*found, _lumps(heap, dice, "vegetables", 7, (0.008, 0.012), 2.2, 0.8, -0.5),
            _lumps(heap, dice, "starch", 6, (0.005, 0.009), 5.0, 0.7, -0.9)]  # fmt: skip


def _flat(heap: Heap, dice: Dice, slot: str, count: int, size: tuple[float, float]) -> Solid:
    """Scatter round slices that lean on the heap."""
    one = dice.table(count)
    radius = size[0] + (size[1] - size[0]) * one[:, :1]
    at = heap.spread(dice, count, 0.8, 0.006)
    frame = morsels.frames(6.28 * one[:, 1], 0.9 * (one[:, 2] - 0.5), radius * (1.0, 0.92, 1.0))
    return morsels.copies(morsels.slices(12, 0.15, 0.05), at, frame, slot)


def _fruit(heap: Heap, dice: Dice) -> list[Solid]:
    found = [_lumps(heap, dice, "vegetables", 34, (0.007, 0.013), 2.6, 0.86, 0.0)]
    found.append(_lumps(heap, dice, "meat", 8, (0.007, 0.011), 2.2, 0.8, 0.0))
    return [*found, _flat(heap, dice, "starch", 12, (0.011, 0.016)), _herbs(heap, dice, 4, 0.02)]


def _mash(heap: Heap, dice: Dice) -> list[Solid]:
    pool = Heap(heap.middle, 0.5 * heap.radius, heap.low + 0.8 * heap.rise, 0.22 * heap.rise,
                Bumps.rolled(dice, 0.0008, 0.02))  # fmt: skip
    return [bed(pool, dice, "sauce", None), _herbs(heap, dice, 9)]


def _fries(heap: Heap, dice: Dice) -> list[Solid]:
    count = 30
    one = dice.table(count)
    half = np.array([0.027, 0.0042, 0.0042]) * (0.7 + 0.5 * one[:, :1] * (1.0, 0.4, 0.4))
    at = heap.spread(dice, count, 0.62, 0.004)
    frame = morsels.frames(6.28 * one[:, 1], 0.7 * (one[:, 2] - 0.5), half)
    return [morsels.copies(morsels.lumps(7.0, 0.04), at, frame, "starch")]


def _mixed(heap: Heap, dice: Dice) -> list[Solid]:
    size = dice.number(0.004, 0.007)
    count = int(np.clip(640 * heap.radius, 20, 46))
    return [_lumps(heap, dice, "vegetables", count, (size, 1.5 * size), 3.5, 0.92, 0.1)]


def _florets(heap: Heap, dice: Dice) -> list[Solid]:
    """Build broccoli: crowns of small buds, leaning outwards."""
    found = []
    for spot in heap.spread(dice, 5, 0.68, -0.004):
        size = dice.number(0.011, 0.016)
        way = curves.fibonacci_sphere(46)[:29]  # from the top to below the middle
        way = way + 0.15 * (dice.table(29)[:, :3] - 0.5)
        turn = np.arange(len(way)) * 2.1
        frame = morsels.frames(turn, 0.4 * np.sin(turn), np.full((len(way), 3), 0.3 * size))
        buds = spot + [0, 0, 0.45 * size] + size * way * (1.0, 1.0, 0.8)
        found.append(morsels.copies(morsels.lumps(2.0, 0.2, 6, 4), buds, frame, "greens"))
        found.append(solids.ellipsoid(spot + [0, 0, 0.4 * size], 0.95 * size, "greens", 12, 8))
    return found


def _steak(heap: Heap, dice: Dice) -> list[Solid]:
    """Build one to four flat pieces of meat in a little sauce."""
    count = 1 + int(dice.number(0, 3.99))
    one = dice.table(count)
    size = heap.radius * (0.95, 0.66, 0.56, 0.5)[count - 1]
    half = size * np.column_stack(
        [0.9 + 0.1 * one[:, 0], 0.62 + 0.25 * one[:, 1], np.full(count, 0.3)]
    )
    at = heap.spread(dice, count, 0.0 if count == 1 else 0.6)
    at[:, 2] = heap.low + 0.8 * half[:, 2] + 0.002 * np.arange(count)
    frame = morsels.frames(6.28 * one[:, 2], 0.2 * (one[:, 3] - 0.5), half)
    found = [morsels.copies(morsels.lumps(2.8, 0.12, 18, 11), at, frame, "meat")]
    top = replace(heap, low=heap.low + 1.05 * float(half[:, 2].max()), rise=0.0)
    return [*found, _herbs(top, dice, 5, 0.006, 0.3)]


BEDS: dict[str, tuple[str, float, Serving]] = {
    "soup": ("sauce", 0.0003, _soup),
    "stew": ("sauce", 0.0025, _stew),
    "rice": ("starch", 0.0020, _rice),
    "noodles": ("starch", 0.0030, _noodles),
    "salad": ("greens", 0.0030, _salad),
    "fruit": ("vegetables", 0.0030, _fruit),
    "mash": ("starch", 0.0035, _mash),
    "fries": ("", 0.0030, _fries),
    "mixed": ("vegetables", 0.0015, _mixed),
    "florets": ("", 0.0010, _florets),
    "steak": ("sauce", 0.0010, _steak),
}
"""Kind of helping -> slot of its bed, if it has one; height of the bed's bumps; pieces on it."""
