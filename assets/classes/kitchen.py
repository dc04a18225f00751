"""Kitchen appliances: a sink with its tap, a cooker and a toaster. Fronts are at -y."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Solid, keypoints, sections
from simgen.spec.parameters import between, count, flag


@dataclass(frozen=True)
class Sink:
    width: float = between(0.48, 0.62)  # of a bowl with its rim
    depth: float = between(0.42, 0.50)
    bowl: float = between(0.14, 0.20)  # depth of a bowl
    two_bowls: bool = flag(above=0.72, of="bowls")
    rim: float = between(0.014, 0.030)
    ledge: float = between(0.055, 0.085)  # depth of the rim behind the bowl, under the tap
    neck: float = between(0.18, 0.34)  # height of the tap
    reach: float = between(0.14, 0.20)  # of the tap, forwards
    bend: float = between(0.35, 0.95)  # radius of the tap's bend over half its reach
    tap: float = between(0.010, 0.014)


@dataclass(frozen=True)
class Oven:
    width: float = between(0.50, 0.60)
    height: float = between(0.85, 0.92)
    depth: float = between(0.56, 0.62)
    panel: float = between(0.085, 0.12)  # height
    drawer: float = between(0.10, 0.20)  # height of the drawer below the door
    window: float = between(0.45, 0.70)  # height over the door's
    knobs: int = count(4, 6)
    gas: bool = flag(above=0.5, of="burner")  # else plates of glass
    back: float = between(-0.12, 0.14)  # height of a panel at the back, none if negative


@dataclass(frozen=True)
class Toaster:
    length: float = between(0.26, 0.32)
    width: float = between(0.15, 0.19)
    height: float = between(0.17, 0.21)
    round: float = between(0.015, 0.045)
    long_slots: bool = flag(above=0.75)  # one behind the other, else side by side
    base: float = between(0.018, 0.032)  # height
    lever: float = between(0.55, 0.78)  # over the height


_STEEL = 0.004


def build_sink(p: Sink) -> MeshData:
    """Build the rim as the highest surface but for the tap; the bowl hangs below it."""
    high = p.bowl + _STEEL
    bowls = 2 if p.two_bowls else 1
    half = p.width * (0.86 if bowls == 2 else 0.5)
    walls = np.linspace(-half, half, bowls + 1)
    front, back = -p.depth / 2, p.depth / 2
    inner = back - p.ledge
    found = [
        solids.chamfered_box(
            (-half, front, high - _STEEL), (half, front + p.rim, high), 1e-3, "bowl"
        ),
        solids.chamfered_box((-half, inner, high - _STEEL), (half, back, high), 1e-3, "bowl"),
    ]
    ends = [(-half, -half + p.rim), (half - p.rim, half)]
    ends += [(x - p.rim, x + p.rim) for x in walls[1:-1]]
    for left, right in ends:
        low, top = (left, front + p.rim, high - _STEEL), (right, inner, high)
        found.append(solids.chamfered_box(low, top, 1e-3, "bowl"))
    for left, right in pairwise(walls):
        found += _bowl((left + p.rim, front + p.rim), (right - p.rim, inner), high)
    marks = keypoints.plan_corners("rim", 1.1 * half, 1.1 * back, high)
    edges = keypoints.loop(*marks)
    marks["tap_end"] = (0.0, back - p.ledge / 2 - p.reach, high + p.neck / 2)
    body = solids.join([*found, *_tap(p, high, back)])
    return solids.finished(body, ("bowl", "tap", "drain"), marks, edges)


def _bowl(low: tuple[float, float], high: tuple[float, float], top: float) -> list[Solid]:
    """Build the walls, the bottom and the drain of a bowl. low, high: corners of its opening."""
    (x0, y0), (x1, y1) = low, high
    t = _STEEL
    corners = [
        ((x0 - t, y0 - t, 0.0), (x0, y1 + t, top - 0.001)),
        ((x1, y0 - t, 0.0), (x1 + t, y1 + t, top - 0.001)),
        ((x0, y0 - t, 0.0), (x1, y0, top - 0.001)),
        ((x0, y1, 0.0), (x1, y1 + t, top - 0.001)),
        ((x0 - t, y0 - t, 0.0), (x1 + t, y1 + t, t)),
    ]
    found = [solids.chamfered_boxes("bowl", 5e-4, corners)]
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    drain = solids.cylinder((x, y, t - 0.001), (x, y, t + 0.003), 0.042, "drain", 24)
    return [*found, solids.decoration(drain)]


def _tap(p: Sink, top: float, back: float) -> list[Solid]:
    """Build a tap that rises behind the bowl and bends forwards, and its lever."""
    y = back - p.ledge / 2
    bend = p.bend * p.reach / 2
    angle = np.linspace(0.0, np.pi / 2, 8)
    high = top + p.neck
    up = [(0.0, y, top - 0.001), (0.0, y, top + 0.03), (0.0, y, high - bend)]
    over = np.stack(
        [0 * angle, y - bend * (1 - np.cos(angle)), high - bend * (1 - np.sin(angle))], 1
    )
    end = y - p.reach
    down = np.stack(
        [0 * angle, end + bend * (1 - np.sin(angle)), high - bend * (1 - np.cos(angle))], 1
    )
    path = np.array(
        [*up, *over[1:], *down[:-1], (0.0, end, high - bend), (0.0, end, high - bend - 0.03)]
    )
    rings = sections.tube(path, p.tap, (1, 0, 0), 14)
    foot = solids.cylinder((0, y, top - 0.001), (0, y, top + 0.05), 1.9 * p.tap, "tap", 20)
    side = (2.0 * p.tap, y, top + 0.035)
    lever = solids.cylinder(side, (side[0] + 0.07, y - 0.01, top + 0.06), 0.006, "tap", 10)
    pieces = [rings[n : n + 4].reshape(-1, 3) for n in range(0, len(rings) - 1, 3)]
    neck = solids.filled(solids.loft(rings, "tap"), pieces)
    return [neck, foot, lever]


def build_oven(p: Oven) -> MeshData:
    half, deep, high = p.width / 2, p.depth / 2, p.height
    front, foot = -deep, 0.05
    door_top, door_low = high - 0.03 - p.panel, foot + p.drawer

    def level(low: float, high: float, slot: str, inset: float = 0.0) -> Solid:
        corners = ((-half, front + inset, low), (half, front + 0.035, high))
        return solids.chamfered_box(*corners, 0.004, slot)

    case = ((-half, front + 0.03, foot), (half, deep, high - 0.03))
    under = ((-half + 0.02, front + 0.06, 0), (half - 0.02, deep - 0.03, foot + 0.01))
    top = ((-half, front, high - 0.032), (half, deep, high - 0.006))
    found = [
        solids.chamfered_box(*case, 0.003, "case"),
        solids.chamfered_box(*under, 0.002, "trim"),
        solids.chamfered_box(*top, 0.004, "top"),
        level(door_top + 0.004, high - 0.034, "panel"),
        level(door_low + 0.004, door_top - 0.004, "case"),
        level(foot + 0.005, door_low - 0.004, "case", 0.004),
    ]
    found += [
        *_oven_door(p, front, (door_low, door_top)),
        *_knobs(p, front, door_top + p.panel / 2),
    ]
    found += _burners(p, high - 0.006)
    if p.back > 0:
        panel = ((-half, deep - 0.03, high - 0.01), (half, deep, high + p.back))
        found.append(solids.chamfered_box(*panel, 0.004, "panel"))
    slots = ("case", "top", "panel", "window", "metal", "trim")
    marks = keypoints.front_corners(1.05 * half, 1.05 * front, foot, high)
    return solids.finished(solids.join(found), slots, *marks)


def _oven_door(p: Oven, front: float, heights: tuple[float, float]) -> list[Solid]:
    """Build the window and the handle of the door."""
    low, high = heights
    tall, x = p.window * (high - low - 0.09), 0.40 * p.width
    window = ((-x, front - 0.0015, low + 0.045), (x, front + 0.004, low + 0.045 + tall))
    y, z = front - 0.042, high - 0.042
    handle = solids.cylinder((-x, y, z), (x, y, z), 0.010, "metal", 14)
    stems = [
        solids.cylinder((s * 0.9 * x, y, z), (s * 0.9 * x, front + 0.004, z), 0.008, "metal")
        for s in (-1, 1)
    ]
    return [solids.decoration(solids.chamfered_box(*window, 0.001, "window")), handle, *stems]


def _knobs(p: Oven, front: float, z: float) -> list[Solid]:
    """Build the knobs, and a display between them where their number is even."""
    half = 0.42 * p.width
    places = np.linspace(-half, half, p.knobs + (p.knobs % 2 == 0))
    found = []
    for x in places:
        if p.knobs % 2 == 0 and abs(x) < 0.01:
            low, top = (x - 0.045, front - 0.0015, z - 0.018), (x + 0.045, front + 0.003, z + 0.018)
            found.append(solids.decoration(solids.chamfered_box(low, top, 0.001, "window")))
        else:
            found.append(
                solids.cylinder((x, front - 0.026, z), (x, front + 0.002, z), 0.019, "trim", 18)
            )
    return found


def _burners(p: Oven, top: float) -> list[Solid]:
    """Build four gas burners under grates, or four plates in a sheet of glass."""
    found = []
    x, y = 0.24 * p.width, 0.22 * p.depth
    if not p.gas:
        sheet = (
            (-0.46 * p.width, -0.44 * p.depth, top - 0.002),
            (0.46 * p.width, 0.42 * p.depth, top + 0.004),
        )
        found.append(solids.chamfered_box(*sheet, 0.002, "window"))
    for number, (sx, sy) in enumerate(product((-1, 1), repeat=2)):
        at = np.array([sx * x, sy * y, top])
        radius = 0.105 if number in (0, 3) else 0.08
        if p.gas:
            found.append(
                solids.cylinder(at - [0, 0, 0.001], at + [0, 0, 0.014], 0.38 * radius, "trim", 20)
            )
            bars = [((-0.115, -0.005), (0.115, 0.005)), ((-0.005, -0.115), (0.005, 0.115))]
            for low, high in bars:
                corners = (at + [*low, 0.018], at + [*high, 0.026])
                found.append(solids.chamfered_box(*corners, 0.001, "trim"))
            for a, b in product((-0.11, 0.11), (0.0,)):
                for foot in (at + [a, b, 0.0], at + [b, a, 0.0]):
                    found.append(
                        solids.decoration(
                            solids.cylinder(foot, foot + [0, 0, 0.022], 0.004, "trim", 8)
                        )
                    )
        else:
            plate = solids.cylinder(at + [0, 0, 0.002], at + [0, 0, 0.0042], radius, "metal", 40)
            inner = solids.cylinder(
                at + [0, 0, 0.002], at + [0, 0, 0.0044], 0.96 * radius, "window", 40
            )
            found += [solids.decoration(plate), solids.decoration(inner)]
    return found


def build_toaster(p: Toaster) -> MeshData:
    half, wide = p.length / 2, p.width / 2
    body = solids.rounded_box((p.length, p.width, p.height - 0.02), p.round, "body",
                              (0.0, 0.0, 0.01 + p.height / 2))  # fmt: skip
    base = ((-half + 0.004, -wide + 0.004, 0.0), (half - 0.004, wide - 0.004, p.base))
    found = [solids.filled(body), solids.chamfered_box(*base, 0.006, "trim")]
    long = 0.40 * p.length if p.long_slots else 0.34 * p.length
    for s in (-1, 1):
        middle = (s * 0.22 * p.length, 0.0) if p.long_slots else (0.0, s * 0.2 * p.width)
        half_size = (0.4 * long, 0.014) if p.long_slots else (long, 0.013)
        low = (middle[0] - half_size[0], middle[1] - half_size[1], p.height - 0.012)
        high = (middle[0] + half_size[0], middle[1] + half_size[1], p.height + 0.0008)
        found.append(solids.decoration(solids.chamfered_box(low, high, 5e-4, "slots")))
    x, z = half - 0.002, p.lever * p.height
    lever = solids.chamfered_box(
        (x, -0.022, z - 0.008), (x + 0.026, 0.022, z + 0.008), 0.004, "trim"
    )
    dial = solids.cylinder(
        (x, 0.0, 0.3 * p.height), (x + 0.014, 0.0, 0.3 * p.height), 0.016, "trim", 18
    )
    marks = keypoints.plan_corners("bottom", 1.1 * half, 1.1 * wide, -0.1)
    marks["lever"] = (x + 0.04, 0.0, z)
    body = solids.join([*found, lever, dial])
    edges = keypoints.loop(*list(marks)[:4])
    return solids.finished(body, ("body", "slots", "trim"), marks, edges)


CLASSES = (
    ParametricClass("oven", Oven, build_oven),
    ParametricClass("sink", Sink, build_sink),
    ParametricClass("toaster", Toaster, build_toaster),
)
