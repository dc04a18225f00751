"""Bowl and plate: an inner curve from the centre to the rim, a wall below it and a foot ring; often
with food."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Piece, Solid, curves, keypoints, pieces
from simgen.spec.parameters import added, between, cases

from . import heaps, helpings
from .heaps import Heap
from .morsels import Bumps, Dice

_STILL = Bumps(0.0, np.zeros((1, 3)))


@dataclass(frozen=True)
class Bowl:
    radius: float = between(0.055, 0.095)
    depth: float = between(0.55, 0.95)  # over the radius
    power: float = between(1.9, 3.6)  # 2 is a parabola, more is flatter at the bottom
    flare: float = between(0.0, 0.10)  # outward lean of the rim
    wall: float = between(0.0030, 0.0050)
    foot: float = between(0.42, 0.58)  # over the radius
    foot_height: float = between(0.003, 0.008)
    contents: str = added(
        cases("", "soup", "stew", "rice", "noodles", "salad", "fruit",
              at=(0.33, 0.46, 0.58, 0.69, 0.80, 0.91)), older=0)  # fmt: skip
    fill: float = added(between(0.66, 0.90), older=0)  # height of the food's edge over the depth
    heap: float = added(between(0.12, 0.42), older=0)  # rise of its middle over the radius
    order: float = added(between(0.0, 1000.0), older=0)  # varies each piece of food


@dataclass(frozen=True)
class Plate:
    radius: float = between(0.085, 0.135)
    well: float = between(0.62, 0.88)  # radius of the flat part over the radius
    step: float = between(0.25, 0.75)  # share of the rise in the step beside the well
    rise: float = between(0.013, 0.026)
    wall: float = between(0.0032, 0.0046)
    foot: float = between(0.52, 0.60)
    foot_height: float = between(0.0025, 0.0045)
    contents: str = added(
        cases("", "meal", "noodles", "salad", "stew", at=(0.5, 0.80, 0.88, 0.94)), older=0
    )
    heap: float = added(between(0.16, 0.30), older=0)  # height of a helping over its radius
    order: float = added(between(0.0, 1000.0), older=0)  # varies each piece of food


def build_bowl(p: Bowl) -> MeshData:
    r = p.radius
    floor = p.foot_height + 0.8 * p.wall
    angle = np.linspace(0.0, np.pi / 2, 60)
    bulge = 2 / p.power
    x = (r - p.wall) * np.sin(angle) ** bulge
    z = p.depth * r * (1 - np.cos(angle) ** bulge)
    x = x * (1 + p.flare * (z / z[-1]) ** 3) / (1 + p.flare)
    inner = curves.resample(np.stack([x, floor + 0.96 * z], axis=1), 26)
    return _dish(p, inner, bands=4, turns=14, food=_in_bowl(p, inner))


def build_plate(p: Plate) -> MeshData:
    r, rise = p.radius, p.rise
    floor = p.foot_height + 0.8 * p.wall
    well = p.well * r
    shoulder = well + 0.35 * (r - well) + 0.3 * p.step * rise
    corners = [(0, floor), (0.5 * well, floor), (well, floor)]
    corners += [(shoulder, floor + p.step * rise), (r, floor + rise)]
    curve = curves.fillet(corners, [0, 0, 0.030, 0.022, 0], steps=12)
    inner = curves.resample(curve, 30)
    return _dish(p, inner, bands=3, turns=18, food=_on_plate(p, inner))


def _in_bowl(p: Bowl, inner: np.ndarray) -> list[Solid]:
    """Build food that fills a bowl to below its rim and is heaped in the middle."""
    if not p.contents:
        return []
    floor, rim = float(inner[0, 1]), float(inner[-1, 1])
    low = floor + p.fill * (rim - floor)
    radius = float(curves.radius_at(inner, low))
    rise = -0.0012 if p.contents == "soup" else min(p.heap * radius, 0.09 - low)
    rise = max(rise, -0.0012)
    wet = inner[(inner[:, 1] < low - 0.001) & (inner[:, 0] > 0.004)]
    below = np.concatenate([wet, [(radius, low)]]) + (0.0003, 0.0)
    heap = Heap(np.zeros(2), radius, low, rise, _STILL)
    return [heaps.kept_within(helpings.served(p.contents, heap, Dice(p.order), below), inner)]


def _on_plate(p: Plate, inner: np.ndarray) -> list[Solid]:
    """Build one helping in the middle of a plate, or three around it."""
    if not p.contents:
        return []
    dice, well = Dice(p.order), min(p.well * p.radius, 0.094)
    floor = float(inner[0, 1]) - 0.0003
    if p.contents != "meal":
        rise = (0.14 if p.contents == "stew" else p.heap) * well
        heap = Heap(np.zeros(2), 0.94 * well, floor, rise, _STILL)
        return [heaps.kept_within(helpings.served(p.contents, heap, dice), inner)]
    found, start = [], dice.number(0.0, 6.28)
    for place, kind in enumerate(helpings.meal(dice)):
        turn = start + 2 * np.pi * place / 3 + dice.number(-0.2, 0.2)
        radius = well * dice.number(0.50, 0.58)
        middle = (1.04 * well - radius) * np.array([np.cos(turn), np.sin(turn)])
        heap = Heap(middle, radius, floor, min(p.heap * 1.4, 0.36) * radius, _STILL)
        found.append(heaps.kept_within(helpings.served(kind, heap, dice), inner))
    return found


def _dish(
    p: Bowl | Plate, inner: np.ndarray, bands: int, turns: int, food: list[Solid]
) -> MeshData:
    """Build the mesh from an inner curve (`n x 2`, from the axis to the rim)."""
    outer = curves.offset(inner, p.wall)
    foot = p.foot * p.radius
    above = outer[:, 0] > foot + 0.003
    join = np.array([foot + 0.0005, np.interp(foot, outer[:, 0], outer[:, 1])])
    recess = 0.5 * p.foot_height
    ring = [(0, recess), (foot - 0.0065, recess), (foot - 0.0045, 0), (foot - 0.0005, 0)]
    first = outer[above][0]
    base = curves.fillet([*ring, join, first], [0, 0.002, 0.0013, 0.0013, 0.002, 0], steps=4)
    profile = curves.vessel(base[:-1], outer[above], inner[::-1])
    part = solids.lathe(profile, "body", segments=52)
    filling = _dish_pieces(inner, outer, foot, bands, turns)
    filling += [heaps.hull(helping) for helping in food]
    used = {str(slot) for helping in food for slot in np.unique(helping.slot)}
    slots = ("body", *(slot for slot in helpings.SLOTS if slot in used))
    return solids.assemble([part, *food], slots, filling, keypoints.vessel(profile, 52))


def _dish_pieces(
    inner: np.ndarray, outer: np.ndarray, foot: float, bands: int, turns: int
) -> list[Piece]:
    """Return a flat disc within the foot up to the floor, and the wall from there to the rim."""
    floor = float(inner[0, 1])
    start = int(np.argmax(inner[:, 1] > floor + 0.0006)) - 1
    edge = int(np.argmax(outer[:, 0] > foot)) - 1
    below = outer.copy()
    below[: edge + 1, 1] = np.minimum(outer[: edge + 1, 1], floor)
    below[edge] = (foot, min(floor, float(outer[edge + 1, 1])))
    crest = (inner[-1] + outer[-1]) / 2
    crest = crest + np.linalg.norm(inner[-1] - outer[-1]) / 2 * curves.unit(inner[-1] - inner[-2])
    wall = pieces.bands(inner[start:], below[start:], bands, turns, crest)
    base = pieces.disc([(foot, 0.0), (foot, below[edge, 1])], 20)
    well = [below[start], (inner[start, 0], floor), (foot, below[edge, 1])]
    return [base, pieces.disc(well, 20), *wall]


CLASSES = (ParametricClass("bowl", Bowl, build_bowl), ParametricClass("plate", Plate, build_plate))
