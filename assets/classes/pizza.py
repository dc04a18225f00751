"""Pizza, whole or in slices: an irregular crust with blisters, tomato, melted cheese, toppings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

import numpy as np

from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Solid, keypoints, sections, uv
from simgen.spec.parameters import added, between, cases, count, flag, version

from . import morsels
from .morsels import Bumps, Dice

SLOTS = ("crust", "cheese", "sausage", "leaves", "olives", "sauce", "blisters", "ham", "mushrooms",
         "peppers")  # fmt: skip
_STYLES = {
    "margherita": (("cheese", 17, 0.26), ("leaves", 9, 0.115)),
    "sausage": (("cheese", 46, 0.23), ("sausage", 17, 0.125), ("leaves", 6, 0.06)),
    "mixed": (("cheese", 38, 0.23), ("ham", 14, 0.17), ("mushrooms", 13, 0.12),
              ("peppers", 14, 0.18), ("olives", 13, 0.05), ("leaves", 12, 0.06)),
    "garden": (("cheese", 40, 0.22), ("peppers", 20, 0.17), ("mushrooms", 12, 0.12),
               ("leaves", 18, 0.10), ("olives", 9, 0.05)),
    "minced": (("cheese", 42, 0.22), ("ham", 44, 0.038), ("peppers", 12, 0.14),
               ("leaves", 10, 0.07)),
}  # fmt: skip
"""What lies on each style of pizza: slot, about how many, and radius over the pizza's."""
STYLES = tuple(_STYLES)
_STEPS = 120
"""Cross-sections around a pizza."""
_LIFT = (0.0, 0.0, 0.0045)
"""How far the pieces for collisions reach above the sauce, metres: up to most toppings."""
_CENTRE = 0.0006
"""Radius of the hole in the middle, which cheese covers: no triangle may lose its area."""


@dataclass(frozen=True)
class Pizza:
    radius: float = between(0.11, 0.17)
    crust: float = between(0.014, 0.026)  # height of the rim
    rim: float = between(0.012, 0.024)  # width
    base: float = between(0.006, 0.010)  # height of dough and cheese inside the rim
    uneven: float = between(0.01, 0.05)
    phase: float = between(0.0, 6.2831)
    slices: int = count(4, 22)  # of sausage
    slice: float = between(0.014, 0.024)  # radius
    leaves: int = count(2, 16)
    olives: int = count(2, 14)
    looks: int = version(1)
    style: str = added(cases(*STYLES, at=(0.2, 0.42, 0.66, 0.84)), older=0)
    cuts: int = added(cases(0, 6, 8, at=(0.5, 0.72)), older=0)  # number of slices
    missing: bool = added(flag(above=0.6), older=0)  # a slice, if it is cut
    gap: float = added(between(0.0, 0.004), older=0)  # from the middle to each slice
    order: float = added(between(0.0, 1000.0), older=0)  # varies each topping


@dataclass(frozen=True)
class Layer:
    """Toppings of one sort. at: `n x 3`, their middles. frame: `n x 3 x 3`. size: `n`, radii."""

    slot: str
    shapes: Sequence[Solid]
    at: np.ndarray
    frame: np.ndarray
    size: np.ndarray


def build(p: Pizza) -> MeshData:
    """Build a pizza of the present looks."""
    dice = Dice(p.order)
    edge = Edge(p, dice)
    layers = [_layer(p, dice, edge, *what) for what in _STYLES[p.style]]
    layers.append(_blisters(p, dice, edge))
    found = []
    for low, high in _sectors(p):
        turn, steps = (low + high) / 2, round(_STEPS * (high - low) / (2 * np.pi))
        one = _dough(edge, np.linspace(low, high, steps + 1), 12 if p.cuts == 0 else 2)
        one = solids.join([one, *(_upon(layer, low, high, p.cuts == 0) for layer in layers)])
        away = p.gap if p.cuts else 0.0
        found.append(solids.translate(one, (away * np.cos(turn), away * np.sin(turn), 0.0)))
    body = solids.join(found)
    quarter = np.pi / 2 * np.arange(4)
    crest = edge.outer(quarter) - 0.5 * p.rim
    marks = {f"rim_{side}": (r * np.cos(turn), r * np.sin(turn), 2 * p.crust)
             for side, turn, r in zip(keypoints.AROUND, quarter, crest, strict=True)}  # fmt: skip
    used = set(np.unique(body.slot).tolist())
    order = tuple(slot for slot in SLOTS if slot in used)
    return solids.finished(body, order, marks, keypoints.loop(*marks))


def _sectors(p: Pizza) -> list[tuple[float, float]]:
    """Return the angles between which there are slices. A missing one is on a diagonal, so that
    the keypoints stay."""
    if p.cuts == 0:
        return [(0.0, 2 * np.pi)]
    edges = np.pi / 4 + np.pi / p.cuts + 2 * np.pi / p.cuts * np.arange(p.cuts + 1)
    return list(pairwise(edges.tolist()))[: p.cuts - 1 if p.missing else p.cuts]


