"""Texture coordinates of solids as seen along an axis, in metres."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simgen.geometry.solids import curves
from simgen.geometry.solids.solid import Solid

_SEEN = np.array([[1, 2], [0, 2], [0, 1]])
"""The two axes that are seen along each axis."""


def from_above(solid: Solid) -> Solid:
    """The solid with UVs of what faces up or down as seen from above: u = x and v = y."""
    corners = solid.vertices[solid.faces]
    normal = _normals(corners)
    flat = np.abs(normal[:, 2]) > 0.7 * np.linalg.norm(normal, axis=1)
    return replace(solid, uv=np.where(flat[:, None, None], corners[..., :2], solid.uv))


def box_projection(solid: Solid, prefer_upper: bool = False) -> Solid:
    """The solid with UVs of each face as seen along the axis that it faces most: (y, z) along x,
    (x, z) along y, (x, y) along z.

    prefer_upper: faces halfway between two axes count to the later of them, whatever rounding does.
    """
    corners = solid.vertices[solid.faces]
    bias = [0.0, 1e-12, 2e-12] if prefer_upper else [0.0, 0.0, 0.0]
    axis = np.argmax(np.abs(_normals(corners)) + bias, axis=1)
    seen = _SEEN[axis][:, None]
    rows = np.arange(len(corners))[:, None, None]
    return replace(solid, uv=corners[rows, np.arange(3)[:, None], seen])


def _normals(corners: np.ndarray) -> np.ndarray:
    """`F x 3` outward, of twice the faces' area, of their corners (`F x 3 x 3`)."""
    start = corners[:, 0]
    return curves.cross(corners[:, 1] - start, corners[:, 2] - start)
