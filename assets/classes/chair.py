"""Chair for one person, 0.78 to 1.1 m tall: a wooden one with four legs and a curved, slatted back,
a moulded shell on four legs, or an office chair on castors. Its front is at -y."""

from __future__ import annotations

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Keypoints, Piece, curves, keypoints, pieces, sections

from . import seating
from .seating import Chair


def build(p: Chair) -> MeshData:
    if p.kind == "office":
        return seating.office_chair(p)
    if p.kind == "shell":
        return seating.shell_chair(p)
    return _wooden(p)


def _wooden(p: Chair) -> MeshData:
    seat = _seat(p)
    legs = [_leg(p, x, y) for x in (-1, 1) for y in (-1, 1)]
    back = _back(p)
    board = solids.loft(seat, "seat", uv=solids.plan_uv(seat))
    found = [solids.filled(board, [_seat_piece(p)])]
    for rings in legs:
        found.append(
            solids.filled(solids.loft(rings, "legs"), [pieces.slab(rings[[0, 2, -3]], 16)])
        )
    found += [solids.sliced_loft(rings, "back", 4, around=10) for rings in back]
    return solids.assemble(found, seating.SLOTS, keypoints=_keypoints(seat, legs, back))


def _keypoints(seat: np.ndarray, legs: list[np.ndarray], back: list[np.ndarray]) -> Keypoints:
    """Return the front corners of the seat, the feet of the back's posts, the feet of the legs, and
    the upper corners of the back, whose first lofts are the two posts and the top rail."""
    points = {}
    top = seat[..., 2].max()
    for name, leg in zip(seating.CORNERS, legs, strict=True):
        side = 1 if "right" in name else -1
        post = back[(side + 1) // 2]
        rising = post[int(np.argmax(post[..., 2].min(axis=1) > top))]
        at_back = keypoints.extreme(rising, (side, 1, 0))
        at_front = keypoints.extreme(seat[_UPPER_EDGE], (side, -1, 0))
        points[f"seat_{name}"] = at_back if "back" in name else at_front
        points[f"foot_{name}"] = leg[0].mean(axis=0)
    points["back_top_left"] = keypoints.extreme(back[2], (-1, 0, 1))
    points["back_top_right"] = keypoints.extreme(back[2], (1, 0, 1))
    return Keypoints(points, seating.chair_edges())


_UPPER_EDGE = 7
"""Index of the last ring of the seat with the full outline."""


def _half(p: Chair) -> tuple[float, float]:
    """Return the half width and half depth of the seat, metres."""
    wide = p.width * p.height / 2
    return wide, wide * p.depth


def _seat(p: Chair) -> np.ndarray:
    """Return the rings of the seat from its underside upwards; the front is at -y."""
    wide, deep = _half(p)
    top, thick = p.seat_height * p.height, p.seat_thick
    outline = curves.superellipse((wide, deep), p.seat_square, 48)
    outline[:, 0] *= 1 - (1 - p.seat_narrow) * (outline[:, 1] / deep + 1) / 2
    bevel = 0.32 * thick
    angle = np.linspace(0, np.pi / 2, 5)
    inset, rise = bevel * (1 - np.sin(angle)), bevel * (1 - np.cos(angle))
    levels = [(0.5 * wide, 0.0), (bevel * 1.4, 0.0), *zip(inset, rise, strict=True)]
    upper = [(i, thick - z) for i, z in levels[:0:-1]]
    dish = [(0.35 * wide * f, f) for f in (0.35, 0.7, 1.0, 1.5, 2.1)]
    dents = np.clip([0.02, 0.15, 0.45, 0.85, 1.0], 0, 1) * p.seat_dish
    upper += [(i, thick - d) for (i, _), d in zip(dish, dents, strict=True)]
    rings = []
    for shrink, z in levels + upper:
        factor = 1 - shrink / np.array([wide, deep])
        rings.append(np.column_stack([outline * factor, np.full(len(outline), top - thick + z)]))
    return np.array(rings)


def _seat_piece(p: Chair) -> Piece:
    wide, deep = _half(p)
    outline = curves.superellipse((wide, deep), p.seat_square, 32)
    outline[:, 0] *= 1 - (1 - p.seat_narrow) * (outline[:, 1] / deep + 1) / 2
    top = p.seat_height * p.height
    levels = np.array([top - p.seat_thick, top - 0.5 * p.seat_dish])
    return np.concatenate([np.column_stack([outline, np.full(32, z)]) for z in levels])


def _leg(p: Chair, left: int, back: int) -> np.ndarray:
    """Return the rings of one leg from the floor up into the seat."""
    wide, deep = _half(p)
    top = p.seat_height * p.height
    narrow = p.seat_narrow if back > 0 else 1.0
    inset = p.leg + 0.08 * wide
    head = np.array([left * (wide * narrow - inset), back * (deep - inset), 0.0])
    reach = top - 0.45 * p.seat_thick
    lean = np.array([left, back, 0.0]) * np.tan(p.splay) * reach
    path = np.linspace(0, 1, 5)[:, None] * (head + np.array([0.0, 0.0, reach]))
    path = path + np.linspace(1, 0, 5)[:, None] * (head + lean)
    half = (p.leg, p.leg)
    section = curves.superellipse(half, p.leg_square, 16)
    points, scale = sections.round_ends(path, half, 0.28 * p.leg)
    s = (points[:, 2] / reach)[:, None]
    rings = sections.sweep(
        points, section, (0, 1, 0), scale * (p.leg_taper + (1 - p.leg_taper) * s)
    )
    # Feet are cut level with the floor, regardless of their splay.
    rings[:, :, 2] = points[:, 2][:, None]
    return rings


def _back_point(p: Chair, s: float, x: float) -> np.ndarray:
    """Return the centre of the back at share `s` of its height and `x` (-1..1) of its half
    width."""
    wide, deep = _half(p)
    top = p.seat_height * p.height
    tall = p.height - top
    y = deep - 1.35 * p.leg + np.tan(p.recline) * tall * s**1.3
    bow = p.back_curve * wide * (1 - x * x) * min(1.0, 2 * s)
    side = wide * p.seat_narrow - p.leg * 1.6
    return np.array([x * side * (1 + 0.05 * s), y + bow, top - 0.5 * p.seat_thick + s * tall])


def _back(p: Chair) -> list[np.ndarray]:
    """Return the lofts of the back: two posts, the top rail, and slats or spindles."""
    thin = 0.72 * p.leg
    tall = p.height * (1 - p.seat_height)
    rail = p.rail * tall / 2
    top = 1.0 - 0.4 * p.rail
    found = [_post(p, x, (p.leg * 0.9, p.leg * 0.9), 0.98) for x in (-1.0, 1.0)]
    found.append(_rail(p, top, (thin, rail), 1.04))
    count = p.slats
    if not p.spindles:
        room = top - p.rail / 2
        for s in room * (np.arange(count) + 1) / (count + 1):
            found.append(_rail(p, float(s), (0.8 * thin, 0.3 * room * tall / (count + 1)), 0.97))
    else:
        for x in np.linspace(-1, 1, count + 4)[1:-1]:
            found.append(_post(p, float(x), (0.5 * thin, 0.5 * thin), top))
    return found


def _post(p: Chair, x: float, half: tuple[float, float], end: float) -> np.ndarray:
    path = np.array([_back_point(p, s, x) for s in np.linspace(0, end, 7)])
    section = curves.superellipse(half, p.leg_square, 14)
    return sections.sweep_rounded(path, section, (1, 0, 0), half, 0.4 * half[0], steps=3)


def _rail(p: Chair, s: float, half: tuple[float, float], reach: float) -> np.ndarray:
    path = np.array([_back_point(p, s, x) for x in np.linspace(-reach, reach, 9)])
    section = curves.rounded_rectangle(half, 0.8 * half[0], steps=2)
    return sections.sweep_rounded(path, section, (0, 0, 1), half, 0.6 * half[0], steps=2)


CLASSES = (ParametricClass("chair", Chair, build),)
