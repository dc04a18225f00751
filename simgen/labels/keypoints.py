"""Keypoints: named points of objects, their positions in the image, and their visibility."""

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
"""Minimum depth, relative to the object's size, by which a surface must be in front of a keypoint
to hide it; about the accuracy of keypoints placed by hand on triangle meshes."""
_ROUNDING = 1e-5
"""Minimum depth relative to the keypoint's distance, since rays are float32. It exceeds the above
only if an object's diagonal is below a five-hundredth of its distance: a few pixels."""


@dataclass(frozen=True)
class Landmarks:
    """The keypoints of a mesh.

    names: of `n` points. points: `n x 3`, metres, in the mesh's own axes, unscaled. edges: the
    skeleton, as pairs of indices into `names`. box: `2 x 3`, lowest and highest corner of the mesh.
    """

    names: tuple[str, ...]
    points: np.ndarray
    edges: tuple[tuple[int, int], ...]
    box: np.ndarray


def landmarks_of(mesh: MeshData) -> Landmarks:
    """Return the keypoints of a mesh, or else those of its box.

    The keypoints of a box are its `centre`, its corners (`corner_011` has the lowest x and the
    highest y and z), and the centre of the side in the direction of each axis (`axis_x`, ...).
    """
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
    """Return the keypoints of each object of the scene. landmarks: one per object, in their order.

    A keypoint is visible unless a surface is in front of it by more than half a percent of its
    object's size (and a hundred thousandth of its distance); the object itself hides keypoints on
    its far side and inside it.
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
    """Return an object's points in camera axes, and the tolerated depth in metres."""
    world = view.world
    item = world.spec.objects[number]
    box, rate = landmarks.box, world.spec.frame_rate
    moment = world.spec.moment(view.frame)
    local = points_at(item, landmarks.points, box, moment, rate)
    pose = world.pose(world.code(item.instance_id), view.frame)
    placed = transform(invert_rigid(view.cam_to_world) @ pose, local)
    return placed, _SKIN * item.scale * float(np.linalg.norm(box[1] - box[0]))


def _visibility(
    view: FrameView, points: np.ndarray, pixels: np.ndarray, skin: np.ndarray
) -> np.ndarray:
    """Return the visibility (0, 1, 2) of points in camera axes (`n x 3`) at pixels (`n x 2`)."""
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
    """Read the named points of each instance id from a record."""
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
"""Computed and stored with the objects."""
