"""Frying pan: a shallow pan with sloping walls and one long handle along +x."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Keypoints, Piece, Solid, curves, keypoints, pieces, sections
from simgen.spec.parameters import between


@dataclass(frozen=True)
class FryingPan:
    radius: float = between(0.095, 0.150)
    height: float = between(0.036, 0.055)
    slope: float = between(0.76, 0.90)  # radius of the floor over that of the rim
    wall: float = between(0.0026, 0.0040)
    handle: float = between(0.160, 0.205)
    handle_lift: float = between(0.015, 0.050)
    handle_wide: float = between(0.0095, 0.0135)  # half
    handle_thick: float = between(0.0055, 0.0085)  # half
    handle_swell: float = between(0.0, 0.3)


_SEGMENTS = 56


def build(p: FryingPan) -> MeshData:
    profile, outer, inner = _profile(p)
    slots = solids.edge_slots(profile, "body", inside=_inside_box(p))
    handle, bracket = _handle(p, outer)
    rivets = [_rivet(p, inner, side) for side in (-0.011, 0.011)]
    eye = _eye(handle)
    parts = [solids.lathe(profile, slots, _SEGMENTS), solids.loft(handle, "handle")]
    parts += [solids.loft(bracket, "fittings"), *rivets, eye]
    filling = _pan_pieces(p, outer, inner) + pieces.slices(handle, 5, around=12)
    filling.append(pieces.slab(bracket[[0, len(bracket) // 2, -1]], 12))
    filling.append(eye.vertices[::3])
    marks = keypoints.vessel(profile, _SEGMENTS)
    ends = {"handle_root": _top(handle[2]), "handle_end": _top(handle[-4])}
    points = Keypoints(ends, keypoints.chain("rim_right", "handle_root", "handle_end"))
    order = ("body", "inside", "handle", "fittings")
    return solids.assemble(parts, order, filling, keypoints.joined(marks, points), centred=True)


def _top(ring: np.ndarray) -> np.ndarray:
    return ring[int(np.argmax(ring[:, 2]))]


def _inside_box(p: FryingPan) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the bounds within which profile edges belong to the coated inside."""
    return ((-1.0, p.wall * 0.98), (_radius(p, p.height) - 1e-4, p.height + 1.0))


def _radius(p: FryingPan, z: float) -> float:
    s = (z / p.height) ** 0.7
    return p.radius * (p.slope + (1 - p.slope) * s)


def _profile(p: FryingPan) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the complete profile, the outer wall and the inner wall, all `n x 2` (radius,
    height)."""
    wall, top = p.wall, p.height
    z = np.linspace(0.014, top - wall / 2, 8)
    outer = np.array([(_radius(p, h), h) for h in z])
    inner = np.array([(_radius(p, h) - wall * 1.15, h) for h in z[::-1]])
    floor = p.slope * p.radius
    foot = curves.fillet(
        [(0, 0.0006), (0.80 * floor, 0.0006), (0.82 * floor, 0), (floor, 0), outer[0], outer[1]],
        [0, 0.001, 0.001, 0.012, 0.03, 0],
    )
    # Offset inwards by the wall's thickness, the corner of the floor keeps the thickness.
    bottom = curves.fillet(
        [
            inner[-1],
            (floor - 0.002, wall + 0.0008),
            (0.3 * floor, wall + 0.0008),
            (0, wall + 0.0008),
        ],
        [0, 0.012, 0, 0],
    )
    inside = np.concatenate([inner, bottom[1:]])
    return curves.vessel(foot[:-1], outer[1:], inside), outer, inner


def _handle(p: FryingPan, outer: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the rings of the grip and of the metal bracket between it and the pan."""
    root = 0.62 * p.height
    start = float(curves.radius_at(outer, root)) - 0.5 * p.wall
    length, lift = p.handle, p.handle_lift
    control = [(start, root), (start + 0.25 * length, root + 0.75 * lift)]
    control += [(start + 0.6 * length, root + lift), (start + length, root + lift)]
    line = curves.bezier(control, 90)
    along = curves.arclength(line) / curves.arclength(line)[-1]
    middle = np.linspace(0.21, 0.93, 16)
    s = np.array([0.17, 0.175, 0.185, *middle, 0.965, 0.985, 0.996, 1.0])
    path = np.stack([np.interp(s, along, line[:, 0]), 0 * s, np.interp(s, along, line[:, 1])], 1)
    t = (s - 0.17) / 0.83
    ends = curves.rounding(t, 0.03) * 0.4 + 0.6
    ends *= curves.rounding(1 - t, 0.07) * 0.75 + 0.25
    swell = 1 + p.handle_swell * np.sin(np.pi * t) - 0.22 * (1 - t)
    section = curves.superellipse((p.handle_thick, p.handle_wide), 2.8, 18)
    scale = np.stack([ends, ends * swell], axis=1)
    grip = sections.sweep(path, section, (0, 1, 0), scale)
    s = np.array([0.0, 0.004, 0.03, 0.07, 0.12, 0.17, 0.20])
    path = np.stack([np.interp(s, along, line[:, 0]), 0 * s, np.interp(s, along, line[:, 1])], 1)
    flat = curves.superellipse((0.55 * p.handle_thick, 0.80 * p.handle_wide), 3.0, 14)
    wide = np.stack([np.ones(7), np.array([1.75, 1.75, 1.35, 1.0, 0.88, 0.85, 0.85])], axis=1)
    return grip, sections.sweep(path, flat, (0, 1, 0), wide)


def _eye(handle: np.ndarray) -> Solid:
    """Build the ring for hanging at the end of the handle."""
    tip = handle[-3].mean(axis=0) + (0.004, 0, 0)
    angle = 2 * np.pi * np.arange(20) / 20
    path = tip + np.stack([0.0085 * np.cos(angle), 0.0065 * np.sin(angle), 0 * angle], axis=1)
    section = curves.superellipse((0.0016, 0.0022), 2.0, 8)
    return solids.loft_loop(sections.sweep_loop(path, section), "fittings")


def _rivet(p: FryingPan, inner: np.ndarray, y: float) -> Solid:
    """Build the round head of a rivet on the inside of the wall."""
    z = 0.62 * p.height
    x = float(np.interp(z, inner[::-1, 1], inner[::-1, 0]))
    corners = [(0, 0.003), (0.0045, 0.003), (0.0038, -0.0018), (0, -0.0022)]
    profile = curves.fillet(corners, [0, 0, 0.0012, 0], 4)
    part = solids.lathe(profile[::-1], "fittings", 14, axis=0)
    across = np.sqrt(max(x * x - y * y, 0.0))
    return solids.translate(solids.rotate(part, 2, float(np.arctan2(y, across))), (across, y, z))


def _pan_pieces(p: FryingPan, outer: np.ndarray, inner: np.ndarray) -> list[Piece]:
    floor = p.slope * p.radius
    edge = float(outer[0, 0])
    base = pieces.disc([(floor - 0.004, 0), (floor, 0.002), (floor, p.wall + 0.0008)], 20)
    low, high = np.array([(floor - 0.003, 0.002)]), np.array([(floor - 0.009, 0.004)])
    line = np.concatenate([low, [(edge, outer[0, 1])], outer[3::2]])
    within = np.concatenate([high, inner[::-1][:1], inner[::-1][3::2]])
    crest = (float(outer[-1, 0]) - 0.5 * p.wall, p.height)
    return [base, *pieces.bands(within, line, 2, 20, crest)]


CLASSES = (ParametricClass("frying_pan", FryingPan, build),)
