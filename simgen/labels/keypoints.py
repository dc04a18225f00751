"""Keypoints: named points of objects, where they are in the image, and whether they are seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.geometry.mesh import MeshData
from simgen.geometry.motion import points_at
from simgen.geometry.transforms import box_of, invert_rigid, transform
from simgen.labels.boxes import EDGES, corners_of
from simgen.labels.drawing.overlays import draw_keypoints
from simgen.labels.label import Label, Recorded
from simgen.labels.record import FrameRecord, Keypoint
from simgen.labels.view import FrameView

OUTSIDE, HIDDEN, VISIBLE = 0, 1, 2

_SKIN = 0.005
"""Part of an object's size by which something has to be in front of a keypoint to hide it. Points
are given by hand on shapes made of triangles: they lie on the surface about so well."""
_ROUNDING = 1e-5
"""Part of its distance by which it has to be, at least: rays are float32. This is more than the
above only where an object's diagonal is below a five-hundredth of its distance: a few pixels."""


@dataclass(frozen=True)
class Landmarks:
    """names: of `n` points. points: `n x 3`, metres, in the mesh's own axes, unscaled. edges: the
    skeleton, as pairs of places in `names`. box: `2 x 3`, lowest and highest corner of the mesh."""

    names: tuple[str, ...]
    points: np.ndarray
    edges: tuple[tuple[int, int], ...]
    box: np.ndarray


def landmarks_of(mesh: MeshData) -> Landmarks:
    """The keypoints that a mesh was given. One without has those of its box: its `centre`, its
    corners (`corner_011` has the lowest x and the highest y and z), and for each of its own axes
    the middle of the side that it leaves the box by (`axis_x`, ...)."""
    box = box_of(mesh.vertices)
    if not mesh.keypoints:
        return _of_box(box)
    names = tuple(mesh.keypoints)
    place = {name: number for number, name in enumerate(names)}
    edges = tuple((place[a], place[b]) for a, b in mesh.skeleton)
    return Landmarks(names, np.array(list(mesh.keypoints.values()), np.float64), edges, box)


def _of_box(box: np.ndarray) -> Landmarks:
    centre, half = box.mean(axis=0), (box[1] - box[0]) / 2
    corners = [f"corner_{i & 1}{i >> 1 & 1}{i >> 2 & 1}" for i in range(8)]
    names = ("centre", *corners, "axis_x", "axis_y", "axis_z")
    points = np.concatenate([centre[None], corners_of(box), centre + np.diag(half)])
    edges = [(a + 1, b + 1) for a, b in EDGES] + [(0, 9), (0, 10), (0, 11)]
    return Landmarks(names, points, tuple(edges), box)


def keypoints(
    view: FrameView, landmarks: tuple[Landmarks, ...]
) -> tuple[tuple[Keypoint, ...], ...]:
    """The keypoints of each object of the scene. landmarks: one per object, in their order.

    A keypoint is visible when nothing is in front of it by more than half a percent of its
    object's size (and a hundred thousandth of its distance); the object itself hides its far side,
    and what lies inside of it.
    """
    if not landmarks:
        return ()
    placed = [_placed(view, number, item) for number, item in enumerate(landmarks)]
    points = np.concatenate([where for where, _ in placed])
    skin = np.concatenate([np.full(len(where), size) for where, size in placed])
    pixels = view.lens.project(points)
    seen = _visibility(view, points, pixels, skin)
    names = [name for item in landmarks for name in item.names]
    made = [
        Keypoint(name, point, pixel, int(state))
        for name, point, pixel, state in zip(names, points, pixels, seen, strict=True)
    ]
    ends = np.cumsum([len(item.names) for item in landmarks])
    return tuple(
        tuple(made[end - len(item.names) : end]) for end, item in zip(ends, landmarks, strict=True)
    )


def _placed(view: FrameView, number: int, landmarks: Landmarks) -> tuple[np.ndarray, float]:
    """The points of an object in camera axes, and the tolerated depth below its surface, metres."""
    world = view.world
    item = world.spec.objects[number]
    box, rate = landmarks.box, world.spec.frame_rate
    local = points_at(item, landmarks.points, box, view.frame, rate)
    pose = world.pose(world.code(item.instance_id), view.frame)
    placed = transform(invert_rigid(view.cam_to_world) @ pose, local)
    return placed, _SKIN * item.scale * float(np.linalg.norm(box[1] - box[0]))


def _visibility(
    view: FrameView, points: np.ndarray, pixels: np.ndarray, skin: np.ndarray
) -> np.ndarray:
    """`n` of 0, 1, 2 for points in camera axes (`n x 3`) and their pixels (`n x 2`)."""
    state = np.where(view.lens.contains(pixels), VISIBLE, OUTSIDE)
    asked = np.flatnonzero(state)
    origins, ways = view.lens.sight_lines(points[asked])
    distance = np.linalg.norm(ways, axis=1)
    margin = np.maximum(skin[asked], _ROUNDING * distance)
    part = np.maximum(1 - margin / np.maximum(distance, 1e-12), 0)
    directions = (ways * part[:, None]) @ view.cam_to_world[:3, :3].T
    origins = transform(view.cam_to_world, origins)
    hidden = view.world.blocked(view.frame, origins, directions, 1.0)
    state[asked[hidden]] = HIDDEN
    return state


def _read(record: FrameRecord) -> dict[int, tuple[Keypoint, ...]] | None:
    """The named points of each instance id."""
    if record.objects is None:
        return None
    return {item.instance_id: item.keypoints or () for item in record.objects}


KEYPOINTS = Label[dict[int, tuple[Keypoint, ...]]](
    "keypoints",
    "named points of each object, pixels and metres",
    Recorded(_read),
    needs=("objects",),
    presets=("pose",),
    overlay=lambda image, _, record: draw_keypoints(image, record.objects or ()),
    note="filled: visible, rings: hidden",
    hub=("keypoint-detection",),
    doc="The named points of each instance id.",
)
"""Made and stored with the objects."""
