"""Mug: a lathed cup with a wall, a round rim and a swept handle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Piece, curves, keypoints, pieces, sections
from simgen.spec.parameters import between


@dataclass(frozen=True)
class Mug:
    height: float = between(0.080, 0.110)
    radius: float = between(0.036, 0.046)
    taper: float = between(0.74, 1.0)  # radius at the foot over radius at the rim
    taper_power: float = between(0.5, 1.4)
    belly: float = between(-0.04, 0.10)
    wall: float = between(0.0030, 0.0046)
    base_round: float = between(0.004, 0.014)
    handle_reach: float = between(0.022, 0.032)
    handle_high: float = between(0.76, 0.88)  # of the height
    handle_low: float = between(0.20, 0.36)
    handle_lift: float = between(-0.004, 0.012)
    handle_drop: float = between(-0.008, 0.006)
    handle_thick: float = between(0.0034, 0.0048)  # half, radially
    handle_wide: float = between(0.0050, 0.0085)  # half, sideways
    handle_square: float = between(2.0, 3.6)


def build(p: Mug) -> MeshData:
    profile = _profile(p)
    handle = _handle(p)
    parts = [solids.lathe(profile, "body", segments=56), solids.loft(handle, "handle")]
    filling = _wall_pieces(p) + pieces.slices(handle, 6, around=18)
    marks = keypoints.joined(keypoints.vessel(profile, 56), keypoints.handle(handle, (7, 13, 19)))
    return solids.assemble(parts, ("body", "handle"), filling, marks, {"handle": "body"})


def outer_radius(p: Mug, z: np.ndarray | float) -> np.ndarray:
    """Return the radius of the outer wall at height `z`, metres."""
    s = np.asarray(z) / p.height
    straight = p.taper + (1 - p.taper) * np.maximum(s, 0.0) ** p.taper_power
    return p.radius * straight * (1 + p.belly * np.sin(np.pi * np.clip(s, 0, 1)))


def floor(p: Mug) -> float:
    """Return the height of the inner floor, metres."""
    return 0.0018 + 1.3 * p.wall


def _foot(p: Mug) -> np.ndarray:
    """Return the outside from the axis at the bottom, over the foot ring, to the start of the plain
    wall."""
    soft = p.base_round
    base = float(outer_radius(p, 0.0)) - 0.35 * soft
    z = np.array([1.9, 2.2]) * soft
    side = np.stack([outer_radius(p, z), z], axis=1)
    # On a narrow mug with a very round foot, it would reach the axis and fold over.
    ring = max(base - 1.9 * soft - 0.002, 0.005)
    return curves.fillet(
        [(0, 0.0018), (ring - 0.0025, 0.0018), (ring, 0), (base, 0), *side],
        [0, 0.002, 0.002, soft, 0.02, 0],
    )


def _outer(p: Mug) -> np.ndarray:
    """Return the plain part of the outer wall (`9 x 2`), up to the rim."""
    z = np.linspace(2.2 * p.base_round + 0.004, p.height - p.wall / 2, 9)
    return np.stack([outer_radius(p, z), z], axis=1)


def _profile(p: Mug) -> np.ndarray:
    wall, top = p.wall, p.height - p.wall / 2
    low, corner = floor(p), 0.9 * p.base_round + 0.003
    z = np.linspace(top, low + 2.2 * corner, 9)
    sides = np.stack([outer_radius(p, z) - wall, z], axis=1)
    edge = (float(outer_radius(p, low)) - wall, low)
    bottom = curves.fillet([sides[-1], edge, (0, low)], [0, corner, 0], steps=6)
    return curves.vessel(_foot(p), _outer(p), np.concatenate([sides, bottom[1:]]))


def _handle(p: Mug) -> np.ndarray:
    """Return the rings of the handle, whose two ends lie within the wall."""
    high, low = p.handle_high * p.height, p.handle_low * p.height
    reach = p.radius * (1 + max(p.belly, 0.0)) + p.handle_reach * 1.33
    start, end = float(_mid_wall(p, high)), float(_mid_wall(p, low))
    control = [(start, high), (reach, high + p.handle_lift)]
    control += [(reach, low - p.handle_drop), (end, low)]
    flat = curves.resample(curves.bezier(control, 80), 27)
    path = curves.in_xz(flat)
    half = (p.handle_thick, p.handle_wide)
    away = np.minimum(np.arange(27), np.arange(27)[::-1]) / 2.0
    flare = 1 + 0.30 * np.exp(-(away**2))[:, None] * np.array([1.0, 0.7])
    section = curves.superellipse(half, p.handle_square, 18)
    rings = sections.sweep(path, section, (0, 1, 0), flare)
    for ring in (rings[0], rings[-1]):
        ring[:] = _onto_wall(p, ring)
    return rings


def _mid_wall(p: Mug, z: np.ndarray | float) -> np.ndarray:
    return outer_radius(p, z) - p.wall / 2


def _onto_wall(p: Mug, ring: np.ndarray) -> np.ndarray:
    """Move a ring (`m x 3`) radially to the middle of the wall, so that it does not protrude."""
    radius = np.hypot(ring[:, 0], ring[:, 1])
    factor = _mid_wall(p, ring[:, 2]) / radius
    return ring * np.stack([factor, factor, np.ones_like(factor)], axis=1)


def _wall_pieces(p: Mug) -> list[Piece]:
    """Return the pieces of the floor, the fillet above it, and two bands of wall up to the rim."""
    low, top, wall = floor(p), p.height - p.wall / 2, p.wall
    line = curves.standing(curves.chain(_foot(p), _outer(p)))
    corner = 0.6 * (0.9 * p.base_round + 0.003)
    z = np.concatenate([[low], np.linspace(low + corner, top, 5)])
    outer = np.stack([curves.radius_at(line, z), z], axis=1)
    inner = np.stack([outer_radius(p, z) - wall, z], axis=1)
    inner[0, 0] -= corner
    base = [(float(curves.radius_at(line, h)), h) for h in np.array([0, 0.15, 0.45, 1.0]) * low]
    crest = (outer[-1, 0] - wall / 2, p.height)
    walls = pieces.bands(inner[:2], outer[:2], 1, 16, inner[1])
    return [pieces.disc(base, 16), *walls, *pieces.bands(inner[1:], outer[1:], 2, 16, crest)]


CLASSES = (ParametricClass("mug", Mug, build),)
