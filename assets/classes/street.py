"""Street furniture: traffic cone, fire hydrant, stop sign and waste bin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Solid, curves, keypoints, pieces, sections, uv
from simgen.spec.parameters import between, count, flag

from . import strokes


@dataclass(frozen=True)
class TrafficCone:
    height: float = between(0.45, 0.92)
    foot: float = between(0.29, 0.36)  # half the base's width over the height
    radius: float = between(0.20, 0.25)
    tip: float = between(0.028, 0.042)
    bands: int = count(1, 2)
    band: float = between(0.13, 0.18)


@dataclass(frozen=True)
class FireHydrant:
    height: float = between(0.62, 0.88)
    radius: float = between(0.125, 0.150)  # over the height
    bonnet: float = between(0.9, 1.2)
    nozzle: float = between(0.42, 0.52)
    front: float = between(0.60, 0.72)
    at: float = between(0.58, 0.66)


@dataclass(frozen=True)
class StopSign:
    size: float = between(0.60, 0.78)
    low: float = between(1.2, 2.0)
    pole: float = between(0.028, 0.040)
    border: float = between(0.030, 0.045)
    bold: float = between(0.15, 0.20)
    turn: float = between(-0.03, 0.03)


@dataclass(frozen=True)
class Bin:
    with_pedal: bool = flag(below=0.55, of="kind")  # and round; else on wheels
    radius: float = between(0.13, 0.19)
    height: float = between(0.45, 0.70)
    wheeled: float = between(0.95, 1.12)
    taper: float = between(0.80, 0.95)
    dome: float = between(0.25, 0.6)


def build_cone(p: TrafficCone) -> MeshData:
    tall, band = p.height, p.band
    foot, r, tip, base = p.foot * tall, p.radius * tall, p.tip * tall, 0.045 * tall
    body = solids.rounded_slab((foot, foot), 0.18 * foot, (0.0, base), 0.012 * tall, "base")
    cuts = np.linspace(0.36, 0.70, p.bands) if p.bands > 1 else np.array([0.55])
    edges = np.sort(np.concatenate([cuts - band / 2, cuts + band / 2]))
    side = np.stack([r + edges * (tip - r), base + edges * (tall - base)], axis=1)
    below = [(0, 0.5 * base), (1.12 * r, 0.5 * base), (1.1 * r, 1.1 * base), (1.0 * r, 1.6 * base)]
    above = [(tip * 1.02, tall - 0.006), (tip * 0.9, tall), (0.6 * tip, tall)]
    profile = np.concatenate([below, side, above, [(0.5 * tip, tall - 0.03), (0, tall - 0.03)]])
    names = ["cone"] * (len(profile) - 1)
    names[4 : 4 + 2 * p.bands : 2] = ["bands"] * p.bands
    body += solids.convex_lathe(profile, names, 48)
    points = {"tip_right": (tip, 0.0, tall + 0.1)}
    corners = keypoints.plan_corners("base", foot, foot, 0.5 * base)
    points |= {name.replace("_front", ""): point for name, point in corners.items()}
    around = keypoints.loop("base_left", "base_right", "base_back_right", "base_back_left")
    edge = ("base_right", "tip_right")
    return solids.finished(body, ("cone", "bands", "base"), points, (*around, edge))


def build_hydrant(p: FireHydrant) -> MeshData:
    tall, r = p.height, p.radius * p.height
    flange = 0.76 * tall
    top = 0.17 * tall * min(p.bonnet, 1.1)
    low = flange + top
    barrel = [(0, 0.03 * tall), (1.15 * r, 0.03 * tall), (1.02 * r, 0.08 * tall)]
    barrel += [(0.98 * r, 0.14 * tall), (0.98 * r, flange), (0, flange)]
    ring = curves.cylinder(1.3 * r, flange - 0.02 * tall, flange + 0.015 * tall)
    turn = np.linspace(0, np.pi / 2, 8)[:-1]
    dome = [(1.08 * r * np.cos(a), flange + 0.01 * tall + top * np.sin(a)) for a in turn]
    bonnet = [(0, flange), *dome, (0, flange + 0.01 * tall + top)]
    cap = [(0, low - 0.02 * tall), (0.42 * r, low - 0.02 * tall)]
    cap += [(0.38 * r, low + 0.02 * tall), (0, low + 0.02 * tall)]
    found = [
        solids.convex_lathe(curves.cylinder(1.45 * r, 0, 0.035 * tall), "body", 40),
        solids.convex_lathe(barrel, "body", 40),
        solids.convex_lathe(ring, "body", 40),
        solids.convex_lathe(bonnet, "caps", 40),
        solids.convex_lathe(cap, "caps", 24),
        solids.convex_lathe(curves.cylinder(0.2 * r, low, tall), "caps", 8),
    ]
    at = p.at * tall
    side = _nozzle(p.nozzle * r, 1.55 * r)
    front = _nozzle(p.front * r, 1.50 * r)
    found.append(solids.translate(solids.with_mirror(side), (0, 0, at)))
    found.append(solids.translate(solids.rotate(front, 2, -np.pi / 2), (0, 0, at - 0.02 * tall)))
    for reach, z in ((1.2 * r, flange + 0.02 * tall), (1.3 * r, 0.04 * tall)):
        for a in 2 * np.pi * (np.arange(8) + 0.5) / 8:
            spot = np.array([reach * np.cos(a), reach * np.sin(a), z])
            start, end = spot - (0, 0, 0.02), spot + (0, 0, 0.008)
            found.append(solids.decoration(solids.cylinder(start, end, 0.07 * r, "body", 6)))
    points = {
        "top": (0.0, 0.0, tall + 0.1),
        "nozzle_left": (-2 * r, 0.0, at),
        "nozzle_right": (2 * r, 0.0, at),
        "nozzle_front": (0.0, -2 * r, at - 0.02 * tall),
        "base_left": (-1.6 * r, 0.0, 0.0),
        "base_right": (1.6 * r, 0.0, 0.0),
    }
    around = keypoints.loop("nozzle_left", "top", "nozzle_right", "base_right", "base_left")
    edges = (*around, ("top", "nozzle_front"))
    return solids.finished(solids.join(found), ("body", "caps"), points, edges)


def _nozzle(r: float, reach: float) -> Solid:
    """Build a nozzle towards +x with a cap and a nut."""
    cap = [(0, 0.76 * reach), (1.22 * r, 0.76 * reach), (1.22 * r, 0.95 * reach)]
    cap += [(1.05 * r, reach), (0, reach)]
    nut = curves.cylinder(0.35 * r, 0.95 * reach, 1.14 * reach)
    return solids.join(
        [
            solids.convex_lathe(curves.cylinder(r, 0.0, reach * 0.80), "body", 24, axis=0),
            solids.convex_lathe(cap, "caps", 24, axis=0),
            solids.convex_lathe(nut, "caps", 8, axis=0),
        ]
    )


def build_sign(p: StopSign) -> MeshData:
    half = p.size / 2
    back = solids.extrude(_octagon(half), -0.004, 0.0, "post")
    white = solids.extrude(_octagon(half), -0.0005, 0.0012, "marks")
    red = solids.extrude(_octagon(half - p.border * p.size), 0.0004, 0.0022, "face")
    tall = 0.36 * p.size
    word = strokes.text("STOP", tall, p.bold * tall, 0.0015, 0.0036, "marks")
    word = solids.scale(word, (0.70, 1.0, 1.0))
    sign = back + solids.decoration(white) + solids.decoration(red) + word
    for z in (-0.6 * half, 0.6 * half):
        bolt = solids.convex_lathe([(0, 0.0), (0.008, 0.0), (0.007, 0.006), (0, 0.007)], "post", 12)
        sign += solids.translate(bolt, (0, z, 0))
    centre = p.low + half
    sign = solids.translate(strokes.upright(sign), (0, -p.pole - 0.001, centre))
    pole = solids.cylinder((0, 0, 0), (0, 0, centre + 0.92 * half), p.pole, "post", 20)
    body = solids.rotate(pole + sign, 2, p.turn)
    corner = half * np.tan(np.pi / 8)
    flat = {
        "top_left": (-corner, half),
        "top_right": (corner, half),
        "right": (half, corner),
        "bottom_right": (corner, -half),
        "bottom_left": (-corner, -half),
        "left": (-half, corner),
    }
    points = {name: (x, -p.pole - 0.1, centre + z) for name, (x, z) in flat.items()}
    points["pole_base"] = (0.0, -p.pole, 0.0)
    edges = (*keypoints.loop(*flat), ("bottom_left", "pole_base"))
    return solids.finished(body, ("face", "marks", "post"), points, edges)


def _octagon(half: float) -> np.ndarray:
    angle = np.pi / 8 + np.pi / 4 * np.arange(8)
    return half / np.cos(np.pi / 8) * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def build_bin(p: Bin) -> MeshData:
    body, wide, tall = _pedal_bin(p) if p.with_pedal else _wheeled_bin(p)
    points = {
        "top": (0.0, 0.0, tall + 0.2),
        "lid_left": (-wide, 0.0, 0.86 * tall),
        "lid_right": (wide, 0.0, 0.86 * tall),
        "base_left": (-wide, 0.0, -0.1),
        "base_right": (wide, 0.0, -0.1),
    }
    edges = keypoints.loop("lid_left", "top", "lid_right", "base_right", "base_left")
    return solids.finished(body, ("body", "lid", "trim"), points, edges)


def _pedal_bin(p: Bin) -> tuple[Solid, float, float]:
    """Build a round bin. Returns it, half its width, and its height."""
    r, tall = p.radius, p.height
    low, top = p.taper * r, 0.88 * tall
    foot = [(0, 0), (low, 0), (low + 0.004, 0.012), (low + 0.004, 0.03), (0, 0.03)]
    side = [(0, 0.025), (low, 0.025), (r, top - 0.004), (r - 0.002, top), (0, top)]
    turn = np.linspace(0, np.pi / 2, 8)[:-1]
    rise = tall - top - 0.01
    dome = [(r * np.cos(a) ** p.dome, top + 0.01 + rise * np.sin(a)) for a in turn]
    pedal = ((-0.045, -low - 0.055, 0.004), (0.045, -low + 0.02, 0.018))
    found = [
        solids.convex_lathe(foot, "trim", 48),
        solids.convex_lathe(side, "body", 48),
        solids.convex_lathe(curves.cylinder(r + 0.005, top - 0.004, top + 0.012), "trim", 48),
        solids.convex_lathe([(0, top + 0.005), *dome, (0, tall)], "lid", 48),
        solids.superellipsoid(*pedal, "trim", (4.0, 4.0)),
    ]
    return solids.join(found), r, tall


def _wheeled_bin(p: Bin) -> tuple[Solid, float, float]:
    """Build a bin on two wheels. Returns it, half its width, and its height."""
    tall = p.wheeled
    half, deep, low = 0.28, 0.33, 0.74
    outline = curves.rounded_rectangle((half, deep), 0.06, 3)
    heights = np.array([0.03, 0.05, 0.86 * tall, 0.865 * tall, 0.90 * tall])
    rings = sections.levels(outline, heights, (low - 0.03, low, 0.985, 1.06, 1.06))
    body = uv.box_projection(solids.loft(rings, "body"))
    body = solids.filled(body, (pieces.slab(rings[[0, 1, 2]], 20), pieces.slab(rings[[3, 4]], 28)))
    heights = np.array([0.895, 0.915, 0.955, 0.99, 1.0]) * tall
    rings = sections.levels(outline, heights, (1.09, 1.09, 0.98, 0.6, 0.2))
    lid = solids.filled(uv.box_projection(solids.loft(rings, "lid")))
    wheel = solids.convex_lathe(curves.tyre(0.07, 0.095, 0.02, 0.03), "trim", 28, axis=0)
    wheel = solids.translate(wheel, (low * half + 0.015, deep * 0.80, 0.095))
    found = [body, lid, solids.with_mirror(wheel)]
    y, z = 1.09 * deep + 0.04, 0.93 * tall
    found.append(solids.cylinder((-half, y, z), (half, y, z), 0.014, "trim"))
    for x in (-0.8 * half, 0.8 * half):
        start, end = (x, 1.0 * deep, 0.905 * tall), (x, 1.09 * deep + 0.045, 0.93 * tall)
        found.append(solids.cylinder(start, end, 0.016, "trim"))
    x = 0.8 * low * half
    foot = ((-x, -0.8 * low * deep, 0.0), (x, -0.3 * deep, 0.05))
    return solids.join([*found, solids.chamfered_box(*foot, 0.01, "trim")]), half, tall


CLASSES = (
    ParametricClass("bin", Bin, build_bin),
    ParametricClass("fire_hydrant", FireHydrant, build_hydrant),
    ParametricClass("stop_sign", StopSign, build_sign),
    ParametricClass("traffic_cone", TrafficCone, build_cone),
)
