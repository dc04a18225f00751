"""The surface of food in a dish, its solid, and the limits that the dish sets."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from simgen.geometry import solids
from simgen.geometry.solids import Solid, curves, pieces, sections

from .morsels import Bumps, Dice

_KEPT = 0.15
"""How much of the depth of what pokes into a dish is kept, so that no triangle loses its area."""


@dataclass(frozen=True)
class Heap:
    """The surface of food: round in plan. middle: `2`, metres. low: height of its edge. rise: of
    its middle above the edge."""

    middle: np.ndarray
    radius: float
    low: float
    rise: float
    bumps: Bumps

    def at(self, flat: np.ndarray) -> np.ndarray:
        """Return the height of the surface at points (`... x 2`)."""
        away = np.minimum(np.linalg.norm(flat - self.middle, axis=-1) / self.radius, 1.0)
        return self.low + self.rise * (1 - away**2.2) + self.bumps.at(flat) * (1 - away**4)

    def spread(self, dice: Dice, count: int, reach: float, lift: ArrayLike = 0.0) -> np.ndarray:
        """Return `count x 3` points over the surface, up to `reach` radii from the middle."""
        flat = self.middle + dice.spread(count, reach * self.radius)
        return np.column_stack([flat, self.at(flat) + lift])


def bed(heap: Heap, dice: Dice, slot: str, below: np.ndarray | None) -> Solid:
    """Build what lies under the pieces, closed below."""
    around, share = 44, np.array([0.985, 0.93, 0.84, 0.72, 0.58, 0.42, 0.24, 0.09])
    turn = 2 * np.pi * np.arange(around) / around
    way = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    edge = np.full(around, heap.radius)
    if below is None:
        a, b = 6.28 * dice.table(1)[0, :2]
        edge = edge * (0.93 + 0.05 * np.sin(2 * turn + a) + 0.03 * np.sin(5 * turn + b))
        lower = np.column_stack([heap.middle + edge[:, None] * way, np.full(around, heap.low)])[
            None
        ]
    else:
        lower = sections.lathe(below, around)
    flat = heap.middle + share[:, None, None] * edge[:, None] * way
    upper = np.concatenate([flat, heap.at(flat)[..., None]], axis=2)
    top = np.array([*heap.middle, float(heap.at(heap.middle))])
    rings = np.concatenate([lower, upper])
    return solids.loft(rings, slot, (lower[0].mean(axis=0), top), solids.plan_uv(rings))


def kept_within(solid: Solid, inner: np.ndarray) -> Solid:
    """Move what pokes through a dish to its inside. inner: `n x 2` (radius, height), from the axis
    to the rim."""
    if inner[-1, 1] - inner[0, 1] < 0.4 * inner[-1, 0]:
        return replace(solid, vertices=_raised(solid.vertices, inner))
    flat = int(np.argmax(inner[:, 1] > inner[0, 1] + 1e-5)) - 1
    points, low = solid.vertices, inner[0, 1]
    z = points[:, 2] + (1 - _KEPT) * np.maximum(low - points[:, 2], 0.0)
    away = np.linalg.norm(points[:, :2], axis=1)
    over = np.maximum(away - curves.radius_at(inner[max(flat, 0) :], z) + 0.0002, 0.0)
    factor = 1 - (1 - _KEPT) * over / np.maximum(away, 1e-9)
    return replace(solid, vertices=np.column_stack([points[:, :2] * factor[:, None], z]))


def _raised(points: np.ndarray, inner: np.ndarray) -> np.ndarray:
    """Move points upwards, as is best in a shallow dish."""
    floor = np.interp(np.linalg.norm(points[:, :2], axis=1), inner[:, 0], inner[:, 1])
    under = np.maximum(floor - points[:, 2], 0.0)
    return points + (1 - _KEPT) * under[:, None] * (0.0, 0.0, 1.0)


def hull(solid: Solid) -> pieces.Piece:
    """Return a convex piece around a helping: its farthest points in directions that are densest
    towards the sides, where a heap is widest; slightly enlarged, for what is between these."""
    low, high = solid.vertices.min(axis=0), solid.vertices.max(axis=0)
    picked = np.unique(np.argmax((solid.vertices / np.maximum(high - low, 1e-9)) @ _WAYS.T, axis=0))
    middle = (low + high) / 2
    grown = middle + 1.04 * (solid.vertices[picked] - middle)
    return np.clip(grown, (-np.inf, -np.inf, low[2]), (np.inf, np.inf, high[2] - 0.0022))


def _ways() -> np.ndarray:
    found = [(0.0, 0.0, 1.0), (0.0, 0.0, -1.0)]
    for rise, count in ((-0.8, 10), (0.0, 20), (0.4, 16), (1.0, 10), (2.5, 5)):
        turn = 2 * np.pi * (np.arange(count) / count + 0.37 * rise)
        found += list(zip(np.cos(turn), np.sin(turn), np.full(count, rise), strict=True))
    return curves.unit(np.array(found))


_WAYS = _ways()
