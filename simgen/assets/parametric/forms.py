"""Forms that many things are made of: sheets, slabs, bars, hoops and rods, and moving them.

All of them give closed components (`shapes.Part`) and, where it is not plain, the convex pieces
that fill them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from simgen.assets.parametric import curves, landmarks, pieces, shapes
from simgen.mesh import MeshData


@dataclass(frozen=True)
class Sheet:
    """Something thin, by its two sides.

    lower, upper: `n x k x 3`, point for point across the sheet; n goes along it, k across.
    """

    lower: np.ndarray
    upper: np.ndarray

    def rings(self) -> np.ndarray:
        """`n x 2 k x 3`: rings around the sheet, for `shapes.loft`."""
        return np.concatenate([self.lower, self.upper[:, ::-1]], axis=1)

    def solid(self, along: Sequence[int], across: Sequence[int]) -> list[pieces.Piece]:
        """The sheet cut at some of its n places along and k places across."""
        found = []
        for low, high in pairwise(along):
            rows = sorted({low, (low + high) // 2, high})
            for left, right in pairwise(across):
                columns = sorted({left, (left + right) // 2, right})
                cut = [side[rows][:, columns].reshape(-1, 3) for side in (self.lower, self.upper)]
                found.append(np.concatenate(cut))
        return found


def sheet(x: np.ndarray, y: np.ndarray, z: np.ndarray, thick: np.ndarray) -> Sheet:
    """A sheet along x. y, z, thick: `n x k`; z is its middle, `thick` measured along z."""
    at = np.broadcast_to(x[:, None], y.shape)
    half = np.broadcast_to(thick, y.shape) / 2
    lower, upper = (np.stack([at, y, z + side * half], axis=2) for side in (-1, 1))
    return Sheet(lower, upper)


def bar(x: np.ndarray, y: np.ndarray, z: np.ndarray, section: np.ndarray) -> np.ndarray:
    """`n x m x 3`: rings of a bar along x.

    y, z: `n x 2`, its lowest and highest coordinate at each place. section: `m x 2` within -1..1.
    """
    middle = np.stack([y.mean(axis=1), z.mean(axis=1)], axis=1)
    half = np.stack([np.ptp(y, axis=1), np.ptp(z, axis=1)], axis=1) / 2
    flat = middle[:, None] + half[:, None] * section[None]
    return np.concatenate([np.broadcast_to(x[:, None, None], (*flat.shape[:2], 1)), flat], axis=2)


def dense_ends(length: float, count: int) -> np.ndarray:
    """`count` places from 0 to `length`, closer together towards both ends."""
    return length * (1 - np.cos(np.pi * np.arange(count) / (count - 1))) / 2


def smooth(at: ArrayLike, knots: ArrayLike, values: ArrayLike) -> np.ndarray:
    """Values at `at` of the smooth curve through `(knots, values)`, which overshoots nowhere."""
    from scipy.interpolate import PchipInterpolator  # a quarter of a second, which few need

    place, knot = np.asarray(at, dtype=float), np.asarray(knots, dtype=float)
    return np.asarray(PchipInterpolator(knot, values)(np.clip(place, knot[0], knot[-1])))


def slab(
    half: tuple[float, float],
    corner: float,
    height: tuple[float, float],
    bevel: float,
    slot: str,
    taper: float = 0.0,
) -> shapes.Part:
    """A rounded rectangle about the z axis from `height[0]` to `height[1]`, with rounded edges.

    taper: how much it is smaller above than below, on each side, metres. Its UVs are those of a
    picture that lies on it: x to the right, y up.
    """
    return above(shapes.loft(slab_rings(half, corner, height, bevel, taper), slot))


def slab_rings(
    half: tuple[float, float],
    corner: float,
    height: tuple[float, float],
    bevel: float,
    taper: float = 0.0,
    steps: int = 3,
) -> np.ndarray:
    """Rings of `slab`, from below."""
    low, high = height
    bevel = min(bevel, 0.45 * (high - low))
    outline = curves.rounded_rectangle(half, corner)
    angle = np.linspace(0, np.pi / 2, steps + 1)
    inset, rise = bevel * (1 - np.sin(angle)), bevel * (1 - np.cos(angle))
    levels = [(1.6 * bevel, low), *((i, low + z) for i, z in zip(inset, rise, strict=True))]
    levels += [(i, high - z) for i, z in zip(inset[::-1], rise[::-1], strict=True)]
    levels.append((1.6 * bevel, high))
    rings = []
    for shrink, z in levels:
        less = shrink + taper * (z - low) / (high - low)
        factor = 1 - less / np.array(half)
        rings.append(np.column_stack([outline * factor, np.full(len(outline), z)]))
    return np.array(rings)


def above(part: shapes.Part) -> shapes.Part:
    """The part with UVs of what faces up or down as seen from above: u = x and v = y, metres."""
    a, b, c = (part.vertices[part.faces[:, k]] for k in range(3))
    normal = np.cross(b - a, c - a)
    flat = np.abs(normal[:, 2]) > 0.7 * np.linalg.norm(normal, axis=1)
    seen = part.vertices[part.faces][..., :2]
    return replace(part, uv=np.where(flat[:, None, None], seen, part.uv))


def box(low: Sequence[float], high: Sequence[float], bevel: float, slot: str) -> shapes.Part:
    """A box between two corners with chamfered edges: fewer faces than `shapes.rounded_box`."""
    start, end = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    half = (end - start) / 2
    bevel = min(bevel, 0.4 * float(half.min()))
    rings = []
    levels = ((bevel, 0.0), (0.0, bevel), (0.0, -bevel), (bevel, 0.0))
    for (inset, rise), base in zip(levels, (-half[2], -half[2], half[2], half[2]), strict=True):
        x, y = half[0] - inset, half[1] - inset
        cut = bevel
        ring = [(x, y - cut), (x - cut, y), (cut - x, y), (-x, y - cut)]
        ring += [(-x, cut - y), (cut - x, -y), (x - cut, -y), (x, cut - y)]
        rings.append([(u, v, base + rise) for u, v in ring])
    part = above(shapes.loft(np.array(rings), slot))
    return moved(part, (start + end) / 2)


def hoop(rings: np.ndarray, slot: str) -> shapes.Part:
    """The closed surface through `rings` (`n x m x 3`), the last joined to the first."""
    n, m, _ = rings.shape
    i, j = np.meshgrid(np.arange(n), np.arange(m), indexing="ij")
    corner = [((i + a) % n) * m + (j + b) % m for a, b in ((0, 0), (0, 1), (1, 1), (1, 0))]
    around = np.linalg.norm(np.diff(rings, axis=1, append=rings[:, :1]), axis=2).sum(1).mean() / m
    along = np.linalg.norm(np.diff(rings, axis=0, append=rings[:1]), axis=2).sum(0).mean() / n
    uv = [np.stack([(j + b) * around, (i + a) * along], 2) for a, b in ((0, 0), (0, 1), (1, 1))]
    uv.append(np.stack([j * around, (i + 1) * along], 2))
    faces = [np.stack([corner[k] for k in pick], axis=2) for pick in ((0, 1, 2), (0, 2, 3))]
    maps = [np.stack([uv[k] for k in pick], axis=2) for pick in ((0, 1, 2), (0, 2, 3))]
    part = shapes.Part(
        rings.reshape(-1, 3),
        np.concatenate([face.reshape(-1, 3) for face in faces]),
        np.concatenate([item.reshape(-1, 3, 2) for item in maps]),
        np.array([slot] * (2 * n * m)),
    )
    return shapes.outward(part)


def hoop_rings(path: np.ndarray, section: np.ndarray) -> np.ndarray:
    """`n x m x 3`: a section carried along a closed path in a plane of constant z.

    path: `n x 3` without its first point again. section: `m x 2`, across (outward) and up.
    """
    along = curves.unit(np.roll(path, -1, axis=0) - np.roll(path, 1, axis=0))
    out = np.stack([along[:, 1], -along[:, 0], np.zeros(len(path))], axis=1)
    up = np.array([0.0, 0.0, 1.0])
    return path[:, None] + section[None, :, :1] * out[:, None] + section[None, :, 1:] * up


def hoop_solid(rings: np.ndarray, count: int) -> list[pieces.Piece]:
    """A hoop (`n x m x 3`) cut across into `count` convex pieces."""
    cut = np.round(np.linspace(0, len(rings), count + 1)).astype(int)
    found = []
    for low, high in pairwise(cut):
        rows = sorted({low, (low + high) // 2, high})
        found.append(pieces.slab(np.take(rings, rows, axis=0, mode="wrap"), 12))
    return found


def rod(
    path: ArrayLike, radius: ArrayLike, slot: str, side: ArrayLike = (0, 0, 1), around: int = 12
) -> tuple[shapes.Part, np.ndarray]:
    """A round rod along a path (`n x 3`, in a plane that `side` is normal to), and its rings.

    radius: one, or one at each point; metres.
    """
    points = np.asarray(path, dtype=float)
    section = curves.superellipse((1.0, 1.0), 2.0, around)
    scale = np.broadcast_to(np.asarray(radius, dtype=float).reshape(-1, 1), (len(points), 2))
    rings = shapes.sweep_rings(points, section, side, scale)
    return shapes.loft(rings, slot), rings


def turned_about_x(profile: np.ndarray, slot: str | Sequence[str], segments: int) -> shapes.Part:
    """A lathe whose axis is x: profile (`n x 2`) gives radius and x."""
    part = shapes.lathe(profile, slot, segments)
    return replace(part, vertices=part.vertices[:, [2, 0, 1]])


def moved(part: shapes.Part, shift: ArrayLike) -> shapes.Part:
    """The part moved by `shift` (3, metres)."""
    return replace(part, vertices=part.vertices + np.asarray(shift, dtype=float))


def turn(points: np.ndarray, axis: int, angle: float, about: ArrayLike = (0, 0, 0)) -> np.ndarray:
    """Points (`... x 3`) turned by `angle` (right-handed) about a coordinate axis through a
    point."""
    first, second = (axis + 1) % 3, (axis + 2) % 3
    centre = np.asarray(about, dtype=float)
    arm = points - centre
    made = arm.copy()
    made[..., first] = np.cos(angle) * arm[..., first] - np.sin(angle) * arm[..., second]
    made[..., second] = np.sin(angle) * arm[..., first] + np.cos(angle) * arm[..., second]
    return made + centre


def turned(part: shapes.Part, axis: int, angle: float, about: ArrayLike = (0, 0, 0)) -> shapes.Part:
    """The part turned as `turn` turns points. UVs stay."""
    return replace(part, vertices=turn(part.vertices, axis, angle, about))


def chosen(value: float, count: int) -> int:
    """Which of `count` cases a parameter in 0..1 means."""
    return min(int(value * count), count - 1)


def centred(
    parts: Sequence[shapes.Part],
    solid: Sequence[pieces.Piece],
    slots: tuple[str, ...],
    marks: landmarks.Landmarks,
    shared: Mapping[str, str] | None = None,
) -> MeshData:
    """`shapes.assemble` with the middle of the object's plan above the origin."""
    points = np.concatenate([part.vertices for part in parts])
    middle = (points.min(axis=0) + points.max(axis=0)) / 2 * (1, 1, 0)
    found = {name: point - middle for name, point in marks.points.items()}
    return shapes.assemble(
        [moved(part, -middle) for part in parts],
        [piece - middle for piece in solid],
        slots,
        landmarks.Landmarks(found, marks.skeleton),
        shared,
    )
