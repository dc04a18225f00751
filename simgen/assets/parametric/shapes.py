"""Closed triangle meshes from curves, and putting them together to a `MeshData`.

Everything is a loft: rings of points joined by strips of triangles and closed at both ends. UV
coordinates are in metres, so that a texture has the same size on every object.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from simgen.assets.parametric import curves
from simgen.assets.parametric.landmarks import Landmarks
from simgen.geometry import as_vector
from simgen.mesh import MeshData

Ranges = dict[str, tuple[float, float]]
"""Parameter name to its lowest and highest value, in metres, radians or without unit."""


@dataclass(frozen=True)
class Part:
    """One closed component.

    vertices: `V x 3` metres; faces: `F x 3`, outward; uv: `F x 3 x 2` metres; slot: `F` names.
    """

    vertices: np.ndarray
    faces: np.ndarray
    uv: np.ndarray
    slot: np.ndarray


def draw_ranges(rng: np.random.Generator, ranges: Ranges) -> dict[str, float]:
    """One uniform draw per range, as plain floats."""
    return {name: float(rng.uniform(low, high)) for name, (low, high) in ranges.items()}


def loft(
    rings: np.ndarray,
    slot: str | Sequence[str],
    ends: tuple[np.ndarray, np.ndarray] | None = None,
    uv: np.ndarray | None = None,
) -> Part:
    """The closed surface through `rings` (`n x m x 3`).

    slot: one name, or `n + 1` of them: the first cap, the strips between the rings, the last cap.
    ends: tips of the two caps, 3 each; the middle of the end rings where not given.
    uv: `(n - 1) x 2 x (m + 1) x 2`, coordinates of the lower and upper side of every strip.
    """
    n, m, _ = rings.shape
    tips = np.array(ends) if ends is not None else rings[[0, -1]].mean(axis=1)
    index = np.arange(n * m).reshape(n, m)
    sides = _strip_corners(np.concatenate([index, index[:, :1]], axis=1))
    strips = _strip_uv(rings) if uv is None else uv
    strip_uv = np.stack([_strip_corners(strips[k])[0] for k in range(n - 1)])
    caps = [_cap(index[0, ::-1], n * m), _cap(index[-1], n * m + 1)]
    cap_uv = [_flat_uv(rings[0, ::-1], tips[0]), _flat_uv(rings[-1], tips[1])]
    names = np.array([slot] * (n + 1) if isinstance(slot, str) else list(slot))
    part = Part(
        vertices=np.concatenate([rings.reshape(-1, 3), tips]),
        faces=np.concatenate([caps[0], sides.reshape(-1, 3), caps[1]]),
        uv=np.concatenate([cap_uv[0], strip_uv.reshape(-1, 3, 2), cap_uv[1]]),
        slot=np.repeat(names, [m] + [2 * m] * (n - 1) + [m]),
    )
    return outward(part)


def _strip_corners(grid: np.ndarray) -> np.ndarray:
    """Two triangles a cell of a grid (`n x m x ...`): `(n - 1) x 2 (m - 1) x 3 x ...`."""
    a, b, c, d = grid[:-1, :-1], grid[:-1, 1:], grid[1:, 1:], grid[1:, :-1]
    n, m = a.shape[:2]
    pairs = np.empty((n, m, 6, *grid.shape[2:]), grid.dtype)
    for corner, values in enumerate((a, b, c, a, c, d)):
        pairs[:, :, corner] = values
    return pairs.reshape(n, 2 * m, 3, *grid.shape[2:])


def _cap(ring: np.ndarray, tip: int) -> np.ndarray:
    """The fan of triangles (`m x 3`) from a ring of vertex indices to a tip."""
    return np.stack([ring, np.concatenate([ring[1:], ring[:1]]), np.full_like(ring, tip)], axis=1)


def _flat_uv(ring: np.ndarray, tip: np.ndarray) -> np.ndarray:
    """Coordinates (`m x 3 x 2`) of a cap: its projection along the cap's own axis."""
    following = np.concatenate([ring[1:], ring[:1]])
    normal = curves.unit(curves.cross(ring - tip, following - tip).sum(axis=0))
    across = curves.unit(curves.cross(np.eye(3)[np.argmin(np.abs(normal))], normal))
    flat = (ring - tip) @ np.stack([across, curves.cross(normal, across)], axis=1)
    uv = np.zeros((len(ring), 3, 2))
    uv[:, 0], uv[:-1, 1], uv[-1, 1] = flat, flat[1:], flat[0]
    return uv


