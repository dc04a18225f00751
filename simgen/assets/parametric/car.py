"""Car and toy car: a hatchback or a saloon on four wheels, its front at -y."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from simgen import solids
from simgen.assets.parametric import car_lines as lines
from simgen.assets.parametric.car_lines import Car
from simgen.assets.parametric.parametric_class import ParametricClass
from simgen.mesh import MeshData
from simgen.parameters import between
from simgen.solids import Piece, Solid, curves, keypoints, pieces, uv


@dataclass(frozen=True)
class ToyCar(Car):
    length: float = between(3.2, 3.9)
    height: float = between(1.45, 1.75)
    wheel: float = between(0.36, 0.44)
    size: float = between(0.065, 0.16)


SLOTS = ("body", "windows", "tyres", "rims", "trim", "headlights", "tail_lights")


def build(p: Car) -> MeshData:
    return _finished(p, 1.0)


def build_toy(p: ToyCar) -> MeshData:
    return _finished(p, p.size / p.length)


def _finished(p: Car, scale: float) -> MeshData:
    body = _lower(p) + _cabin(p) + _wheels(p) + _ends(p) + solids.with_mirror(_side(p))
    body = solids.scale(body, (scale,) * 3)
    half, long = scale * p.width / 2, scale * p.length / 2
    axle = [scale * y for y in lines.axles(p)]
    marks = {}
    for name, x in (("left", -1), ("right", 1)):
        for end, y in zip(("front", "back"), axle, strict=True):
            marks[f"wheel_{end}_{name}"] = (1.2 * x * half, y, scale * p.wheel)
    roof = scale * p.height
    marks["roof_front"] = (0.0, scale * lines.roof_ends(p)[0], roof)
    marks["roof_back"] = (0.0, scale * lines.roof_ends(p)[1], roof)
    marks["nose"] = (0.26 * scale, -1.1 * long, 0.28 * roof)
    marks["tail"] = (0.26 * scale, 1.1 * long, 0.33 * roof)
    edges = keypoints.loop(
        "wheel_front_left", "wheel_back_left", "wheel_back_right", "wheel_front_right"
    )
    edges += keypoints.chain("nose", "roof_front", "roof_back", "tail")
    return solids.finished(body, SLOTS, marks, edges)


def _lower(p: ToyCar) -> Solid:
    """The body up to the belt line, with wheel arches: sections along the car."""
    y = lines.stations(p)
    half, tall = p.length / 2, p.height
    wide, top = lines.half_width(p, y), lines.top_line(p, y)
    end = np.clip(1 - (half - np.abs(y)) / 0.14, 0, 1)
    floor = p.clearance + 0.10 * end**2
    r = p.wheel + 0.055
    arch = np.full(len(y), 0.0)
    for axle in lines.axles(p):
        inside = np.abs(y - axle) <= r + 1e-9
        arch = np.where(inside, p.wheel + np.sqrt(np.clip(r * r - (y - axle) ** 2, 0, None)), arch)
    lip = np.maximum(arch, floor + 0.01)
    inner = wide - 0.26
    middle = np.maximum(lip + 0.02, 0.36 * tall * (1 - 0.12 * end))
    shoulder = np.maximum(top - 0.10, middle + 0.02)
    crown = 0.035 * (1 - end) + 0.005
    section = [
        (0.0 * wide, floor),
        (inner, floor),
        (inner + 0.004, lip),
        (wide - 0.012 - 0.02 * end, lip + 0.002),
        (wide, middle),
        (wide - 0.02, shoulder),
        (wide - 0.055, np.maximum(top - 0.02, shoulder + 0.02)),
        (wide - 0.13, np.maximum(top, shoulder + 0.03)),
        (0.55 * wide, np.maximum(top, shoulder + 0.03) + 0.7 * crown),
        (0.0 * wide, np.maximum(top, shoulder + 0.03) + crown),
    ]
    right = np.stack([np.stack([x, y, z], axis=1) for x, z in section], axis=1)
    left = right[:, -2:0:-1] * (-1, 1, 1)
    rings = np.concatenate([right, left], axis=1)
    part = uv.box_projection(solids.loft(rings, "body"))
    return solids.filled(part, tuple(_chunks(rings, y, p)))


def _chunks(rings: np.ndarray, y: np.ndarray, p: ToyCar) -> list[Piece]:
    """Pieces of the lower body between the places where its line bends."""
    cowl, rear = lines.cabin_ends(p)
    half, arch = p.length / 2, p.wheel + 0.055
    front, back = lines.axles(p)
    cuts = [-half, -half + 0.14, front - arch, cowl - 0.05, rear - 0.2, back + arch, half - 0.14,
            half]  # fmt: skip
    index = sorted({int(np.argmin(np.abs(y - at))) for at in cuts})
    return [pieces.hull(rings[a : b + 1].reshape(-1, 3)) for a, b in pairwise(index)]


def _cabin(p: ToyCar) -> Solid:
    """Windows all around, pillars on them, and the roof."""
    tall, belt = p.height, p.belt * p.height
    (front, back), (roof_front, roof_back) = lines.cabin_ends(p), lines.roof_ends(p)
    wide = p.width / 2 - 0.075
    top = wide - p.tumble
    s = np.array([-0.12, 0.0, 0.35, 0.7, 1.0])
    high = tall - 0.10
    rings = []
    for at in s:
        z = belt + at * (high - belt)
        bulge = 0.02 * np.sin(np.pi * np.clip(at, 0, 1))
        half = wide + at * (top - wide) + bulge
        y0 = front + at * (roof_front - front) - bulge
        y1 = back + at * (roof_back - back) + bulge
        rings.append(_window_ring(half, y0, y1, z))
    glass = solids.loft(np.array(rings), "windows")
    body = solids.filled(uv.box_projection(glass), (pieces.hull(np.concatenate(rings)),))
    roof = []
    for inset, z in (
        (0.01, high - 0.02),
        (-0.012, high),
        (-0.008, high + 0.03),
        (0.05, high + 0.065),
        (0.18, high + 0.088),
        (0.45, high + 0.10),
    ):
        roof.append(_window_ring(top - inset, roof_front + 1.4 * inset, roof_back - inset, z))
    part = uv.box_projection(solids.loft(np.array(roof), "body"))
    body += solids.filled(part)
    return body + solids.with_mirror(_pillars(p, wide, top, high))


def _window_ring(half: float, front: float, back: float, z: float) -> np.ndarray:
    """A rounded rectangle in plan whose front bows forward, `n x 3`."""
    middle, reach = (front + back) / 2, (back - front) / 2
    outline = curves.rounded_rectangle((half, reach), 0.16, 4)
    bow = 0.05 * (1 - (outline[:, 0] / half) ** 2) * np.sign(outline[:, 1])
    return np.column_stack([outline[:, 0], outline[:, 1] + middle + bow, np.full(len(outline), z)])


def _pillars(p: ToyCar, wide: float, top: float, high: float) -> Solid:
    """The pillars of the right side: flat bars on the glass, and the window's frame."""
    belt = p.belt * p.height
    (front, back), (roof_front, roof_back) = lines.cabin_ends(p), lines.roof_ends(p)
    found = []
    for low_y, high_y, thick, inset in (
        (front + 0.06, roof_front + 0.03, 0.04, 0.035),
        ((front + back) / 2 + 0.10, (roof_front + roof_back) / 2 + 0.05, 0.045, -0.012),
        (back - 0.20, roof_back - 0.13, 0.085 if p.hatchback else 0.06, 0.0),
    ):
        start = (wide - inset, low_y, belt - 0.03)
        end = (top - inset + 0.006, high_y, high + 0.01)
        middle = (np.add(start, end) / 2) + (0.022, 0, 0)
        found.append(solids.rod(np.array([start, middle, end]), thick * 0.7, "body", (0, 1, 0), 10))
    return solids.join([solids.decoration(item) for item in found])


