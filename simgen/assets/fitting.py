"""Growing of convex pieces until they cover their mesh.

Pieces have few points, so they cut corners: chords of a circle, a straight line along a bulge.
Parts of the mesh outside all pieces would sink into whatever the object rests on, so the nearest
piece is extended.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial import ConvexHull

from simgen.geometry import hulls
from simgen.geometry.mesh import MeshData

_TOLERANCE = 2e-4
"""Metres by which a mesh may protrude from its pieces ..."""
_RELATIVE = 1e-3
"""... or this fraction of its size, if larger."""
_LEFT_OUT = 0.03
"""Fraction of the size above which a mesh protrudes on purpose: a cord, a leaf."""
_MOST_VERTICES = 2500
_MOST_POINTS = (64, 240)
_ALL_POINTS = 2000
"""Maximum points of a piece are within `_MOST_POINTS`, and `_ALL_POINTS` for all pieces if
possible."""
_AT_ONCE = 20
_THINNEST = 1e-4
"""Fraction of the mesh's size below which a piece is thickened: a body needs a volume."""
_SWELL = 3e-3
"""Maximum inflation of a piece that is still too small, metres."""


def fitted(mesh: MeshData) -> tuple[np.ndarray, ...]:
    """Return the pieces of a mesh, each `n x 3` metres, grown where the mesh protrudes from them.

    Pieces stay within the mesh's box, so an object still stands on its lowest points.
    """
    size = float(np.ptp(mesh.vertices, axis=0).max())
    pieces = [hulls.thickened(piece, _THINNEST * size) for piece in mesh.pieces]
    tolerance = max(_TOLERANCE, _RELATIVE * size)
    step = -(-len(mesh.vertices) // _MOST_VERTICES)
    points = mesh.vertices[::step]
    planes = [ConvexHull(piece).equations for piece in pieces]
    points = points[~_covered(points, pieces, planes, tolerance)]
    height = np.stack([_outside(points, each) for each in planes])
    nearest = height.argmin(axis=0)
    least = height.min(axis=0)
    out = (least > tolerance) & (least < _LEFT_OUT * size)
    most = int(np.clip(_ALL_POINTS / len(pieces), *_MOST_POINTS))
    low, high = mesh.vertices.min(axis=0), mesh.vertices.max(axis=0)
    found = []
    for number, piece in enumerate(pieces):
        mine = points[out & (nearest == number)]
        if len(mine):
            grown, left = _grown(piece, planes[number], mine, tolerance, max(most, len(piece)))
            piece = np.clip(_blown_up(grown, min(left / 2, _SWELL)), low, high)
        found.append(piece)
    return tuple(found)


def _covered(
    points: np.ndarray, pieces: list[np.ndarray], planes: list[np.ndarray], tolerance: float
) -> np.ndarray:
    """Return which of `n x 3` points are inside a piece or within `tolerance` of its planes: `n`
    bool."""
    covered = np.zeros(len(points), bool)
    for piece, faces in zip(pieces, planes, strict=True):
        low, high = piece.min(axis=0) - tolerance, piece.max(axis=0) + tolerance
        near = ~covered & (points >= low).all(axis=1) & (points <= high).all(axis=1)
        covered[near] = _outside(points[near], faces) <= tolerance
    return covered


def _outside(points: np.ndarray, planes: np.ndarray) -> np.ndarray:
    """Return how far points (`n x 3`) lie outside the farthest plane (`m x 4`), `n`; < 0 inside."""
    return np.asarray((points @ planes[:, :3].T + planes[:, 3]).max(axis=1))


def _grown(
    piece: np.ndarray, planes: np.ndarray, points: np.ndarray, tolerance: float, most: int
) -> tuple[np.ndarray, float]:
    """Extend a piece with the points that protrude farthest, until none exceeds the tolerance.

    planes: of the piece's faces. most: number of points at which growing stops. Returns the piece
    and how far the farthest point still protrudes, metres; 0 within the tolerance.
    """
    chosen = piece
    while True:
        heights = points @ planes[:, :3].T + planes[:, 3]
        reach = heights.max(axis=1)
        left = float(reach.max())
        if left <= tolerance:
            return chosen, 0.0
        if len(chosen) >= most:
            return chosen, left
        still_out = reach > tolerance
        points, heights = points[still_out], heights[still_out]
        # Adding the farthest point beyond each face needs few rounds and avoids adjacent points.
        beyond = np.unique(heights.argmax(axis=0)[heights.max(axis=0) > tolerance])
        worst = np.argsort(-heights[beyond].max(axis=1), kind="stable")[:_AT_ONCE]
        chosen = np.concatenate([chosen, points[beyond[worst]]])
        planes = ConvexHull(chosen).equations


def _blown_up(piece: np.ndarray, by: float) -> np.ndarray:
    """Return the piece with all points moved away from its centre by `by` metres."""
    arms = piece - piece.mean(axis=0)
    length = np.linalg.norm(arms, axis=1, keepdims=True)
    return piece + by * arms / np.maximum(length, 1e-12) if by > 0 else piece
