"""Shapes for furniture, walls and plants, and operations on lists of them.

UVs are in metres, projected along the axis that a face points to: (x, z) for faces along y, (y, z)
along x, (x, y) along z. They are computed before a solid is rotated, so patterns rotate with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Solid, curves, pieces
from simgen.geometry.transforms import rotation_about

Solids = list[Solid]


def cushion(low: Sequence[float], high: Sequence[float], slot: str, radius: float) -> Solid:
    """Build a box with rounded edges."""
    start, end = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    shape = solids.rounded_box(list(end - start), radius, slot, list((start + end) / 2))
    inset = min(radius, 0.9 * float((end - start).min()) / 2)
    # Corners of the six flat sides.
    flat = [
        pieces.block(list(start + inset * (1 - a)), list(end - inset * (1 - a))) for a in np.eye(3)
    ]
    return solids.filled(shape, [np.concatenate(flat)])


def rod(start: ArrayLike, end: ArrayLike, radius: float, slot: str, around: int = 10) -> Solid:
    """Build a straight round rod between two points."""
    path = np.array([start, end], dtype=float)
    side = np.eye(3)[np.argmin(np.abs(path[1] - path[0]))]
    made = solids.rod(path, radius, slot, side, around)
    return solids.filled(made, [made.vertices[:-2]])  # without the centres of its ends


def turned_profile(profile: ArrayLike, slot: str, segments: int = 32) -> Solid:
    """Build the surface that a profile (`n x 2`: radius, height) sweeps about z. It starts and ends
    on the axis. Its only collision piece is its convex hull."""
    points = np.asarray(profile, dtype=float)
    return solids.filled(solids.lathe(points, slot, segments), [pieces.disc(points, 16)])


def slab(outline: np.ndarray, thickness: float, bevel: float, slot: str) -> Solid:
    """Build a closed prism under a convex outline, from z = 0 down, with rounded rims.

    outline: `n x 2`, counter-clockwise, metres. UVs are x and y on the faces, and length along the
    outline and height on the side.
    """
    insets, heights = _profile(thickness, bevel)
    normal = _outward(outline)
    rings = [
        np.column_stack([outline - inset * normal, np.full(len(outline), height)])
        for inset, height in zip(insets, heights, strict=True)
    ]
    centre = outline.mean(axis=0)
    ends = np.array([[*centre, heights[0]], [*centre, heights[-1]]])
    vertices = np.concatenate([*rings, ends])
    faces, uv = _skin(vertices, len(outline), len(rings))
    return Solid(vertices, faces, uv, np.array([slot] * len(faces)), (vertices,))


def band(line: ArrayLike, low: float, high: float, thickness: float, slot: str) -> Solid:
    """Build an upright sheet along a line seen from above (`n x 2`), such as a curtain. It has no
    collision pieces, since nothing touches it."""
    path = np.asarray(line, dtype=float)
    along = curves.tangents(path)
    half = np.stack([along[:, 1], -along[:, 0]], axis=1) * thickness / 2
    rings = np.stack(
        [
            np.column_stack([path + side * half, np.full(len(path), height)])
            for side, height in ((-1, low), (1, low), (1, high), (-1, high))
        ],
        axis=1,
    )
    return solids.loft(rings, slot)


def drape(outline: np.ndarray, low: float, thickness: float, wave: np.ndarray, slot: str) -> Solid:
    """Build cloth that hangs down from an outline (`n x 2`, closed) at z = 0.

    wave: `n`, outward offset of its lower hem, metres. It has no collision pieces.
    """
    path = np.concatenate([outline, outline[:1]])
    out = np.concatenate([_outward(outline), _outward(outline)[:1]])
    swing = np.concatenate([wave, wave[:1]])[:, None]
    rows = []
    for share in (0.0, 0.12, 0.45, 1.0):
        height = np.full(len(path), share * low)
        inner = path + out * swing * share
        rows.append(
            (np.column_stack([inner, height]), np.column_stack([inner + out * thickness, height]))
        )
    loop = [inner for inner, _ in rows] + [outer for _, outer in reversed(rows)]
    return solids.loft(np.stack(loop, axis=1), slot)


def tablecloth(
    outline: np.ndarray, overhang: float, thickness: float, slot: str, rng: np.random.Generator
) -> Solids:
    """Build a cloth on a table top with an outline (`n x 2`), and the folds that hang over its
    edge.

    overhang: length of the folds, metres. The top of the cloth is z = 0.
    """
    fine = _resampled(outline, 0.012)
    along = np.linspace(0.0, 1.0, len(fine), endpoint=False)
    folds = np.round(float(_lengths(fine).sum()) / rng.uniform(0.15, 0.3))
    wave = 0.02 + 0.014 * np.sin(2 * np.pi * folds * along) * (
        1 + 0.5 * np.sin(2 * np.pi * 3 * along + rng.uniform(0, 6))
    )
    return [slab(fine, thickness, 0.0, slot), drape(fine, -overhang, thickness, wave, slot)]


def _resampled(outline: np.ndarray, step: float) -> np.ndarray:
    """Return a closed outline with additional points on its long edges."""
    found = []
    for start, end in zip(outline, np.roll(outline, -1, axis=0), strict=True):
        count = max(1, round(float(np.linalg.norm(end - start)) / step))
        found.append(start + np.arange(count)[:, None] / count * (end - start))
    return np.concatenate(found)


def ring(radius_x: float, radius_y: float, count: int) -> np.ndarray:
    """Return the corners of an ellipse about the origin, `count x 2`, counter-clockwise."""
    return curves.superellipse((radius_x, radius_y), 2.0, count)


def rectangle(width: float, depth: float, radius: float = 0.0, steps: int = 8) -> np.ndarray:
    """Return a rectangle about the origin with rounded corners, counter-clockwise."""
    corners = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) * (
        np.array([width, depth]) / 2.0 - radius
    )
    if radius <= 0.0:
        return corners
    points = []
    for quarter, corner in enumerate(corners):
        angle = (quarter + np.linspace(0.0, 1.0, steps + 1)) * np.pi / 2.0
        points.append(corner + radius * np.stack([np.cos(angle), np.sin(angle)], axis=1))
    return np.concatenate(points)


def placed(made: Iterable[Solid], shift: ArrayLike, angle: float = 0.0) -> Solids:
    """Return solids rotated about z by `angle`, radians, then moved by `shift`, metres."""
    turn = rotation_about([0.0, 0.0, angle])
    move = np.asarray(shift, dtype=float)
    return [solids.move_points(one, lambda points: points @ turn.T + move) for one in made]


def untouched(made: Iterable[Solid]) -> Solids:
    """Return the solids without collision pieces, for places that no object can reach."""
    return [solids.decoration(one) for one in made]


def split(made: Iterable[Solid], slots: Sequence[str]) -> tuple[Solids, Solids]:
    """Divide solids into those without any of the given slots, and those with one of them."""
    others: Solids = []
    found: Solids = []
    for one in made:
        (found if str(one.slot[0]) in slots else others).append(one)
    return others, found


def from_asset(asset: MeshData, height: float, names: dict[str, str]) -> Solid:
    """Convert an object's mesh to scenery of a given height, metres.

    names: slot of the mesh to slot of the stage.
    """
    factor = height / float(np.ptp(asset.vertices[:, 2]))
    made = solids.from_mesh(asset, names)
    larger = solids.move_points(made, lambda points: points * factor)
    return replace(larger, uv=made.uv * factor)


def _profile(thickness: float, bevel: float, steps: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Return the inset and the height of each ring, from the top face to the bottom one."""
    if bevel <= 0.0:
        return np.zeros(2), np.array([0.0, -thickness])
    angle = np.linspace(0.0, np.pi / 2.0, steps + 1)
    # The first ring lies within the flat face, to keep the rim's shading from bleeding into it.
    inset = np.concatenate([[2.0 * bevel], bevel * (1.0 - np.sin(angle))])
    height = np.concatenate([[0.0], bevel * (np.cos(angle) - 1.0)])
    return np.concatenate([inset, inset[::-1]]), np.concatenate([height, -thickness - height[::-1]])