def _strip_uv(rings: np.ndarray) -> np.ndarray:
    """u runs around the rings, v along the path; both in metres at the loft's mean girth."""
    closed = np.concatenate([rings, rings[:, :1]], axis=1)
    around = np.cumsum(np.linalg.norm(np.diff(closed, axis=1), axis=2), axis=1)
    girth = np.median(around[:, -1])
    u = np.pad(around / around[:, -1:], ((0, 0), (1, 0))) * girth
    along = np.linalg.norm(np.diff(rings, axis=0), axis=2).mean(axis=1)
    v = np.concatenate([[0.0], np.cumsum(along)])[:, None] * np.ones_like(u)
    grid = np.stack([u, v], axis=2)
    return np.stack([grid[:-1], grid[1:]], axis=1)


def plan_uv(rings: np.ndarray) -> np.ndarray:
    """For `loft`: flat strips are seen from above, steep ones unrolled as usual."""
    above = np.concatenate([rings, rings[:, :1]], axis=1)[..., :2]
    step = np.abs(np.diff(rings, axis=0)).mean(axis=1)
    flat = step[:, 2] < np.hypot(step[:, 0], step[:, 1])
    return np.where(
        flat[:, None, None, None], np.stack([above[:-1], above[1:]], axis=1), _strip_uv(rings)
    )


def outward(part: Part) -> Part:
    """The part with its faces turned outward, going by the sign of its volume."""
    a, b, c = (part.vertices[part.faces[:, k]] for k in range(3))
    if np.einsum("ij,ij->", a, curves.cross(b, c)) >= 0:
        return part
    return replace(part, faces=part.faces[:, ::-1], uv=part.uv[:, ::-1])


def lathe_rings(profile: np.ndarray, segments: int) -> np.ndarray:
    """`n x segments x 3`: the points of a profile (`n x 2`: radius, height) turned about z."""
    angle = 2 * np.pi * np.arange(segments) / segments
    x = profile[:, :1] * np.cos(angle)
    y = profile[:, :1] * np.sin(angle)
    return np.stack([x, y, np.broadcast_to(profile[:, 1:], x.shape)], axis=2)


def lathe(profile: np.ndarray, slot: str | Sequence[str], segments: int = 48) -> Part:
    """The solid of a profile (`n x 2`: radius, height) that starts and ends on the axis.

    slot: one name, or `n - 1` of them, one for each edge of the profile.
    """
    rings = lathe_rings(profile[1:-1], segments)
    tips = (np.array([0.0, 0.0, profile[0, 1]]), np.array([0.0, 0.0, profile[-1, 1]]))
    return loft(rings, slot, tips, _lathe_uv(profile[1:-1], segments))


def _lathe_uv(profile: np.ndarray, segments: int) -> np.ndarray:
    """Steep edges of the profile are unrolled like a cylinder, flat ones seen from above."""
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
    """Slot of every edge of a profile (`n x 2`).

    bands: slot name to `((lowest radius, lowest z), (highest radius, highest z))`; an edge whose
    middle lies in there gets that slot.
    """
    middle = (profile[:-1] + profile[1:]) / 2
    slots = np.full(len(middle), default, dtype=object)
    for name, corners in bands.items():
        low, high = np.asarray(corners)
        slots[np.all((middle > low) & (middle < high), axis=1)] = name
    return list(slots)


def sweep_rings(
    path: np.ndarray,
    section: np.ndarray,
    side: ArrayLike,
    scale: np.ndarray | None = None,
) -> np.ndarray:
    """`n x m x 3`: a section carried along a path.

    path: `n x 3`, roughly in a plane. side: the direction that the section's second axis keeps.
    section: `m x 2`, closed. scale: `n x 2`, factors on the section at each point of the path.
    """
    along = curves.tangents(path)
    normal = curves.unit(np.cross(np.asarray(side, dtype=float), along))
    binormal = np.cross(along, normal)
    factor = np.ones((len(path), 2)) if scale is None else scale
    flat = section[None] * factor[:, None]
    return path[:, None] + flat[..., :1] * normal[:, None] + flat[..., 1:] * binormal[:, None]


