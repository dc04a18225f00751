"""Find the triangle nearest to a point, for rays that miss a mesh at an edge."""

from __future__ import annotations

import numpy as np

_AT_ONCE = 4_000_000
"""Maximum number of pairs of points and triangles processed at once."""


def nearest_triangles(
    vertices: np.ndarray, faces: np.ndarray, points: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Find the triangle nearest to each of `n x 3` points.

    Returns triangle indices, `n` int32, and the barycentric weights of the nearest points on them,
    `n x 3` float32.
    """
    corners = vertices[faces]
    middle = corners.mean(axis=1)
    reach = np.sqrt(np.sum((corners - middle[:, None]) ** 2, axis=2).max(axis=1))
    triangles = np.empty(len(points), np.int32)
    weights = np.empty((len(points), 3), np.float32)
    step = max(1, _AT_ONCE // max(1, len(faces)))
    for start in range(0, len(points), step):
        chunk = slice(start, start + step)
        triangles[chunk], weights[chunk] = _nearest(corners, middle, reach, points[chunk])
    return triangles, weights


def _nearest(
    corners: np.ndarray, middle: np.ndarray, reach: np.ndarray, points: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Find the nearest triangles, testing only those whose bounding sphere (centre `middle`, radius
    `reach`) comes nearer than the nearest centre."""
    away = np.stack([np.linalg.norm(middle - point, axis=1) for point in points])
    limit = away.min(axis=1, keepdims=True)
    rows, faces = np.nonzero(away - reach <= limit * (1 + 1e-9))
    weights = _closest_weights(corners[faces], points[rows])
    offset = (weights[:, :, None] * corners[faces]).sum(axis=1) - points[rows]
    order = np.lexsort((faces, np.sum(offset**2, axis=1), rows))
    best = order[np.searchsorted(rows[order], np.arange(len(points)))]
    return faces[best].astype(np.int32), weights[best].astype(np.float32)


def _closest_weights(corners: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return the barycentric weights, `n x 3`, of the point on each triangle (`n x 3 x 3`) nearest
    to its query point (`n x 3`): the perpendicular foot if it lies within, else a point on an
    edge."""
    best = np.zeros((len(corners), 3))
    distance = np.full(len(corners), np.inf)
    for first, second in ((0, 1), (1, 2), (2, 0)):
        start, edge = corners[:, first], corners[:, second] - corners[:, first]
        length2 = np.maximum(_dot(edge, edge), 1e-30)
        along = np.clip(_dot(points - start, edge) / length2, 0, 1)
        offset = start + along[:, None] * edge - points
        away = _dot(offset, offset)
        closer = away < distance
        distance[closer] = away[closer]
        best[closer] = 0
        best[closer, first], best[closer, second] = (1 - along)[closer], along[closer]
    inner = _perpendicular(corners, points)
    inside = (inner >= 0).all(axis=1)
    best[inside] = inner[inside]
    return best


def _perpendicular(corners: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return the barycentric weights, `n x 3`, of the perpendicular feet on the triangles' planes;
    NaN for degenerate triangles. Ericson, Real-Time Collision Detection, section 3.4."""
    u, v = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    w = points - corners[:, 0]
    uu, uv, vv, wu, wv = _dot(u, u), _dot(u, v), _dot(v, v), _dot(w, u), _dot(w, v)
    determinant = uu * vv - uv * uv
    with np.errstate(divide="ignore", invalid="ignore"):
        second = (vv * wu - uv * wv) / determinant
        third = (uu * wv - uv * wu) / determinant
    weights = np.stack([1 - second - third, second, third], axis=1)
    weights[determinant <= 1e-30 * uu * vv] = np.nan
    return weights


def _dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.sum(a * b, axis=1)