def _outward(outline: np.ndarray) -> np.ndarray:
    """Return the corner offsets, `n x 2`, that move each edge of the outline outwards by one."""
    ahead = np.roll(outline, -1, axis=0) - outline
    edge = np.stack([ahead[:, 1], -ahead[:, 0]], axis=1)
    edge /= np.linalg.norm(edge, axis=1, keepdims=True)
    both = edge + np.roll(edge, 1, axis=0)
    return both / (1.0 + np.sum(edge * np.roll(edge, 1, axis=0), axis=1, keepdims=True))


def _skin(vertices: np.ndarray, count: int, rings: int) -> tuple[np.ndarray, np.ndarray]:
    """Return faces `F x 3` and UVs `F x 3 x 2` of `rings` stacked rings closed by two fans."""
    here = np.arange(count)
    after = (here + 1) % count
    top, bottom = count * rings, count * rings + 1
    last = count * (rings - 1)
    bands = [
        faces
        for ring in range(rings - 1)
        for faces in (
            np.stack([here, here + count, after + count], axis=1) + ring * count,
            np.stack([here, after + count, after], axis=1) + ring * count,
        )
    ]
    side = np.concatenate(bands)
    lids = np.concatenate([
        np.stack([np.full(count, top), here, after], axis=1),
        np.stack([np.full(count, bottom), after + last, here + last], axis=1),
    ])  # fmt: skip
    girth = np.concatenate([[0.0], np.cumsum(_lengths(vertices[:count]))])
    # The UVs of the side's last column must not wrap around to the outline's start.
    column = side % count
    wraps = (column == 0) & (column.max(axis=1, keepdims=True) == count - 1)
    side_uv = np.stack([girth[np.where(wraps, count, column)], vertices[side][..., 2]], axis=2)
    uv = np.concatenate([side_uv, vertices[lids][..., :2]])
    return np.concatenate([side, lids]), uv


def _lengths(loop: np.ndarray) -> np.ndarray:
    return np.linalg.norm(np.roll(loop, -1, axis=0) - loop, axis=1)
