"""Construction of closed solids from rings, profiles and outlines.

UVs are in metres, so that a texture has the same size on every solid.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from simgen.geometry.solids import curves, pieces, sections
from simgen.geometry.solids.solid import Solid, filled, outward

_KEPT = 512
"""Number of loft topologies whose faces are cached: most are boxes, rods and lathed shapes."""
_AXES = np.eye(3)


def loft(
    rings: np.ndarray,
    slot: str | Sequence[str],
    ends: tuple[np.ndarray, np.ndarray] | None = None,
    uv: np.ndarray | None = None,
    cuts: Sequence[int] = (),
) -> Solid:
    """Return the closed surface through `rings` (`n x m x 3`, metres).

    slot: one name, or `n + 1`: of the first cap, the strips between the rings, and the last cap.
    ends: tips of the two caps, 3 each; by default, the centres of the end rings.
    uv: `(n - 1) x 2 x (m + 1) x 2`, coordinates of the lower and upper side of every strip; by
    default, u runs around the rings and v along the loft.
    cuts: rings between which it is cut into pieces, first and last included; empty: no pieces.
    """
    n, m, _ = rings.shape
    tips = np.array(ends) if ends is not None else rings[[0, -1]].mean(axis=1)
    strips = unrolled_uv(rings) if uv is None else uv
    first, last = _cap_uv(rings[0, ::-1], tips[0]), _cap_uv(rings[-1], tips[1])
    solid = Solid(
        vertices=np.concatenate([rings.reshape(-1, 3), tips]),
        faces=_loft_faces(n, m),
        uv=np.concatenate([first, _strip_uv(strips), last]),
        slot=_loft_slots(n, m, slot if isinstance(slot, str) else tuple(slot)),
        pieces=tuple(pieces.hulls(rings, cuts)),
    )
    return outward(solid)


def bare_loft(rings: np.ndarray, slot: str) -> Solid:
    """Call `loft` with all UVs zero, for callers that compute them."""
    n, m, _ = rings.shape
    faces = _loft_faces(n, m)
    vertices = np.concatenate([rings.reshape(-1, 3), rings[[0, -1]].mean(axis=1)])
    return outward(Solid(vertices, faces, np.zeros((len(faces), 3, 2)), _loft_slots(n, m, slot)))


@lru_cache(maxsize=_KEPT)
def _loft_faces(n: int, m: int) -> np.ndarray:
    """Return the faces of a loft through n rings of m points: first cap, strips, last cap."""
    index = np.arange(n * m).reshape(n, m)
    sides = strip_corners(np.concatenate([index, index[:, :1]], axis=1)).reshape(-1, 3)
    return _kept(np.concatenate([_cap(index[0, ::-1], n * m), sides, _cap(index[-1], n * m + 1)]))


@lru_cache(maxsize=_KEPT)
def _loft_slots(n: int, m: int, slot: str | tuple[str, ...]) -> np.ndarray:
    names = np.array([slot] * (n + 1) if isinstance(slot, str) else slot)
    return _kept(np.repeat(names, [m] + [2 * m] * (n - 1) + [m]))


def _kept(array: np.ndarray) -> np.ndarray:
    """Make an array read-only, since many solids share it."""
    array.setflags(write=False)
    return array


def _strip_uv(strips: np.ndarray) -> np.ndarray:
    """Return the UVs of the triangles of strips (`n x 2 x (m + 1) x 2`), in the order of
    `strip_corners`: `2 n m x 3 x 2`."""
    a, b = strips[:, 0, :-1], strips[:, 0, 1:]
    d, c = strips[:, 1, :-1], strips[:, 1, 1:]
    corners = np.empty((*a.shape[:2], 6, 2))
    for corner, values in enumerate((a, b, c, a, c, d)):
        corners[:, :, corner] = values
    return corners.reshape(-1, 3, 2)


def sliced_loft(
    rings: np.ndarray, slot: str | Sequence[str], count: int, around: int = 12
) -> Solid:
    """Call `loft`, cut crosswise into `count` pieces, with about `around` points of each ring."""
    return filled(loft(rings, slot), pieces.slices(rings, count, around))


def strip_corners(grid: np.ndarray) -> np.ndarray:
    """Split each cell of a grid (`n x m x ...`) into triangles: `(n - 1) x 2 (m - 1) x 3 x ...`."""
    a, b, c, d = grid[:-1, :-1], grid[:-1, 1:], grid[1:, 1:], grid[1:, :-1]
    n, m = a.shape[:2]
    pairs = np.empty((n, m, 6, *grid.shape[2:]), grid.dtype)
    for corner, values in enumerate((a, b, c, a, c, d)):
        pairs[:, :, corner] = values
    return pairs.reshape(n, 2 * m, 3, *grid.shape[2:])


def _cap(ring: np.ndarray, tip: int) -> np.ndarray:
    """Return the fan of triangles (`m x 3`) from a ring of vertex indices to a tip."""
    return np.stack([ring, np.concatenate([ring[1:], ring[:1]]), np.full_like(ring, tip)], axis=1)


def _cap_uv(ring: np.ndarray, tip: np.ndarray) -> np.ndarray:
    """Return the UVs of a cap (`m x 3 x 2`): its projection along its own axis."""
    following = np.concatenate([ring[1:], ring[:1]])
    arms = ring - tip
    normal = curves.unit(curves.cross(arms, following - tip).sum(axis=0))
    across = curves.unit(curves.cross(_AXES[np.argmin(np.abs(normal))], normal))
    flat = arms @ np.stack([across, curves.cross(normal, across)], axis=1)
    uv = np.zeros((len(ring), 3, 2))
    uv[:, 0], uv[:-1, 1], uv[-1, 1] = flat, flat[1:], flat[0]
    return uv


def unrolled_uv(rings: np.ndarray) -> np.ndarray:
    """Return UVs for `loft`: u around the rings, v along the path, in metres at the mean girth."""
    closed = np.concatenate([rings, rings[:, :1]], axis=1)
    around = np.cumsum(np.linalg.norm(np.diff(closed, axis=1), axis=2), axis=1)
    girth = np.median(around[:, -1])
    grid = np.zeros((*closed.shape[:2], 2))
    grid[:, 1:, 0] = around / around[:, -1:] * girth
    along = np.linalg.norm(np.diff(rings, axis=0), axis=2).mean(axis=1)
    grid[1:, :, 1] = np.cumsum(along)[:, None]
    return np.stack([grid[:-1], grid[1:]], axis=1)


def plan_uv(rings: np.ndarray) -> np.ndarray:
    """Return UVs for `loft`: flat strips as seen from above, steep ones as `unrolled_uv`."""
    above = np.concatenate([rings, rings[:, :1]], axis=1)[..., :2]
    step = np.abs(np.diff(rings, axis=0)).mean(axis=1)
    flat = step[:, 2] < np.hypot(step[:, 0], step[:, 1])
    return np.where(
        flat[:, None, None, None], np.stack([above[:-1], above[1:]], axis=1), unrolled_uv(rings)
    )


def loft_loop(rings: np.ndarray, slot: str) -> Solid:
    """Return the closed surface through `rings` (`n x m x 3`) whose last ring joins the first."""
    n, m, _ = rings.shape
    i, j = np.meshgrid(np.arange(n), np.arange(m), indexing="ij")
    corner = [((i + a) % n) * m + (j + b) % m for a, b in ((0, 0), (0, 1), (1, 1), (1, 0))]
    around = np.linalg.norm(np.diff(rings, axis=1, append=rings[:, :1]), axis=2).sum(1).mean() / m
    along = np.linalg.norm(np.diff(rings, axis=0, append=rings[:1]), axis=2).sum(0).mean() / n
    uv = [np.stack([(j + b) * around, (i + a) * along], 2) for a, b in ((0, 0), (0, 1), (1, 1))]
    uv.append(np.stack([j * around, (i + 1) * along], 2))
    triangles = ((0, 1, 2), (0, 2, 3))
    faces = [np.stack([corner[k] for k in pick], axis=2).reshape(-1, 3) for pick in triangles]
    maps = [np.stack([uv[k] for k in pick], axis=2).reshape(-1, 3, 2) for pick in triangles]
    names = np.array([slot] * (2 * n * m))
    return outward(Solid(rings.reshape(-1, 3), np.concatenate(faces), np.concatenate(maps), names))


def lathe(
    profile: ArrayLike, slot: str | Sequence[str], segments: int = 48, axis: int = 2
) -> Solid:
    """Return the solid of revolution, without pieces, of a profile from axis to axis.

    profile: `n x 2` (radius, axial position). slot: one name, or `n - 1`, one for each edge of the
    profile. axis: 2 for z, 0 for x.
    """
    line = np.asarray(profile, dtype=float)
    tips = (np.array([0.0, 0.0, line[0, 1]]), np.array([0.0, 0.0, line[-1, 1]]))
    turn = sections.lathe(line[1:-1], segments)
    solid = loft(turn, slot, tips, _lathe_uv(line[1:-1], segments))
    return solid if axis == 2 else replace(solid, vertices=solid.vertices[:, [2, 0, 1]])


def convex_lathe(
    profile: ArrayLike, slot: str | Sequence[str], segments: int = 32, axis: int = 2
) -> Solid:
    """Call `lathe`, with one piece around the solid. segments: a multiple of 4."""
    piece = pieces.lathe_hull(np.asarray(profile, dtype=float))
    return filled(
        lathe(profile, slot, segments, axis), [piece if axis == 2 else piece[:, [2, 0, 1]]]
    )


def _lathe_uv(profile: np.ndarray, segments: int) -> np.ndarray:
    """Return UVs for `lathe`: steep edges of the profile unrolled, flat ones as seen from above."""
    angle = 2 * np.pi * np.arange(segments + 1) / segments
    step = np.abs(np.diff(profile, axis=0))
    steep = step[:, 1] >= step[:, 0]
    run = np.concatenate([[0], np.cumsum(steep[1:] != steep[:-1])])
    middle = (profile[:-1, 0] + profile[1:, 0]) / 2
    girth = np.array([middle[run == r].mean() for r in run])
    along = curves.arclength(profile)
    strips = np.empty((len(step), 2, segments + 1, 2))
    for side, ring in ((0, slice(None, -1)), (1, slice(1, None))):
        radius = profile[ring, :1]
        unrolled = np.stack(np.broadcast_arrays(girth[:, None] * angle, along[ring, None]), 2)
        above = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=2)
        strips[:, side] = np.where(steep[:, None, None], unrolled, above)
    return strips


def edge_slots(profile: np.ndarray, default: str, **bands: ArrayLike) -> list[str]:
    """Return the slot of every edge of a profile (`n x 2`).

    bands: slot name -> `((lowest radius, lowest z), (highest radius, highest z))`; an edge whose
    midpoint lies within gets that slot.
    """
    middle = (profile[:-1] + profile[1:]) / 2
    slots = np.full(len(middle), default, dtype=object)
    for name, corners in bands.items():
        low, high = np.asarray(corners)
        slots[np.all((middle > low) & (middle < high), axis=1)] = name
    return list(slots)


def rod(
    path: ArrayLike, radius: ArrayLike, slot: str, side: ArrayLike = (0, 0, 1), around: int = 10
) -> Solid:
    """Return a round rod along a path (`n x 3`, in a plane with normal `side`), cut into pieces at
    its bends.

    radius: one, or one at each point; metres.
    """
    rings = sections.tube(path, radius, side, around)
    return loft(rings, slot, cuts=_bends(np.asarray(path, dtype=float)))


def _bends(path: np.ndarray) -> list[int]:
    """Return the indices of a path (`n x 3`) between which it is straight within 17 degrees."""
    way = curves.unit(np.diff(path, axis=0))
    cut, since = [0], way[0]
    for place in range(1, len(way)):
        if way[place] @ since < 0.956:
            cut.append(place)
            since = way[place]
    return [*cut, len(path) - 1]


def extrude(
    outline: np.ndarray, low: float, high: float, slot: str, bevel: float = 0.0, axis: int = 2
) -> Solid:
    """Extrude an outline to a flat solid, with one piece around it.

    outline: `n x 2`, closed, star-shaped about its centre; its coordinates are along the two axes
    after `axis` (x, y for z; y, z for x; z, x for y). bevel: of its edges, metres.
    """
    middle = outline.mean(axis=0)
    arm = outline - middle
    away = np.linalg.norm(arm, axis=1, keepdims=True)
    small = middle + arm * np.maximum(1 - bevel / away, 0.1)
    steps = [(small, low), (outline, low + bevel), (outline, high - bevel), (small, high)]
    used = steps if bevel > 0 else steps[1:3]
    rings = np.array([np.column_stack([flat, np.full(len(flat), z)]) for flat, z in used])
    solid = loft(rings, slot)
    return filled(replace(solid, vertices=np.roll(solid.vertices, axis + 1, axis=1)))


@dataclass(frozen=True)
class Sheet:
    """The two sides of a thin shape, before it becomes a solid.

    lower, upper: `n x k x 3`, metres, corresponding points of both sides; n along it, k across.
    """

    lower: np.ndarray
    upper: np.ndarray

    def rings(self) -> np.ndarray:
        """Return the rings around the sheet, `n x 2 k x 3`."""
        return np.concatenate([self.lower, self.upper[:, ::-1]], axis=1)

    def pieces(self, along: Sequence[int], across: Sequence[int]) -> list[pieces.Piece]:
        """Cut the sheet into pieces at some of its n positions along and k positions across."""
        found = []
        for low, high in pairwise(along):
            rows = sorted({low, (low + high) // 2, high})
            for left, right in pairwise(across):
                columns = sorted({left, (left + right) // 2, right})
                cut = [side[rows][:, columns].reshape(-1, 3) for side in (self.lower, self.upper)]
                found.append(np.concatenate(cut))
        return found

    def solid(
        self, slot: str | Sequence[str], along: Sequence[int], across: Sequence[int]
    ) -> Solid:
        """Convert the sheet to a solid, cut into pieces; see `loft` and `pieces`."""
        return filled(loft(self.rings(), slot), self.pieces(along, across))


def flat_sheet(x: np.ndarray, y: np.ndarray, z: np.ndarray, thick: np.ndarray) -> Sheet:
    """Return a sheet along x. y, z, thick: `n x k`; z: its mid-surface; thick: measured along z."""
    at = np.broadcast_to(x[:, None], y.shape)
    half = np.broadcast_to(thick, y.shape) / 2
    lower, upper = (np.stack([at, y, z + side * half], axis=2) for side in (-1, 1))
    return Sheet(lower, upper)
