"""Boxes, slabs, cylinders, ellipsoids and leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from simgen.geometry.solids import curves, pieces, sections, uv
from simgen.geometry.solids.solid import Solid, filled, join, move_points, outward, translate
from simgen.geometry.solids.surfaces import bare_loft, lathe, loft, rod, strip_corners

_KEPT = 1024
"""Boxes kept by size: a house may have a hundred equal windows."""


def box(low: ArrayLike, high: ArrayLike, slot: str, bevel: float = 0.0) -> Solid:
    """Return an axis-aligned box between two corners, with itself as its piece.

    bevel: of its edges, metres; if 0, the box has 12 triangles. UVs are projected along the axes.
    """
    if bevel > 0:
        return uv.box_projection(_beveled_box(low, high, bevel, slot, bare_loft), prefer_upper=True)
    corners = pieces.block(low, high)
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    faces = np.array([pick for a, b, c, d in quads for pick in ((a, b, c), (a, c, d))])
    solid = Solid(corners, faces, np.zeros((12, 3, 2)), np.array([slot] * 12), (corners,))
    return uv.box_projection(solid, prefer_upper=True)


def beveled_box(low: ArrayLike, high: ArrayLike, bevel: float, slot: str) -> Solid:
    """Return a box between two corners with chamfered edges and corners, and the box as its piece.

    UVs of the top and bottom are as seen from above, those of the other sides run around it.
    """
    return _beveled_box(low, high, bevel, slot, _loft_from_above)


def _loft_from_above(rings: np.ndarray, slot: str) -> Solid:
    return uv.from_above(loft(rings, slot))


def _beveled_box(
    low: ArrayLike,
    high: ArrayLike,
    bevel: float,
    slot: str,
    surface: Callable[[np.ndarray, str], Solid],
) -> Solid:
    """Build `beveled_box`. surface: builds the closed surface through rings, in a slot."""
    start, end = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    cut = min(bevel, 0.4 * float(((end - start) / 2).min()))
    solid = surface(_octagons((end - start) / 2, cut, cut), slot)
    return filled(translate(solid, (start + end) / 2), [pieces.block(low, high)])


def chamfered_box(low: ArrayLike, high: ArrayLike, bevel: float, slot: str) -> Solid:
    """Return a box between two corners with chamfered edges, and one piece around it.

    All chamfers, including those of the corners, are at 45 degrees to the sides, so the sides are
    shaded flat (see `MeshData.smooth_angle`).
    """
    start, end = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    x, y, z = ((end - start) / 2).tolist()
    return filled(translate(_chamfered(x, y, z, bevel, slot), (start + end) / 2))


@lru_cache(maxsize=_KEPT)
def _chamfered(x: float, y: float, z: float, bevel: float, slot: str) -> Solid:
    """Return a chamfered box about the origin with half lengths x, y, z."""
    cut = min(bevel, 0.4 * min(x, y, z))
    rings = _octagons(np.array([x, y, z]), cut, (2**0.5 - 1) * cut)
    return uv.box_projection(bare_loft(rings, slot))


def chamfered_boxes(
    slot: str, bevel: float, corners: Iterable[tuple[ArrayLike, ArrayLike]]
) -> Solid:
    """Return chamfered boxes, each between a lowest and a highest corner, as one solid."""
    return join(chamfered_box(low, high, bevel, slot) for low, high in corners)


def _octagons(half: np.ndarray, cut: float, cap_cut: float) -> np.ndarray:
    """Return the rings, `4 x 8 x 3`, of a box about the origin with chamfers `cut` wide and caps
    whose corners are cut by `cap_cut`."""
    x, y, z = half
    return np.array(
        [
            sections.octagon(x - cut, y - cut, cap_cut, -z),
            sections.octagon(x, y, cut, cut - z),
            sections.octagon(x, y, cut, z - cut),
            sections.octagon(x - cut, y - cut, cap_cut, z),
        ]
    )


def rounded_box(
    size: Sequence[float], radius: float, slot: str, centre: Sequence[float] = (0, 0, 0)
) -> Solid:
    """Return a box (3 edge lengths, metres) with edges and corners rounded by `radius`, without
    pieces."""
    half = np.asarray(size, dtype=float) / 2
    radius = min(radius, 0.9 * float(half.min()))
    ticks = [_box_ticks(h, radius) for h in half]
    corners, flat = [], []
    for axis in range(3):
        for sign in (-1.0, 1.0):
            seen, points = _box_side(ticks, half, axis, sign)
            corners.append(strip_corners(points).reshape(-1, 3, 3))
            flat.append(strip_corners(seen).reshape(-1, 3, 2))
    soup = np.concatenate(corners).reshape(-1, 3)
    keys, index = np.unique(np.round(soup, 9), axis=0, return_inverse=True)
    faces = index.reshape(-1, 3)
    core = np.clip(keys, radius - half, half - radius)
    vertices = core + radius * curves.unit(keys - core) + np.asarray(centre, dtype=float)
    return Solid(vertices, faces, np.concatenate(flat), np.array([slot] * len(faces)))


def _box_ticks(half: float, radius: float, steps: int = 3) -> np.ndarray:
    """Return the positions of the grid lines on a box's side: on the rounding and close to it."""
    arc = radius * np.tan(np.linspace(0.0, np.pi / 4, steps + 1))
    flat = half - radius
    high = np.concatenate([[flat - min(0.3 * radius, 0.4 * flat)], flat + arc])
    return np.concatenate([-high[::-1], high])


