"""Named points on solids: the keypoints of their meshes.

Points lie on the surface, at vertices where possible, except `rim_centre`, the centre of an
opening. Right is +x and front is -y, as seen from in front of the object.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from simgen.geometry.solids.solid import Edges

AROUND = ("right", "back", "left", "front")
CORNERS = {
    "front_left": (-1, -1),
    "front_right": (1, -1),
    "back_right": (1, 1),
    "back_left": (-1, 1),
}
"""Corners in plan view, counter-clockwise, and the signs of their x and y."""


class Keypoints(NamedTuple):
    """Arguments of `with_keypoints`: points (name -> `3`, metres) and pairs of their names."""

    points: Mapping[str, np.ndarray]
    skeleton: Edges = ()


def chain(*names: str) -> Edges:
    """Return edges from each name to the next."""
    return tuple(pairwise(names))


def loop(*names: str) -> Edges:
    """Return edges from each name to the next, and from the last to the first."""
    return chain(*names, names[0])


def on_axis(profile: np.ndarray, place: int) -> np.ndarray:
    """Return the tip of a lathed solid at one end of its profile (`n x 2`: radius, height)."""
    return np.array([0.0, 0.0, profile[place, 1]])


def around(name: str, radius: float, height: float, segments: int) -> dict[str, np.ndarray]:
    """Return four points on a ring of a solid lathed in `segments` steps."""
    found = {}
    for quarter, side in enumerate(AROUND):
        steps = segments * quarter / 4
        angles = 2 * np.pi * np.array([np.floor(steps), np.ceil(steps)]) / segments
        x, y = radius * np.cos(angles).mean(), radius * np.sin(angles).mean()
        found[f"{name}_{side}"] = np.array([x, y, height])
    return found


def vessel(profile: np.ndarray, segments: int) -> Keypoints:
    """Return `base_centre`, `rim_centre` and four points on the rim of an open lathed vessel.

    profile: `n x 2`, starting on the axis at the bottom.
    """
    radius, height = profile[int(np.argmax(profile[:, 1]))]
    rim = around("rim", float(radius), float(height), segments)
    ends = {"base_centre": on_axis(profile, 0), "rim_centre": np.array([0.0, 0.0, height])}
    return Keypoints(ends | rim, chain(*ends) + loop(*rim))


def extreme(vertices: np.ndarray, direction: Sequence[float]) -> np.ndarray:
    """Return the vertex (of `... x 3`) farthest in a direction, with each axis normalised by the
    solid's size along it."""
    points = vertices.reshape(-1, 3)
    size = np.maximum(np.ptp(points, axis=0), 1e-9)
    return points[int(np.argmax((points / size) @ np.asarray(direction, float)))]


def box_corners(vertices: np.ndarray) -> Keypoints:
    """Return the eight corners and twelve edges of a box-like solid (`n x 3`)."""
    points: dict[str, np.ndarray] = {}
    edges: Edges = ()
    for level, up in (("bottom", -1.0), ("top", 1.0)):
        names = {f"{level}_{name}": (x, y, up) for name, (x, y) in CORNERS.items()}
        points |= {name: extreme(vertices, way) for name, way in names.items()}
        edges += loop(*names)
    return Keypoints(points, edges + tuple((f"bottom_{name}", f"top_{name}") for name in CORNERS))


def plan_corners(name: str, x: float, y: float, z: float) -> dict[str, tuple[float, float, float]]:
    """Return four points at (+-x, +-y, z), named as the corners of a rectangle in plan view."""
    return {f"{name}_{corner}": (u * x, v * y, z) for corner, (u, v) in CORNERS.items()}


def front_corners(
    x: float, y: float, low: float, high: float, side: str = "_front"
) -> tuple[dict[str, tuple[float, float, float]], Edges]:
    """Return four points at (+-x, y, low or high), such as `bottom_front_left`, and the edges
    around them.

    side: the middle part of their names.
    """
    points = {
        f"{level}{side}_{name}": (u, y, z)
        for level, z in (("bottom", low), ("top", high))
        for name, u in (("left", -x), ("right", x))
    }
    lower_left, lower_right, upper_left, upper_right = points
    return points, loop(lower_left, lower_right, upper_right, upper_left)


def handle(rings: np.ndarray, places: Sequence[int]) -> Keypoints:
    """Return three points along the outside of a handle in the plane y = 0, from top to bottom.

    rings: `n x m x 3`, m even, whose points 0 and m / 2 lie in that plane. places: ring indices.
    """
    centre = rings.reshape(-1, 3).mean(axis=0)
    centre[0] = rings[[0, -1], :, 0].mean()  # where the handle joins the body
    names = ("handle_top", "handle_middle", "handle_bottom")
    points = {}
    for name, place in zip(names, places, strict=True):
        pair = rings[place][[0, rings.shape[1] // 2]]
        points[name] = pair[int(np.argmax(np.linalg.norm(pair - centre, axis=1)))]
    return Keypoints(points, chain(*names))


def joined(*several: Keypoints, skeleton: Edges = ()) -> Keypoints:
    """Merge several sets of keypoints, with more edges between them."""
    points = {name: point for item in several for name, point in item.points.items()}
    return Keypoints(points, tuple(edge for item in several for edge in item.skeleton) + skeleton)
