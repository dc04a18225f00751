"""Car and toy car: hatchback, saloon, estate, SUV or MPV on four wheels, its front at -y."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Solid, curves, keypoints, pieces, uv
from simgen.spec.parameters import between

from . import car_lines as lines
from .car_lines import Car


@dataclass(frozen=True)
class ToyCar(Car):
    length: float = between(3.2, 3.9)
    height: float = between(1.45, 1.75)
    wheel: float = between(0.36, 0.44)
    size: float = between(0.065, 0.16)


SLOTS = ("body", "windows", "tyres", "rims", "trim", "headlights", "tail_lights")


def build(p: Car) -> MeshData:
    return _finished(lines.shaped(p), 1.0)


def build_toy(p: ToyCar) -> MeshData:
    return _finished(p, p.size / p.length)


def _finished(p: Car, scale: float) -> MeshData:
    body = _lower(p) + _cabin(p) + _wheels(p) + _ends(p) + solids.with_mirror(_side(p))
    for one in _on_roof(p):
        body += one
    body = solids.scale(body, scale)
    half, long, roof = scale * p.width / 2, scale * p.length / 2, scale * p.height
    points = {
        f"wheel_{end}_{name}": (1.2 * x * half, scale * y, scale * p.wheel)
        for name, x in (("left", -1), ("right", 1))
        for end, y in zip(("front", "back"), lines.axles(p), strict=True)
    }
    points["roof_front"] = (0.0, scale * lines.roof_ends(p)[0], roof)
    points["roof_back"] = (0.0, scale * lines.roof_ends(p)[1], roof)
    points["nose"] = (0.26 * scale, -1.1 * long, 0.28 * roof)
    points["tail"] = (0.26 * scale, 1.1 * long, 0.33 * roof)
    wheels = [f"wheel_{at}" for at in ("front_left", "back_left", "back_right", "front_right")]
    edges = keypoints.loop(*wheels) + keypoints.chain("nose", "roof_front", "roof_back", "tail")
    return solids.finished(body, SLOTS, points, edges)


def _lower(p: Car) -> Solid:
    """Build the body up to the belt line, with wheel arches: cross-sections along the car, cut into
    pieces at the bends of its profile."""
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
    hood = np.maximum(top, shoulder + 0.03)
    crown = 0.035 * (1 - end) + 0.005
    section = [
        (0.0 * wide, floor),
        (inner, floor),
        (inner + 0.004, lip),
        (wide - 0.012 - 0.02 * end, lip + 0.002),
        (wide, middle),
        (wide - 0.02, shoulder),
        (wide - 0.055, np.maximum(top - 0.02, shoulder + 0.02)),
        (wide - 0.13, hood),
        (0.55 * wide, hood + 0.7 * crown),
        (0.0 * wide, hood + crown),
    ]
    right = np.stack([np.stack([x, y, z], axis=1) for x, z in section], axis=1)
    rings = np.concatenate([right, right[:, -2:0:-1] * (-1, 1, 1)], axis=1)
    (front, back), (cowl, rear) = lines.axles(p), lines.cabin_ends(p)
    bends = [-half, -half + 0.14, front - r, cowl - 0.05, rear - 0.2, back + r, half - 0.14, half]
    cuts = sorted({int(np.argmin(np.abs(y - at))) for at in bends})
    return uv.box_projection(solids.loft(rings, "body", cuts=cuts))


def _cabin(p: Car) -> Solid:
    """Build the windows all around, their pillars, and the roof."""
    belt, high = p.belt * p.height, p.height - 0.10
    (front, back), (roof_front, roof_back) = lines.cabin_ends(p), lines.roof_ends(p)
    wide = p.width / 2 - 0.075
    top = wide - p.tumble
    glass = []
    for at in (-0.12, 0.0, 0.35, 0.7, 1.0):
        bulge = 0.02 * np.sin(np.pi * np.clip(at, 0, 1))
        half = wide + at * (top - wide) + bulge
        start = front + at * (roof_front - front) - bulge
        end = back + at * (roof_back - back) + bulge
        glass.append(_window_ring(half, start, end, belt + at * (high - belt)))
    rise = ((0.01, -0.02), (-0.012, 0), (-0.008, 0.03), (0.05, 0.065), (0.18, 0.088), (0.45, 0.10))
    roof = [
        _window_ring(top - inset, roof_front + 1.4 * inset, roof_back - inset, high + z)
        for inset, z in rise
    ]
    windows = uv.box_projection(solids.loft(np.array(glass), "windows"))
    windows = solids.filled(windows, [pieces.hull(np.concatenate(glass))])
    body = windows + solids.filled(uv.box_projection(solids.loft(np.array(roof), "body")))
    return body + solids.with_mirror(_pillars(p, wide, top, high))


def _on_roof(p: Car) -> list[Solid]:
    """Build a glass panel in the roof and rails along it."""
    (front, back), high = lines.roof_ends(p), p.height
    half, found = p.width / 2 - 0.075 - p.tumble, []
    if p.glass_roof:
        low, top = (0.32 - half, front + 0.42, high - 0.02), (half - 0.32, back - 0.5, high + 0.002)
        found.append(solids.decoration(solids.chamfered_box(low, top, 0.004, "windows")))
    if p.roof_rails and p.body in ("estate", "suv"):
        start = np.array([half - 0.1, front + 0.35, high - 0.03])
        way = np.array([[0, 0, 0], [0, 0.12, 0.07], [0, back - front - 0.62, 0.07]])
        end = np.array([[0, back - front - 0.5, 0.0]])
        rail = solids.rod(start + np.concatenate([way, end]), 0.018, "trim", (1, 0, 0), 6)
        found.append(solids.with_mirror(solids.filled(rail)))
    return found


def _window_ring(half: float, front: float, back: float, z: float) -> np.ndarray:
    """Return a rounded rectangle in plan whose front bows forward, `n x 3`."""
    middle, reach = (front + back) / 2, (back - front) / 2
    outline = curves.rounded_rectangle((half, reach), 0.16, 4)
    bow = 0.05 * (1 - (outline[:, 0] / half) ** 2) * np.sign(outline[:, 1])
    return np.column_stack([outline[:, 0], outline[:, 1] + middle + bow, np.full(len(outline), z)])


def _pillars(p: Car, wide: float, top: float, high: float) -> Solid:
    """Build the pillars of the right side: flat bars on the glass, and the window's frame."""
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
        found.append(solids.rod(np.array([start, middle, end]), thick * 0.7, "body", (0, 1, 0)))
    return solids.decoration(solids.join(found))


