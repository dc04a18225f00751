"""Parts of vans, trucks and buses, which have their fronts at -y and stand on z = 0."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

import numpy as np

from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Solid, keypoints, uv

Point = tuple[float, float]
_PANE = 0.012
"""Protrusion of the glass, so that the body behind it does not show through, metres."""


def hull(outline: Sequence[Point], half: float, slot: str, bevel: float = 0.05) -> Solid:
    """Build a convex body of constant width. outline: y and z of its corners, counter-clockwise."""
    return uv.box_projection(solids.extrude(np.array(outline), -half, half, slot, bevel, axis=0))


def box(low: Sequence[float], high: Sequence[float], slot: str, bevel: float = 0.02) -> Solid:
    return solids.chamfered_box(low, high, bevel, slot)


def pane(foot: Point, head: Point, half: float) -> Solid:
    """Build a sloping windscreen between two points (y, z), across the vehicle."""
    low, high = np.array(foot), np.array(head)
    way = high - low
    out = np.array([-way[1], way[0]]) / np.linalg.norm(way) * _PANE
    outline = np.array([low - out, high - out, high + out, low + out])
    glass = solids.extrude(outline, -half, half, "windows", axis=0)
    return solids.decoration(uv.box_projection(glass))


def side_panes(half: float, spans: Iterable[Point], low: float, high: float) -> Solid:
    """Build windows on both sides. spans: start and end of each, in y."""
    boxes = [((half - 0.03, a, low), (half + 0.006, b, high)) for a, b in spans]
    made = solids.chamfered_boxes("windows", 0.004, boxes)
    return solids.with_mirror(solids.decoration(made))


def along(start: float, end: float, count: int, gap: float) -> list[Point]:
    """Divide an interval into equal parts with gaps between them."""
    ticks = np.linspace(start, end + gap, count + 1)
    return [(float(a), float(b - gap)) for a, b in itertools.pairwise(ticks)]


def wheels(half: float, axles: Iterable[float], radius: float) -> Solid:
    """Build wheels flush with the sides, each in front of a dark arch."""
    rim, thick = 0.6 * radius, 0.25
    tyre = [(0, -thick), (radius, -thick), (radius, -0.02), (radius - 0.02, 0.0), (rim, 0.004)]
    tyre += [(rim - 0.01, -0.03), (0, -0.03)]
    hub = [(0, -0.05), (rim - 0.015, -0.05), (rim - 0.03, -0.02), (0.3 * radius, -0.02)]
    hub += [(0.24 * radius, 0.006), (0, 0.006)]
    arch = [(0, -0.1), (radius + 0.07, -0.1), (radius + 0.06, -0.006), (0, -0.006)]
    wheel = solids.convex_lathe(tyre, "tyres", 32, axis=0)
    wheel += solids.decoration(solids.convex_lathe(hub, "rims", 24, axis=0))
    dark = solids.decoration(solids.convex_lathe(arch, "trim", 24, axis=0))
    made = []
    for axle in axles:
        made.append(solids.with_mirror(solids.translate(wheel, (half + 0.004, axle, radius))))
        lifted = solids.translate(dark, (half + 0.0065, axle, radius + 0.09))
        made.append(solids.with_mirror(lifted))
    return solids.join(made)


def lamps(half: float, front: float, back: float, high: float) -> Solid:
    """Build headlights, tail lights, bumpers and number plates. high: height of the lamps."""
    head = box((half - 0.42, front - 0.02, high), (half - 0.08, front + 0.1, high + 0.17),
               "headlights")  # fmt: skip
    tail = box((half - 0.2, back - 0.08, high), (half - 0.04, back + 0.012, high + 0.34),
               "tail_lights", 0.01)  # fmt: skip
    bumpers = [
        ((0.1 - half, front - 0.03, high - 0.36), (half - 0.1, front + 0.08, high - 0.12)),
        ((0.1 - half, back - 0.08, high - 0.36), (half - 0.1, back + 0.03, high - 0.2)),
        ((-0.45, front - 0.022, high - 0.04), (0.45, front + 0.1, high + 0.12)),
    ]
    plates = [
        ((-0.26, front - 0.042, high - 0.29), (0.26, front, high - 0.18)),
        ((-0.26, back - 0.01, high - 0.12), (0.26, back + 0.014, high - 0.01)),
    ]
    made = [
        *(box(*one, "trim") for one in bumpers),
        *(box(*p, "headlights", 0.004) for p in plates),
    ]
    return solids.join([*made, solids.with_mirror(head), solids.with_mirror(tail)])


def mirrors(half: float, y: float, low: float, out: float) -> Solid:
    made = box((half - 0.02, y, low), (half + out, y + 0.1, low + 0.3), "trim")
    return solids.with_mirror(made)


def finished(
    body: Solid, slots: tuple[str, ...], size: tuple[float, float, float], axles: Point, r: float
) -> MeshData:
    """Assemble the mesh, with the keypoints of a car. size: half width, half length, height. axles:
    y of the first and of the last. r: radius of their wheels."""
    half, long, high = size
    points = {
        f"wheel_{end}_{name}": (1.3 * x * half, y, r)
        for name, x in (("left", -1), ("right", 1))
        for end, y in zip(("front", "back"), axles, strict=True)
    }
    points["roof_front"] = (0.9 * half, -0.7 * long, 1.3 * high)
    points["roof_back"] = (0.9 * half, 1.1 * long, 1.2 * high)
    points["nose"] = (0.26, -1.3 * long, 0.25 * high)
    points["tail"] = (0.26, 1.3 * long, 0.25 * high)
    ring = [f"wheel_{at}" for at in ("front_left", "back_left", "back_right", "front_right")]
    edges = keypoints.loop(*ring) + keypoints.chain("nose", "roof_front", "roof_back", "tail")
    return solids.finished(body, slots, points, edges)
