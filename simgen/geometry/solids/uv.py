"""Texture coordinates of solids as seen along an axis, in metres."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simgen.geometry.solids.solid import Solid


def from_above(solid: Solid) -> Solid:
    """The solid with UVs of what faces up or down as seen from above: u = x and v = y."""
    normal = _normals(solid)
    flat = np.abs(normal[:, 2]) > 0.7 * np.linalg.norm(normal, axis=1)
    seen = solid.vertices[solid.faces][..., :2]
    return replace(solid, uv=np.where(flat[:, None, None], seen, solid.uv))


def box_projection(solid: Solid, prefer_upper: bool = False) -> Solid:
    """The solid with UVs of each face as seen along the axis that it faces most: (y, z) along x,
    (x, z) along y, (x, y) along z.

    prefer_upper: faces halfway between two axes count to the later of them, whatever rounding does.
    """
    corners = solid.vertices[solid.faces]
    bias = [0.0, 1e-12, 2e-12] if prefer_upper else [0.0, 0.0, 0.0]
    axis = np.argmax(np.abs(_normals(solid)) + bias, axis=1)
    seen = np.array([[1, 2], [0, 2], [0, 1]])[axis]
    return replace(solid, uv=np.take_along_axis(corners, seen[:, None].repeat(3, axis=1), axis=2))


def _normals(solid: Solid) -> np.ndarray:
    """`F x 3` outward, of twice the faces' area."""
    a, b, c = (solid.vertices[solid.faces[:, corner]] for corner in range(3))
    return np.cross(b - a, c - a)
