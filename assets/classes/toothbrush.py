"""Toothbrush lying along x, with its head at +x and its bristles up or to the side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Keypoints, Piece, Solid, curves, keypoints, pieces, sections
from simgen.spec.parameters import between, flag


@dataclass(frozen=True)
class Toothbrush:
    length: float = between(0.165, 0.195)
    head: float = between(0.026, 0.033)
    head_wide: float = between(0.0052, 0.0066)  # half
    grip_wide: float = between(0.0058, 0.0078)  # half
    grip_thick: float = between(0.0042, 0.0058)  # half
    neck: float = between(0.0022, 0.0030)  # half
    bend: float = between(0.0, 0.006)
    bristle: float = between(0.0095, 0.0120)
    wave: float = between(0.0, 0.16)
    on_its_side: bool = flag(above=0.6, of="roll")


def build(p: Toothbrush) -> MeshData:
    rings = _handle(p)
    inlay = _inlay(p)
    tufts, field = _tufts(p)
    parts = [solids.loft(rings, "handle"), solids.loft(inlay, "grip"), *tufts]
    cuts = pieces.slices(rings, 6, around=12)
    filling = [*cuts, field]
    points = {
        "handle_end": rings[0].mean(axis=0),
        "neck": _upper(rings[len(rings) // 2 + 4]),
        "head_tip": rings[-1].mean(axis=0),
    }
    if p.on_its_side:
        parts = [solids.rotate(part, 0, np.pi / 2) for part in parts]
        filling = [solids.rotate_points(piece, 0, np.pi / 2) for piece in filling]
        points = {name: solids.rotate_points(point, 0, np.pi / 2) for name, point in points.items()}
    marks = Keypoints(points, keypoints.chain(*points))
    return solids.assemble(parts, ("handle", "grip", "bristles"), filling, marks, centred=True)


def _upper(ring: np.ndarray) -> np.ndarray:
    return ring[int(np.argmax(ring[:, 2]))]


def _shape(p: Toothbrush, s: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return half width, half thickness and height of the centre line at positions `s`, 0..1."""
    head = p.head / p.length
    neck, start = 1 - head - 0.20, 1 - head
    wide, thick = p.grip_wide, p.grip_thick
    knots = [0, 0.12, 0.32, 0.50, neck, start - 0.03, start + 0.03, 1 - 0.3 * head, 1]
    y = [0.8 * wide, wide, 0.86 * wide, wide, 1.2 * p.neck, p.neck]
    y += [0.92 * p.head_wide, p.head_wide, 0.8 * p.head_wide]
    z = [0.8 * thick, thick, 0.9 * thick, thick, 1.15 * p.neck, p.neck, 0.0021, 0.0021, 0.0019]
    at = [0, 0.25, 0.5, neck, start, 1]
    lift = np.array([0, 0.2, 0.6, 1.0, 0.4, 0.5]) * p.bend
    return curves.monotone(s, knots, y), curves.monotone(s, knots, z), curves.monotone(s, at, lift)


def _handle(p: Toothbrush) -> np.ndarray:
    ends = 1 - np.cos(np.linspace(0, np.pi / 2, 6))
    s = np.concatenate([0.03 * ends, np.linspace(0.05, 0.96, 34), 1 - 0.025 * ends[::-1]])
    y, z, lift = _shape(p, s)
    start = curves.rounding(s, 0.03).clip(0.08)
    stop = curves.rounding(1 - s, 0.025).clip(0.08)
    y = (y * start * stop)[:, None] * (-1, 1)
    z = lift[:, None] + (z * np.sqrt(start) * np.sqrt(stop))[:, None] * (-1, 1)
    return sections.bar(s * p.length, y, z, curves.superellipse((1.0, 1.0), 2.5, 18))


def _inlay(p: Toothbrush) -> np.ndarray:
    """Return the rubber around the middle of the grip, slightly thicker than the handle."""
    s = np.linspace(0.08, 0.52, 25)
    y, z, lift = _shape(p, s)
    ends = np.sqrt(1 - (1 - (np.minimum(s - 0.08, 0.52 - s) / 0.03).clip(0, 1)) ** 2).clip(0.05)
    ribs = 0.0004 * (np.arange(25) % 2)
    up = z + (0.0008 + ribs) * ends
    y = (0.72 * y * ends)[:, None] * (-1, 1)
    z = np.stack([lift - 0.2 * z, lift + up], axis=1)
    return sections.bar(s * p.length, y, z, curves.superellipse((1.0, 1.0), 2.8, 16))


def _tufts(p: Toothbrush) -> tuple[list[Solid], Piece]:
    """Build bundles of bristles in rows, and one piece around all of them."""
    long, wide = 0.86 * p.head, 0.80 * p.head_wide
    first = p.length - 0.93 * p.head
    _, _, lift = _shape(p, np.array([1.0]))
    low = float(lift[0]) + 0.0008
    rows = 4
    columns = round(long / (2 * wide / (rows - 1)))
    found = []
    tops = []
    for i in range(columns):
        t = (i + 0.5) / columns
        edge = 1.0 if 0.08 < t < 0.92 else 0.66
        for v in np.linspace(-1, 1, rows):
            if edge < 1 and abs(v) > 0.9:
                continue
            high = p.bristle * (1 + p.wave * np.cos(2 * np.pi * t) * 0.5)
            high *= 1 + 0.06 * np.sin(12.9 * i + 78.2 * v)
            r = 0.58 * wide / (rows - 1) * 1.45
            profile = [
                (0, 0),
                (0.85 * r, 0.0),
                (1.05 * r, high - 0.0006),
                (0.8 * r, high),
                (0, high),
            ]
            tuft = solids.lathe(profile, "bristles", 8)
            spot = (first + t * long, v * wide * 0.92, low)
            found.append(solids.translate(tuft, spot))
            tops.append(low + high)
    corner = (first + 0.02 * long, -wide, low - 0.002)
    return found, pieces.block(corner, (first + 0.98 * long, wide, float(np.max(tops)) - 0.0004))


CLASSES = (ParametricClass("toothbrush", Toothbrush, build),)