def round_ends(
    path: np.ndarray, half: tuple[float, float], radius: float, steps: int = 4
) -> tuple[np.ndarray, np.ndarray]:
    """A path and the scale of its section for a sweep whose end edges are rounded.

    path: `n x 3`, the whole length including the rounding. half: half axes of the section.
    Returns `k x 3` and `k x 2`.
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


def rounded_box(
    size: Sequence[float], radius: float, slot: str, centre: Sequence[float] = (0, 0, 0)
) -> Part:
    """A box (3 edge lengths, metres) whose edges and corners are rounded by `radius`."""
    half = np.asarray(size, dtype=float) / 2
    radius = min(radius, 0.9 * float(half.min()))
    ticks = [_box_ticks(h, radius) for h in half]
    corners, uv = [], []
    for axis in range(3):
        for sign in (-1.0, 1.0):
            flat, shape = _box_side(ticks, half, axis, sign)
            corners.append(_strip_corners(shape).reshape(-1, 3, 3))
            uv.append(_strip_corners(flat).reshape(-1, 3, 2))
    soup = np.concatenate(corners).reshape(-1, 3)
    keys, index = np.unique(np.round(soup, 9), axis=0, return_inverse=True)
    faces = index.reshape(-1, 3)
    core = np.clip(keys, radius - half, half - radius)
    vertices = core + radius * curves.unit(keys - core) + np.asarray(centre, dtype=float)
    return Part(vertices, faces, np.concatenate(uv), np.array([slot] * len(faces)))


def _box_ticks(half: float, radius: float, steps: int = 3) -> np.ndarray:
    """Where the grid on a box's side has its lines: on the rounding, and close beside it."""
    arc = radius * np.tan(np.linspace(0.0, np.pi / 4, steps + 1))
    flat = half - radius
    high = np.concatenate([[flat - min(0.3 * radius, 0.4 * flat)], flat + arc])
    return np.concatenate([-high[::-1], high])


def _box_side(
    ticks: Sequence[np.ndarray], half: np.ndarray, axis: int, sign: float
) -> tuple[np.ndarray, np.ndarray]:
    """Grid of one side of a sharp box: uv `n x m x 2` and points `n x m x 3`, facing outward."""
    # Sides are seen upright: u to the right and v up, except on top and bottom.
    right = {0: 1, 1: 0, 2: 0}[axis]
    up = {0: 2, 1: 2, 2: 1}[axis]
    turned = sign if axis != 1 else -sign
    u, v = np.meshgrid(ticks[right] * turned, ticks[up], indexing="xy")
    points = np.empty((*u.shape, 3))
    points[..., right], points[..., up], points[..., axis] = u, v, sign * half[axis]
    return np.stack([u * turned, v], axis=2), points


def assemble(
    parts: Sequence[Part],
    pieces: Sequence[np.ndarray],
    slots: tuple[str, ...],
    landmarks: Landmarks | None = None,
    shared: Mapping[str, str] | None = None,
) -> MeshData:
    """One object of several closed parts, standing on z = 0.

    pieces: convex pieces for the physics, `n x 3` each. slots: order of the parts of the mesh,
    which are its material slots too. landmarks: its keypoints. shared: part to the other part that
    it is made of the same material as; it then has no slot of its own.
    """
    start = np.cumsum([0] + [len(part.vertices) for part in parts])
    vertices = np.concatenate([part.vertices for part in parts])
    drop = np.array([0.0, 0.0, vertices[:, 2].min()])
    number = {name: index for index, name in enumerate(slots)}
    named = np.concatenate([part.slot for part in parts])
    slot = np.array([number[name] for name in named], dtype=np.int32)
    points = landmarks.points if landmarks else {}
    same = shared or {}
    own = tuple(name for name in slots if name not in same)
    material = np.array([own.index(same.get(name, name)) for name in slots], dtype=np.int32)
    faces = [part.faces + first for part, first in zip(parts, start[:-1], strict=True)]
    return MeshData(
        vertices=vertices - drop,
        faces=np.concatenate(faces).astype(np.int32),
        uv=np.concatenate([part.uv for part in parts]).astype(np.float32),
        slot=material[slot],
        slots=own,
        pieces=tuple(piece - drop for piece in pieces),
        part=slot,
        parts=slots,
        keypoints={name: as_vector(point - drop) for name, point in points.items()},
        skeleton=landmarks.skeleton if landmarks else (),
    )
