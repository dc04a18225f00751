"""`Solid`, the type of all modelled shapes, and functions that join and transform solids."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike

from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import curves
from simgen.geometry.solids.pieces import Piece, hull

Edges = tuple[tuple[str, str], ...]
"""Pairs of keypoint names."""


@dataclass(frozen=True)
class Solid:
    """One or more closed components.

    vertices: `V x 3` float64, metres. faces: `F x 3` int, counter-clockwise seen from outside.
    uv: `F x 3 x 2` float64, metres, one coordinate per face corner. slot: `F` str, the name of each
    face's material slot. pieces: convex point sets (`n x 3`, metres) that fill it, for collisions;
    empty for decoration. keypoints: name -> `3`, metres. skeleton: pairs of their names.
    """

    vertices: np.ndarray
    faces: np.ndarray
    uv: np.ndarray
    slot: np.ndarray
    pieces: tuple[Piece, ...] = ()
    keypoints: Mapping[str, np.ndarray] = field(default_factory=dict)
    skeleton: Edges = ()

    def __add__(self, other: Solid) -> Solid:
        return join([self, other])


def join(solids: Iterable[Solid]) -> Solid:
    """Merge the components, pieces and keypoints of solids, in order, into one solid."""
    found = list(solids)
    if not found:
        return Solid(
            np.zeros((0, 3)), np.zeros((0, 3), int), np.zeros((0, 3, 2)), np.array([], str)
        )
    start = np.cumsum([0] + [len(solid.vertices) for solid in found])
    faces = [solid.faces + first for solid, first in zip(found, start[:-1], strict=True)]
    return Solid(
        vertices=np.concatenate([solid.vertices for solid in found]),
        faces=np.concatenate(faces),
        uv=np.concatenate([solid.uv for solid in found]),
        slot=np.concatenate([solid.slot for solid in found]),
        pieces=tuple(piece for solid in found for piece in solid.pieces),
        keypoints={name: at for solid in found for name, at in solid.keypoints.items()},
        skeleton=tuple(edge for solid in found for edge in solid.skeleton),
    )


def filled(solid: Solid, pieces: Iterable[Piece] | None = None) -> Solid:
    """Return the solid with other pieces; by default, one hull around it."""
    return replace(solid, pieces=(hull(solid.vertices),) if pieces is None else tuple(pieces))


def decoration(solid: Solid) -> Solid:
    """Return the solid without pieces: too small or too distant to matter for collisions."""
    return replace(solid, pieces=())


def with_keypoints(solid: Solid, points: Mapping[str, ArrayLike], skeleton: Edges = ()) -> Solid:
    """Return the solid with more keypoints (3 each, metres) and more edges between them."""
    more = {name: np.asarray(point, dtype=float) for name, point in points.items()}
    return replace(solid, keypoints={**solid.keypoints, **more}, skeleton=solid.skeleton + skeleton)


def with_nearest_keypoints(
    solid: Solid, points: Mapping[str, ArrayLike], skeleton: Edges = ()
) -> Solid:
    """Call `with_keypoints` with every point moved to the nearest vertex."""
    nearest = {}
    for name, point in points.items():
        arm = solid.vertices - np.asarray(point, dtype=float)
        nearest[name] = solid.vertices[int(np.argmin((arm * arm).sum(axis=1)))]
    return with_keypoints(solid, nearest, skeleton)


def move_points(solid: Solid, move: Callable[[np.ndarray], np.ndarray]) -> Solid:
    """Apply `move` (`... x 3` to `... x 3`) to the vertices, pieces and keypoints; UVs are kept."""
    return replace(
        solid,
        vertices=move(solid.vertices),
        pieces=tuple(move(piece) for piece in solid.pieces),
        keypoints={name: move(point) for name, point in solid.keypoints.items()},
    )


def translate(solid: Solid, offset: ArrayLike) -> Solid:
    """Translate the solid by `offset` (3, metres)."""
    arm = np.asarray(offset, dtype=float)
    return move_points(solid, lambda points: points + arm)


def rotate_points(
    points: np.ndarray, axis: int, angle: float, about: ArrayLike = (0, 0, 0)
) -> np.ndarray:
    """Rotate points (`... x 3`) by `angle` (radians, right-handed) about a coordinate axis (0, 1 or
    2) through the point `about`."""
    first, second = (axis + 1) % 3, (axis + 2) % 3
    centre = np.asarray(about, dtype=float)
    arm = points - centre
    turned = arm.copy()
    turned[..., first] = np.cos(angle) * arm[..., first] - np.sin(angle) * arm[..., second]
    turned[..., second] = np.sin(angle) * arm[..., first] + np.cos(angle) * arm[..., second]
    return turned + centre


def rotate(solid: Solid, axis: int, angle: float, about: ArrayLike = (0, 0, 0)) -> Solid:
    """Rotate the solid as `rotate_points` does; UVs are kept."""
    return move_points(solid, lambda points: rotate_points(points, axis, angle, about))


def scale(solid: Solid, factors: ArrayLike) -> Solid:
    """Scale the solid along the axes by positive factors (one or 3), and UVs by their mean."""
    by = np.broadcast_to(np.asarray(factors, dtype=float), 3)
    mean = float(np.prod(by) ** (1 / 3))
    return replace(move_points(solid, lambda points: points * by), uv=solid.uv * mean)


def mirror(solid: Solid) -> Solid:
    """Mirror the solid at the plane x = 0."""
    image = move_points(solid, lambda points: points * (-1.0, 1.0, 1.0))
    return replace(image, faces=solid.faces[:, ::-1], uv=solid.uv[:, ::-1])


def with_mirror(solid: Solid) -> Solid:
    """Return the solid joined with its mirror image at the plane x = 0."""
    return solid + mirror(solid)


def outward(solid: Solid) -> Solid:
    """Return the solid with its faces oriented outward, judged by the sign of its volume."""
    a, b, c = (solid.vertices[solid.faces[:, corner]] for corner in range(3))
    if np.einsum("ij,ij->", a, curves.cross(b, c)) >= 0:
        return solid
    return replace(solid, faces=solid.faces[:, ::-1], uv=solid.uv[:, ::-1])


def from_mesh(mesh: MeshData, slots: Mapping[str, str]) -> Solid:
    """Convert a mesh to one solid. slots: the mesh's slots -> the solid's."""
    names: Sequence[str] = [slots[name] for name in mesh.slots]
    return Solid(mesh.vertices, mesh.faces, mesh.uv, np.array(names)[mesh.slot], mesh.pieces)
