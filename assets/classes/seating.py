"""Non-wooden chairs: a moulded shell on legs, and an office chair."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import Literal

import numpy as np

from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Edges, Sheet, Solid, curves, keypoints, sections
from simgen.spec.parameters import between, cases, count, flag

Kind = Literal["wooden", "shell", "office"]


@dataclass(frozen=True)
class Chair:
    kind: Kind = cases("wooden", "shell", "office", at=(0.5, 0.7))
    height: float = between(0.80, 0.98)
    seat_height: float = between(0.47, 0.54)  # of the height
    width: float = between(0.46, 0.54)  # of the height
    depth: float = between(0.94, 1.08)  # over the width
    seat_thick: float = between(0.022, 0.048)
    seat_narrow: float = between(0.82, 1.0)  # width at the back over width in front
    seat_square: float = between(3.5, 9.0)
    seat_dish: float = between(0.0, 0.010)
    leg: float = between(0.014, 0.021)  # half its width at the seat
    leg_taper: float = between(0.58, 1.0)
    leg_square: float = between(2.0, 7.0)
    splay: float = between(0.0, 0.15)
    recline: float = between(0.05, 0.24)
    back_curve: float = between(0.0, 0.14)
    slats: int = count(1, 4)
    arms: bool = flag(above=2.2, of="slats")  # of an office chair
    spindles: bool = flag(above=0.5, of="upright")  # else slats across
    rail: float = between(0.16, 0.30)  # height of the top rail, of the back's


SLOTS = ("seat", "legs", "back")
CORNERS = ("front_left", "back_left", "front_right", "back_right")


def chair_points(
    seat: float, wide: float, deep: float, foot: tuple[float, float], top: np.ndarray
) -> dict[str, np.ndarray]:
    """Return the approximate positions of a chair's keypoints.

    seat: height of its top. wide, deep: half its size. foot: half the width and depth between the
    feet. top: the back's upper right corner.
    """
    points = {}
    for name in CORNERS:
        way = np.array([*keypoints.CORNERS[name], 0.0])
        points[f"seat_{name}"] = way * (wide, deep, 0) + (0, 0, seat)
        points[f"foot_{name}"] = way * (*foot, 0)
    points["back_top_left"] = top * (-1, 1, 1)
    points["back_top_right"] = top
    return points


def chair_edges() -> Edges:
    """Return edges around the seat, along the legs and around the back."""
    edges = keypoints.loop(*(f"seat_{name}" for name in keypoints.CORNERS))
    edges += tuple((f"seat_{name}", f"foot_{name}") for name in CORNERS)
    back = ("seat_back_left", "back_top_left", "back_top_right", "seat_back_right")
    return edges + keypoints.chain(*back)


def shell_chair(p: Chair) -> MeshData:
    """Build a moulded shell for seat and back, on four splayed legs."""
    tall, wide = p.height, p.width * p.height / 2
    seat, deep = p.seat_height * tall - 0.03, wide * 0.95
    end = deep + np.tan(0.1 + p.recline * 0.8) * (tall - seat)
    corners = [(-deep, seat - 0.03), (-0.86 * deep, seat), (0.75 * deep, seat - 0.025), (end, tall)]
    line = curves.resample(curves.fillet(corners, [0, 0.05, 0.13, 0], 8), 29)
    s = np.linspace(0, 1, 29)
    at, share = [0, 0.06, 0.2, 0.5, 0.75, 0.93, 1.0], [0.8, 0.94, 1, 1, 0.97, 0.85, 0.62]
    half = wide * np.interp(s, at, share)
    across = np.linspace(-1, 1, 11)
    cup = np.interp(s, [0, 0.1, 0.45, 0.6, 1.0], [0.0, 0.012, 0.075, 0.09, 0.03])
    along = curves.tangents(line)
    normal = np.stack([np.zeros(29), -along[:, 1], along[:, 0]], axis=1)
    middle = np.stack([np.zeros(29), line[:, 0], line[:, 1]], axis=1)
    points = middle[:, None] + (half[:, None] * across)[..., None] * np.array([1.0, 0, 0])
    points = points + (cup[:, None] * np.abs(across) ** 2.2)[..., None] * normal[:, None]
    thick = 0.0045 * np.where(np.abs(across) == 1, 0.6, 1.0)[:, None] * normal[:, None]
    names = ["seat" if at < 0.47 else "back" for at in np.linspace(0, 1, 30)]
    sheet = Sheet(points - thick, points + thick)
    found = [sheet.solid(names, (0, 4, 9, 12, 14, 16, 19, 24, 28), (0, 2, 5, 8, 10))]
    foot = (0.92 * wide, 0.95 * deep)
    for x, y in product((-1, 1), repeat=2):
        start = (x * foot[0], y * foot[1] + 0.02, 0.0)
        end_at = (x * 0.55 * wide, y * 0.5 * deep, seat - 0.01)
        found.append(solids.cylinder(start, end_at, (0.011, 0.016), "legs", 14))
    for y in (-1, 1):
        middle_y, z = y * 0.5 * deep, seat - 0.045
        ends = ((-0.6 * wide, middle_y, z), (0.6 * wide, middle_y, z))
        found.append(solids.cylinder(*ends, 0.008, "legs"))
    top = np.array([half[-2], line[-1, 0], tall + 0.05])
    marks = chair_points(seat + 0.02, wide, 0.86 * deep, foot, top)
    return solids.finished(_grounded(solids.join(found)), SLOTS, marks, chair_edges())


def _grounded(body: Solid) -> Solid:
    """Flatten everything below z = 0, so that feet are level with the floor."""
    level = body.vertices.copy()
    level[level[:, 2] < 0.02, 2] = 0.0
    filling = [np.where(piece[:, 2:] < 0.02, piece * (1, 1, 0), piece) for piece in body.pieces]
    return solids.filled(replace(body, vertices=level), filling)


def office_chair(p: Chair) -> MeshData:
    """Build a cushioned seat on a gas spring and five castors, with a curved back and optional
    arms."""
    tall = 0.92 + 0.6 * (p.height - 0.80)
    seat = 0.47 + 0.10 * (p.seat_height - 0.47) / 0.07 * 0.6
    wide, deep, reach = 0.235 + 0.02 * p.seat_narrow, 0.235, 0.30
    mount = ((-0.09, -0.10, seat - 0.105), (0.09, 0.12, seat - 0.06))
    found = [
        _star(reach, p.back_curve),
        solids.cylinder((0, 0, 0.09), (0, 0, 0.24), 0.026, "legs", 16),
        solids.cylinder((0, 0, 0.22), (0, 0, seat - 0.08), 0.016, "legs", 14),
        solids.chamfered_box(*mount, 0.012, "legs"),
        solids.rounded_slab((wide, deep), 0.09, (seat - 0.075, seat), 0.03, "seat", -0.008),
        _back(seat, tall, wide, deep, p),
    ]
    if p.arms:
        found.append(solids.with_mirror(_arm_rest(seat, wide)))
    top = np.array([0.85 * wide, deep + 0.1, tall + 0.05])
    points = chair_points(seat + 0.01, wide, deep, (0.6 * reach, 0.8 * reach), top)
    return solids.finished(solids.join(found), SLOTS, points, chair_edges())


def _star(reach: float, turn: float) -> Solid:
    """Build five arms, each with a castor."""
    found = [solids.cylinder((0, 0, 0.07), (0, 0, 0.11), 0.045, "legs", 18)]
    wheel = solids.convex_lathe(curves.tyre(0.024, 0.028, 0.007, 0.010), "legs", 20, axis=0)
    for number in range(5):
        angle = 2 * np.pi * number / 5 + np.pi / 2 + turn
        out = np.array([np.cos(angle), np.sin(angle), 0.0])
        line = [0.02 * out + (0, 0, 0.095), 0.6 * reach * out + (0, 0, 0.085)]
        line.append(reach * out + (0, 0, 0.066))
        side = np.cross(out, (0, 0, 1.0))
        found.append(solids.rod(line, (0.026, 0.021, 0.016), "legs", side, 12))
        at = reach * 0.97 * out
        way = np.array([np.cos(angle + 0.7), np.sin(angle + 0.7), 0.0])
        turned = solids.rotate(wheel, 2, angle + 0.7)
        for shift in (-1, 1):
            found.append(solids.translate(turned, at + shift * 0.014 * way + (0, 0, 0.028)))
        fork = solids.cylinder(at + (0, 0, 0.02), at + (0, 0, 0.07), 0.009, "legs", 8)
        found.append(solids.decoration(fork))
    return solids.join(found)


def _back(seat: float, tall: float, wide: float, deep: float, p: Chair) -> Solid:
    """Build a padded back that curves around the sitter, and its bracket."""
    s = np.linspace(0, 1, 15)
    low = seat + 0.09
    z = low + s * (tall - low)
    y = deep - 0.005 + 0.02 + np.tan(0.06 + 0.3 * p.recline) * (z - low) - 0.03 * np.sin(np.pi * s)
    share = np.interp(s, [0, 0.06, 0.3, 0.75, 0.94, 1], [0.6, 0.78, 0.95, 1, 0.86, 0.6])
    across = np.linspace(-1, 1, 11)
    points = np.empty((15, 11, 3))
    points[..., 0] = ((wide - 0.02) * share)[:, None] * across
    points[..., 1] = y[:, None] - 0.055 * np.abs(across) ** 2
    points[..., 2] = z[:, None]
    swell = np.sqrt(np.clip(1 - np.abs(across) ** 4, 0.02, 1))
    ends = np.interp(s, [0, 0.08, 0.92, 1], [0.25, 1, 1, 0.25])
    thick = np.zeros((15, 11, 3))
    thick[..., 1] = 0.024 * ends[:, None] * swell
    pad = Sheet(points + thick, points - thick).solid("back", (0, 5, 10, 14), (0, 3, 7, 10))
    corners = [(0.06, seat - 0.09), (deep + 0.07, seat - 0.085), (deep + 0.06, low + 0.12)]
    flat = curves.fillet(corners, [0, 0.06, 0], 5)
    line = np.column_stack([np.zeros(len(flat)), flat])
    section = curves.rounded_rectangle((0.008, 0.035), 0.006, 2)
    rings = sections.sweep(line, section, (1, 0, 0))
    return pad + solids.loft(rings, "legs", cuts=(0, 2, len(rings) - 2, len(rings) - 1))


def _arm_rest(seat: float, wide: float) -> Solid:
    """Build the right arm rest: a bracket from below the seat and a pad on it."""
    x = wide + 0.035
    line = curves.fillet([(0.1, seat - 0.05), (x, seat - 0.04), (x, seat + 0.19)], [0, 0.04, 0], 5)
    post = solids.rod(curves.in_xz(line, 0.03), 0.014, "legs", (0, 1, 0))
    pad = solids.rounded_slab((0.035, 0.125), 0.03, (seat + 0.185, seat + 0.212), 0.01, "legs")
    return post + solids.filled(solids.translate(pad, (x, 0.0, 0.0)))
