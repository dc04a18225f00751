"""Car and toy car: a hatchback or a saloon on four wheels, its front at -y."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from simgen.assets.parametric import bodies, curves, landmarks, pieces, shapes
from simgen.assets.parametric import car_lines as lines
from simgen.assets.parametric.bodies import Body
from simgen.mesh import MeshData

RANGES: shapes.Ranges = {
    "kind": (0.0, 1.0),  # a hatchback below 0.5, a saloon above
    "length": (3.8, 4.7),
    "width": (1.70, 1.86),
    "height": (1.40, 1.62),
    "belt": (0.60, 0.645),  # height of the windows' lower edge over the height
    "hood": (0.54, 0.60),  # height of the hood's rear end over the height
    "cowl": (0.255, 0.31),  # where the windscreen begins, over the length
    "rake": (0.13, 0.18),  # length of the windscreen over the length
    "tumble": (0.13, 0.19),  # how far the cabin leans in, metres a side
    "wheel": (0.30, 0.345),
    "clearance": (0.15, 0.20),
    "nose": (0.10, 0.17),  # how much narrower the ends are
}
TOY_RANGES: shapes.Ranges = {
    **RANGES,
    "length": (3.2, 3.9),
    "height": (1.45, 1.75),
    "wheel": (0.36, 0.44),
    "size": (0.065, 0.16),
}
SLOTS = ("body", "windows", "tyres", "rims", "trim", "headlights", "tail_lights")


def draw(rng: np.random.Generator) -> dict[str, float]:
    return shapes.draw_ranges(rng, RANGES)


def draw_toy(rng: np.random.Generator) -> dict[str, float]:
    return shapes.draw_ranges(rng, TOY_RANGES)


def build(p: dict[str, float]) -> MeshData:
    return _finished(p, 1.0)


def build_toy(p: dict[str, float]) -> MeshData:
    return _finished(p, p["size"] / p["length"])


def _finished(p: dict[str, float], scale: float) -> MeshData:
    body = _lower(p) + _cabin(p) + _wheels(p) + _ends(p) + bodies.both(_side(p))
    body = bodies.scaled(body, (scale,) * 3)
    half, long = scale * p["width"] / 2, scale * p["length"] / 2
    axle = [scale * y for y in lines.axles(p)]
    marks = {}
    for name, x in (("left", -1), ("right", 1)):
        for end, y in zip(("front", "back"), axle, strict=True):
            marks[f"wheel_{end}_{name}"] = (1.2 * x * half, y, scale * p["wheel"])
    roof = scale * p["height"]
    marks["roof_front"] = (0.0, scale * lines.roof_ends(p)[0], roof)
    marks["roof_back"] = (0.0, scale * lines.roof_ends(p)[1], roof)
    marks["nose"] = (0.26 * scale, -1.1 * long, 0.28 * roof)
    marks["tail"] = (0.26 * scale, 1.1 * long, 0.33 * roof)
    edges = landmarks.loop(
        "wheel_front_left", "wheel_back_left", "wheel_back_right", "wheel_front_right"
    )
    edges += landmarks.chain("nose", "roof_front", "roof_back", "tail")
    return bodies.built(body, SLOTS, marks, edges)


def _lower(p: dict[str, float]) -> Body:
    """The body up to the belt line, with wheel arches: sections along the car."""
    y = lines.stations(p)
    half, tall = p["length"] / 2, p["height"]
    wide, top = lines.half_width(p, y), lines.top_line(p, y)
    end = np.clip(1 - (half - np.abs(y)) / 0.14, 0, 1)
    floor = p["clearance"] + 0.10 * end**2
    r = p["wheel"] + 0.055
    arch = np.full(len(y), 0.0)
    for axle in lines.axles(p):
        inside = np.abs(y - axle) <= r + 1e-9
        arch = np.where(
            inside, p["wheel"] + np.sqrt(np.clip(r * r - (y - axle) ** 2, 0, None)), arch
        )
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
    part = bodies.boxed(shapes.loft(rings, "body"))
    return Body((part,), tuple(_chunks(rings, y, p)))


def _chunks(rings: np.ndarray, y: np.ndarray, p: dict[str, float]) -> list[pieces.Piece]:
    """Pieces of the lower body between the places where its line bends."""
    cowl, rear = lines.cabin_ends(p)
    half, arch = p["length"] / 2, p["wheel"] + 0.055
    front, back = lines.axles(p)
    cuts = [-half, -half + 0.14, front - arch, cowl - 0.05, rear - 0.2, back + arch, half - 0.14,
            half]  # fmt: skip
    index = sorted({int(np.argmin(np.abs(y - at))) for at in cuts})
    return [bodies.wrap(rings[a : b + 1].reshape(-1, 3)) for a, b in pairwise(index)]


def _cabin(p: dict[str, float]) -> Body:
    """Windows all around, pillars on them, and the roof."""
    tall, belt = p["height"], p["belt"] * p["height"]
    (front, back), (roof_front, roof_back) = lines.cabin_ends(p), lines.roof_ends(p)
    wide = p["width"] / 2 - 0.075
    top = wide - p["tumble"]
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
    glass = shapes.loft(np.array(rings), "windows")
    body = Body((bodies.boxed(glass),), (bodies.wrap(np.concatenate(rings)),))
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
    part = bodies.boxed(shapes.loft(np.array(roof), "body"))
    body += Body((part,), (bodies.wrap(part.vertices),))
    return body + bodies.both(_pillars(p, wide, top, high))


def _window_ring(half: float, front: float, back: float, z: float) -> np.ndarray:
    """A rounded rectangle in plan whose front bows forward, `n x 3`."""
    middle, reach = (front + back) / 2, (back - front) / 2
    outline = curves.rounded_rectangle((half, reach), 0.16, 4)
    bow = 0.05 * (1 - (outline[:, 0] / half) ** 2) * np.sign(outline[:, 1])
    return np.column_stack([outline[:, 0], outline[:, 1] + middle + bow, np.full(len(outline), z)])


def _pillars(p: dict[str, float], wide: float, top: float, high: float) -> Body:
    """The pillars of the right side: flat bars on the glass, and the window's frame."""
    belt = p["belt"] * p["height"]
    (front, back), (roof_front, roof_back) = lines.cabin_ends(p), lines.roof_ends(p)
    found = []
    for low_y, high_y, thick, inset in (
        (front + 0.06, roof_front + 0.03, 0.04, 0.035),
        ((front + back) / 2 + 0.10, (roof_front + roof_back) / 2 + 0.05, 0.045, -0.012),
        (back - 0.20, roof_back - 0.13, 0.085 if p["kind"] < 0.5 else 0.06, 0.0),
    ):
        start = (wide - inset, low_y, belt - 0.03)
        end = (top - inset + 0.006, high_y, high + 0.01)
        middle = (np.add(start, end) / 2) + (0.022, 0, 0)
        found.append(bodies.rod(np.array([start, middle, end]), thick * 0.7, "body", (0, 1, 0), 10))
    return bodies.total([bodies.hollow(item) for item in found])