def _wheels(p: ToyCar) -> Solid:
    r, thick = p.wheel, 0.21
    rim = 0.64 * r
    tyre = [(0, -thick), (rim, -thick), (r - 0.03, -thick), (r, -thick + 0.03), (r, -0.03)]
    tyre += [(r - 0.03, 0.0), (rim + 0.012, 0.004), (rim, -0.012), (rim, -0.035), (0, -0.035)]
    hub = [
        (0, -0.04),
        (rim - 0.006, -0.04),
        (rim - 0.004, -0.008),
        (rim - 0.03, -0.006),
        (rim - 0.04, -0.028),
    ]
    hub += [(0.3 * r, -0.024), (0.2 * r, -0.008), (0, -0.006)]
    wheel = solids.convex_lathe(tyre, "tyres", 40, axis=0) + solids.decoration(
        solids.convex_lathe(hub, "rims", 32, axis=0)
    )
    for number in range(5):
        spoke = solids.chamfered_box(
            (-0.022, -0.030, 0.15 * r), (-0.004, 0.030, rim - 0.01), 0.006, "rims"
        )
        wheel += solids.decoration(solids.rotate(spoke, 0, 2 * np.pi * number / 5))
    found = []
    for axle in lines.axles(p):
        x = float(lines.half_width(p, np.array([axle]))[0]) - 0.004
        found.append(solids.with_mirror(solids.translate(wheel, (x, axle, r))))
    return solids.join(found)


