"""Chairs that are not of wood: a moulded shell on legs, and an office chair."""

from __future__ import annotations

import numpy as np

from simgen.assets.parametric import bodies, curves, forms, landmarks, shapes
from simgen.assets.parametric.bodies import Body
from simgen.mesh import MeshData

SLOTS = ("seat", "legs", "back")
_CORNERS = ("front_left", "back_left", "front_right", "back_right")


def chair_marks(
    seat: float, wide: float, deep: float, foot: tuple[float, float], top: np.ndarray
) -> dict[str, np.ndarray]:
    """About where a chair's keypoints are.

    seat: height of its top; wide, deep: half its size; foot: half the width and depth between the
    feet; top: the back's upper right corner.
    """
    marks = {}
    for name in _CORNERS:
        way = np.array([1 if "right" in name else -1, 1 if "back" in name else -1, 0.0])
        marks[f"seat_{name}"] = way * (wide, deep, 0) + (0, 0, seat)
        marks[f"foot_{name}"] = way * (*foot, 0)
    marks["back_top_left"] = top * (-1, 1, 1)
    marks["back_top_right"] = top
    return marks


def chair_edges() -> landmarks.Edges:
    """Around the seat, down the legs and over the back."""
    around = [f"seat_{name}" for name in ("front_left", "front_right", "back_right", "back_left")]
    edges = landmarks.loop(*around)
    edges += tuple((f"seat_{name}", f"foot_{name}") for name in _CORNERS)
    return edges + landmarks.chain(
        "seat_back_left", "back_top_left", "back_top_right", "seat_back_right"
    )


def shell_chair(p: dict[str, float]) -> MeshData:
    """A seat and back in one moulded shell, on four splayed legs."""
    tall, wide = p["height"], p["width"] * p["height"] / 2
    deep = wide * 0.95
    seat = p["seat_height"] * tall - 0.03
    recline = 0.1 + p["recline"] * 0.8
    rise = tall - seat
    corners = [(-deep, seat - 0.03), (-0.86 * deep, seat), (0.75 * deep, seat - 0.025)]
    corners += [(deep + np.tan(recline) * rise, tall)]
    line = curves.resample(curves.fillet(corners, [0, 0.05, 0.13, 0], 8), 29)
    s = np.linspace(0, 1, 29)
    half = wide * np.interp(
        s, [0, 0.06, 0.2, 0.5, 0.75, 0.93, 1.0], [0.8, 0.94, 1, 1, 0.97, 0.85, 0.62]
    )
    across = np.linspace(-1, 1, 11)
    cup = np.interp(s, [0, 0.1, 0.45, 0.6, 1.0], [0.0, 0.012, 0.075, 0.09, 0.03])
    along = curves.tangents(line)
    normal = np.stack([np.zeros(29), -along[:, 1], along[:, 0]], axis=1)
    middle = np.stack([np.zeros(29), line[:, 0], line[:, 1]], axis=1)
    points = middle[:, None] + (half[:, None] * across)[..., None] * np.array([1.0, 0, 0])
    points = points + (cup[:, None] * np.abs(across) ** 2.2)[..., None] * normal[:, None]
    thick = 0.0045 * np.where(np.abs(across) == 1, 0.6, 1.0)[:, None] * normal[:, None]
    sheet = forms.Sheet(points - thick, points + thick)
    names = ["seat" if at < 0.47 else "back" for at in np.linspace(0, 1, 30)]
    shell = shapes.loft(sheet.rings(), names)
    body = Body((shell,), tuple(sheet.solid((0, 4, 9, 12, 14, 16, 19, 24, 28), (0, 2, 5, 8, 10))))
    foot = (0.92 * wide, 0.95 * deep)
    for x in (-1, 1):
        for y in (-1, 1):
            start = np.array([x * foot[0], y * foot[1] + 0.02, 0.0])
            end = np.array([x * 0.55 * wide, y * 0.5 * deep, seat - 0.01])
            body += bodies.stick(start, end, (0.011, 0.016), "legs", 14)
    for y in (-1, 1):
        ends = np.array([[-0.6 * wide, y * 0.5 * deep, seat - 0.045]] * 2) * ((1, 1, 1), (-1, 1, 1))
        body += bodies.stick(ends[0], ends[1], 0.008, "legs")
    flat = _grounded(body)
    top = np.array([half[-2], line[-1, 0], tall + 0.05])
    marks = chair_marks(seat + 0.02, wide, 0.86 * deep, (foot[0], foot[1]), top)
    return bodies.built(flat, SLOTS, marks, chair_edges())


def _grounded(body: Body) -> Body:
    """The body with what is below z = 0 pressed flat: feet that are level with the floor."""
    parts = []
    for part in body.parts:
        level = part.vertices.copy()
        near = level[:, 2] < 0.02
        # The ring at the foot is slanted with the leg; all of it goes to the floor.
        level[near, 2] = 0.0
        fan = len(level) - 2
        if near[fan] or near[fan + 1]:
            level[near, 2] = 0.0
        parts.append(shapes.Part(level, part.faces, part.uv, part.slot))
    solid = tuple(np.where(piece[:, 2:] < 0.02, piece * (1, 1, 0), piece) for piece in body.solid)
    return Body(tuple(parts), solid)


