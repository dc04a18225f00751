"""Wheeled suitcase and backpack, standing, with their fronts at -y."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Solid, curves, keypoints, sections, uv
from simgen.spec.parameters import between, count, flag


@dataclass(frozen=True)
class Suitcase:
    height: float = between(0.45, 0.68)
    width: float = between(0.62, 0.72)  # over the height
    depth: float = between(0.36, 0.46)  # over the height
    corner: float = between(0.10, 0.20)  # over the width
    ribs: int = count(4, 8)
    rib: float = between(0.004, 0.008)
    wheel: float = between(0.020, 0.028)
    pulled: bool = flag(above=0.4)  # whether the handle is extended
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
    corners = [(-0.09, high - 0.01), (-0.085, high + 0.026), (0.085, high + 0.026)]
    grip = curves.fillet([*corners, (0.09, high - 0.01)], [0, 0.015, 0.015, 0], 4)
    found.append(solids.rod(curves.in_xz(grip, -0.02), 0.008, "trim", (0, 1, 0)))
    out = (0.36 if p.pulled else 0.035) + high
    bow, y = p.bow * half, deep - 0.035
    for x in (-bow, bow):
        found.append(solids.cylinder((x, y, high - 0.02), (x, y, out), 0.0085, "handle"))
    bar = ((-bow - 0.022, y - 0.017, out - 0.012), (bow + 0.022, y + 0.017, out + 0.022))
    found.append(solids.superellipsoid(*bar, "trim", (6.0, 4.0)))
    points, edges = keypoints.front_corners(half, -deep - 0.05, low, high)
    points["handle"] = (0.0, y, out + 0.1)
    edges = (*edges, ("top_front_right", "handle"))
    slots = ("shell", "trim", "handle", "wheels")
    return solids.finished(solids.join(found), slots, points, edges)


def _shell(p: Suitcase, half: float, deep: float, low: float) -> Solid:
    """Build two ribbed half shells with a zip between them, lofted from front to back."""
    tall, corner = p.height, p.corner * 2 * half
    outline = curves.rounded_rectangle((half, tall / 2), corner, 5)
    outline = curves.resample(np.concatenate([outline, outline[:1]]), 121)[:-1]
    inset = [(-1.0, 0.34), (-0.985, 0.16), (-0.93, 0.05), (-0.85, 0.012), (-0.72, 0.0)]
    zip_ = [(-0.06, 0.0), (-0.04, 0.012), (0.04, 0.012), (0.06, 0.0)]
    levels = [*inset, *zip_, *((-y, less) for y, less in inset[::-1])]
    rings = [
        curves.in_xz(outline * (1 - less * corner / np.array([half, tall / 2])), y * deep)
        for y, less in levels
    ]
    names = ["trim" if k == 7 else "shell" for k in range(len(levels) + 1)]
    found = [solids.filled(uv.box_projection(solids.loft(np.array(rings), names)))]
    rib, reach = 0.28 * half / p.ribs, tall / 2 - 0.09 * tall
    for number in range(p.ribs):
        x = half * 0.78 * (2 * number / (p.ribs - 1) - 1)
        for y in (-deep, deep):
            start, end = (x - rib, y - p.rib, -reach), (x + rib, y + p.rib, reach)
            found.append(solids.superellipsoid(start, end, "shell", (3.0, 8.0)))
    return solids.translate(solids.join(found), (0, 0, low + tall / 2))


def _wheels(half: float, deep: float, r: float, low: float) -> Solid:
    found = []
    wheel = solids.convex_lathe(curves.tyre(r - 0.003, r, 0.008, 0.011), "wheels", 20, axis=0)
    for x, y in product((-1, 1), repeat=2):
        at = np.array([x * (half - 0.055), y * (deep - 0.045), r])
        bracket = (at + (-0.017, -0.017, 0.35 * r), at + (0.017, 0.017, low - r + 0.012))
        found += [solids.translate(wheel, at), solids.chamfered_box(*bracket, 0.005, "trim")]
    return solids.join(found)


def build_backpack(p: Backpack) -> MeshData:
    tall = p.height
    half, deep = p.width * tall / 2, p.depth * tall / 2
    wide, high = p.pocket_wide * half, p.pocket * tall
    found = [_dome((-half, -deep, 0.0), (half, deep, tall), p.dome, "bag")]
    low, up = (-wide, -deep - 0.055, 0.015), (wide, -deep + 0.10, high)
    found.append(_dome(low, up, 3.2, "pocket"))
    for x in (-half, half):
        low, up = (x - 0.035, -0.5 * deep, 0.01), (x + 0.035, 0.6 * deep, 0.42 * tall)
        found.append(_dome(low, up, 3.0, "pocket"))
    found += [_zips(p, half, deep, wide), _loop(deep, tall), _straps(p, half, deep)]
    points = {
        "top": (0.0, 0.3 * deep, tall + 0.1),
        "bottom_left": (-half - 0.1, -deep, 0.03),
        "bottom_right": (half + 0.1, -deep, 0.03),
        "pocket_top": (0.0, -deep - 0.1, high),
    }
    edges = (*keypoints.loop("top", "bottom_left", "bottom_right"), ("top", "pocket_top"))
    return solids.finished(solids.join(found), ("bag", "pocket", "straps"), points, edges)


def _loop(deep: float, tall: float) -> Solid:
    """Build the carrying loop on top."""
    control = [(-0.035, tall - 0.03), (-0.05, tall + 0.075), (0.05, tall + 0.075)]
    line = curves.bezier([*control, (0.035, tall - 0.03)], 9)
    return solids.rod(curves.in_xz(line, 0.3 * deep), 0.009, "straps", (0, 1, 0))


def _straps(p: Backpack, half: float, deep: float) -> Solid:
    """Build two shoulder straps behind the bag."""
    tall = p.height
    control = [(deep * 0.5, 0.93 * tall), (deep + 0.13, 0.98 * tall), (deep + 0.10, 0.45 * tall)]
    line = curves.bezier([*control, (deep * 0.7, 0.06 * tall)], 13)
    section = curves.superellipse((0.008, p.strap), 3.0, 14)
    found = []
    for x in (-0.45 * half, 0.45 * half):
        path = np.column_stack([np.full(13, x), line])
        rings = sections.sweep(path, section, (1, 0, 0))
        found.append(solids.loft(rings, "straps", cuts=range(0, 13, 2)))
    return solids.join(found)


def _dome(low: tuple[float, ...], high: tuple[float, ...], power: float, slot: str) -> Solid:
    """Build a bag, flat at the bottom and rounded at the top. power: exponent of its outline in
    front view."""
    start, end = np.array(low), np.array(high)
    half, tall = (end - start) / 2, end[2] - start[2]
    s = [0.0, 0.012, 0.035, 0.08, *np.linspace(0.2, 0.7, 5), 0.8, 0.88, 0.94, 0.975, 0.993]
    up = np.clip((np.array(s) - 0.45) / 0.55, 0, 1)
    foot = np.interp(s, [0, 0.012, 0.035, 0.08, 0.3], [0.8, 0.9, 0.95, 0.98, 1.0])
    wide = (1 - up**power) ** (1 / power) * foot
    deep = wide * (0.35 + 0.65 * wide)
    plan = curves.superellipse((1.0, 1.0), 4.0, 32)
    rings = [
        np.column_stack([w * plan[:, 0] * half[0], d * plan[:, 1] * half[1], np.full(32, z)])
        for w, d, z in zip(wide, deep, np.array(s) * tall, strict=True)
    ]
    tips = (np.zeros(3), np.array([0, 0, tall]))
    bag = solids.filled(uv.box_projection(solids.loft(np.array(rings), slot, tips)))
    middle = (start + end) / 2
    return solids.translate(bag, (middle[0], middle[1], start[2]))


def _zips(p: Backpack, half: float, deep: float, wide: float) -> Solid:
    """Build zips over the tops of the bag and of the pocket, as thin dark cords."""
    tall = p.height
    found = []
    for reach, y, low, high in (
        (0.97 * half, -0.50 * deep, 0.25 * tall, 0.95 * tall),
        (0.9 * wide, -deep - 0.02, 0.5 * p.pocket * tall, 0.95 * p.pocket * tall),
    ):
        s, q = np.linspace(0, np.pi, 17), 2 / p.dome
        x = -reach * np.sign(np.cos(s)) * np.abs(np.cos(s)) ** q
        z = low + (high - low - 0.012) * np.sin(s) ** q
        path = np.column_stack([x, np.full(17, y), z])
        found.append(solids.decoration(solids.rod(path, 0.0045, "straps", (0, 1, 0), 8)))
    return solids.join(found)


CLASSES = (
    ParametricClass("backpack", Backpack, build_backpack),
    ParametricClass("suitcase", Suitcase, build_suitcase),
)