class Edge:
    """The outline of a pizza and the height of its inside."""

    def __init__(self, p: Pizza, dice: Dice) -> None:
        self.p = p
        self.bumps = Bumps.rolled(dice, 0.0012, 0.03)
        self._phase = 6.28 * dice.table(6)

    def _waves(self, turn: np.ndarray, row: int, first: int) -> np.ndarray:
        """Return waves around the pizza, within about -1..1."""
        phase = self._phase[row]
        return sum(np.sin((first + more) * turn + phase[k]) / (1 + 0.4 * k)
                   for k, more in enumerate((0, 1, 3, 6))) / 1.9  # fmt: skip

    def outer(self, turn: np.ndarray) -> np.ndarray:
        return self.p.radius * (1 - 0.03 + (0.012 + 0.5 * self.p.uneven) * self._waves(turn, 0, 2))

    def inner(self, turn: np.ndarray) -> np.ndarray:
        return self.outer(turn) - self.p.rim * (1 + 0.32 * self._waves(turn, 1, 4))

    def crust(self, turn: np.ndarray) -> np.ndarray:
        return self.p.crust * (0.86 + 0.14 * self._waves(turn, 2, 5))

    def height(self, flat: np.ndarray) -> np.ndarray:
        """Return the height of the sauce at points (`... x 2`)."""
        return np.asarray(self.p.base + self.bumps.at(flat))


def _dough(edge: Edge, turn: np.ndarray, parts: int) -> Solid:
    """Build a slice, or all of a pizza, from radial cross-sections at some angles."""
    bulge = np.linspace(0.12, 1.0, 9) * np.pi
    inner, outer, crust = edge.inner(turn), edge.outer(turn), edge.crust(turn)
    half = (outer - inner)[:, None] / 2
    share = np.array([0.985, 0.9, 0.75, 0.55, 0.35, 0.15])
    ones = np.ones((len(turn), 1))
    away = [_CENTRE * ones, 0.5 * outer[:, None], outer[:, None] - 0.3 * half]
    away += [
        inner[:, None] + half * (1 + np.cos(bulge[:-1])),
        inner[:, None] * share,
        _CENTRE * ones,
    ]
    r = np.concatenate(away, axis=1)
    flat = r[..., None] * np.stack([np.cos(turn), np.sin(turn)], axis=1)[:, None]
    z = np.zeros(r.shape)
    arc, lump = slice(3, 11), edge.bumps.at(3.0 * flat[:, 3:11])
    z[:, arc] = np.maximum(crust[:, None] * np.sin(bulge[:-1]), 0.0) + lump * np.sin(bulge[:-1])
    z[:, 11:] = edge.height(flat[:, 11:])
    rings = np.concatenate([flat, z[..., None]], axis=2)
    ends = np.stack([inner * np.cos(turn), inner * np.sin(turn), 0.5 * edge.p.base * ones[:, 0]], 1)
    solid = uv.from_above(solids.loft(rings, "crust", (ends[0], ends[-1])))
    m = r.shape[1]
    around = np.repeat(np.where((np.arange(m) >= 11) & (np.arange(m) < m - 1), "sauce", "crust"), 2)
    cap = np.full(m, "crust")
    slot = np.concatenate([cap, np.tile(around, len(turn) - 1), cap])
    filling = []
    for low, high in pairwise(np.round(np.linspace(0, len(turn) - 1, parts + 1)).astype(int)):
        some = rings[np.round(np.linspace(low, high, 4)).astype(int)]
        filling.append(some[:, 2:12].reshape(-1, 3))
        inside = some[:, [0, 1, 2, *range(11, m)]] + np.outer([0] * 3 + [1] * (m - 11), _LIFT)
        filling.append(inside.reshape(-1, 3))
    return solids.filled(replace(solid, slot=slot), filling)


def _layer(p: Pizza, dice: Dice, edge: Edge, slot: str, count: int, size: float) -> Layer:
    """Spread one sort of topping."""
    number = max(1, int(count * dice.number(0.7, 1.25)))
    one, two = dice.table(number), dice.table(number)
    radius = size * p.radius * (0.75 + 0.5 * one[:, 0])
    flat = dice.spread(number, 1.0)
    turn = np.arctan2(flat[:, 1], flat[:, 0])
    flat = flat * np.maximum(0.97 * edge.inner(turn) - 1.15 * radius, 0.03)[:, None]
    shapes, stretch, lift, tilt = _sorts()[slot]
    if slot == "ham" and size < 0.1:  # minced
        shapes, stretch, lift = morsels.lumps(3.0, 0.25), (1.0, 0.8, 0.55), 0.003
    half = radius[:, None] * stretch
    if slot == "cheese":
        half = half * (1.0, 0.6, 1.0) + half * (0.0, 0.5, 0.0) * one[:, 3:]
        half[:, 2] = 0.0022 + 0.0012 * two[:, 0]
    level = edge.height(flat) + lift * (0.8 + 0.5 * two[:, 1])
    at = np.column_stack([flat, np.maximum(level, 0.0015 + 0.5 * tilt * half[:, 0])])
    frame = morsels.frames(6.28 * one[:, 1], tilt * (one[:, 2] - 0.5), half)
    return Layer(slot, shapes, at, frame, radius)