def _wheels(p: Car) -> Solid:
    r, thick = p.wheel, 0.21
    rim = 0.64 * r
    tyre = [(0, -thick), (rim, -thick), (r - 0.03, -thick), (r, -thick + 0.03), (r, -0.03)]
    tyre += [(r - 0.03, 0.0), (rim + 0.012, 0.004), (rim, -0.012), (rim, -0.035), (0, -0.035)]
    hub = [(0, -0.04), (rim - 0.006, -0.04), (rim - 0.004, -0.008), (rim - 0.03, -0.006)]
    hub += [(rim - 0.04, -0.028), (0.3 * r, -0.024), (0.2 * r, -0.008), (0, -0.006)]
    corners = ((-0.022, -0.030, 0.15 * r), (-0.004, 0.030, rim - 0.01))
    spoke = solids.decoration(solids.chamfered_box(*corners, 0.006, "rims"))
    wheel = solids.convex_lathe(tyre, "tyres", 40, axis=0)
    wheel += solids.decoration(solids.convex_lathe(hub, "rims", 32, axis=0))
    wheel += solids.join([solids.rotate(spoke, 0, 2 * np.pi * k / 5) for k in range(5)])
    found = []
    for axle in lines.axles(p):
        x = float(lines.half_width(p, np.array([axle]))[0]) - 0.004
        found.append(solids.with_mirror(solids.translate(wheel, (x, axle, r))))
    return solids.join(found)


def _ends(p: Car) -> Solid:
    """Build lamps, grilles, bumpers and number plates."""
    tall, wide = p.height, p.width / 2 * (1 - p.nose)
    front, back = -p.length / 2, p.length / 2
    plate = 0.245 * tall
    grille = ((-0.40, front - 0.012, 0.30 * tall), (0.40, front + 0.1, 0.385 * tall))
    intake = ((-0.62, front - 0.016, 0.165 * tall), (0.62, front + 0.1, 0.23 * tall))
    bumper = ((-0.55, back - 0.1, 0.17 * tall), (0.55, back + 0.016, 0.235 * tall))
    front_plate = ((-0.26, front - 0.03, plate), (0.26, front, plate + 0.11))
    back_plate = ((-0.26, back - 0.01, 0.30 * tall), (0.26, back + 0.014, 0.30 * tall + 0.11))
    found = [
        solids.chamfered_box(*grille, 0.01, "trim"),
        solids.chamfered_box(*intake, 0.012, "trim"),
        solids.chamfered_box(*front_plate, 0.004, "headlights"),
        solids.chamfered_box(*bumper, 0.012, "trim"),
        solids.chamfered_box(*back_plate, 0.004, "headlights"),
    ]
    at = (wide - 0.18, front + 0.085, 0.415 * tall)
    lamp = solids.ellipsoid(at, (0.21, 0.12, 0.062), "headlights", 20, 11)
    low, high = (
        (wide - 0.22, back - 0.16, 0.44 * tall),
        (wide + 0.055, back + 0.012, 0.44 * tall + 0.16),
    )
    tail = solids.decoration(solids.superellipsoid(low, high, "tail_lights", (5.0, 5.0)))
    return solids.join([*found, solids.with_mirror(lamp), solids.with_mirror(tail)])


def _side(p: Car) -> Solid:
    """Build mirror, door handles, door gaps and sill of the right side."""
    half, belt, low = p.width / 2, p.belt * p.height, p.clearance
    front, back = lines.cabin_ends(p)
    start, end = (half - 0.04, front + 0.22, belt - 0.01), (half + 0.14, front + 0.34, belt + 0.12)
    mirror = solids.superellipsoid(start, end, "body", (3.0, 3.0))
    middle = (front + back) / 2 + 0.12
    handles = [
        ((half - 0.04, y, belt - 0.12), (half + 0.006, y + 0.16, belt - 0.09))
        for y in (middle - 0.20, back - 0.55)
    ]
    gaps = [
        ((half - 0.06, y, low + 0.09), (half - 0.0135, y + 0.012, belt - 0.09))
        for y in (front + 0.12, middle)
    ]
    (start_y, end_y), r = lines.axles(p), p.wheel + 0.09
    sill = ((half - 0.05, start_y + r, low + 0.006), (half + 0.004, end_y - r, low + 0.07))
    trim = solids.chamfered_boxes("trim", 0.006, handles)
    trim += solids.chamfered_boxes("trim", 0.003, gaps) + solids.chamfered_box(*sill, 0.012, "trim")
    return mirror + solids.decoration(trim)


CLASSES = (ParametricClass("car", Car, build), ParametricClass("toy_car", ToyCar, build_toy))