def office_chair(p: dict[str, float]) -> MeshData:
    """A cushioned seat on a gas spring and five castors, with a curved back and often arms."""
    tall = 0.92 + 0.6 * (p["height"] - 0.80)
    seat = 0.47 + 0.10 * (p["seat_height"] - 0.47) / 0.07 * 0.6
    wide = 0.235 + 0.02 * p["seat_narrow"]
    deep = 0.235
    body, reach = _star(0.30, p["back_curve"])
    body += bodies.stick((0, 0, 0.09), (0, 0, 0.24), 0.026, "legs", 16)
    body += bodies.stick((0, 0, 0.22), (0, 0, seat - 0.08), 0.016, "legs", 14)
    body += bodies.block((-0.09, -0.10, seat - 0.105), (0.09, 0.12, seat - 0.06), 0.012, "legs")
    cushion = forms.slab((wide, deep), 0.09, (seat - 0.075, seat), 0.03, "seat", -0.008)
    body += Body((cushion,), (bodies.wrap(cushion.vertices),))
    body += _back(seat, tall, wide, deep, p)
    if p["slats"] > 2.2:
        body += bodies.both(_arm_rest(seat, wide))
    top = np.array([0.85 * wide, deep + 0.1, tall + 0.05])
    marks = chair_marks(seat + 0.01, wide, deep, (0.0, 0.0), top)
    for name in _CORNERS:
        x, y = (1 if "right" in name else -1), (1 if "back" in name else -1)
        marks[f"foot_{name}"] = np.array([x * 0.6 * reach, y * 0.8 * reach, 0.0])
    return bodies.built(body, SLOTS, marks, chair_edges())


def _star(reach: float, turn: float) -> tuple[Body, float]:
    """Five arms with a castor each."""
    found = [bodies.stick((0, 0, 0.07), (0, 0, 0.11), 0.045, "legs", 18)]
    for number in range(5):
        angle = 2 * np.pi * number / 5 + np.pi / 2 + turn
        out = np.array([np.cos(angle), np.sin(angle), 0.0])
        line = np.array(
            [
                0.02 * out + (0, 0, 0.095),
                0.6 * reach * out + (0, 0, 0.085),
                reach * out + (0, 0, 0.066),
            ]
        )
        side = np.cross(out, (0, 0, 1.0))
        found.append(bodies.rod(line, (0.026, 0.021, 0.016), "legs", side, 12))
        at = reach * 0.97 * out
        for shift in (-1, 1):
            tyre = [
                (0, -0.010),
                (0.024, -0.010),
                (0.028, -0.007),
                (0.028, 0.007),
                (0.024, 0.010),
                (0, 0.010),
            ]
            wheel = bodies.turned(bodies.wheel(tyre, "legs", 20), 2, angle + 0.7)
            way = np.array([np.cos(angle + 0.7), np.sin(angle + 0.7), 0.0])
            found.append(bodies.moved(wheel, at + shift * 0.014 * way + (0, 0, 0.028)))
        found.append(
            bodies.hollow(bodies.stick(at + (0, 0, 0.02), at + (0, 0, 0.07), 0.009, "legs", 8))
        )
    return bodies.total(found), reach


def _back(seat: float, tall: float, wide: float, deep: float, p: dict[str, float]) -> Body:
    """A padded back that curves around the sitter, and the bracket that carries it."""
    s = np.linspace(0, 1, 15)
    low = seat + 0.09
    z = low + s * (tall - low)
    y = (
        deep
        - 0.005
        + 0.02
        + np.tan(0.06 + 0.3 * p["recline"]) * (z - low)
        - 0.03 * np.sin(np.pi * s)
    )
    half = (wide - 0.02) * np.interp(
        s, [0, 0.06, 0.3, 0.75, 0.94, 1], [0.6, 0.78, 0.95, 1, 0.86, 0.6]
    )
    across = np.linspace(-1, 1, 11)
    bow = 0.055 * np.abs(across) ** 2
    points = np.empty((15, 11, 3))
    points[..., 0] = half[:, None] * across
    points[..., 1] = y[:, None] - bow
    points[..., 2] = z[:, None]
    swell = np.sqrt(np.clip(1 - np.abs(across) ** 4, 0.02, 1))
    ends = np.interp(s, [0, 0.08, 0.92, 1], [0.25, 1, 1, 0.25])
    thick = np.zeros((15, 11, 3))
    thick[..., 1] = 0.024 * ends[:, None] * swell
    sheet = forms.Sheet(points + thick, points - thick)
    part = shapes.loft(sheet.rings(), "back")
    body = Body((part,), tuple(sheet.solid((0, 5, 10, 14), (0, 3, 7, 10))))
    corners = [(0, 0.06, seat - 0.09), (0, deep + 0.07, seat - 0.085), (0, deep + 0.06, low + 0.12)]
    flat = curves.fillet(np.array(corners)[:, 1:], [0, 0.06, 0], 5)
    line = np.column_stack([np.zeros(len(flat)), flat])
    section = curves.rounded_rectangle((0.008, 0.035), 0.006, 2)
    rings = shapes.sweep_rings(line, section, (1, 0, 0))
    cut = [
        bodies.wrap(rings[a : b + 1].reshape(-1, 3))
        for a, b in ((0, 2), (2, len(rings) - 2), (len(rings) - 2, len(rings) - 1))
    ]
    return body + Body((shapes.loft(rings, "legs"),), tuple(cut))


def _arm_rest(seat: float, wide: float) -> Body:
    """The right arm rest: a bracket from below the seat and a pad on it."""
    x = wide + 0.035
    line = curves.fillet([(0.1, seat - 0.05), (x, seat - 0.04), (x, seat + 0.19)], [0, 0.04, 0], 5)
    path = np.column_stack([line[:, 0], np.full(len(line), 0.03), line[:, 1]])
    post = bodies.rod(path, 0.014, "legs", (0, 1, 0), 10)
    pad = forms.slab((0.035, 0.125), 0.03, (seat + 0.185, seat + 0.212), 0.01, "legs")
    pad = forms.moved(pad, (x, 0.0, 0.0))
    return post + Body((pad,), (bodies.wrap(pad.vertices),))
