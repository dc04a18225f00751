"""Suitcase on wheels and backpack, standing, their fronts at -y."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen import solids
from simgen.assets.parametric.parametric_class import ParametricClass
from simgen.mesh import MeshData
from simgen.parameters import between, count, flag
from simgen.solids import Solid, curves, keypoints, pieces, sections, uv


@dataclass(frozen=True)
class Suitcase:
    height: float = between(0.45, 0.68)
    width: float = between(0.62, 0.72)  # over the height
    depth: float = between(0.36, 0.46)  # over the height
    corner: float = between(0.10, 0.20)  # over the width
    ribs: int = count(4, 8)
    rib: float = between(0.004, 0.008)
    wheel: float = between(0.020, 0.028)
    pulled: bool = flag(above=0.4)  # the handle is out above 0.4
    bow: float = between(0.30, 0.42)  # width of the handle over the case's


@dataclass(frozen=True)
class Backpack:
    height: float = between(0.40, 0.52)
    width: float = between(0.60, 0.70)
    depth: float = between(0.36, 0.46)
    dome: float = between(2.6, 3.6)
    pocket: float = between(0.42, 0.54)  # height of the front pocket
    pocket_wide: float = between(0.72, 0.86)
    strap: float = between(0.030, 0.042)  # half width


def build_suitcase(p: Suitcase) -> MeshData:
    tall, r = p.height, p.wheel
    half, deep = p.width * tall / 2, p.depth * tall / 2
    low = 1.7 * r
    found = [_shell(p, half, deep, low), _wheels(half, deep, r, low)]
    high = low + tall
    grip = curves.fillet(
        [(-0.09, high - 0.01), (-0.085, high + 0.026), (0.085, high + 0.026), (0.09, high - 0.01)],
        [0, 0.015, 0.015, 0],
        4,
    )
    path = curves.in_xz(grip, -0.02)
    found.append(solids.rod(path, 0.008, "trim", (0, 1, 0), 10))
    out = (0.36 if p.pulled else 0.035) + high
    bow, y = p.bow * half, deep - 0.035
    for side in (-1, 1):
        found.append(
            solids.cylinder((side * bow, y, high - 0.02), (side * bow, y, out), 0.0085, "handle")
        )
    found.append(
        solids.superellipsoid(
            (-bow - 0.022, y - 0.017, out - 0.012),
            (bow + 0.022, y + 0.017, out + 0.022),
            "trim",
            (6.0, 4.0),
        )
    )
    marks = {}
    for level, z in (("bottom", low), ("top", high)):
        for name, x in (("left", -half), ("right", half)):
            marks[f"{level}_front_{name}"] = (x, -deep - 0.05, z)
    marks["handle"] = (0.0, y, out + 0.1)
    order = ("bottom_front_left", "bottom_front_right", "top_front_right", "top_front_left")
    edges = (*keypoints.loop(*order), ("top_front_right", "handle"))
    return solids.finished(solids.join(found), ("shell", "trim", "handle", "wheels"), marks, edges)


def _shell(p: Suitcase, half: float, deep: float, low: float) -> Solid:
    """Two ribbed half shells with a zip between them, lofted from front to back."""
    tall, corner = p.height, p.corner * 2 * half
    outline = curves.rounded_rectangle((half, tall / 2), corner, 5)
    outline = curves.resample(np.concatenate([outline, outline[:1]]), 121)[:-1]
    inset = [
        (-1.0, 0.34),
        (-0.985, 0.16),
        (-0.93, 0.05),
        (-0.85, 0.012),
        (-0.72, 0.0),
        (-0.06, 0.0),
    ]
    levels = [
        *inset,
        (-0.04, 0.012),
        (0.04, 0.012),
        (0.06, 0.0),
        *((-y, k) for y, k in inset[-2::-1]),
    ]
    rings = []
    for y, less in levels:
        factor = 1 - less * corner / np.array([half, tall / 2])
        rings.append(
            np.column_stack(
                [outline[:, 0] * factor[0], np.full(120, y * deep), outline[:, 1] * factor[1]]
            )
        )
    names = ["trim" if k == 7 else "shell" for k in range(len(levels) + 1)]
    part = uv.box_projection(solids.loft(np.array(rings), names))
    body = solids.filled(part)
    count = p.ribs
    for number in range(count):
        x = half * 0.78 * (2 * number / (count - 1) - 1)
        reach = tall / 2 - 0.09 * tall
        rib = np.abs(x) * 0.0 + 0.28 * half / count
        for side in (-1, 1):
            y = side * deep
            bar = solids.superellipsoid(
                (x - rib, y - p.rib, -reach), (x + rib, y + p.rib, reach), "shell", (3.0, 8.0)
            )
            body += bar
    return solids.translate(body, (0, 0, low + tall / 2))


def _wheels(half: float, deep: float, r: float, low: float) -> Solid:
    found = []
    for x in (-1, 1):
        for y in (-1, 1):
            at = np.array([x * (half - 0.055), y * (deep - 0.045), r])
            line = [
                (0, -0.011),
                (r - 0.003, -0.011),
                (r, -0.008),
                (r, 0.008),
                (r - 0.003, 0.011),
                (0, 0.011),
            ]
            found.append(solids.translate(solids.convex_lathe(line, "wheels", 20, axis=0), at))
            found.append(
                solids.chamfered_box(
                    at + (-0.017, -0.017, 0.35 * r),
                    at + (0.017, 0.017, low - r + 0.012),
                    0.005,
                    "trim",
                )
            )
    return solids.join(found)


def build_backpack(p: Backpack) -> MeshData:
    tall = p.height
    half, deep = p.width * tall / 2, p.depth * tall / 2
    bag = _dome((-half, -deep, 0.0), (half, deep, tall), p.dome, "bag")
    wide = p.pocket_wide * half
    pocket = _dome(
        (-wide, -deep - 0.055, 0.015), (wide, -deep + 0.10, p.pocket * tall), 3.2, "pocket"
    )
    body = bag + pocket
    for side in (-1, 1):
        low = (side * half - 0.035, -0.5 * deep, 0.01)
        body += _dome(low, (side * half + 0.035, 0.6 * deep, 0.42 * tall), 3.0, "pocket")
    body += _zips(p, half, deep, tall, wide)
    loop = curves.bezier(
        [(-0.035, tall - 0.03), (-0.05, tall + 0.075), (0.05, tall + 0.075), (0.035, tall - 0.03)],
        9,
    )
    path = curves.in_xz(loop, 0.3 * deep)
    body += solids.rod(path, 0.009, "straps", (0, 1, 0), 10)
    for side in (-1, 1):
        line = curves.bezier(
            [
                (deep * 0.5, 0.93 * tall),
                (deep + 0.13, 0.98 * tall),
                (deep + 0.10, 0.45 * tall),
                (deep * 0.7, 0.06 * tall),
            ],
            13,
        )
        path = np.column_stack([np.full(13, side * 0.45 * half), line[:, 0], line[:, 1]])
        section = curves.superellipse((0.008, p.strap), 3.0, 14)
        rings = sections.sweep(path, section, (1, 0, 0))
        filling = tuple(pieces.hull(rings[a : a + 3].reshape(-1, 3)) for a in range(0, 12, 2))
        body += solids.filled(solids.loft(rings, "straps"), filling)
    marks = {
        "top": (0.0, 0.3 * deep, tall + 0.1),
        "bottom_left": (-half - 0.1, -deep, 0.03),
        "bottom_right": (half + 0.1, -deep, 0.03),
        "pocket_top": (0.0, -deep - 0.1, p.pocket * tall),
    }
    edges = keypoints.loop("top", "bottom_left", "bottom_right")
    return solids.finished(
        body, ("bag", "pocket", "straps"), marks, (*edges, ("top", "pocket_top"))
    )


def _dome(low: tuple[float, ...], high: tuple[float, ...], power: float, slot: str) -> Solid:
    """A bag: flat below, rounded above. power: exponent of its outline seen from the front."""
    start, end = np.array(low), np.array(high)
    half = (end - start) / 2
    s = np.concatenate(
        [[0.0, 0.012, 0.035, 0.08], np.linspace(0.2, 0.7, 5), [0.8, 0.88, 0.94, 0.975, 0.993]]
    )
    up = np.clip((s - 0.45) / 0.55, 0, 1)
    wide = (1 - up**power) ** (1 / power) * np.interp(
        s, [0, 0.012, 0.035, 0.08, 0.3], [0.8, 0.9, 0.95, 0.98, 1.0]
    )
    plan = curves.superellipse((1.0, 1.0), 4.0, 32)
    deep = 0.35 + 0.65 * wide
    flat = np.stack(
        [wide[:, None] * plan[:, 0] * half[0], (wide * deep)[:, None] * plan[:, 1] * half[1]], 2
    )
    high_at = np.broadcast_to((s * (end[2] - start[2]))[:, None, None], (len(s), 32, 1))
    tips = (np.zeros(3), np.array([0, 0, end[2] - start[2]]))
    part = uv.box_projection(solids.loft(np.concatenate([flat, high_at], axis=2), slot, tips))
    middle = np.array([(start[0] + end[0]) / 2, (start[1] + end[1]) / 2, start[2]])
    body = solids.filled(part)
    return solids.translate(body, middle)


def _zips(p: Backpack, half: float, deep: float, tall: float, wide: float) -> Solid:
    """A zip over the bag's top and one over the pocket's, as thin dark cords."""
    found = []
    for reach, y, low, high in (
        (0.97 * half, -0.50 * deep, 0.25 * tall, 0.95 * tall),
        (0.9 * wide, -deep - 0.02, 0.5 * p.pocket * tall, 0.95 * p.pocket * tall),
    ):
        s = np.linspace(0, np.pi, 17)
        q = 2 / p.dome
        x = -reach * np.sign(np.cos(s)) * np.abs(np.cos(s)) ** q
        z = low + (high - low - 0.012) * np.sin(s) ** q
        path = np.column_stack([x, np.full(17, y), z])
        found.append(solids.decoration(solids.rod(path, 0.0045, "straps", (0, 1, 0), 8)))
    return solids.join(found)


CLASSES = (
    ParametricClass("backpack", Backpack, build_backpack),
    ParametricClass("suitcase", Suitcase, build_suitcase),
)
