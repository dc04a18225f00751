"""Things put together from simple closed bodies, each with the convex pieces that fill it.

A `Body` is some components and their pieces; bodies are added, moved and turned. What is too small
to matter to the physics is made `hollow`: it has no pieces.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from simgen.assets.parametric import curves, forms, landmarks, pieces, shapes
from simgen.mesh import MeshData


@dataclass(frozen=True)
class Body:
    """parts: closed components; solid: convex pieces (`n x 3`, metres) that fill them."""

    parts: tuple[shapes.Part, ...] = ()
    solid: tuple[pieces.Piece, ...] = ()

    def __add__(self, other: Body) -> Body:
        return Body(self.parts + other.parts, self.solid + other.solid)

    def points(self) -> np.ndarray:
        """All vertices, `n x 3`."""
        return np.concatenate([part.vertices for part in self.parts])


def total(bodies: Iterable[Body]) -> Body:
    """All bodies as one."""
    found = list(bodies)
    parts = tuple(part for body in found for part in body.parts)
    return Body(parts, tuple(piece for body in found for piece in body.solid))


def built(
    body: Body,
    slots: tuple[str, ...],
    marks: Mapping[str, ArrayLike],
    skeleton: landmarks.Edges,
) -> MeshData:
    """The object, its plan's middle above the origin.

    marks: name to about where its keypoint is (3, in the body's own coordinates); it goes to the
    nearest vertex. skeleton: pairs of their names.
    """
    points = body.points()
    snapped = {}
    for name, mark in marks.items():
        arm = points - np.asarray(mark, dtype=float)
        snapped[name] = points[int(np.argmin((arm * arm).sum(axis=1)))]
    found = landmarks.Landmarks(snapped, skeleton)
    return forms.centred(body.parts, body.solid, slots, found)


def hollow(body: Body) -> Body:
    """The body without pieces: decoration on something that has some."""
    return Body(body.parts)


def merged(body: Body) -> Body:
    """The body with a single piece around all of it."""
    return Body(body.parts, (wrap(body.points()),))


def moved(body: Body, shift: ArrayLike) -> Body:
    """The body moved by `shift` (3, metres)."""
    arm = np.asarray(shift, dtype=float)
    parts = tuple(forms.moved(part, arm) for part in body.parts)
    return Body(parts, tuple(piece + arm for piece in body.solid))


def turned(body: Body, axis: int, angle: float, about: ArrayLike = (0, 0, 0)) -> Body:
    """The body turned as `forms.turn` turns points."""
    parts = tuple(forms.turned(part, axis, angle, about) for part in body.parts)
    return Body(parts, tuple(forms.turn(piece, axis, angle, about) for piece in body.solid))


def scaled(body: Body, factors: ArrayLike) -> Body:
    """The body stretched along the axes by positive factors (3); UVs grow by their mean."""
    by = np.asarray(factors, dtype=float)
    flat = float(np.prod(by) ** (1 / 3))
    parts = tuple(replace(p, vertices=p.vertices * by, uv=p.uv * flat) for p in body.parts)
    return Body(parts, tuple(piece * by for piece in body.solid))


def mirrored(body: Body) -> Body:
    """The body's mirror image at the plane x = 0."""
    flip = np.array([-1.0, 1.0, 1.0])
    parts = tuple(shapes.outward(replace(p, vertices=p.vertices * flip)) for p in body.parts)
    return Body(parts, tuple(piece * flip for piece in body.solid))


def both(body: Body) -> Body:
    """The body and its mirror image at the plane x = 0."""
    return body + mirrored(body)


def wrap(points: np.ndarray, count: int = 56) -> pieces.Piece:
    """A convex piece (at most `count` + 6 points) around points (`n x 3`): the farthest of them in
    directions spread over the sphere, those of the axes among them."""
    step = np.arange(count) + 0.5
    z = 1 - 2 * step / count
    angle = np.pi * (1 + 5**0.5) * step
    flat = np.sqrt(1 - z * z)
    spread = np.stack([flat * np.cos(angle), flat * np.sin(angle), z], axis=1)
    ways = np.concatenate([np.eye(3), -np.eye(3), spread])
    size = np.maximum(np.ptp(points, axis=0), 1e-9)
    return points[np.unique(np.argmax((points / size) @ ways.T, axis=0))]


def block(low: ArrayLike, high: ArrayLike, bevel: float, slot: str) -> Body:
    """A box between two corners with chamfered edges.

    Chamfers, those of the corners too, stand at 45 degrees to the sides, which therefore are shaded
    flat (see `MeshData.smooth_angle`).
    """
    start, end = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    half = (end - start) / 2
    cut = min(bevel, 0.4 * float(half.min()))
    narrow = (2**0.5 - 1) * cut
    rings = [
        _cut_rectangle(half[0] - inset, half[1] - inset, corner, z)
        for inset, corner, z in (
            (cut, narrow, -half[2]),
            (0.0, cut, cut - half[2]),
            (0.0, cut, half[2] - cut),
            (cut, narrow, half[2]),
        )
    ]
    part = forms.moved(boxed(shapes.loft(np.array(rings), slot)), (start + end) / 2)
    return Body((part,), (wrap(part.vertices),))


def _cut_rectangle(x: float, y: float, cut: float, z: float) -> list[tuple[float, float, float]]:
    """A rectangle with cut corners at height z, counter-clockwise."""
    flat = [(x, y - cut), (x - cut, y), (cut - x, y), (-x, y - cut)]
    flat += [(-x, cut - y), (cut - x, -y), (x - cut, -y), (x, cut - y)]
    return [(u, v, z) for u, v in flat]


def cushion(size: Sequence[float], radius: float, slot: str, centre: Sequence[float]) -> Body:
    """A box with rounded edges, whose large sides bulge a little."""
    part = shapes.rounded_box(size, radius, slot, centre)
    return Body((part,), (wrap(part.vertices),))


def slab(
    half: tuple[float, float],
    corner: float,
    height: tuple[float, float],
    bevel: float,
    slot: str,
    taper: float = 0.0,
) -> Body:
    """`forms.slab`: a rounded rectangle about the z axis."""
    part = forms.slab(half, corner, height, bevel, slot, taper)
    return Body((part,), (wrap(part.vertices),))


def rod(
    path: ArrayLike, radius: ArrayLike, slot: str, side: ArrayLike = (0, 0, 1), around: int = 10
) -> Body:
    """`forms.rod`, cut at its path's points into pieces where it bends."""
    part, rings = forms.rod(path, radius, slot, side, around)
    cut = _bends(np.asarray(path, dtype=float))
    found = [wrap(rings[low : high + 1].reshape(-1, 3)) for low, high in pairwise(cut)]
    return Body((part,), tuple(found))


def stick(start: ArrayLike, end: ArrayLike, radius: ArrayLike, slot: str, around: int = 10) -> Body:
    """A straight round rod between two points. radius: one, or one at each end."""
    path = np.array([start, end], dtype=float)
    along = curves.unit(path[1] - path[0])
    side = np.eye(3)[int(np.argmin(np.abs(along)))]
    return rod(path, radius, slot, np.cross(along, side), around)


def _bends(path: np.ndarray) -> list[int]:
    """Indices of a path (`n x 3`) between which it is about straight (within 17 degrees)."""
    way = curves.unit(np.diff(path, axis=0))
    cut, since = [0], way[0]
    for place in range(1, len(way)):
        if way[place] @ since < 0.956:
            cut.append(place)
            since = way[place]
    return [*cut, len(path) - 1]


def turning(profile: ArrayLike, slot: str | Sequence[str], around: int = 32) -> Body:
    """`shapes.lathe` about z, one piece around all of it: for what is about convex.

    around: a multiple of 4.
    """
    line = np.asarray(profile, dtype=float)
    return Body((shapes.lathe(line, slot, around),), (_turned_hull(line),))


def wheel(profile: ArrayLike, slot: str | Sequence[str], around: int = 28) -> Body:
    """A body turned about the x axis: profile (`n x 2`) gives radius and x. around: a multiple
    of 4."""
    line = np.asarray(profile, dtype=float)
    piece = _turned_hull(line)[:, [2, 0, 1]]
    return Body((forms.turned_about_x(line, slot, around),), (piece,))


def _turned_hull(profile: np.ndarray) -> pieces.Piece:
    """A piece around a turned body (`n x 2`: radius, z): its outermost points, each turned."""
    size = np.maximum(np.ptp(profile, axis=0), 1e-9)
    ways = np.array([(0.1, -1.0), (1.0, -1e-3), (1.0, 1e-3), (0.7, 0.8), (0.1, 1.0)])
    pick = np.unique(np.argmax((profile / size) @ ways.T, axis=0))
    points = profile[pick][profile[pick][:, 0] > 1e-9]
    turned = pieces.disc(points, 12 if len(points) > 3 else 16)
    tips = [(0.0, 0.0, profile[:, 1].min()), (0.0, 0.0, profile[:, 1].max())]
    return np.concatenate([turned, tips])


def soft(
    low: ArrayLike, high: ArrayLike, slot: str, square: tuple[float, float] = (7.0, 4.0)
) -> Body:
    """A cushion between two corners: sides that bulge, edges that are round.

    square: exponents of the superellipses in plan and in height; 2 is round.
    """
    start, end = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    half = (end - start) / 2
    plan = curves.superellipse((1.0, 1.0), square[0], 32)
    rise = np.linspace(-np.pi / 2, np.pi / 2, 15)[1:-1]
    level = np.sign(rise) * np.abs(np.sin(rise)) ** (2 / square[1])
    wide = np.cos(rise) ** (2 / square[1])
    flat = wide[:, None, None] * plan * half[:2]
    rings = np.concatenate([flat, np.broadcast_to(level[:, None, None] * half[2], (13, 32, 1))], 2)
    part = shapes.loft(rings, slot, (half * (0, 0, -1), half * (0, 0, 1)))
    part = forms.moved(boxed(part), (start + end) / 2)
    return Body((part,), (wrap(part.vertices),))


def boxed(part: shapes.Part) -> shapes.Part:
    """The part with UVs seen along the axis that each face looks along most, metres."""
    corner = part.vertices[part.faces]
    normal = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    axis = np.argmax(np.abs(normal), axis=1)
    seen = np.stack([corner[..., [1, 2]], corner[..., [0, 2]], corner[..., [0, 1]]])
    return replace(part, uv=seen[axis, np.arange(len(axis))])


def ball(centre: ArrayLike, half: ArrayLike, slot: str, around: int = 24, rows: int = 13) -> Body:
    """An ellipsoid with half axes `half` (one or 3), metres."""
    angle = np.linspace(-np.pi / 2, np.pi / 2, rows)
    profile = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    profile[[0, -1], 0] = 0.0
    scale = np.broadcast_to(np.asarray(half, dtype=float), 3)
    part = shapes.lathe(profile * float(scale.mean()), slot, around)
    part = replace(part, vertices=part.vertices / scale.mean() * scale)
    part = forms.moved(part, centre)
    return Body((part,), (wrap(part.vertices),))


def plate(
    outline: np.ndarray, low: float, high: float, slot: str, bevel: float = 0.0, axis: int = 2
) -> Body:
    """A flat shape of even thickness, one piece around it.

    outline: `n x 2`, closed, every point of it seen from its middle; the coordinates are those of
    the two axes after `axis` (x, y for z; y, z for x; z, x for y). bevel: of its edges, metres.
    """
    middle = outline.mean(axis=0)
    arm = outline - middle
    away = np.linalg.norm(arm, axis=1, keepdims=True)
    small = middle + arm * np.maximum(1 - bevel / away, 0.1)
    levels = [(small, low), (outline, low + bevel), (outline, high - bevel), (small, high)]
    chosen = levels if bevel > 0 else [levels[1], levels[2]]
    rings = np.array([np.column_stack([flat, np.full(len(flat), z)]) for flat, z in chosen])
    part = shapes.loft(rings, slot)
    part = replace(part, vertices=np.roll(part.vertices, axis + 1, axis=1))
    return Body((part,), (wrap(part.vertices),))