def _ends(p: ToyCar) -> Solid:
    """Lamps, grilles, bumpers and number plates."""
    half, tall, wide = p.length / 2, p.height, p.width / 2 * (1 - p.nose)
    found = []
    grille = solids.chamfered_box(
        (-0.40, -half - 0.012, 0.30 * tall), (0.40, -half + 0.1, 0.385 * tall), 0.01, "trim"
    )
    intake = solids.chamfered_box(
        (-0.62, -half - 0.016, 0.165 * tall), (0.62, -half + 0.1, 0.23 * tall), 0.012, "trim"
    )
    plate = solids.chamfered_box(
        (-0.26, -half - 0.03, 0.245 * tall), (0.26, -half, 0.245 * tall + 0.11), 0.004, "headlights"
    )
    rear = solids.chamfered_box(
        (-0.55, half - 0.1, 0.17 * tall), (0.55, half + 0.016, 0.235 * tall), 0.012, "trim"
    )
    back_plate = solids.chamfered_box(
        (-0.26, half - 0.01, 0.30 * tall),
        (0.26, half + 0.014, 0.30 * tall + 0.11),
        0.004,
        "headlights",
    )
    found += [grille, intake, plate, rear, back_plate]
    lamp = solids.ellipsoid(
        (wide - 0.18, -half + 0.085, 0.415 * tall), (0.21, 0.12, 0.062), "headlights", 20, 11
    )
    tail = solids.superellipsoid(
        (wide - 0.22, half - 0.16, 0.44 * tall),
        (wide + 0.055, half + 0.012, 0.44 * tall + 0.16),
        "tail_lights",
        (5.0, 5.0),
    )
    found += [solids.with_mirror(lamp), solids.with_mirror(solids.decoration(tail))]
    return solids.join(found)


def _side(p: ToyCar) -> Solid:
    """Mirror, door handles, door gaps and sill of the right side."""
    tall, half = p.height, p.width / 2
    belt = p.belt * tall
    front, back = lines.cabin_ends(p)
    found = [
        solids.superellipsoid(
            (half - 0.04, front + 0.22, belt - 0.01),
            (half + 0.14, front + 0.34, belt + 0.12),
            "body",
            (3.0, 3.0),
        )
    ]
    middle = (front + back) / 2 + 0.12
    for y in (middle - 0.20, back - 0.55):
        found.append(
            solids.decoration(
                solids.chamfered_box(
                    (half - 0.04, y, belt - 0.12),
                    (half + 0.006, y + 0.16, belt - 0.09),
                    0.006,
                    "trim",
                )
            )
        )
    for y in (front + 0.12, middle):
        found.append(
            solids.decoration(
                solids.chamfered_box(
                    (half - 0.06, y, p.clearance + 0.09),
                    (half - 0.0135, y + 0.012, belt - 0.09),
                    0.003,
                    "trim",
                )
            )
        )
    axles = lines.axles(p)
    r = p.wheel + 0.09
    sill = (
        (half - 0.05, axles[0] + r, p.clearance + 0.006),
        (half + 0.004, axles[1] - r, p.clearance + 0.07),
    )
    return solids.join([*found, solids.decoration(solids.chamfered_box(*sill, 0.012, "trim"))])


CLASSES = (ParametricClass("car", Car, build), ParametricClass("toy_car", ToyCar, build_toy))