def _box_side(
    ticks: Sequence[np.ndarray], half: np.ndarray, axis: int, sign: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the outward grid of one side of a sharp box: uv `n x m x 2`, points `n x m x 3`."""
    # u runs to the right and v up, as seen from outside, except on top and bottom.
    right = {0: 1, 1: 0, 2: 0}[axis]
    up = {0: 2, 1: 2, 2: 1}[axis]
    turned = sign if axis != 1 else -sign
    u, v = np.meshgrid(ticks[right] * turned, ticks[up], indexing="xy")
    points = np.empty((*u.shape, 3))
    points[..., right], points[..., up], points[..., axis] = u, v, sign * half[axis]
    return np.stack([u * turned, v], axis=2), points


def rounded_slab(
    half: tuple[float, float],
    corner: float,
    height: tuple[float, float],
    bevel: float,
    slot: str,
    taper: float = 0.0,
) -> Solid:
    """Return a rounded rectangle about z with rounded edges, and one piece around it.

    UVs are those of an image lying on it: x to the right, y up. See `sections.slab`.
    """
    return filled(uv.from_above(loft(sections.slab(half, corner, height, bevel, taper), slot)))


def cylinder(
    start: ArrayLike, end: ArrayLike, radius: ArrayLike, slot: str, around: int = 10
) -> Solid:
    """Return a cylinder or cone between two points. radius: one, or one per end, metres."""
    path = np.array([start, end], dtype=float)
    along = curves.unit(path[1] - path[0])
    side = np.eye(3)[int(np.argmin(np.abs(along)))]
    return rod(path, radius, slot, np.cross(along, side), around)


def ellipsoid(
    centre: ArrayLike, half: ArrayLike, slot: str, around: int = 24, rows: int = 13
) -> Solid:
    """Return an ellipsoid with half axes `half` (one or 3, metres), and one piece around it."""
    angle = np.linspace(-np.pi / 2, np.pi / 2, rows)
    profile = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    profile[[0, -1], 0] = 0.0
    axes = np.broadcast_to(np.asarray(half, dtype=float), 3)
    mean = axes.mean()
    solid = lathe(profile * float(mean), slot, around)
    stretched = move_points(solid, lambda points: points / mean * axes)
    return filled(translate(stretched, centre))


def superellipsoid(
    low: ArrayLike, high: ArrayLike, slot: str, exponents: tuple[float, float] = (7.0, 4.0)
) -> Solid:
    """Return a cushion between two corners, with bulging sides and round edges, and one piece.

    exponents: of the superellipses in plan and in elevation; 2 is round, larger values are boxier.
    """
    start, end = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    half = (end - start) / 2
    plan = curves.superellipse((1.0, 1.0), exponents[0], 32)
    rise = np.linspace(-np.pi / 2, np.pi / 2, 15)[1:-1]
    level = np.sign(rise) * np.abs(np.sin(rise)) ** (2 / exponents[1])
    wide = np.cos(rise) ** (2 / exponents[1])
    flat = wide[:, None, None] * plan * half[:2]
    height = np.broadcast_to(level[:, None, None] * half[2], (13, 32, 1))
    solid = loft(np.concatenate([flat, height], 2), slot, (half * (0, 0, -1), half * (0, 0, 1)))
    return filled(translate(uv.box_projection(solid), (start + end) / 2))


def kites(
    at: np.ndarray,
    along: np.ndarray,
    normal: np.ndarray,
    length: np.ndarray,
    wide: float,
    slot: str,
) -> Solid:
    """Return leaves as flat kites, slightly folded along the middle so that each is closed.

    at, along, normal: foot, direction and face normal of each leaf, `n x 3`. length: `n`, metres.
    wide: width over length. They have no pieces.
    """
    side = np.cross(normal, along)
    size = length[:, None]
    middle = at + 0.45 * size * along
    left = middle - 0.5 * wide * size * side + 0.08 * size * normal
    right = middle + 0.5 * wide * size * side + 0.08 * size * normal
    corners = np.stack([at, right, at + size * along, left], axis=1)
    pick = np.array([(0, 1, 2), (0, 2, 3), (0, 3, 1), (1, 3, 2)])
    faces = pick[None] + 4 * np.arange(len(at))[:, None, None]
    flat = np.array([(0, 0), (0.5 * wide, 0.45), (0, 1), (-0.5 * wide, 0.45)])
    coordinates = flat[pick][None] * size[:, None, None]
    leaves = Solid(
        corners.reshape(-1, 3),
        faces.reshape(-1, 3),
        np.broadcast_to(coordinates, (len(at), 4, 3, 2)).reshape(-1, 3, 2),
        np.full(4 * len(at), slot),
    )
    return outward(leaves)
