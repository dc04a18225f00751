"""Pieces of food as unit shapes, and many copies of them at once: chunks, leaves, strands, slices.

A portion may consist of hundreds of pieces, so all copies of a shape are computed together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from simgen.geometry import solids
from simgen.geometry.solids import Sheet, Solid, curves, noise

GOLDEN = np.pi * (3 - np.sqrt(5))
"""Turn between the seeds of a sunflower, which fill a disc evenly."""


@dataclass
class Dice:
    """Pseudo-random numbers of one object, another table for every call. order: of the object."""

    order: float
    used: int = 0

    def table(self, count: int) -> np.ndarray:
        """Return `count x 4` numbers in 0..1."""
        self.used += 1
        return noise.table(self.order + 17.31 * self.used, count, self.used)

    def number(self, low: float, high: float) -> float:
        """Return one number in a range."""
        return low + (high - low) * float(self.table(1)[0, 1])

    def spread(self, count: int, radius: float) -> np.ndarray:
        """Return `count x 2` points that fill a disc about the origin irregularly."""
        jitter = self.table(count)
        place = np.arange(count) + 0.3 + 0.6 * jitter[:, 0]
        away = radius * np.sqrt(place / max(count, 1))
        turn = GOLDEN * np.arange(count) + 6.28 * jitter[0, 1] + 0.7 * (jitter[:, 2] - 0.5)
        return away[:, None] * np.stack([np.cos(turn), np.sin(turn)], axis=1)


@dataclass(frozen=True)
class Bumps:
    """A smooth random height over the plane: a sum of waves.

    height: about the highest, metres. waves: `k x 3`, wave vectors (rad/m) and phases.
    """

    height: float
    waves: np.ndarray

    @classmethod
    def rolled(cls, dice: Dice, height: float, size: float, count: int = 6) -> Bumps:
        """Return random bumps. size: mean length of the waves, metres."""
        drawn = dice.table(count)
        turn = np.pi * (np.arange(count) / count + 0.5 * drawn[:, 0])
        long = 2 * np.pi / (size * (0.6 + 0.8 * drawn[:, 1]))
        waves = np.stack([long * np.cos(turn), long * np.sin(turn), 6.28 * drawn[:, 2]], axis=1)
        return cls(height, waves)

    def at(self, flat: np.ndarray) -> np.ndarray:
        """Return the height at points (`... x 2`)."""
        waves = np.sin(flat @ self.waves[:, :2].T + self.waves[:, 2])
        return np.asarray(self.height * waves.sum(axis=-1) / np.sqrt(2.0 * len(self.waves)))


def frames(turn: np.ndarray, tilt: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Return `n x 3 x 3` matrices that scale by `size` (`n x 3`), tilt about y, and turn about z
    (`n` angles each)."""
    c, s, ct, st = np.cos(turn), np.sin(turn), np.cos(tilt), np.sin(tilt)
    flat = np.stack([c * ct, -s, c * st, s * ct, c, s * st, -st, np.zeros_like(c), ct], axis=1)
    return flat.reshape(-1, 3, 3) * np.broadcast_to(size, (len(c), 3))[:, None, :]


def copies(shapes: Sequence[Solid], at: np.ndarray, frame: np.ndarray, slot: str) -> Solid:
    """Return `n` solids, without pieces: each of `shapes` in turn, placed by a frame.

    at: `n x 3`, positions of the shapes' origins. frame: `n x 3 x 3`. slot: of all.
    """
    found = []
    for place, shape in enumerate(shapes):
        some = frame[place :: len(shapes)]
        moved = np.einsum("nij,vj->nvi", some, shape.vertices)
        moved += at[place :: len(shapes), None]
        sides = np.sort(np.linalg.norm(some, axis=1), axis=1)
        scales = np.sqrt(sides[:, 1] * sides[:, 2])  # as its largest faces
        found.append(repeated(shape, moved, scales, slot))
    return solids.join(found)


def repeated(shape: Solid, vertices: np.ndarray, scales: np.ndarray, slot: str) -> Solid:
    """Return solids with the faces of one. vertices: `n x V x 3`. scales: `n`, of UVs."""
    n, count = vertices.shape[:2]
    faces = shape.faces[None] + (count * np.arange(n))[:, None, None]
    flat = shape.uv[None] * scales[:, None, None, None]
    names = np.full(n * len(shape.faces), slot)
    return Solid(vertices.reshape(-1, 3), faces.reshape(-1, 3), flat.reshape(-1, 3, 2), names)


