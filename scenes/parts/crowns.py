"""Trees as seen from a drone or a plane: crowns of few, coarse leaves.

Each tree stands on z = 0 at the origin, in metres. A crown is asymmetric, ragged and has gaps; a
dark core inside keeps most of the ground from showing through.
"""

from __future__ import annotations

import numpy as np

from simgen.geometry.solids import Solid, ellipsoid, kites
from simgen.geometry.solids.curves import unit

from .shapes import Solids, rod

Rng = np.random.Generator
_WIDE = 0.6
"""Width of a leaf or spray, relative to its length."""
_BARE = (0.035, 0.02, 0.011)
"""Radius of the branches of a bare tree, relative to its crown's, from the trunk outwards."""


def broad_leaved(radius: float, height: float, rng: Rng, slot: str) -> Solids:
    """Build lobes of several sizes around an off-centre trunk."""
    count = int(rng.integers(5, 8) + 2 * radius)
    away = rng.normal(0.0, 0.16 * radius, 2)
    lobes = []
    for turn in rng.uniform(0.0, 2.0 * np.pi) + 2.4 * np.arange(count):
        far = radius * np.sqrt(rng.uniform(0.02, 0.62))
        size = radius * rng.uniform(0.2, 0.46)
        high = height - size - 0.5 * (far / radius) ** 2 * radius * rng.uniform(0.5, 1.4)
        flat = away + far * np.array([np.cos(turn), np.sin(turn)])
        lobes.append((np.array([*flat, max(high, 1.1 * size)]), size))
    leaf = _leaf(radius)
    found = [rod((0.0, 0.0, -0.05), (*away, 0.8 * height), 0.05 * radius, "bark", 6)]
    for centre, size in lobes:
        found += _lobe(centre, size * np.array([1.0, 1.0, rng.uniform(0.6, 0.9)]), leaf, rng, slot)
    return found


def conifer(
    radius: float, height: float, rng: Rng, slot: str, fine: float = 1.0, full: float = 1.0
) -> Solids:
    """Build whorls of drooping boughs that get shorter towards a pointed top: a star from above.

    fine: factor on the length of sprays. full: factor on the number of whorls and of sprays.
    """
    whorls, leaf = int(full * (6 + 2 * radius)), 0.8 * fine * _leaf(radius)
    feet, ways, boughs = [], [], []
    for level in (np.arange(whorls) + 0.5) / whorls:
        reach = radius * (1.0 - level) ** 0.85
        for turn in rng.uniform(0.0, 6.3) + np.arange(7) * 2.0 * np.pi / 7:
            out = np.array([np.cos(turn), np.sin(turn), -0.35])
            length = reach * rng.uniform(0.6, 1.05)
            share = np.sqrt(rng.uniform(0.0, 1.0, int(full * (7 + 22 * length / leaf * 0.12))))
            side = np.clip(rng.normal(0.0, 0.1, (len(share), 3)), -0.14, 0.14) * full
            side *= length * np.array([1.0, 1.0, 0.4])
            start = np.array([0.0, 0.0, (0.2 + 0.76 * level) * height])
            boughs.append(rod(start, start + length * out, 0.012 * radius, "bark", 4))
            foot = start + share[:, None] * out * length + side
            feet.append(foot)
            ways.append(unit(out + 0.5 * rng.normal(size=foot.shape)))
    foot, along = np.concatenate(feet), np.concatenate(ways)
    trunk = rod((0.0, 0.0, -0.05), (0.0, 0.0, 0.99 * height), 0.035 * radius, "bark", 6)
    return [
        trunk,
        *boughs,
        _sprays(foot, along, leaf * rng.uniform(0.6, 1.3, len(foot)), rng, slot),
    ]


