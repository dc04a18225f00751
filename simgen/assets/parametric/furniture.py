"""Park bench and bookcase, of real size. Their fronts are at -y."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen import solids
from simgen.assets.parametric.parametric_class import ParametricClass
from simgen.mesh import MeshData
from simgen.parameters import between, count, flag
from simgen.solids import Solid, curves, keypoints, pieces


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
    arms: bool = flag(above=0.4)  # with arm rests above 0.4


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
    found = []
    count = p.slats
    step = 2 * deep / count
    for number in range(count):
        y = -deep + number * step
        low, high = (-half, y + 0.006, seat - t), (half, y + step - 0.006, seat)
        found.append(solids.chamfered_box(low, high, 0.006, "slats"))
    tall, count = p.height - seat, p.back_slats
    step = (tall - 0.08) / count
    for number in range(count):
        z = seat + 0.08 + number * step
        slat = solids.chamfered_box(
            (-half, deep, z), (half, deep + t, z + step - 0.016), 0.006, "slats"
        )
        found.append(solids.rotate(slat, 0, -p.lean, (0, deep, seat)))
    for x in (-half + 0.10, half - 0.10, *((0.0,) if half > 0.8 else ())):
        found.append(_bench_frame(p, x, deep, seat, tall))
    body = solids.join(found)
    back = deep + np.tan(p.lean) * tall
    marks = {
        "seat_front_left": (-half, -deep - 0.1, seat),
        "seat_front_right": (half, -deep - 0.1, seat),
        "back_top_right": (half, back, p.height + 0.1),
        "back_top_left": (-half, back, p.height + 0.1),
    }
    return solids.finished(body, BENCH_SLOTS, marks, keypoints.loop(*marks))


def _bench_frame(p: Bench, x: float, deep: float, seat: float, tall: float) -> Solid:
    """Legs, a beam under the seat, the post of the back, and perhaps an arm rest."""
    w, t = 0.022, p.thick
    top = seat - t + 0.002
    lean = np.tan(p.lean)
    found = [
        solids.chamfered_box(
            (x - w, -deep + 0.01, top - 0.045), (x + w, deep + 0.02, top), 0.004, "frame"
        )
    ]
    for y, out in ((-deep + 0.03, -0.03), (deep - 0.01, 0.06)):
        line = [(x, y + out, 0.0), (x, y, top - 0.02)]
        section = curves.rounded_rectangle((0.022, w), 0.005, 2)
        rings = np.array(
            [
                np.column_stack(
                    [
                        np.full(len(section), x) + section[:, 1],
                        place[1] + section[:, 0],
                        np.full(len(section), place[2]),
                    ]
                )
                for place in line
            ]
        )
        part = solids.loft(rings, "frame")
        found.append(solids.filled(part))
    post = solids.chamfered_box(
        (x - w, deep + t, seat - 0.08),
        (x + w, deep + t + 0.03, seat + tall / np.cos(p.lean) - 0.04),
        0.004,
        "frame",
    )
    found.append(solids.rotate(post, 0, -p.lean, (0, deep, seat)))
    if p.arms and abs(x) > 0.1:
        high = seat + 0.22
        front = (x, -deep + 0.04)
        found.append(solids.cylinder((*front, top - 0.03), (*front, high), 0.016, "frame", 12))
        end = deep + lean * 0.22 + 0.03
        found.append(
            solids.chamfered_box(
                (x - 0.028, -deep + 0.0, high - 0.012),
                (x + 0.028, end, high + 0.014),
                0.008,
                "frame",
            )
        )
    return solids.join(found)


def build_bookcase(p: Bookcase) -> MeshData:
    half, deep, tall, t = p.width / 2, p.depth / 2, p.height, p.board
    side = solids.chamfered_box((half - t, -deep, 0.0), (half, deep, tall), 0.002, "boards")
    found = [solids.with_mirror(side)]
    found.append(
        solids.chamfered_box(
            (-half + t / 2, deep - 0.008, 0.05),
            (half - t / 2, deep - 0.001, tall - 0.002),
            0.001,
            "boards",
        )
    )
    count = max(3, round((tall - 0.08) / p.shelf))
    step = (tall - 0.06 - t) / count
    found.append(
        solids.chamfered_box(
            (-half + t / 2, -deep + 0.02, 0.001),
            (half - t / 2, -deep + 0.035, 0.07),
            0.002,
            "boards",
        )
    )
    for number in range(count + 1):
        z = 0.06 + number * step
        low, high = (-half + 0.6 * t, -deep + 0.003, z), (half - 0.6 * t, deep - 0.004, z + t)
        found.append(solids.chamfered_box(low, high, 0.002, "boards"))
        if number < count:
            found.append(_row(p, number, z + t, step - t))
    marks = {}
    for level, z in (("bottom", 0.0), ("top", tall)):
        for name, x in (("left", -half), ("right", half)):
            marks[f"{level}_front_{name}"] = (1.1 * x, -deep - 0.1, z)
    order = ("bottom_front_left", "bottom_front_right", "top_front_right", "top_front_left")
    return solids.finished(solids.join(found), BOOKCASE_SLOTS, marks, keypoints.loop(*order))


def _row(p: Bookcase, number: int, low: float, room: float) -> Solid:
    """Books on one shelf, upright, from the left or from the right, and one piece around them."""
    half = p.width / 2 - p.board
    free = 2 * half * p.filled * (0.75 + 0.25 * _noise(p, number, 9))
    x, place, found = 0.0, 0, []
    while x < free - 0.06 and place < 40:
        a, b, c = (0.5 + 0.5 * _noise(p, 50 * number + place, what) for what in (1, 2, 3))
        thick, tall = 0.016 + 0.034 * a, room * (0.62 + 0.30 * b)
        front = -p.depth / 2 + 0.02 + 0.03 * c
        slot = "books" if _noise(p, 50 * number + place, 4) < 0.2 else "other_books"
        low_corner = (x + 0.0006, front, low + 0.0002)
        found.append(
            solids.chamfered_box(
                low_corner, (x + thick - 0.0006, p.depth / 2 - 0.03, low + tall), 0.003, slot
            )
        )
        x, place = x + thick, place + 1
    # A piece a book would be too many: three runs of books, as tall as they mostly are.
    runs = np.array_split(np.arange(len(found)), 3)
    filling = []
    for run in runs:
        if len(run):
            filling.append(pieces.hull(np.concatenate([found[k].vertices for k in run])))
    body = solids.filled(solids.join(found), filling)
    shift = -half + 0.001 if number % 2 == 0 else half - x - 0.001
    return solids.translate(body, (shift, 0.0, 0.0))


def _noise(p: Bookcase, place: int, what: int) -> float:
    """A number in -1..1, as good as random."""
    return float(np.sin(12.9898 * (p.order + place) + 78.233 * what) * 43758.5453 % 2.0 - 1.0)


CLASSES = (
    ParametricClass("bench", Bench, build_bench),
    ParametricClass("bookcase", Bookcase, build_bookcase),
)
