"""Point tracks: surface points followed through a sequence, as in TAP-Vid (Doersch et al., NeurIPS
2022)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from simgen.geometry.raycast import weighted
from simgen.geometry.transforms import invert_rigid, transform
from simgen.labels.drawing.overlays import draw_tracks
from simgen.labels.label import Label, SceneArrays
from simgen.labels.rows import take_rows
from simgen.labels.view import FrameView
from simgen.labels.world import SAME_SURFACE, World
from simgen.spec.rng import Stream, stream

_ON_OBJECTS = 0.75
"""Fraction of the points on objects, in frames that show objects and stage."""


@dataclass(frozen=True)
class Tracks:
    """`N` points in `T` frames.

    points: `N x T x 2` float32, pixels; NaN where a point has no image.
    occluded: `N x T` bool, hidden or outside the frame.
    positions: `N x T x 3` float32, metres, in the camera axes of each frame.
    query_frame: `N` int32, the frame in which a point was chosen; there it is visible, and at the
    centre of a pixel.
    instance_id: `N` int32, the object that a point lies on; 0 for the stage.
    """

    points: np.ndarray
    occluded: np.ndarray
    positions: np.ndarray
    query_frame: np.ndarray
    instance_id: np.ndarray


@dataclass(frozen=True)
class _Marks:
    """Points on one surface, chosen in one frame.

    pixels: `n x 2`, in that frame. local: `n x 3`, metres, in the surface's own axes. corners,
    weights: `n x 3` each, vertex indices and barycentric weights, used instead of `local` for
    deforming objects.
    """

    frame: int
    code: int
    pixels: np.ndarray
    local: np.ndarray
    corners: np.ndarray
    weights: np.ndarray


class Tracker:
    """Chooses points frame by frame, and tracks them after the last frame."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._marks: list[_Marks] = []

    def see(self, view: FrameView) -> None:
        """Choose the points of one frame."""
        spec = self._world.spec
        frames = len(spec.cameras)
        count = spec.track_count // frames + (view.frame < spec.track_count % frames)
        chosen = _choose(stream(spec.seed, spec.index, "tracks", view.frame), view, count)
        codes = view.code.reshape(-1)[chosen]
        for code in np.unique(codes):
            self._marks.append(_mark(view, int(code), chosen[codes == code]))

    def tracks(self) -> Tracks:
        """Return all points in all frames; fewer than in the spec if too few pixels qualify."""
        marks, frames = self._marks, len(self._world.spec.cameras)
        sizes = [len(mark.pixels) for mark in marks]
        codes = np.repeat(np.array([mark.code for mark in marks], np.int32), sizes)
        query = np.repeat(np.array([mark.frame for mark in marks], np.int32), sizes)
        points = np.empty((len(query), frames, 2))
        positions = np.empty((len(query), frames, 3))
        occluded = np.empty((len(query), frames), bool)
        for frame in range(frames):
            positions[:, frame] = _positions(self._world, marks, frame)
            points[:, frame], occluded[:, frame] = self._seen(positions[:, frame], frame)
        every = np.arange(len(query))
        points[every, query] = np.concatenate([np.zeros((0, 2)), *(m.pixels for m in marks)])
        occluded[every, query] = False
        return Tracks(
            points=points.astype(np.float32),
            occluded=occluded,
            positions=positions.astype(np.float32),
            query_frame=query,
            instance_id=np.maximum(codes - self._world.stage_count, 0),
        )

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the fields of `tracks` by name."""
        found = self.tracks()
        return {item.name: getattr(found, item.name) for item in fields(found)}

    def _seen(self, positions: np.ndarray, frame: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the pixels of points in camera axes, and whether each is hidden or outside."""
        lens, camera = self._world.lens(frame), self._world.camera(frame)
        pixels = lens.project(positions)
        occluded = ~lens.contains(pixels)
        asked = np.flatnonzero(~occluded)
        origins, ways = lens.sight_lines(positions[asked])
        origins, directions = transform(camera, origins), ways @ camera[:3, :3].T
        blocked = self._world.blocked(frame, origins, directions, 1 - SAME_SURFACE)
        occluded[asked] = blocked
        return pixels, occluded


