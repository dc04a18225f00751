"""Tree: a broad-leaved tree with trunk, boughs and a crown of leaf clumps, or a conifer."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Solid, curves, keypoints, noise, pieces, sections
from simgen.spec.parameters import between, count, flag


@dataclass(frozen=True)
class Tree:
    is_conifer: bool = flag(below=0.3, of="kind")
    height: float = between(4.0, 9.0)
    conifer: float = between(0.20, 0.30)  # half width of a conifer's lowest boughs over the height
    crown: float = between(0.28, 0.40)  # half width of a crown over the height
    crown_low: float = between(0.22, 0.36)
    clumps: int = count(14, 22)
    lumpy: float = between(0.34, 0.46)  # size of a clump over the crown's
    leaf: float = between(0.10, 0.13)  # over the half width
    trunk: float = between(0.022, 0.036)
    lean: float = between(-0.06, 0.06)
    order: float = between(0.0, 1000.0)


SLOTS = ("trunk", "leaves")
_LEAVES = 6000
"""Number of leaves or sprays of a tree, four faces each."""


def build(p: Tree) -> MeshData:
    body = _conifer(p) if p.is_conifer else _broad_leaved(p)
    points = body.vertices
    body = _reaching(body)
    radius = 1.5 * p.trunk * p.height
    marks = {
        "top": points[int(np.argmax(points[:, 2]))],
        "base_left": (-radius, 0.0, 0.0),
        "base_right": (radius, 0.0, 0.0),
        "crown_left": points[int(np.argmin(points[:, 0]))],
        "crown_right": points[int(np.argmax(points[:, 0]))],
    }
    edges = keypoints.loop("base_left", "crown_left", "top", "crown_right", "base_right")
    return solids.finished(body, SLOTS, marks, edges)


def _reaching(body: Solid) -> Solid:
    """Return the body with pieces extended or cut to the extents of its leaves along the axes."""
    points = body.vertices
    filling = [piece.clip(points.min(axis=0), points.max(axis=0)) for piece in body.pieces]
    for axis in range(3):
        for farthest in (np.argmin, np.argmax):
            end = points[int(farthest(points[:, axis]))]
            near = [float(np.linalg.norm(piece - end, axis=1).min()) for piece in filling]
            owner = int(np.argmin(near))
            filling[owner] = np.concatenate([filling[owner], end[None]])
    return solids.filled(body, filling)


def _across(along: np.ndarray, toward: np.ndarray) -> np.ndarray:
    """Return the unit vectors closest to `toward` (`n x 3`) that are perpendicular to `along`."""
    flat = toward - (toward * along).sum(axis=1, keepdims=True) * along
    return curves.unit(flat + 1e-9)


def _clump(p: Tree, centre: np.ndarray, half: np.ndarray, count: int, salt: float) -> Solid:
    """Build a ball of leaves, denser at its surface, and one piece that fills it."""
    random = noise.table(p.order, count, salt)
    way = curves.fibonacci_sphere(count)
    depth = 0.68 + 0.32 * random[:, :1] ** 0.5
    foot = centre + way * half * depth
    droop = np.stack([random[:, 1] - 0.5, random[:, 2] - 0.5, -0.35 - 0.5 * random[:, 3]], axis=1)
    along = curves.unit(0.75 * way + 0.9 * droop)
    normal = _across(along, way + 0.6 * (random[:, 1:] - 0.5))
    length = p.leaf * p.crown * p.height * (0.7 + 0.6 * random[:, 1])
    part = solids.kites(foot, along, normal, length, 0.62, "leaves")
    return solids.filled(
        part, (centre + (half + 0.9 * p.leaf * p.crown * p.height) * curves.fibonacci_sphere(44),)
    )


def _broad_leaved(p: Tree) -> Solid:
    tall, wide = p.height, p.crown * p.height
    low = p.crown_low * tall
    middle = np.array([p.lean * tall, 0.0, (low + tall) / 2])
    crown = np.array([wide, wide, (tall - low) / 2])
    count = p.clumps
    random = noise.table(p.order, count, 3.0)
    places = middle + curves.fibonacci_sphere(count) * crown * (1 - 0.75 * p.lumpy) * (
        0.85 + 0.3 * random[:, :1]
    )
    places = np.concatenate([places, middle[None]])
    found = []
    for number, place in enumerate(places):
        half = crown * p.lumpy * (0.85 + 0.35 * random[number % count, 1])
        found.append(_clump(p, place, half, _LEAVES // (count + 1), float(number)))
    found.append(_trunk(p, middle))
    for number in range(0, count, 3):
        start = np.array([p.lean * tall * 0.5, 0, low * (0.9 + 0.3 * random[number, 2])])
        end = places[number]
        bend = (start + end) / 2 - (0, 0, 0.06 * tall)
        line = curves.bezier([start, bend, end], 5)
        thick = p.trunk * tall * np.linspace(0.5, 0.12, 5)
        side = np.cross(end - start, (0.0, 0.0, 1.0)) + 1e-6
        found.append(solids.rod(line, thick, "trunk", curves.unit(side), 7))
    return solids.join(found)


def _trunk(p: Tree, top: np.ndarray) -> Solid:
    """Build the trunk, wider at the ground."""
    s = np.array([0.0, 0.02, 0.06, 0.15, 0.4, 0.7, 1.0])
    line = s[:, None] * top * (1, 1, 0.95)
    line[:, 0] = p.lean * p.height * s**1.5
    thick = p.trunk * p.height * np.array([1.5, 1.3, 1.1, 1.0, 0.85, 0.6, 0.3])
    rings = sections.tube(line, thick, (0, 1, 0), 14)
    rings[0, :, 2] = 0.0
    return solids.sliced_loft(rings, "trunk", 3, around=10)


def _conifer(p: Tree) -> Solid:
    """Build tiers of boughs that become shorter towards the top."""
    tall, wide = p.height, p.conifer * p.height
    low = 0.13 * tall
    count = _LEAVES
    random = noise.table(p.order, count, 1.0)
    # Evenly distributed over the cone's surface: more sprays at the bottom, where it is wide.
    share = 1 - np.sqrt(1 - (np.arange(count) + 0.5) / count)
    tiers = 11
    tier = np.floor(share * tiers + 0.25 * (random[:, 0] - 0.5))
    within = random[:, 1]
    z = low + (tall - low) * np.clip((tier + 0.6 + 0.5 * random[:, 2]) / (tiers + 0.8), 0, 0.985)
    reach = (
        wide * (1 - (z - low) / (tall - low)) ** 0.9 * (0.88 + 0.14 * random[:, 3]) + 0.02 * tall
    )
    turn = np.pi * (1 + 5**0.5) * np.arange(count) + 0.4 * random[:, 3]
    far = np.sqrt(within)
    out = np.stack([np.cos(turn), np.sin(turn), np.zeros(count)], axis=1)
    foot = out * (reach * far)[:, None]
    foot[:, 2] = z - 0.25 * reach * far**1.5
    length = p.leaf * 1.9 * wide * (0.6 + 0.6 * random[:, 2]) * (0.5 + 0.5 * reach / wide)
    spread = np.stack([-np.sin(turn), np.cos(turn), np.zeros(count)], axis=1)
    along = curves.unit(out + 1.1 * (random[:, :1] - 0.5) * spread - (0, 0, 0.38))
    normal = _across(along, np.array([0.0, 0.0, 1.0]) + 0.5 * (random[:, 1:] - 0.5))
    part = solids.kites(foot, along, normal, length, 0.42, "leaves")
    tip, radii = ((0, 0, 0.85 * tall), (0, 0, tall)), (0.012 * tall, 0.002 * tall)
    crown = solids.filled(part, _tier_pieces(part.vertices))
    return (
        crown
        + solids.cylinder(*tip, radii, "leaves", 8)
        + _trunk(p, np.array([0.0, 0.0, 0.93 * tall]))
    )


def _tier_pieces(points: np.ndarray) -> list[np.ndarray]:
    """Cut a cone of points crosswise into layers, and return a frustum around most of the points of
    each."""
    edges = np.linspace(points[:, 2].min(), points[:, 2].max(), 11)
    radius = np.hypot(points[:, 0], points[:, 1])
    found = []
    for start, end in pairwise(edges):
        profile = []
        for level in (start, end):
            near = np.abs(points[:, 2] - level) < 0.6 * (end - start)
            profile.append((float(radius[near].max()), level))
        found.append(pieces.disc(profile, 24))
    return found


CLASSES = (ParametricClass("tree", Tree, build),)
