"""Park bench and bookcase, life-size. Their fronts are at -y."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Solid, curves, keypoints, noise, pieces
from simgen.spec.parameters import between, count, flag


@dataclass(frozen=True)
class Bench:
    length: float = between(1.2, 1.9)
    depth: float = between(0.40, 0.48)
    height: float = between(0.76, 0.90)
    seat_height: float = between(0.42, 0.47)
    slats: int = count(4, 6)
    back_slats: int = count(3, 5)
    thick: float = between(0.022, 0.038)
    lean: float = between(0.15, 0.30)
    arms: bool = flag(above=0.4)  # with armrests


@dataclass(frozen=True)
class Bookcase:
    width: float = between(0.6, 1.1)
    height: float = between(1.1, 2.1)
    depth: float = between(0.25, 0.34)
    board: float = between(0.018, 0.028)
    shelf: float = between(0.30, 0.38)  # height of a compartment
    filled: float = between(0.55, 1.0)
    order: float = between(0.0, 1000.0)


BENCH_SLOTS = ("slats", "frame")
BOOKCASE_SLOTS = ("boards", "books", "other_books")


def build_bench(p: Bench) -> MeshData:
    half, deep, seat, t = p.length / 2, p.depth / 2, p.seat_height, p.thick
    step = 2 * deep / p.slats
    rows = [-deep + number * step for number in range(p.slats)]
    slats = [((-half, y + 0.006, seat - t), (half, y + step - 0.006, seat)) for y in rows]
    tall = p.height - seat
    step = (tall - 0.08) / p.back_slats
    rows = [seat + 0.08 + number * step for number in range(p.back_slats)]
    back = [((-half, deep, z), (half, deep + t, z + step - 0.016)) for z in rows]
    upright = solids.chamfered_boxes("slats", 0.006, back)
    found = [
        solids.chamfered_boxes("slats", 0.006, slats),
        solids.rotate(upright, 0, -p.lean, (0, deep, seat)),
    ]
    for x in (-half + 0.10, half - 0.10, *((0.0,) if half > 0.8 else ())):
        found.append(_bench_frame(p, x, deep, seat, tall))
    y = deep + np.tan(p.lean) * tall
    points = {
        "seat_front_left": (-half, -deep - 0.1, seat),
        "seat_front_right": (half, -deep - 0.1, seat),
        "back_top_right": (half, y, p.height + 0.1),
        "back_top_left": (-half, y, p.height + 0.1),
    }
    return solids.finished(solids.join(found), BENCH_SLOTS, points, keypoints.loop(*points))


def _bench_frame(p: Bench, x: float, deep: float, seat: float, tall: float) -> Solid:
    """Build legs, a beam under the seat, the post of the back, and an optional armrest."""
    w, t = 0.022, p.thick
    top = seat - t + 0.002
    beam = ((x - w, -deep + 0.01, top - 0.045), (x + w, deep + 0.02, top))
    found = [solids.chamfered_box(*beam, 0.004, "frame")]
    across, along = curves.rounded_rectangle((0.022, w), 0.005, 2).T
    for y, out in ((-deep + 0.03, -0.03), (deep - 0.01, 0.06)):
        ends = [(y + out, 0.0), (y, top - 0.02)]
        rings = [
            np.column_stack([x + along, at + across, np.full(len(along), z)]) for at, z in ends
        ]
        found.append(solids.filled(solids.loft(np.array(rings), "frame")))
    high = seat + tall / np.cos(p.lean) - 0.04
    post = ((x - w, deep + t, seat - 0.08), (x + w, deep + t + 0.03, high))
    upright = solids.chamfered_box(*post, 0.004, "frame")
    found.append(solids.rotate(upright, 0, -p.lean, (0, deep, seat)))
    if p.arms and abs(x) > 0.1:
        y, z = -deep + 0.04, seat + 0.22
        found.append(solids.cylinder((x, y, top - 0.03), (x, y, z), 0.016, "frame", 12))
        end = deep + np.tan(p.lean) * 0.22 + 0.03
        arm = ((x - 0.028, -deep, z - 0.012), (x + 0.028, end, z + 0.014))
        found.append(solids.chamfered_box(*arm, 0.008, "frame"))
    return solids.join(found)


def build_bookcase(p: Bookcase) -> MeshData:
    half, deep, tall, t = p.width / 2, p.depth / 2, p.height, p.board
    side = solids.chamfered_box((half - t, -deep, 0.0), (half, deep, tall), 0.002, "boards")
    x = half - t / 2
    back = ((-x, deep - 0.008, 0.05), (x, deep - 0.001, tall - 0.002))
    plinth = ((-x, -deep + 0.02, 0.001), (x, -deep + 0.035, 0.07))
    found = [
        solids.with_mirror(side),
        solids.chamfered_box(*back, 0.001, "boards"),
        solids.chamfered_box(*plinth, 0.002, "boards"),
    ]
    count = max(3, round((tall - 0.08) / p.shelf))
    step = (tall - 0.06 - t) / count
    for number in range(count + 1):
        z = 0.06 + number * step
        low, high = (-half + 0.6 * t, -deep + 0.003, z), (half - 0.6 * t, deep - 0.004, z + t)
        found.append(solids.chamfered_box(low, high, 0.002, "boards"))
        if number < count:
            found.append(_row(p, number, z + t, step - t))
    marks = keypoints.front_corners(1.1 * half, -deep - 0.1, 0.0, tall)
    return solids.finished(solids.join(found), BOOKCASE_SLOTS, *marks)


def _row(p: Bookcase, number: int, low: float, room: float) -> Solid:
    """Build upright books on one shelf, starting from the left or the right."""
    half, back = p.width / 2 - p.board, p.depth / 2 - 0.03
    free = 2 * half * p.filled * (0.75 + 0.25 * noise.signed(p.order, number, 9))
    x = 0.0
    found: list[Solid] = []
    while x < free - 0.06 and len(found) < 40:
        place = 50 * number + len(found)
        a, b, c = (0.5 + 0.5 * noise.signed(p.order, place, what) for what in (1, 2, 3))
        thick, tall = 0.016 + 0.034 * a, room * (0.62 + 0.30 * b)
        front = -p.depth / 2 + 0.02 + 0.03 * c
        slot = "books" if noise.signed(p.order, place, 4) < 0.2 else "other_books"
        corners = ((x + 0.0006, front, low + 0.0002), (x + thick - 0.0006, back, low + tall))
        found.append(solids.chamfered_box(*corners, 0.003, slot))
        x += thick
    # One piece per book would be too many: use three runs of books with their typical height.
    runs = [run for run in np.array_split(np.arange(len(found)), 3) if len(run)]
    filling = [pieces.hull(np.concatenate([found[k].vertices for k in run])) for run in runs]
    shift = -half + 0.001 if number % 2 == 0 else half - x - 0.001
    return solids.translate(solids.filled(solids.join(found), filling), (shift, 0.0, 0.0))


CLASSES = (
    ParametricClass("bench", Bench, build_bench),
    ParametricClass("bookcase", Bookcase, build_bookcase),
)