def _choose(rng: Stream, view: FrameView, count: int) -> np.ndarray:
    """Sample pixels that show a surface, mostly objects; uniformly among the pixels of objects and
    of the stage. Returns sorted flat indices."""
    pixels, stage_count = view.by_code, view.world.stage_count
    first, last = np.searchsorted(pixels.codes, [1, stage_count + 1])
    ends = np.append(pixels.starts, len(pixels.order))
    stage = pixels.order[ends[first] : ends[last]]
    objects = pixels.order[ends[last] :]
    wanted = round(_ON_OBJECTS * count)
    on_stage = min(len(stage), count - min(len(objects), wanted))
    on_objects = min(len(objects), count - on_stage)
    drawn = [
        members[rng.choice(len(members), size, replace=False)]
        for members, size in ((objects, on_objects), (stage, on_stage))
        if size
    ]
    return np.sort(np.concatenate([np.zeros(0, np.int64), *drawn]))


def _mark(view: FrameView, code: int, chosen: np.ndarray) -> _Marks:
    """Return the points on a surface at some of its pixels. chosen: sorted flat indices."""
    world, found = view.world, view.hits_on(code)
    places = np.searchsorted(view.by_code.members(code), chosen)
    pixels, triangles = view.pixels.reshape(-1, 2)[chosen], found.triangle[places]
    corners = world.surfaces[code - 1].mesh.faces[triangles]
    if world.surfaces[code - 1].deforms:
        return _Marks(view.frame, code, pixels, np.zeros((0, 3)), corners, found.weights[places])
    to_thing = invert_rigid(world.pose(code, view.frame)) @ view.cam_to_world
    seen = transform(to_thing, view.point_rows[:, chosen].T)
    origins = transform(to_thing, take_rows(view.origin_rows, chosen).T)
    local = _onto(origins, seen, world.vertices(code, view.frame)[corners])
    return _Marks(view.frame, code, pixels, local, np.zeros((0, 3), int), np.zeros((0, 3)))


def _onto(origins: np.ndarray, points: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Move points (`n x 3`) along the rays from their origins (`n x 3` or `1 x 3`) onto the planes
    of triangles (`n x 3 x 3`), if the difference is within rounding errors.

    Blender's distances are off by a few parts in a million, enough for a surface that another frame
    sees edge-on to hide its own points.
    """
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    rays = points - origins
    with np.errstate(divide="ignore", invalid="ignore"):
        towards = np.sum(normals * (corners[:, 0] - origins), axis=1)
        length = towards / np.sum(normals * rays, axis=1)
    near = np.abs(length - 1) <= SAME_SURFACE
    return origins + np.where(near, length, 1.0)[:, None] * rays


def _positions(world: World, marks: Sequence[_Marks], frame: int) -> np.ndarray:
    """Return all points in the camera axes of a frame, `N x 3`."""
    to_camera = invert_rigid(world.camera(frame))
    found = [np.zeros((0, 3))]
    for mark in marks:
        local = mark.local
        if world.surfaces[mark.code - 1].deforms:
            local = weighted(mark.weights, world.vertices(mark.code, frame)[mark.corners])
        found.append(transform(to_camera @ world.pose(mark.code, frame), local))
    return np.concatenate(found)


TRACKS = Label[Tracks](
    "tracks",
    "surface points tracked through the frames, pixels",
    SceneArrays("tracks.npz", Tracker, lambda arrays: Tracks(**arrays)),
    several_frames=True,
    presets=("flow",),
    overlay=lambda image, tracks, record: draw_tracks(
        image, tracks.points, tracks.occluded, record.frame
    ),
    note="filled: visible, rings: hidden",
    hub=("point-tracking",),
    doc="Surface points tracked through the frames of this scene.",
)
