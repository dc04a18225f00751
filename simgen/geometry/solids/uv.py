"""Texture coordinates of solids, projected along an axis, in metres."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simgen.geometry.solids import curves
from simgen.geometry.solids.solid import Solid

_SEEN = np.array([[1, 2], [0, 2], [0, 1]])
"""The two coordinates kept by a projection along each axis."""


def from_above(solid: Solid) -> Solid:
    """Return the solid with UVs u = x, v = y on all faces that point up or down."""
    corners = solid.vertices[solid.faces]
    normal = _normals(corners)
    flat = np.abs(normal[:, 2]) > 0.7 * np.linalg.norm(normal, axis=1)
    return replace(solid, uv=np.where(flat[:, None, None], corners[..., :2], solid.uv))


def box_projection(solid: Solid, prefer_upper: bool = False) -> Solid:
    """Return the solid with each face's UVs projected along its dominant axis: (y, z) along x,
    (x, z) along y, (x, y) along z.

    prefer_upper: for a face halfway between two axes, use the later one, regardless of rounding.
    """
    corners = solid.vertices[solid.faces]
    bias = [0.0, 1e-12, 2e-12] if prefer_upper else [0.0, 0.0, 0.0]
    axis = np.argmax(np.abs(_normals(corners)) + bias, axis=1)
    seen = _SEEN[axis][:, None]
    rows = np.arange(len(corners))[:, None, None]
    return replace(solid, uv=corners[rows, np.arange(3)[:, None], seen])


def _normals(corners: np.ndarray) -> np.ndarray:
    """Return the outward normals (`F x 3`) of faces, given their corners (`F x 3 x 3`).

    Their lengths are twice the faces' areas.
    """
    start = corners[:, 0]
    return curves.cross(corners[:, 1] - start, corners[:, 2] - start)
