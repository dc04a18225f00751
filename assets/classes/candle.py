"""Candle: a pillar of wax with a melted hollow around its wick."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Keypoints, Piece, curves, keypoints, pieces, sections
from simgen.spec.parameters import between


@dataclass(frozen=True)
class Candle:
    radius: float = between(0.018, 0.040)
    height: float = between(0.050, 0.140)
    taper: float = between(0.93, 1.0)
    edge: float = between(0.002, 0.006)
    pool: float = between(0.45, 0.78)  # radius of the hollow over the radius
    pool_depth: float = between(0.0015, 0.0060)
    burn_slant: float = between(-0.06, 0.06)
    wick: float = between(0.007, 0.013)
    wick_bend: float = between(-0.4, 0.4)


def build(p: Candle) -> MeshData:
    r, h = p.radius, p.height
    upper, pool, deep = r * p.taper, r * p.pool, h - p.pool_depth
    corners = [(0, 0), (r, 0), (r, 0.3 * h), (upper, h), (pool + 0.001, h)]
    corners += [(pool - 1.2 * p.pool_depth, deep), (0, deep)]
    radii = [0, 0.0016, 0.05, p.edge, p.edge, 2 * p.pool_depth, 0]
    profile = curves.fillet(corners, radii, steps=7)
    part = solids.lathe(profile, "wax", 56)
    slanted = part.vertices.copy()
    share = np.clip(slanted[:, 2] / h, 0, 1) ** 8
    slanted[:, 2] += share * p.burn_slant * slanted[:, 0]
    wax = replace(part, vertices=slanted)
    wick = _wick(p, deep)
    filling = [*_pieces(p, deep), pieces.slab(wick[[3, len(wick) // 2, -2]], 8)]
    ends = {"base_centre": keypoints.on_axis(profile, 0), "wick_tip": wick[-1].mean(axis=0)}
    marks = Keypoints(ends, keypoints.chain(*ends))
    return solids.assemble([wax, solids.loft(wick, "wick")], ("wax", "wick"), filling, marks)


def _wick(p: Candle, foot: float) -> np.ndarray:
    """Return the rings of the wick, rooted in the wax and bent as if burnt."""
    long = p.wick + p.pool_depth
    bend = p.wick_bend * long
    control = [(0, 0, foot - 0.004), (0, 0, foot + 0.6 * long), (bend, 0, foot + long)]
    half = (0.0011, 0.0011)
    points, scale = sections.round_ends(curves.bezier(control, 12), half, 0.0008)
    return sections.sweep(points, curves.superellipse(half, 2.2, 12), (0, 1, 0), scale)


def _pieces(p: Candle, deep: float) -> list[Piece]:
    """Return the pieces of the pillar up to the hollow, and of the wall around it."""
    r, h = p.radius, p.height
    upper, pool = r * p.taper, r * p.pool
    side = np.interp(deep, [0.3 * h, h], [r, upper])
    low = pieces.disc([(r, 0), (r, 0.3 * h), (side, deep)], 20)
    soft = 0.35 * p.edge
    wall = [(side, deep - 0.0005), (upper, h - soft), (upper - soft, h), (pool + soft, h)]
    wall.append((max(pool - 1.2 * p.pool_depth, 0.001), deep - 0.0005))
    ring = pieces.sectors(wall, 14)
    slanted = []
    for piece in (low, *ring):
        lift = np.clip(piece[:, 2] / h, 0, 1) ** 8 * p.burn_slant * piece[:, 0]
        slanted.append(piece + lift[:, None] * (0, 0, 1))
    return slanted


CLASSES = (ParametricClass("candle", Candle, build),)