def open_crown(radius: float, height: float, rng: Rng, slot: str, fine: float = 1.0) -> Solids:
    """Build separate tufts at the ends of branches, as in pines and dryland oaks."""
    leaf = 0.8 * fine * _leaf(radius)
    top = np.array([*rng.normal(0.0, 0.15 * radius, 2), 0.75 * height])
    found = [rod((0.0, 0.0, -0.05), top, 0.05 * radius, "bark", 6)]
    for turn in rng.uniform(0.0, 6.3) + 2.4 * np.arange(int(rng.integers(8, 15))):
        far = radius * np.sqrt(rng.uniform(0.05, 0.75))
        end = np.array([far * np.cos(turn), far * np.sin(turn), height * rng.uniform(0.72, 0.95)])
        found.append(rod(0.7 * top, end, 0.02 * radius, "bark", 5))
        half = radius * rng.uniform(0.14, 0.3) * np.array([1.0, 1.0, 0.6])
        found += _lobe(end, half, leaf, rng, slot)
    return found


def bare(radius: float, height: float, rng: Rng, slot: str = "dead") -> Solids:
    """Build a dead tree: a trunk and branches that fork twice."""
    top = np.array([*rng.normal(0.0, 0.1 * radius, 2), 0.9 * height])
    found = [rod((0.0, 0.0, -0.05), top, _BARE[0] * radius, slot, 6)]
    for number in range(int(rng.integers(7, 13))):
        turn, start = 2.4 * number + rng.uniform(0.0, 0.8), rng.uniform(0.35, 0.95) * top
        out = np.array([np.cos(turn), np.sin(turn), rng.uniform(0.1, 0.7)])
        end = start + radius * rng.uniform(0.45, 0.95) * out
        found.append(rod(start, end, _BARE[1] * radius, slot, 5))
        for share in rng.uniform(0.3, 0.9, 4):
            fork = start + share * (end - start)
            twig = fork + radius * rng.uniform(0.2, 0.4) * unit(out + rng.normal(0.0, 0.6, 3))
            found.append(rod(fork, twig, _BARE[2] * radius, slot, 4))
    return found


def log(length: float, radius: float, rng: Rng, slot: str = "dead") -> Solids:
    """Build a fallen trunk with stubs of branches."""
    turn = rng.uniform(0.0, np.pi)
    along = np.array([np.cos(turn), np.sin(turn), 0.0])
    lift = np.array([0.0, 0.0, radius])
    found = [rod(lift - 0.5 * length * along, lift + 0.5 * length * along, radius, slot, 7)]
    for share in rng.uniform(-0.4, 0.5, 3):
        start = lift + share * length * along
        way = unit(rng.normal(size=3) * [1.0, 1.0, 0.2] + [0.0, 0.0, 0.2])
        found.append(rod(start, start + rng.uniform(0.4, 1.2) * way, 0.35 * radius, slot, 5))
    return found


def _leaf(radius: float) -> float:
    """Return the length of a leaf: 0.25 to 0.5 m, longer in larger crowns, to limit their face
    count."""
    return float(0.2 + 0.05 * radius)


def _lobe(centre: np.ndarray, half: np.ndarray, leaf: float, rng: Rng, slot: str) -> Solids:
    count = int(3.2 * 4.0 * np.pi * half[0] ** 2 / (leaf**2 * _WIDE))
    way = unit(rng.normal(size=(count, 3)) + [0.0, 0.0, 0.35])
    ragged = 1.0 + 0.13 * rng.normal(size=(count, 1))
    foot = centre + way * half * np.clip(ragged, 0.6, 1.3)
    along = unit(way + rng.normal(0.0, 0.6, (count, 3)))
    core = ellipsoid(centre, 0.72 * half, slot, 8, 6)
    return [core, _sprays(foot, along, leaf * rng.uniform(0.5, 1.3, count), rng, slot)]


def _sprays(foot: np.ndarray, along: np.ndarray, length: np.ndarray, rng: Rng, slot: str) -> Solid:
    normal = unit(np.cross(along, rng.normal(size=along.shape)) + 1e-9)
    return kites(foot, along, normal, length, _WIDE, slot)
