"""Toilets that stand on the floor, with a cistern at the back (+y), a seat and a lid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Solid, keypoints, uv
from simgen.spec.parameters import between, cases, flag


@dataclass(frozen=True)
class Toilet:
    rim: float = between(0.37, 0.41)  # height
    width: float = between(0.35, 0.39)  # of the rim
    length: float = between(0.44, 0.50)  # of the rim
    foot: float = between(0.66, 0.84)  # width of the foot over the rim's
    waist: float = between(0.54, 0.70)  # width of the narrowest part over the rim's
    tank_width: float = between(0.36, 0.44)
    tank_height: float = between(0.32, 0.40)
    tank_depth: float = between(0.16, 0.20)
    square: float = between(0.015, 0.05)  # radius of the cistern's edges
    lid: str = cases("up", "closed", "seat_up", at=(0.55, 0.85))
    tilt: float = between(0.0, 0.05)  # of the raised lid beyond upright, radians
    lever: bool = flag(above=0.5)  # else a button on top
    pointed: float = between(0.0, 0.16)  # narrowing of the front


_SLOTS = ("bowl", "seat", "metal")
_AROUND = 40
_THICK = 0.02
"""Of the seat and of the lid, metres."""


def build(p: Toilet) -> MeshData:
    wall = p.length / 2 + 0.075  # y of the cistern's front
    found = [_bowl(p), *_shelf(p, wall), *_tank(p, wall), *_seat(p, wall)]
    half, deep = p.tank_width / 2, wall + p.tank_depth
    high = p.rim + 0.03 + p.tank_height
    marks = {
        "rim_front": (0.0, -0.6 * p.length, p.rim + _THICK),
        "rim_left": (-0.6 * p.width, 0.0, p.rim + _THICK),
        "rim_right": (0.6 * p.width, 0.0, p.rim + _THICK),
        "tank_left": (-1.1 * half, 1.1 * deep, 1.1 * high),
        "tank_right": (1.1 * half, 1.1 * deep, 1.1 * high),
    }
    edges = keypoints.loop("rim_front", "rim_right", "tank_right", "tank_left", "rim_left")
    return solids.finished(solids.join(found), _SLOTS, marks, edges)


def _egg(p: Toilet, factor: float = 1.0, shift: float = 0.0) -> np.ndarray:
    """Return the outline of the rim, `n x 2`, counter-clockwise. shift: along y, metres."""
    angle = 2 * np.pi * np.arange(_AROUND) / _AROUND
    x, y = np.cos(angle), np.sin(angle)
    narrow = 1 - p.pointed * np.clip(-y, 0.0, 1.0)
    flat = np.sign(y) * np.abs(y) ** np.where(y > 0, 0.85, 1.0)
    return np.stack(
        [factor * narrow * x * p.width / 2, factor * flat * p.length / 2 + shift], axis=1
    )


def _bowl(p: Toilet) -> Solid:
    """Build foot, bowl and the inside of the bowl as one surface."""
    back = 0.10 * p.length
    outer = [
        (p.foot, 0.0, back), (p.foot, 0.015, back), (p.foot - 0.03, 0.03, back),
        (p.waist, 0.42 * p.rim, 0.8 * back), (p.waist + 0.07, 0.55 * p.rim, 0.6 * back),
        (0.82, 0.74 * p.rim, 0.3 * back), (0.95, 0.88 * p.rim, 0.1 * back),
        (1.0, 0.94 * p.rim, 0.0), (1.0, 0.985 * p.rim, 0.0), (0.97, p.rim, 0.0),
    ]  # fmt: skip
    inner = [
        (0.78, p.rim, 0.0), (0.755, 0.99 * p.rim, 0.0), (0.76, 0.93 * p.rim, 0.0),
        (0.70, 0.80 * p.rim, 0.2 * back), (0.52, 0.65 * p.rim, 0.4 * back),
        (0.33, 0.55 * p.rim, 0.5 * back), (0.30, 0.545 * p.rim, 0.5 * back),
    ]  # fmt: skip
    rings = np.array(
        [
            np.column_stack([_egg(p, size, shift), np.full(_AROUND, z)])
            for size, z, shift in (*outer, *inner)
        ]
    )
    solid = uv.box_projection(solids.loft(rings, "bowl"))
    return solids.filled(solid, _bowl_pieces(rings, len(outer)))


def _bowl_pieces(rings: np.ndarray, outer: int) -> list[np.ndarray]:
    """Return the pieces: the foot, the bottom of the bowl, and its wall in sectors."""
    found = [solids.pieces.hull(rings[:4]), solids.pieces.hull(rings[[3, 4, -1]])]
    step = _AROUND // 8
    for start in range(0, _AROUND, step):
        columns = np.arange(start, start + step + 1, step // 2 or 1) % _AROUND
        columns = np.unique(np.append(columns, (start + step) % _AROUND))
        low = [rings[n][columns] for n in (4, 5, len(rings) - 2, len(rings) - 3)]
        high = [rings[n][columns] for n in (5, 7, outer - 1, outer, len(rings) - 4, len(rings) - 3)]
        found += [np.concatenate(low), np.concatenate(high)]
    return found


def _shelf(p: Toilet, wall: float) -> list[Solid]:
    """Build what joins the bowl to the cistern, and the trap below it."""
    x, z = 0.33 * p.width, p.rim
    low = (-x, 0.25 * p.length, 0.62 * z)
    trap = ((-0.2 * p.width, 0.1 * p.length, 0.0), (0.2 * p.width, wall + 0.06, 0.7 * z))
    shelf = solids.superellipsoid(
        low, (x, wall + p.tank_depth - 0.01, z + 0.004), "bowl", (8.0, 9.0)
    )
    return [shelf, solids.superellipsoid(*trap, "bowl", (5.0, 9.0))]


def _tank(p: Toilet, wall: float) -> list[Solid]:
    """Build the cistern with its lid, and a lever or a button to flush."""
    half, low, t = p.tank_width / 2, p.rim + 0.004, 0.028
    high = low + p.tank_height
    size = (p.tank_width, p.tank_depth, p.tank_height)
    middle = (0.0, wall + p.tank_depth / 2, (low + high) / 2)
    body = solids.filled(solids.rounded_box(size, p.square, "bowl", middle))
    cover = solids.rounded_slab(
        (half + 0.008, p.tank_depth / 2 + 0.008), p.square, (high - 0.01, high + t), 0.008, "bowl"
    )
    cover = solids.translate(cover, (0.0, middle[1], 0.0))
    if not p.lever:
        top = high + t
        button = solids.cylinder((0, middle[1], top - 0.002), (0, middle[1], top + 0.005), 0.024,
                                 "metal", 24)  # fmt: skip
        return [body, cover, button]
    at = np.array([-half + 0.06, wall, high - 0.055])
    knob = solids.cylinder(at + [0, 0.01, 0], at + [0, -0.014, 0], 0.012, "metal", 16)
    arm = (
        (at[0] - 0.008, wall - 0.022, at[2] - 0.007),
        (at[0] + 0.07, wall - 0.012, at[2] + 0.007),
    )
    return [body, cover, knob, solids.chamfered_box(*arm, 0.003, "metal")]


def _seat(p: Toilet, wall: float) -> list[Solid]:
    """Build the seat and the lid, each lying or raised about the hinge."""
    hinge = (0.0, 0.5 * p.length + 0.005, p.rim + 0.012)
    up = np.pi / 2 + p.tilt
    found = []
    for name, level in (("seat", 0), ("lid", 1)):
        low = p.rim + 0.006 + level * (_THICK + 0.002)
        made = _ring(p, low) if name == "seat" else _cover(p, low)
        if p.lid == "seat_up" or (p.lid == "up" and name == "lid"):
            # Raised, both lean towards the cistern but do not reach it.
            made = solids.rotate(made, 0, -up, hinge)
            made = solids.filled(made) if name == "lid" else made
        found.append(made)
    for s in (-1, 1):
        at = np.array([s * 0.08, hinge[1], hinge[2]])
        found.append(solids.cylinder(at - [0.018, 0, 0], at + [0.018, 0, 0], 0.011, "metal", 14))
    return found


def _ring(p: Toilet, low: float) -> Solid:
    """Build the seat: a flat ring."""
    outer, inner = _egg(p, 1.03), _egg(p, 0.66)
    steps = [(0.0, 0.0), (0.12, 0.8), (0.3, 1.0), (0.7, 1.0), (0.88, 0.8), (1.0, 0.0)]
    section = [
        np.column_stack([outer + a * (inner - outer), np.full(_AROUND, low + b * _THICK)])
        for a, b in steps
    ]
    rings = np.stack(section, axis=1)
    solid = uv.box_projection(solids.loft_loop(rings, "seat"))
    turns = [np.arange(n, n + 6) % _AROUND for n in range(0, _AROUND, 5)]
    return solids.filled(solid, [rings[turn].reshape(-1, 3) for turn in turns])


def _cover(p: Toilet, low: float) -> Solid:
    lid = solids.extrude(_egg(p, 1.03), low, low + 0.016, "seat", 0.006)
    return uv.box_projection(lid)


CLASSES = (ParametricClass("toilet", Toilet, build),)