def _wheels(p: dict[str, float]) -> Body:
    r, thick = p["wheel"], 0.21
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
    wheel = bodies.wheel(tyre, "tyres", 40) + bodies.hollow(bodies.wheel(hub, "rims", 32))
    for number in range(5):
        spoke = bodies.block((-0.022, -0.030, 0.15 * r), (-0.004, 0.030, rim - 0.01), 0.006, "rims")
        wheel += bodies.hollow(bodies.turned(spoke, 0, 2 * np.pi * number / 5))
    found = []
    for axle in lines.axles(p):
        x = float(lines.half_width(p, np.array([axle]))[0]) - 0.004
        found.append(bodies.both(bodies.moved(wheel, (x, axle, r))))
    return bodies.total(found)


def _ends(p: dict[str, float]) -> Body:
    """Lamps, grilles, bumpers and number plates."""
    half, tall, wide = p["length"] / 2, p["height"], p["width"] / 2 * (1 - p["nose"])
    found = []
    grille = bodies.block(
        (-0.40, -half - 0.012, 0.30 * tall), (0.40, -half + 0.1, 0.385 * tall), 0.01, "trim"
    )
    intake = bodies.block(
        (-0.62, -half - 0.016, 0.165 * tall), (0.62, -half + 0.1, 0.23 * tall), 0.012, "trim"
    )
    plate = bodies.block(
        (-0.26, -half - 0.03, 0.245 * tall), (0.26, -half, 0.245 * tall + 0.11), 0.004, "headlights"
    )
    rear = bodies.block(
        (-0.55, half - 0.1, 0.17 * tall), (0.55, half + 0.016, 0.235 * tall), 0.012, "trim"
    )
    back_plate = bodies.block(
        (-0.26, half - 0.01, 0.30 * tall),
        (0.26, half + 0.014, 0.30 * tall + 0.11),
        0.004,
        "headlights",
    )
    found += [grille, intake, plate, rear, back_plate]
    lamp = bodies.ball(
        (wide - 0.18, -half + 0.085, 0.415 * tall), (0.21, 0.12, 0.062), "headlights", 20, 11
    )
    tail = bodies.soft(
        (wide - 0.22, half - 0.16, 0.44 * tall),
        (wide + 0.055, half + 0.012, 0.44 * tall + 0.16),
        "tail_lights",
        (5.0, 5.0),
    )
    found += [bodies.both(lamp), bodies.both(bodies.hollow(tail))]
    return bodies.total(found)


def _side(p: dict[str, float]) -> Body:
    """Mirror, door handles, door gaps and sill of the right side."""
    tall, half = p["height"], p["width"] / 2
    belt = p["belt"] * tall
    front, back = lines.cabin_ends(p)
    found = [
        bodies.soft(
            (half - 0.04, front + 0.22, belt - 0.01),
            (half + 0.14, front + 0.34, belt + 0.12),
            "body",
            (3.0, 3.0),
        )
    ]
    middle = (front + back) / 2 + 0.12
    for y in (middle - 0.20, back - 0.55):
        found.append(
            bodies.hollow(
                bodies.block(
                    (half - 0.04, y, belt - 0.12),
                    (half + 0.006, y + 0.16, belt - 0.09),
                    0.006,
                    "trim",
                )
            )
        )
    for y in (front + 0.12, middle):
        found.append(
            bodies.hollow(
                bodies.block(
                    (half - 0.06, y, p["clearance"] + 0.09),
                    (half - 0.0135, y + 0.012, belt - 0.09),
                    0.003,
                    "trim",
                )
            )
        )
    axles = lines.axles(p)
    r = p["wheel"] + 0.09
    sill = (
        (half - 0.05, axles[0] + r, p["clearance"] + 0.006),
        (half + 0.004, axles[1] - r, p["clearance"] + 0.07),
    )
    return bodies.total([*found, bodies.hollow(bodies.block(*sill, 0.012, "trim"))])