@lru_cache(maxsize=1)
def _sorts() -> dict[str, tuple[Sequence[Solid], tuple[float, float, float], float, float]]:
    """Return unit shapes of each sort, their stretch, lift in metres, and range of their tilt."""
    arc = np.linspace(-1.7, 1.7, 9)
    path = np.stack([np.cos(arc), np.sin(arc), 0.04 * np.sin(2 * arc)], axis=1)[None]
    pepper = morsels.strands(path, np.array([0.13]), "")
    turn = 2 * np.pi * np.arange(12) / 12
    ring = np.column_stack([0.68 * np.cos(turn), 0.68 * np.sin(turn), np.zeros(12)])
    tube = 0.32 * np.stack([np.cos(turn[::2]), np.sin(turn[::2])], axis=1)
    olive = solids.loft_loop(sections.sweep_loop(ring, tube), "")
    basil, strip = (
        [solids.translate(one, (-0.5, 0.0, 0.0)) for one in shape]
        for shape in (morsels.leaves(0.4, 0.6, 6), morsels.leaves(0.3, 0.5, 6))
    )
    return {
        "cheese": (morsels.lumps(2.0, 0.3, 16, 6), (1.0, 1.0, 0.1), 0.0002, 0.0),
        "sausage": (morsels.slices(18, 0.075, 0.03), (1.0, 1.0, 1.0), 0.0022, 0.16),
        "ham": (strip, (1.5, 1.5, 0.6), 0.0028, 0.06),
        "mushrooms": (morsels.caps(), (1.0, 1.0, 1.0), 0.0032, 0.3),
        "peppers": ((pepper,), (0.8, 1.0, 0.9), 0.0026, 0.1),
        "olives": ((olive,), (1.0, 1.0, 1.0), 0.0028, 0.4),
        "leaves": (basil, (1.8, 1.8, 0.9), 0.0034, 0.08),
    }


def _blisters(p: Pizza, dice: Dice, edge: Edge) -> Layer:
    """Scatter burnt bubbles over the crust."""
    number = int(dice.number(20, 90))
    one, two = dice.table(number), dice.table(number)
    turn = 6.28 * (np.arange(number) + 0.8 * one[:, 0]) / number
    side = np.pi * (0.28 + 0.5 * one[:, 1])
    inner, outer = edge.inner(turn), edge.outer(turn)
    away = inner + (outer - inner) / 2 * (1 + np.cos(side))
    size = 0.0014 + 0.0055 * two[:, 0] ** 3
    height = np.maximum(edge.crust(turn) * np.sin(side) - 0.35 * size, size)
    at = np.column_stack([away * np.cos(turn), away * np.sin(turn), height])
    half = (
        size[:, None] * (1.3, 0.6, 0.4) * np.column_stack([0.5 + two[:, 1], *np.ones((2, number))])
    )
    frame = morsels.frames(turn + np.pi / 2, 0.4 * (two[:, 3] - 0.5), half)
    return Layer("blisters", morsels.lumps(2.0, 0.35, 9, 6), at, frame, size)


def _upon(layer: Layer, low: float, high: float, whole: bool) -> Solid:
    """Build the toppings of one slice, cut at its sides."""
    if whole:
        return morsels.copies(layer.shapes, layer.at, layer.frame, layer.slot)
    middle, half = (low + high) / 2, (high - low) / 2

    def off(points: np.ndarray) -> np.ndarray:
        return (np.arctan2(points[:, 1], points[:, 0]) - middle + np.pi) % (2 * np.pi) - np.pi

    clear = np.linalg.norm(layer.at[:, :2], axis=1) > 1.1 * layer.size
    mine = (np.abs(off(layer.at)) < half) & clear
    solid = morsels.copies(layer.shapes, layer.at[mine], layer.frame[mine], layer.slot)
    turn, away = off(solid.vertices), np.linalg.norm(solid.vertices[:, :2], axis=1)
    # A little of the angle is kept, so that no triangle loses its area.
    over = np.maximum(np.abs(turn) - half, 0.0)
    turn = turn - 0.99 * over * np.sign(turn)
    flat = [away * np.cos(turn + middle), away * np.sin(turn + middle), solid.vertices[:, 2]]
    return replace(solid, vertices=np.stack(flat, axis=1))
