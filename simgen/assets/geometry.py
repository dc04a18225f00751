"""Repair of imported geometry, and texture coordinates for meshes without them."""

from __future__ import annotations

import numpy as np

from simgen.errors import AssetError

_RELATIVE_AREA = 1e-14
"""Area, relative to the squared size of the mesh, up to which a face is degenerate."""


def clean(
    vertices: np.ndarray, faces: np.ndarray, notes: list[str]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weld equal vertices, and remove degenerate faces and unused vertices.

    vertices: `V x 3`, faces: `F x 3`.
    Returns the remaining vertices and faces, and the index of each remaining face in `faces`.
    Raises `AssetError` for NaN or infinite coordinates, and if no face remains.
    """
    used, faces = np.unique(faces, return_inverse=True)
    vertices, faces = vertices[used], faces.reshape(-1, 3)
    broken = ~np.isfinite(vertices).all(axis=1)
    if broken.any():
        raise AssetError(
            f"found NaN or infinite coordinates in {broken.sum()} of {len(vertices)} vertices,"
            " expected finite numbers; repair the mesh and export it again"
        )
    vertices, faces = _weld(vertices, faces)
    low = vertices.min(axis=0)
    size = float((vertices.max(axis=0) - low).max())
    if not 0.0 < size < 1e150:
        found = "all vertices in one point" if size == 0.0 else f"a size of {size:.3g} m"
        raise AssetError(f"found {found}, expected a mesh with an extent; export it again")
    corners = (vertices[faces] - low) / size
    area = np.linalg.norm(
        np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1
    )
    kept = np.flatnonzero(area / 2 > _RELATIVE_AREA)
    if not len(kept):
        raise AssetError("found no face with an area, expected a mesh; export it again")
    if len(kept) < len(faces):
        notes.append(f"{len(faces) - len(kept)} of {len(faces)} faces have no area: removed")
    used, faces = np.unique(faces[kept], return_inverse=True)
    faces = faces.reshape(-1, 3)
    open_edges = count_open_edges(faces)
    if open_edges:
        notes.append(f"not closed: {open_edges} edges do not join exactly two faces")
    return vertices[used], faces, kept


def _weld(vertices: np.ndarray, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Merge vertices at equal positions, in the order of their first occurrence."""
    vertices = vertices + 0.0  # -0.0 becomes 0.0
    order = np.lexsort(vertices.T)
    ordered = vertices[order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    group = np.cumsum(new) - 1
    first = np.full(group[-1] + 1, len(order))
    np.minimum.at(first, group, order)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    index = np.empty(len(order), dtype=np.int64)
    index[order] = rank[group]
    return vertices[np.sort(first)], index[faces]


def count_open_edges(faces: np.ndarray) -> int:
    """Return the number of edges of `F x 3` faces that do not belong to exactly two faces."""
    edges = np.sort(faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2).astype(np.int64), axis=1)
    _, counts = np.unique(edges[:, 0] * (edges.max() + 1) + edges[:, 1], return_counts=True)
    return int((counts != 2).sum())


def box_uv(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Return `F x 3 x 2` coordinates in metres: each face projected along its dominant axis."""
    corners = vertices[faces]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    axis = np.abs(normal).argmax(axis=1)
    across = np.array([1, 0, 0])[axis]
    upward = np.array([2, 2, 1])[axis]
    sign = np.sign(np.take_along_axis(normal, axis[:, None], axis=1))[:, 0]
    sign = np.where(axis == 1, -sign, sign)  # seen from outside, u runs to the right
    rows = np.arange(len(faces))
    u = corners[rows, :, across] * sign[:, None]
    return np.stack([u, corners[rows, :, upward]], axis=2)
