"""Rules between the frames of a scene: flow, scene flow, occlusion and tracks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise

import numpy as np

from simgen.formats.findings import At, Finding, finding
from simgen.formats.simgen.frame import MOST_OUTLIERS, Frame
from simgen.formats.simgen.frame_maps import border
from simgen.geometry.transforms import invert_rigid, transform
from simgen.labels.record import CameraRecord

TRACKS = "dataset/tracks"
_FEWEST = 20
"""Minimum number of pixels for a significant median."""


def centres(camera: CameraRecord) -> np.ndarray:
    """Return the centres of all pixels, `H x W x 2`."""
    columns, rows = np.arange(camera.width) + 0.5, np.arange(camera.height) + 0.5
    return np.stack(np.meshgrid(columns, rows), axis=-1)


def same_objects(frames: Sequence[Frame]) -> Iterator[Finding]:
    for before, after in pairwise(frames):
        old = [(item.instance_id, item.class_id) for item in before.objects]
        new = [(item.instance_id, item.class_id) for item in after.objects]
        if old != new:
            at = At(after.name)
            yield at("dataset/object-ids", f"objects {new}", f"{old}, as in the previous frame")


def between(here: Frame, there: Frame, way: str, rigid: frozenset[int]) -> Iterator[Finding]:
    """Check a frame against its neighbour. way: `forward` or `backward`. rigid: instances that do
    not deform."""
    flow, occlusion = here.arrays.get(f"flow_{way}"), here.arrays.get(f"occlusion_{way}")
    if flow is None:
        return
    target = centres(here.camera) + flow
    lens = there.camera.optics
    if occlusion is not None and lens.model != "equirectangular":
        size = np.array([lens.width, lens.height])
        outside = (target < -0.01) | (target > size + 0.01) | np.isnan(target)
        yield from border(here, f"occlusion_{way}", outside.any(axis=-1))
    if here.points is None:
        return
    moved = _moved(here, there, rigid)
    yield from _by_points("dataset/flow", here, there, f"flow_{way}", moved, flow)
    yield from _by_scene_flow(here, there, way, flow)
    if occlusion is not None and way == "forward":
        yield from _both_ways(here, there, flow, occlusion)


def _moved(here: Frame, there: Frame, rigid: frozenset[int]) -> np.ndarray:
    """Return the points of all pixels at the time of the other frame, in its camera axes,
    `H x W x 3`, for the stage and rigid objects; NaN elsewhere."""
    points = _points(here)
    to_there = invert_rigid(there.camera.cam_to_world)
    out = transform(to_there @ here.camera.cam_to_world, points)
    if not here.has("instances"):
        return np.full_like(out, np.nan)
    others = {item.instance_id: item for item in there.objects}
    for item in here.objects:
        if item.instance_id not in here.pixels:
            continue
        rows, columns = here.places(item.instance_id)
        other = others.get(item.instance_id)
        if other is None or item.instance_id not in rigid:
            out[rows, columns] = np.nan
        else:
            matrix = to_there @ other.object_to_world @ invert_rigid(item.object_to_camera)
            out[rows, columns] = transform(matrix, points[rows, columns])
    return out


def _points(frame: Frame) -> np.ndarray:
    """Return the points of all pixels in camera axes, `H x W x 3`; NaN on the background."""
    assert frame.points is not None
    known = np.isfinite(frame.points).all(axis=-1, keepdims=True)
    return np.where(known, frame.points, np.nan)


def _by_points(
    rule: str, here: Frame, there: Frame, label: str, points: np.ndarray, flow: np.ndarray
) -> Iterator[Finding]:
    """Check that flow leads to the projections of points in the other frame.

    label: named in the finding. points: `H x W x 3` in the other camera's axes; those that are not
    finite are skipped.
    """
    known = np.isfinite(points).all(axis=-1)
    if not known.any():
        return
    moved = flow[known].astype(np.float64)
    lens = there.camera.optics
    off = lens.displacement(centres(here.camera)[known], lens.project(points[known])) - moved
    wrong = np.linalg.norm(off, axis=1) > 0.05 + 2e-3 * np.linalg.norm(moved, axis=1)
    found = "disagree with points and poses"
    yield from here.of_pixels(rule, label, wrong, found, MOST_OUTLIERS)


def _by_scene_flow(here: Frame, there: Frame, way: str, flow: np.ndarray) -> Iterator[Finding]:
    label = f"scene_flow_{way}"
    if here.has(label):
        points, moved = _points(here), here.arrays[label]
        known = np.isfinite(points).all(axis=-1)
        missing = ~np.isfinite(moved[known]).all(axis=-1)
        yield from here.of_pixels(
            "dataset/scene-flow", label, missing, "NaN on a surface", MOST_OUTLIERS
        )
        yield from _by_points("dataset/scene-flow", here, there, label, points + moved, flow)


def _both_ways(
    here: Frame, there: Frame, flow: np.ndarray, occlusion: np.ndarray
) -> Iterator[Finding]:
    """Check flow against the other frame.

    Compares medians, since the pixel next to an edge may belong to another surface.
    """
    if here.points is None:
        return
    camera = there.camera
    target = centres(here.camera) + flow
    seen = ~occlusion & np.isfinite(target).all(axis=-1) & np.isfinite(here.points).all(axis=-1)
    place = np.floor(np.where(seen[..., None], target, 0.0)).astype(np.int64)
    if camera.optics.model == "equirectangular":
        place[..., 0] %= camera.width
    columns, rows = place[..., 0], place[..., 1]
    seen &= (columns >= 0) & (columns < camera.width) & (rows >= 0) & (rows < camera.height)
    if here.has("instances") and there.has("instances"):
        others = there.arrays["instances"]
        seen[seen] &= here.arrays["instances"][seen] == others[rows[seen], columns[seen]]
    if seen.sum() < _FEWEST:
        return
    columns, rows, at = columns[seen], rows[seen], At(here.file("flow_forward"))
    if there.has("flow_backward"):
        forward = flow[seen].astype(np.float64)
        left = np.linalg.norm(forward + there.arrays["flow_backward"][rows, columns], axis=1)
        allowed = 1 + 0.05 * np.linalg.norm(forward, axis=1)
        if np.isfinite(left).any() and np.nanmedian(left / allowed) > 1:
            found = f"residual {np.nanmedian(left):.3g} of {np.median(np.abs(forward)):.3g} pixels"
            yield at("dataset/flow-forward-backward", found, "below 1 pixel and 5 %")
    if here.has("scene_flow_forward") and there.distance is not None:
        moved = here.points[seen] + here.arrays["scene_flow_forward"][seen]
        then = np.linalg.norm(there.camera.sight_lines(moved)[1], axis=1)
        shown = there.distance[rows, columns]
        both = np.isfinite(then) & np.isfinite(shown)
        if both.sum() >= _FEWEST:
            off = float(np.median(np.abs(shown[both] - then[both]) / then[both]))
            if off > 0.03:
                yield at("dataset/flow-depth", f"a median difference of {off:.1%}", "below 3 %")


def tracks(frames: Sequence[Frame], arrays: dict[str, np.ndarray], file: str) -> Iterator[Finding]:
    """Check the arrays of `tracks.npz`."""
    wrong = _form(arrays, len(frames))
    if wrong:
        at = At(file)
        yield at("dataset/tracks", wrong, "N points in T frames, as in docs/labels.md")
        return
    query, ids = arrays["query_frame"], arrays["instance_id"]
    known = {item.instance_id for item in frames[0].objects} | {0}
    if not set(np.unique(ids).tolist()) <= known and frames[0].record.objects is not None:
        yield finding("dataset/tracks", file, "", "ids that are no object's", f"{sorted(known)}")
    for number, frame in enumerate(frames):
        yield from _tracks_in(frame, number, arrays, query == number, file)


def _form(arrays: dict[str, np.ndarray], frames: int) -> str:
    """Describe an error in names, shapes or types of the arrays, or return an empty text."""
    shapes = {
        "points": (frames, 2), "occluded": (frames,), "positions": (frames, 3),
        "query_frame": (), "instance_id": (),
    }  # fmt: skip
    if arrays.keys() != shapes.keys():
        return f"arrays {sorted(arrays)}"
    kinds = {"points": "f", "positions": "f", "occluded": "b"}
    for name, shape in shapes.items():
        array = arrays[name]
        count = len(arrays["query_frame"]) if arrays["query_frame"].ndim == 1 else -1
        if array.shape != (count, *shape) or array.dtype.kind not in kinds.get(name, "iu"):
            return f"{name} of shape {array.shape} {array.dtype}"
    query = arrays["query_frame"]
    if query.size and not (query.min() >= 0 and query.max() < frames):
        return f"query frames from {query.min()} to {query.max()}"
    return ""


def _tracks_in(
    frame: Frame, number: int, arrays: dict[str, np.ndarray], queried: np.ndarray, file: str
) -> Iterator[Finding]:
    points = arrays["points"][:, number].astype(np.float64)
    positions = arrays["positions"][:, number].astype(np.float64)
    occluded, wrong = arrays["occluded"][:, number], partial(At(file, f"frame {number}"), TRACKS)
    inside = frame.camera.optics.contains(points)
    outside = int((~occluded & ~inside).sum())
    if outside:
        yield wrong(f"{outside} visible points outside the image", "0 points")
    off = np.abs(frame.camera.optics.displacement(points, frame.camera.project(positions)))
    count = int((off > 0.02 + 1e-4 * np.abs(points)).any(axis=1).sum())
    if count:
        yield wrong(f"{count} points off their positions", "0 points")
    if not queried.any():
        return
    places = points[queried]
    if occluded[queried].any() or not np.allclose(places % 1, 0.5, atol=1e-3):
        yield wrong("query points hidden or off pixel centres", "visible at pixel centres")
        return
    if not inside[queried].all():
        return
    columns, rows = places.astype(np.int64).T
    if frame.has("instances"):
        found = frame.arrays["instances"][rows, columns]
        if (found != arrays["instance_id"][queried]).any():
            yield wrong("query points on other instances", "those of `instances`")
    if frame.distance is not None:
        _, ways = frame.camera.sight_lines(positions[queried])
        away, shown = np.linalg.norm(ways, axis=1), frame.distance[rows, columns]
        if not np.allclose(shown, away, rtol=2e-3, atol=1e-3):
            yield wrong("query points at another distance", "that of the pixel")
