"""Vegetation around objects: tufts, bushes, hedges, distant trees and fallen leaves.

Leaves and blades are flat closed kites; a bush or a hedge is a shell of them around an opaque core.
Everything stands on z = 0 at the origin, in metres.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Solid, box, decoration, filled, kites, lathe, pieces, translate
from simgen.geometry.solids.curves import unit
from simgen.spec.scene import Vector
from simgen.stages.stage import StagePart

from .shapes import Solids, rod, slab

Rng = np.random.Generator
_LEAF_WIDTH = 0.55
_BLADE_WIDTH = 0.09
"""Width relative to length."""
FALLEN = 4e-4
"""Thickness of fallen leaves, metres: so thin that objects may penetrate them."""


def shrub(name: str, shape: MeshData, position: Vector) -> StagePart:
    """Return a bush or a piece of hedge as a part. From above or from afar it resembles a tree."""
    return StagePart(name, shape, position, "vegetation", class_name="tree", crowd=True)


def tufts(at: np.ndarray, height: float, blades: int, rng: Rng, slot: str = "blades") -> Solid:
    """Build tufts of grass at positions `n x 2`."""
    count = len(at) * blades
    spread = rng.normal(0.0, 0.22 * height, (count, 2))
    foot = np.column_stack([np.repeat(at, blades, axis=0) + spread, np.full(count, -0.004)])
    lean = spread / height * 1.3 + rng.normal(0.0, 0.16, (count, 2))
    along = unit(np.column_stack([lean, np.ones(count)]))
    length = height * rng.uniform(0.45, 1.15, count)
    return _leaves(foot, along, length, _BLADE_WIDTH, rng, slot)


def bush(radius: float, height: float, leaf: float, rng: Rng, slot: str = "leaves") -> Solids:
    """Build a round bush. leaf: length of its leaves."""
    half = np.array([radius, radius, 0.5 * height])
    centre = np.array([0.0, 0.0, 0.48 * height])
    lumps = [(np.zeros(3), 0.78)]
    for way in _directions(int(rng.integers(6, 10)), rng):
        lumps.append((way * 0.5 * np.array([1.0, 1.0, 0.8]), float(rng.uniform(0.34, 0.5))))
    found: Solids = []
    for shift, size in lumps:
        found += _ball(centre + shift * half, size * half, leaf, rng, slot)
    side = 0.75 * radius
    inside = pieces.block([-side, -side, 0.0], [side, side, 0.9 * height])
    found[0] = filled(found[0], [inside])
    return found


def hedge(width: float, height: float, depth: float, leaf: float, rng: Rng) -> Solids:
    """Build a clipped hedge along x, centred on the origin."""
    high, half = 0.96 * height, np.array([width, depth]) / 2
    inset = 0.5 * leaf
    core = box(
        (-half[0], -half[1] + inset, 0.0), (half[0], half[1] - inset, high - inset), "leaves"
    )
    faces = ((0, 2, 1, -1.0), (0, 2, 1, 1.0), (0, 1, 2, 1.0))
    feet, ways = [], []
    for u, v, normal, sign in faces:
        size = np.array([width, depth, high])
        count = int(1.5 * size[u] * size[v] / (leaf**2 * _LEAF_WIDTH))
        points = np.zeros((count, 3))
        points[:, u] = rng.uniform(-0.5, 0.5, count) * size[u]
        points[:, v] = rng.uniform(0.0, 1.0, count) * size[v]
        if v == 1:
            points[:, v] -= half[1]
        points[:, normal] = (half[1] - inset) * sign if normal == 1 else high - inset
        way = rng.normal(0.0, 0.6, (count, 3))
        way[:, normal] += 0.9 * sign
        feet.append(points)
        ways.append(unit(way))
    foot, along = np.concatenate(feet), np.concatenate(ways)
    length = leaf * rng.uniform(0.6, 1.2, len(foot))
    return [core, _leaves(foot, along, length, _LEAF_WIDTH, rng, "leaves")]


def far_tree(height: float, rng: Rng) -> Solids:
    """Build a tree for distances of twenty metres or more: a round, upright or pointed crown of
    clumps with coarse leaves."""
    pointed = rng.random() < 0.25
    wide = float(rng.uniform(0.16, 0.22) if pointed else rng.uniform(0.22, 0.36))
    foot = float(rng.uniform(0.08, 0.16) if pointed else rng.uniform(0.16, 0.3)) * height
    trunk = rod((0.0, 0.0, -0.1), (0.0, 0.0, 0.7 * height), 0.018 * height, "bark", 8)
    found = [trunk]
    for way in _directions(int(rng.integers(13, 19)), rng):
        share = 0.5 * (1.0 + way[2])  # 0 at the crown's base, 1 at its top
        reach = (1.0 - 0.85 * share) if pointed else 1.0
        size = height * np.array([0.13, 0.13, 0.11]) * rng.uniform(0.75, 1.3)
        flat = way[:2] * (1.0 if not pointed else 1.2) * reach * wide * height
        flat *= rng.uniform(0.5, 0.8)
        high = foot + 0.1 * height + share * (0.86 * height - foot - 0.1 * height)
        size *= reach**0.5 if pointed else 1.0
        at = np.array([flat[0], flat[1], high + rng.normal(0.0, 0.02) * height])
        found += _ball(at, size, 0.05 * height, rng, "leaves")
    return found


def broad_tree(height: float, rng: Rng, coarse: float = 1.0) -> Solids:
    """Build a broad-leaved tree of lobes of different sizes around limbs, low on one side.

    coarse: factor on the length of its leaves.
    """
    wide = height * float(rng.uniform(0.26, 0.42))
    foot = height * float(rng.uniform(0.1, 0.24))
    lean = rng.normal(0.0, 0.05 * height, 2)
    fork = np.array([*(0.3 * lean), foot + 0.1 * height])
    thick = 0.02 * height
    found = [rod((0.0, 0.0, -0.05), fork, thick, "bark", 8)]
    for turn in rng.uniform(0.0, 6.3) + 2.4 * np.arange(int(rng.integers(12, 19))):
        share = float(rng.uniform(0.0, 1.0))  # 0 at the crown's base, 1 at its top
        reach = wide * np.sqrt(rng.uniform(0.05, 0.8)) * (1.0 - 0.6 * share**2)
        size = height * float(rng.uniform(0.08, 0.17)) * (1.0 - 0.3 * share)
        flat = lean + reach * np.array([np.cos(turn), np.sin(turn)])
        high = foot + size + share * (height - foot - 2.0 * size)
        at = np.array([*flat, high])
        found.append(rod(fork, at, 0.3 * thick, "bark", 4))
        half = size * np.array([1.0, 1.0, rng.uniform(0.65, 0.95)])
        found += _ball(at, half, coarse * 0.034 * height, rng, "leaves")
    return found


def fallen(at: np.ndarray, length: float, rng: Rng, slot: str = "fallen") -> Solids:
    """Build leaves that lie on the ground at positions `n x 2`."""
    found = []
    for place in at:
        size = length * rng.uniform(0.6, 1.3)
        turn = rng.uniform(0.0, 2.0 * np.pi)
        along = np.array([np.cos(turn), np.sin(turn)])
        side = np.array([-along[1], along[0]])
        share = np.array([(0.0, 0.0), (0.25, 0.2), (0.55, 0.26), (0.85, 0.1), (1.0, 0.0)])
        right = share * [1.0, -1.0]
        rim = size * np.concatenate([right, share[-2:0:-1]])
        outline = place + rim[:, :1] * along + rim[:, 1:] * side
        leaf = decoration(slab(outline, FALLEN, 0.0, slot))
        found.append(translate(leaf, (0.0, 0.0, FALLEN)))
    return found


def _ball(centre: np.ndarray, half: np.ndarray, leaf: float, rng: Rng, slot: str) -> Solids:
    """Build leaves around an opaque ellipsoid."""
    area = 4.0 * np.pi * float(np.prod(half)) ** (2.0 / 3.0)
    count = int(1.6 * area / (leaf**2 * _LEAF_WIDTH))
    way = _directions(count, rng)
    foot = centre + way * half * rng.uniform(0.82, 1.0, (count, 1))
    droop = rng.normal(0.0, 0.55, (count, 3)) + [0.0, 0.0, -0.25]
    length = leaf * rng.uniform(0.6, 1.2, count)
    core = _ellipsoid(centre, 0.74 * half, slot)
    return [core, _leaves(foot, unit(way + droop), length, _LEAF_WIDTH, rng, slot)]


def _leaves(
    foot: np.ndarray, along: np.ndarray, length: np.ndarray, wide: float, rng: Rng, slot: str
) -> Solid:
    """Build kites at positions `n x 3` along directions `n x 3`, with a random roll about these."""
    normal = unit(np.cross(along, rng.normal(size=along.shape)) + 1e-9)
    return kites(foot, along, normal, length, wide, slot)


def _ellipsoid(centre: np.ndarray, half: np.ndarray, slot: str) -> Solid:
    """Build a closed ellipsoid of 8 x 12 facets."""
    angle = np.linspace(0.0, np.pi, 9)
    profile = np.column_stack([np.sin(angle), -np.cos(angle)])
    profile[[0, -1], 0] = 0.0
    round_one = lathe(profile, slot, 12)
    vertices = round_one.vertices * half + centre
    return replace(round_one, vertices=vertices, uv=round_one.uv * float(half.mean()))


def _directions(count: int, rng: Rng) -> np.ndarray:
    """Return `count x 3` unit vectors of a Fibonacci sphere, with a random rotation about z."""
    step = np.arange(count) + 0.5
    z = 1.0 - 2.0 * step / count
    turn = np.pi * (1.0 + 5.0**0.5) * step + rng.uniform(0.0, 2.0 * np.pi)
    flat = np.sqrt(1.0 - z * z)
    return np.column_stack([flat * np.cos(turn), flat * np.sin(turn), z])
