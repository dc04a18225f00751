"""Whole pizza, a floret of broccoli and a sandwich."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Solid, curves, keypoints, pieces, sections
from simgen.spec.parameters import between, cases, count

from . import pizza
from .pizza import Pizza


@dataclass(frozen=True)
class Broccoli:
    crown: float = between(0.022, 0.045)  # radius
    flat: float = between(0.6, 0.85)  # height of the crown over its radius
    buds: int = count(45, 90)
    bud: float = between(0.17, 0.23)  # radius over the crown's
    stem: float = between(0.30, 0.48)  # radius over the crown's
    length: float = between(0.7, 1.4)  # of the stem over the crown's radius
    branches: int = count(3, 6)
    phase: float = between(0.0, 6.2831)


@dataclass(frozen=True)
class Sandwich:
    size: float = between(0.10, 0.13)
    bread: float = between(0.011, 0.017)  # thickness of a slice
    shape: str = cases("square", "triangle", "long", at=(0.45, 0.8))
    layers: int = count(3, 5)
    layer: float = between(0.003, 0.007)
    phase: float = between(0.0, 6.2831)


_GOLDEN = np.pi * (3 - np.sqrt(5))


def build_pizza(p: Pizza) -> MeshData:
    """Build the dough as a lathed solid that is not quite round, with toppings in a spiral; newer
    ones as `pizza.build` does."""
    if p.looks > 0:
        return pizza.build(p)
    r, inner = p.radius, p.radius - p.rim
    angle = np.linspace(0, np.pi, 9)
    bulge = np.stack([inner + p.rim / 2 * (1 + np.cos(angle)), p.crust * np.sin(angle)], axis=1)
    bulge[:, 1] = np.maximum(bulge[:, 1], 0.35 * p.crust * (angle < 0.6))
    bulge[-1, 1] = p.base
    profile = np.array([(0.0, 0.0), (r - 0.004, 0.0), *bulge, (0.5 * inner, p.base), (0.0, p.base)])
    slots = ["crust"] * (len(profile) - 3) + ["cheese"] * 2
    body = solids.move_points(solids.lathe(profile, slots, 56), lambda points: _uneven(p, points))
    found = [solids.filled(body, _dough(p, profile))]
    spots = [("sausage", p.slices, 0.0), ("leaves", p.leaves, 2.1), ("olives", p.olives, 4.0)]
    for slot, number, start in spots:
        for k in range(number):
            turn = k * _GOLDEN + p.phase + start
            out = 0.86 * inner * np.sqrt((k + 0.6) / max(number, 1))
            at = np.array([out * np.cos(turn), out * np.sin(turn), p.base])
            found.append(solids.decoration(_topping(p, slot, at, turn)))
    marks = {f"rim_{side}": (r * np.cos(a), r * np.sin(a), p.crust)
             for side, a in zip(keypoints.AROUND, (0, 0.5 * np.pi, np.pi, 1.5 * np.pi),
                                strict=True)}  # fmt: skip
    order = ("crust", "cheese", "sausage", "leaves", "olives")
    return solids.finished(solids.join(found), order, marks, keypoints.loop(*marks))


def _dough(p: Pizza, profile: np.ndarray) -> list[np.ndarray]:
    """Return pieces for the base, and for the rim in twelve sectors."""
    base = np.array([(0.0, 0.0), (p.radius - p.rim, 0.0), (p.radius - p.rim, p.base)])
    found = [pieces.lathe_hull(np.concatenate([base, [(0.0, p.base)]]))]
    around = sections.lathe(profile[1:-2], 48)
    for start in range(0, 48, 4):
        found.append(around[:, np.arange(start, start + 5) % 48].reshape(-1, 3))
    return [_uneven(p, piece) for piece in found]


def _uneven(p: Pizza, points: np.ndarray) -> np.ndarray:
    turn = np.arctan2(points[:, 1], points[:, 0])
    factor = 1 + p.uneven * (np.sin(2 * turn + p.phase) + 0.6 * np.sin(3 * turn - p.phase)) / 1.6
    return points * np.stack([factor, factor, np.ones_like(factor)], axis=1)


def _topping(p: Pizza, slot: str, at: np.ndarray, turn: float) -> Solid:
    if slot == "sausage":
        return solids.cylinder(at - [0, 0, 0.002], at + [0, 0, 0.0018], p.slice, slot, 18)
    if slot == "olives":
        return solids.ellipsoid(at + [0, 0, 0.001], (0.007, 0.007, 0.004), slot, 10, 7)
    along = np.array([np.cos(2.4 * turn), np.sin(2.4 * turn), 0.0]) * 0.012
    path = at + [0, 0, 0.0012] + np.array([-1.0, -0.4, 0.4, 1.0])[:, None] * along
    return solids.rod(path, np.array([0.001, 0.0045, 0.0045, 0.001]), slot, (0, 0, 1), 6)


def build_broccoli(p: Broccoli) -> MeshData:
    """Build a stem that divides into branches below a dome of buds."""
    r, tall = p.crown, p.length * p.crown
    wood = [solids.cylinder((0, 0, 0), (0, 0, tall), p.stem * r, "stem", 18)]
    for k in range(p.branches):
        turn = 2 * np.pi * k / p.branches + p.phase
        end = np.array([0.55 * r * np.cos(turn), 0.55 * r * np.sin(turn), tall + 0.3 * p.flat * r])
        wood.append(solids.cylinder((0, 0, 0.55 * tall), end, 0.45 * p.stem * r, "stem", 12))
    middle = np.array([0.0, 0.0, tall])
    half = np.array([0.9 * r, 0.9 * r, 0.9 * p.flat * r])
    buds = [solids.ellipsoid(middle + [0, 0, 0.05 * r], half, "buds", 20, 11)]
    for k, way in enumerate(curves.fibonacci_sphere(2 * p.buds)):
        if way[2] > -0.15:
            size = p.bud * r * (0.82 + 0.3 * ((0.754877 * k + p.phase) % 1.0))
            at = middle + way * [0.87 * r, 0.87 * r, 0.87 * p.flat * r]
            buds.append(solids.ellipsoid(at, (size,) * 3, "buds", 8, 5))
    crown = solids.join(buds).vertices
    filling = [_hull(crown[side * crown[:, 0] > -0.1 * r]) for side in (-1, 1)]
    filling += [piece for part in wood for piece in part.pieces]
    marks = {"stem_end": (0.0, 0.0, 0.0), "top": (0.0, 0.0, float(crown[:, 2].max()))}
    whole = solids.filled(solids.join([*wood, *buds]), filling)
    return solids.finished(whole, ("stem", "buds"), marks, keypoints.chain(*marks))


def _hull(points: np.ndarray) -> np.ndarray:
    """Return the outermost of points, `n x 3`, in 62 directions, enlarged within their
    box."""
    ways = np.concatenate([curves.fibonacci_sphere(56), np.eye(3), -np.eye(3)])
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    outer = points[np.unique(np.argmax((points - middle) @ ways.T, axis=0))]
    return np.clip(middle + 1.15 * (outer - middle), points.min(axis=0), points.max(axis=0))


def build_sandwich(p: Sandwich) -> MeshData:
    """Build two slices of bread with layers between them; the cut side is at -y."""
    outline = _outline(p)
    z, found = 0.0, [_layer(p, outline, 0.0, p.bread, "bread", 0.0022)]
    z += p.bread
    kinds = ["filling", "slices", "filling_too", "slices", "filling"]
    for k in range(p.layers):
        grown = outline * (1.0 + 0.04 * np.sin(5.1 * k + p.phase))
        found.append(_layer(p, grown, z - 0.0004, z + p.layer, kinds[k], 0.001))
        z += p.layer
    found.append(_lettuce(p, outline, z))
    z += 0.004
    found.append(_layer(p, outline, z - 0.0004, z + p.bread, "bread", 0.0022))
    body = solids.join(found)
    reach = np.ptp(body.vertices, axis=0).max()
    marks = keypoints.plan_corners("top", reach, reach, 2 * z)
    order = ("bread", "filling", "filling_too", "slices", "lettuce")
    return solids.finished(body, order, marks, keypoints.loop(*marks))


def _outline(p: Sandwich) -> np.ndarray:
    """Return the outline of the bread, `n x 2`, counter-clockwise."""
    if p.shape == "long":
        return curves.superellipse((0.85 * p.size, 0.33 * p.size), 3.0, 28)
    square = curves.superellipse((p.size / 2, p.size / 2), 7.0, 28)
    if p.shape == "square":
        return square
    turned = square @ np.array([[1, -1], [1, 1]]) / np.sqrt(2)
    return np.stack([turned[:, 0], np.maximum(turned[:, 1], -0.02 * p.size)], axis=1)


def _layer(
    p: Sandwich, outline: np.ndarray, low: float, high: float, slot: str, round_: float
) -> Solid:
    heights = np.array([low, low + round_, high - round_, high])
    rings = sections.levels(outline, heights, np.array([0.97, 1.0, 1.0, 0.97]))
    return solids.filled(
        solids.loft(rings, slot), [rings[[0, -1]].reshape(-1, 3) / [0.98, 0.98, 1.0]]
    )


def _lettuce(p: Sandwich, outline: np.ndarray, z: float) -> Solid:
    """Build a wavy leaf that protrudes from between the slices."""
    turn = np.arctan2(outline[:, 1], outline[:, 0])
    wave = 0.0025 * np.sin(9 * turn + p.phase)
    rings = sections.levels(outline, [z - 0.0004, z + 0.001, z + 0.003, z + 0.0042],
                            [0.9, 1.03, 1.03, 0.9])  # fmt: skip
    rings[1:3, :, 2] += wave
    return solids.filled(solids.loft(rings, "lettuce"), [rings[1:3].reshape(-1, 3)])


CLASSES = (
    ParametricClass("broccoli", Broccoli, build_broccoli),
    ParametricClass("pizza", Pizza, build_pizza),
    ParametricClass("sandwich", Sandwich, build_sandwich),
)
