"""Park bench and bookcase, of real size. Their fronts are at -y."""

from __future__ import annotations

import numpy as np

from simgen.assets.parametric import bodies, curves, landmarks, shapes
from simgen.assets.parametric.bodies import Body
from simgen.mesh import MeshData

BENCH_RANGES: shapes.Ranges = {
    "length": (1.2, 1.9),
    "depth": (0.40, 0.48),
    "height": (0.76, 0.90),
    "seat_height": (0.42, 0.47),
    "slats": (4.0, 6.99),
    "back_slats": (3.0, 5.99),
    "thick": (0.022, 0.038),
    "lean": (0.15, 0.30),
    "arms": (0.0, 1.0),  # with arm rests above 0.4
}
BOOKCASE_RANGES: shapes.Ranges = {
    "width": (0.6, 1.1),
    "height": (1.1, 2.1),
    "depth": (0.25, 0.34),
    "board": (0.018, 0.028),
    "shelf": (0.30, 0.38),  # height of a compartment
    "filled": (0.55, 1.0),
    "order": (0.0, 1000.0),
}
BENCH_SLOTS = ("slats", "frame")
BOOKCASE_SLOTS = ("boards", "books", "other_books")


def draw_bench(rng: np.random.Generator) -> dict[str, float]:
    return shapes.draw_ranges(rng, BENCH_RANGES)


def build_bench(p: dict[str, float]) -> MeshData:
    half, deep, seat, t = p["length"] / 2, p["depth"] / 2, p["seat_height"], p["thick"]
    found = []
    count = int(p["slats"])
    step = 2 * deep / count
    for number in range(count):
        y = -deep + number * step
        low, high = (-half, y + 0.006, seat - t), (half, y + step - 0.006, seat)
        found.append(bodies.block(low, high, 0.006, "slats"))
    tall, count = p["height"] - seat, int(p["back_slats"])
    step = (tall - 0.08) / count
    for number in range(count):
        z = seat + 0.08 + number * step
        slat = bodies.block((-half, deep, z), (half, deep + t, z + step - 0.016), 0.006, "slats")
        found.append(bodies.turned(slat, 0, -p["lean"], (0, deep, seat)))
    for x in (-half + 0.10, half - 0.10, *((0.0,) if half > 0.8 else ())):
        found.append(_bench_frame(p, x, deep, seat, tall))
    body = bodies.total(found)
    back = deep + np.tan(p["lean"]) * tall
    marks = {
        "seat_front_left": (-half, -deep - 0.1, seat),
        "seat_front_right": (half, -deep - 0.1, seat),
        "back_top_right": (half, back, p["height"] + 0.1),
        "back_top_left": (-half, back, p["height"] + 0.1),
    }
    return bodies.built(body, BENCH_SLOTS, marks, landmarks.loop(*marks))


def _bench_frame(p: dict[str, float], x: float, deep: float, seat: float, tall: float) -> Body:
    """Legs, a beam under the seat, the post of the back, and perhaps an arm rest."""
    w, t = 0.022, p["thick"]
    top = seat - t + 0.002
    lean = np.tan(p["lean"])
    found = [
        bodies.block((x - w, -deep + 0.01, top - 0.045), (x + w, deep + 0.02, top), 0.004, "frame")
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
        part = shapes.loft(rings, "frame")
        found.append(Body((part,), (bodies.wrap(part.vertices),)))
    post = bodies.block(
        (x - w, deep + t, seat - 0.08),
        (x + w, deep + t + 0.03, seat + tall / np.cos(p["lean"]) - 0.04),
        0.004,
        "frame",
    )
    found.append(bodies.turned(post, 0, -p["lean"], (0, deep, seat)))
    if p["arms"] > 0.4 and abs(x) > 0.1:
        high = seat + 0.22
        front = (x, -deep + 0.04)
        found.append(bodies.stick((*front, top - 0.03), (*front, high), 0.016, "frame", 12))
        end = deep + lean * 0.22 + 0.03
        found.append(
            bodies.block(
                (x - 0.028, -deep + 0.0, high - 0.012),
                (x + 0.028, end, high + 0.014),
                0.008,
                "frame",
            )
        )
    return bodies.total(found)


def draw_bookcase(rng: np.random.Generator) -> dict[str, float]:
    return shapes.draw_ranges(rng, BOOKCASE_RANGES)


def build_bookcase(p: dict[str, float]) -> MeshData:
    half, deep, tall, t = p["width"] / 2, p["depth"] / 2, p["height"], p["board"]
    side = bodies.block((half - t, -deep, 0.0), (half, deep, tall), 0.002, "boards")
    found = [bodies.both(side)]
    found.append(
        bodies.block(
            (-half + t / 2, deep - 0.008, 0.05),
            (half - t / 2, deep - 0.001, tall - 0.002),
            0.001,
            "boards",
        )
    )
    count = max(3, round((tall - 0.08) / p["shelf"]))
    step = (tall - 0.06 - t) / count
    found.append(
        bodies.block(
            (-half + t / 2, -deep + 0.02, 0.001),
            (half - t / 2, -deep + 0.035, 0.07),
            0.002,
            "boards",
        )
    )
    for number in range(count + 1):
        z = 0.06 + number * step
        low, high = (-half + 0.6 * t, -deep + 0.003, z), (half - 0.6 * t, deep - 0.004, z + t)
        found.append(bodies.block(low, high, 0.002, "boards"))
        if number < count:
            found.append(_row(p, number, z + t, step - t))
    marks = {}
    for level, z in (("bottom", 0.0), ("top", tall)):
        for name, x in (("left", -half), ("right", half)):
            marks[f"{level}_front_{name}"] = (1.1 * x, -deep - 0.1, z)
    order = ("bottom_front_left", "bottom_front_right", "top_front_right", "top_front_left")
    return bodies.built(bodies.total(found), BOOKCASE_SLOTS, marks, landmarks.loop(*order))


def _row(p: dict[str, float], number: int, low: float, room: float) -> Body:
    """Books on one shelf, upright, from the left or from the right, and one piece around them."""
    half = p["width"] / 2 - p["board"]
    free = 2 * half * p["filled"] * (0.75 + 0.25 * _noise(p, number, 9))
    x, place, found = 0.0, 0, []
    while x < free - 0.06 and place < 40:
        a, b, c = (0.5 + 0.5 * _noise(p, 50 * number + place, what) for what in (1, 2, 3))
        thick, tall = 0.016 + 0.034 * a, room * (0.62 + 0.30 * b)
        front = -p["depth"] / 2 + 0.02 + 0.03 * c
        slot = "books" if _noise(p, 50 * number + place, 4) < 0.2 else "other_books"
        low_corner = (x + 0.0006, front, low + 0.0002)
        found.append(
            bodies.block(
                low_corner, (x + thick - 0.0006, p["depth"] / 2 - 0.03, low + tall), 0.003, slot
            )
        )
        x, place = x + thick, place + 1
    # A piece a book would be too many: three runs of books, as tall as they mostly are.
    runs = np.array_split(np.arange(len(found)), 3)
    solid = []
    for run in runs:
        if len(run):
            solid.append(bodies.wrap(np.concatenate([found[k].points() for k in run])))
    body = Body(bodies.total(found).parts, tuple(solid))
    shift = -half + 0.001 if number % 2 == 0 else half - x - 0.001
    return bodies.moved(body, (shift, 0.0, 0.0))


def _noise(p: dict[str, float], place: int, what: int) -> float:
    """A number in -1..1, as good as random."""
    return float(np.sin(12.9898 * (p["order"] + place) + 78.233 * what) * 43758.5453 % 2.0 - 1.0)
