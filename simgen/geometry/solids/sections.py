"""Cross-sections: rings of points (`n x m x 3`, metres) for lofts."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike

from simgen.geometry.solids import curves


def levels(
    outline: np.ndarray, heights: Iterable[float], factors: Iterable[ArrayLike], axis: int = 2
) -> np.ndarray:
    """Place an outline (`m x 2`) at several heights along a coordinate axis: `n x m x 3`.

    factors: scale of the outline at each height, one or 2. The outline's coordinates are along the
    two axes after `axis` (x, y for z; y, z for x; z, x for y).
    """
    stacked = [
        np.column_stack([outline * factor, np.full(len(outline), height)])
        for height, factor in zip(heights, factors, strict=True)
    ]
    return np.roll(np.array(stacked), axis + 1, axis=2)


def lathe(profile: np.ndarray, segments: int) -> np.ndarray:
    """Revolve the points of a profile (`n x 2`: radius, height) about z: `n x segments x 3`."""
    angle = 2 * np.pi * np.arange(segments) / segments
    x = profile[:, :1] * np.cos(angle)
    y = profile[:, :1] * np.sin(angle)
    return np.stack([x, y, np.broadcast_to(profile[:, 1:], x.shape)], axis=2)


def sweep(
    path: np.ndarray, section: np.ndarray, side: ArrayLike, factors: np.ndarray | None = None
) -> np.ndarray:
    """Sweep a cross-section along a path: `n x m x 3`.

    path: `n x 3`, roughly planar. side: the constant direction of the section's second axis.
    section: `m x 2`, closed. factors: scale of the section at each point of the path, `n x 2`.
    """
    along = curves.tangents(path)
    normal = curves.unit(np.cross(np.asarray(side, dtype=float), along))
    binormal = np.cross(along, normal)
    factor = np.ones((len(path), 2)) if factors is None else factors
    flat = section[None] * factor[:, None]
    return path[:, None] + flat[..., :1] * normal[:, None] + flat[..., 1:] * binormal[:, None]


def tube(path: ArrayLike, radius: ArrayLike, side: ArrayLike, around: int) -> np.ndarray:
    """Return circles along a path (`n x 3`, in a plane with normal `side`): `n x around x 3`.

    radius: one, or one at each point; metres.
    """
    points = np.asarray(path, dtype=float)
    circle = curves.superellipse((1.0, 1.0), 2.0, around)
    factors = np.broadcast_to(np.asarray(radius, dtype=float).reshape(-1, 1), (len(points), 2))
    return sweep(points, circle, side, factors)


def sweep_rounded(
    path: np.ndarray,
    section: np.ndarray,
    side: ArrayLike,
    half: tuple[float, float],
    radius: float,
    steps: int = 4,
) -> np.ndarray:
    """Call `sweep` with the edges at both ends rounded by `radius`. Other arguments as for
    `round_ends`."""
    points, factors = round_ends(path, half, radius, steps)
    return sweep(points, section, side, factors)


def round_ends(
    path: np.ndarray, half: tuple[float, float], radius: float, steps: int = 4
) -> tuple[np.ndarray, np.ndarray]:
    """Return the path (`k x 3`) and section factors (`k x 2`) of a sweep with rounded ends.

    path: `n x 3`, the full length including the rounding. half: half axes of the section.
    """
    along = curves.arclength(path)
    angle = np.linspace(0.0, np.pi / 2, steps + 1)
    depth = radius * (1 - np.sin(angle))
    inset = np.minimum(radius, 0.85 * min(half)) * (1 - np.cos(angle))
    inner = along[(along > 1.4 * radius) & (along < along[-1] - 1.4 * radius)]
    start, end = depth[::-1], along[-1] - depth
    support = 1.3 * radius
    at = np.concatenate([start, [support], inner, [along[-1] - support], end])
    flat = np.zeros(len(inner) + 2)
    narrow = np.concatenate([inset[::-1], flat, inset])
    points = np.stack([np.interp(at, along, axis) for axis in path.T], axis=1)
    return points, 1 - narrow[:, None] / np.array(half)


def sweep_loop(path: np.ndarray, section: np.ndarray) -> np.ndarray:
    """Sweep a section along a closed path in a plane of constant z: `n x m x 3`.

    path: `n x 3`, first point not repeated. section: `m x 2`, across (outward) and up.
    """
    along = curves.unit(np.roll(path, -1, axis=0) - np.roll(path, 1, axis=0))
    out = np.stack([along[:, 1], -along[:, 0], np.zeros(len(path))], axis=1)
    up = np.array([0.0, 0.0, 1.0])
    return path[:, None] + section[None, :, :1] * out[:, None] + section[None, :, 1:] * up


def bar(x: np.ndarray, y: np.ndarray, z: np.ndarray, section: np.ndarray) -> np.ndarray:
    """Fit a section within -1..1 (`m x 2`) into a rectangle at each position along x: `n x m x 3`.

    y, z: lowest and highest coordinate at each position, `n x 2`.
    """
    middle = np.stack([y.mean(axis=1), z.mean(axis=1)], axis=1)
    half = np.stack([np.ptp(y, axis=1), np.ptp(z, axis=1)], axis=1) / 2
    flat = middle[:, None] + half[:, None] * section[None]
    return np.concatenate([np.broadcast_to(x[:, None, None], (*flat.shape[:2], 1)), flat], axis=2)


def slab(
    half: tuple[float, float],
    corner: float,
    height: tuple[float, float],
    bevel: float,
    taper: float = 0.0,
) -> np.ndarray:
    """Return the rings, from the bottom up, of a rounded rectangle about z with rounded edges.

    half: half its size. corner: radius of its corners. height: lowest and highest z. bevel: radius
    of its edges. taper: inset of the top relative to the bottom, per side. All in metres.
    """
    low, high = height
    bevel = min(bevel, 0.45 * (high - low))
    angle = np.linspace(0, np.pi / 2, 4)
    inset, rise = bevel * (1 - np.sin(angle)), bevel * (1 - np.cos(angle))
    steps = [(1.6 * bevel, low), *zip(inset, low + rise, strict=True)]
    steps += [*zip(inset[::-1], high - rise[::-1], strict=True), (1.6 * bevel, high)]
    factors = [1 - (less + taper * (z - low) / (high - low)) / np.array(half) for less, z in steps]
    return levels(curves.rounded_rectangle(half, corner), [z for _, z in steps], factors)


def octagon(x: float, y: float, cut: float, z: float) -> list[tuple[float, float, float]]:
    """Return a counter-clockwise rectangle with half sides `x`, `y` at height `z`, corners cut."""
    flat = [(x, y - cut), (x - cut, y), (cut - x, y), (-x, y - cut)]
    flat += [(-x, cut - y), (cut - x, -y), (x - cut, -y), (x, cut - y)]
    return [(u, v, z) for u, v in flat]
