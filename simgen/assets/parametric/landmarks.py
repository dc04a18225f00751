"""Named points on parametric objects: the keypoints of their meshes.

Points lie on the mesh, at its vertices wherever that is possible, except for `rim_centre`, which is
the middle of an opening. Right is +x and front is -y, as seen from in front of the object.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

Edges = tuple[tuple[str, str], ...]
AROUND = ("right", "back", "left", "front")
_CORNERS = ("front_left", "front_right", "back_right", "back_left")


@dataclass(frozen=True)
class Landmarks:
    """points: name to `3`, metres. skeleton: pairs of names."""

    points: Mapping[str, np.ndarray] = field(default_factory=dict)
    skeleton: Edges = ()


def chain(*names: str) -> Edges:
    """Each name joined to the next."""
    return tuple(pairwise(names))


def loop(*names: str) -> Edges:
    """Each name joined to the next, and the last to the first."""
    return chain(*names, names[0])


def on_axis(profile: np.ndarray, place: int) -> np.ndarray:
    """The tip of a turned body at one end of its profile (`n x 2`: radius, height)."""
    return np.array([0.0, 0.0, profile[place, 1]])


def around(name: str, radius: float, height: float, segments: int) -> dict[str, np.ndarray]:
    """Four points on a ring of a body that was turned in `segments` steps."""
    found = {}
    for quarter, side in enumerate(AROUND):
        steps = segments * quarter / 4
        angles = 2 * np.pi * np.array([np.floor(steps), np.ceil(steps)]) / segments
        x, y = radius * np.cos(angles).mean(), radius * np.sin(angles).mean()
        found[f"{name}_{side}"] = np.array([x, y, height])
    return found


def vessel(profile: np.ndarray, segments: int) -> Landmarks:
    """Of an open turned vessel whose profile (`n x 2`) starts on the axis below: `base_centre`,
    `rim_centre` and four points on the rim."""
    radius, height = profile[int(np.argmax(profile[:, 1]))]
    points = {
        "base_centre": on_axis(profile, 0),
        "rim_centre": np.array([0.0, 0.0, height]),
        **around("rim", float(radius), float(height), segments),
    }
    rim = [f"rim_{side}" for side in AROUND]
    return Landmarks(points, chain("base_centre", "rim_centre") + loop(*rim))


def extreme(vertices: np.ndarray, direction: Sequence[float]) -> np.ndarray:
    """The vertex (of `... x 3`) that lies farthest in a direction, where each axis counts for its
    part of the shape's size."""
    points = vertices.reshape(-1, 3)
    size = np.maximum(np.ptp(points, axis=0), 1e-9)
    return points[int(np.argmax((points / size) @ np.asarray(direction, float)))]


def corners(vertices: np.ndarray) -> Landmarks:
    """The eight corners of something like a box (`n x 3`), with its twelve edges."""
    points: dict[str, np.ndarray] = {}
    edges: list[tuple[str, str]] = []
    for level, up in (("bottom", -1.0), ("top", 1.0)):
        names = [f"{level}_{name}" for name in _CORNERS]
        for name, (x, y) in zip(names, ((-1, -1), (1, -1), (1, 1), (-1, 1)), strict=True):
            points[name] = extreme(vertices, (x, y, up))
        edges += loop(*names)
    upright = [(f"bottom_{name}", f"top_{name}") for name in _CORNERS]
    return Landmarks(points, (*edges, *upright))


def handle(rings: np.ndarray, places: Sequence[int]) -> Landmarks:
    """Three points along the outside of a handle in the plane y = 0, from its top to its bottom.

    rings: `n x m x 3`, m even, of which point 0 and point m / 2 lie in that plane. places: rings.
    """
    centre = rings.reshape(-1, 3).mean(axis=0)
    centre[0] = rings[[0, -1], :, 0].mean()  # where it joins the body
    names = ("handle_top", "handle_middle", "handle_bottom")
    points = {}
    for name, place in zip(names, places, strict=True):
        pair = rings[place][[0, rings.shape[1] // 2]]
        points[name] = pair[int(np.argmax(np.linalg.norm(pair - centre, axis=1)))]
    return Landmarks(points, chain(*names))


def joined(*several: Landmarks, skeleton: Edges = ()) -> Landmarks:
    """All points of several, with more edges between them."""
    points = {name: point for item in several for name, point in item.points.items()}
    edges = tuple(edge for item in several for edge in item.skeleton)
    return Landmarks(points, edges + skeleton)