@lru_cache(maxsize=32)
def lumps(power: float, rough: float, around: int = 8, rows: int = 6) -> tuple[Solid, ...]:
    """Return four irregular lumps with a radius of about 1. power: 2 is round, 6 almost a cube.

    rough: height of their bumps.
    """
    ball = solids.ellipsoid((0, 0, 0), 1.0, "", around, rows)
    way = curves.unit(ball.vertices)
    out = (np.abs(way) ** power).sum(axis=1) ** (-1 / power)
    found = []
    for variant in range(4):
        bumps = Dice(3.1 + variant).table(5) - 0.5
        wave = np.sin(2.6 * way @ (bumps[:3, :3] * 2.5) + 9 * bumps[3, :3]).sum(axis=1) / 2
        found.append(
            Solid(way * (out * (1 + rough * wave))[:, None], ball.faces, ball.uv, ball.slot)
        )
    return tuple(found)


@lru_cache(maxsize=16)
def slices(sides: int = 12, thick: float = 0.16, uneven: float = 0.0) -> tuple[Solid, ...]:
    """Return three flat slices of radius 1. uneven: how far from round."""
    found = []
    for variant in range(3):
        turn = 2 * np.pi * np.arange(sides) / sides
        away = 1 + uneven * (np.sin(2 * turn + variant) + 0.7 * np.sin(3 * turn + 2.0 * variant))
        outline = away[:, None] * np.stack([np.cos(turn), np.sin(turn)], axis=1)
        found.append(solids.extrude(outline, -thick, thick, "", 0.35 * thick))
    return tuple(found)


@lru_cache(maxsize=16)
def caps() -> tuple[Solid, ...]:
    """Return a slice of a mushroom, 2 across: a cap on a stem, lying flat."""
    half = [(0.17, -0.85), (0.2, -0.2), (0.55, -0.25), (0.95, -0.1), (0.9, 0.35), (0.5, 0.72)]
    right = np.array([*half, (0.0, 0.82)])
    outline = np.concatenate([right, right[-2::-1] * (-1, 1)])
    return (solids.extrude(outline, -0.12, 0.12, "", 0.04),)


@lru_cache(maxsize=16)
def leaves(curl: float, wide: float = 0.62, rows: int = 7) -> tuple[Solid, ...]:
    """Return four thin crumpled leaves from (0, 0, 0) to (1, 0, 0). curl: how crumpled."""
    s = np.linspace(0.0, 1.0, rows)
    half = wide / 2 * np.interp(s, [0, 0.12, 0.45, 0.8, 1], [0.12, 0.55, 1.0, 0.75, 0.1])
    across = np.linspace(-1.0, 1.0, 5)
    found = []
    for variant in range(4):
        a, b, c, d = 6.28 * Dice(1.7 + variant).table(1)[0]
        edge = np.abs(across) ** 1.5
        wave = np.sin(9 * s[:, None] + a + 2.2 * across * np.sin(b))
        z = 0.11 * curl * wave * edge + 0.2 * curl * np.sin(3.0 * s + c)[:, None]
        z += 0.1 * curl * np.sin(2.4 * across + d)
        y = half[:, None] * across * (1 + 0.15 * curl * np.sin(7 * s[:, None] + d))
        middle = np.stack([np.broadcast_to(s[:, None], y.shape), y, z], axis=2)
        thick = np.array([0.15, 1, 1, 1, 0.15])[None, :, None] * (0.0, 0.0, 0.012)
        found.append(solids.loft(Sheet(middle - thick, middle + thick).rings(), ""))
    return tuple(found)


def strands(paths: np.ndarray, radius: np.ndarray, slot: str, around: int = 5) -> Solid:
    """Return round strands, without pieces.

    paths: `n x k x 3`, never vertical. radius: `n`, metres.
    """
    along = curves.unit(np.gradient(paths, axis=1))
    side = curves.unit(curves.cross(np.broadcast_to([0.0, 0.0, 1.0], along.shape), along))
    over = curves.cross(along, side)
    turn = 2 * np.pi * np.arange(around) / around
    narrow = np.ones(paths.shape[1])
    narrow[[0, -1]] = 0.6
    girth = (radius[:, None] * narrow)[:, :, None, None]
    arm = np.cos(turn)[:, None] * side[:, :, None] + np.sin(turn)[:, None] * over[:, :, None]
    rings = paths[:, :, None] + girth * arm
    shape = solids.loft(rings[0], "")
    tips = rings[:, [0, -1]].mean(axis=2)
    vertices = np.concatenate([rings.reshape(len(rings), -1, 3), tips], axis=1)
    return repeated(shape, vertices, np.ones(len(paths)), slot)
