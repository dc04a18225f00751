"""Rules for a frame's geometric images: value ranges, and consistency with each other."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from simgen.formats.findings import At, Finding, finding
from simgen.formats.simgen.frame import MOST_OUTLIERS, WIDE, Broken, Frame, too_many
from simgen.geometry.transforms import invert_rigid, transform
from simgen.labels.record import ObjectRecord
from simgen.labels.registry import LABELS

_RULES = {
    "uv": "dataset/uv",
    **dict.fromkeys(("albedo", "diffuse", "specular", "emission"), "dataset/light"),
    **dict.fromkeys(("depth", "ray_distance", "normals", "object_coordinates", "disparity")),
}
"""Rules about the values of a label, other than `dataset/label-values`; None for labels whose
values are checked together with other data of the frame."""
_PIXELS_ENOUGH = 2000
"""Maximum number of an object's pixels to compare with its pose."""


def depth(frame: Frame) -> list[Finding]:
    found = [finding for label in ("depth", "ray_distance") for finding in _range(frame, label)]
    return found or [*_both(frame)]


def _range(frame: Frame, label: str) -> Iterator[Finding]:
    values = frame.arrays.get(label)
    if values is None:
        return
    nan = np.isnan(values)
    yield from frame.of_pixels("dataset/depth", label, nan, "NaN")
    if not nan.any() and (label == "ray_distance" or frame.camera.lens.model not in WIDE):
        yield from frame.of_pixels("dataset/depth", label, values <= 0, "at most 0")


def _both(frame: Frame) -> Iterator[Finding]:
    if frame.has("depth", "ray_distance"):
        near, far = frame.arrays["depth"].astype(np.float64), frame.arrays["ray_distance"]
        there = np.isfinite(far) & ~np.isnan(frame.rays[..., 2])
        wrong = np.isfinite(near) != np.isfinite(far)
        off = np.abs(near[there] - far[there] * frame.rays[..., 2][there])
        wrong[there] |= off > 1e-4 * far[there] + 1e-6
        yield from frame.of_pixels(
            "dataset/depth-distance", "depth", wrong, "differ from ray_distance x z"
        )


def normals(frame: Frame) -> Iterator[Finding]:
    if not frame.has("normals"):
        return
    values = frame.arrays["normals"].astype(np.float64)
    length = np.linalg.norm(values, axis=-1)
    wrong = ~((np.abs(length - 1) < 1e-3) | (length == 0))
    if frame.distance is not None:
        wrong |= (length > 0) != np.isfinite(frame.distance)
    yield from frame.of_pixels(
        "dataset/normals", "normals", wrong, "not of length 1, or not 0 elsewhere"
    )
    away = np.einsum("hwi,hwi->hw", values, np.nan_to_num(frame.rays)) > 0.01
    found = "face away from the camera"
    yield from frame.of_pixels("dataset/normals", "normals", away, found, MOST_OUTLIERS)


def ranges(frame: Frame) -> Iterator[Finding]:
    """Check the value ranges of labels, except depth, normals and others with separate checks."""
    for label, values in frame.arrays.items():
        rule = _RULES.get(label, "dataset/label-values")
        wrong = LABELS[label].values.wrong(values) if rule is not None else ""
        if rule is not None and wrong:
            yield finding(rule, frame.file(label), "", wrong, str(LABELS[label].values))
        elif rule == "dataset/light":
            dark = (values < -0.01).any(axis=-1)
            yield from frame.of_pixels("dataset/light", label, dark, "below -0.01", MOST_OUTLIERS)
    if frame.has("uv") and frame.distance is not None:
        stray = np.isfinite(frame.arrays["uv"]).any(axis=-1) & ~np.isfinite(frame.distance)
        yield from frame.of_pixels("dataset/uv", "uv", stray, "on the background")


def boxes(frame: Frame, rigid: frozenset[int]) -> Iterator[Finding]:
    """Check pixels against 3D boxes. rigid: instances that do not deform."""
    label = "object_coordinates"
    if frame.has(label):
        coordinates = frame.arrays[label]
        if not (coordinates.min() >= -1e-3 and coordinates.max() <= 1 + 1e-3):
            found = f"{coordinates.min():.4g} to {coordinates.max():.4g}"
            yield finding("dataset/object-coordinates", frame.file(label), "", found, "0..1")
            return
        if frame.has("instances"):
            stray = coordinates.any(axis=-1) & (frame.arrays["instances"] == 0)
            yield from frame.of_pixels(
                "dataset/object-coordinates", label, stray, "outside objects"
            )
    if frame.points is not None and frame.has("instances"):
        yield from frame.of_objects(partial(_box, rigid=rigid))


def _box(frame: Frame, item: ObjectRecord, rigid: frozenset[int]) -> Iterator[Broken]:
    if item.instance_id not in frame.pixels:
        return
    rows, columns = frame.places(item.instance_id, _PIXELS_ENOUGH)
    assert frame.points is not None
    points = frame.points[rows, columns]
    there = np.isfinite(points).all(axis=1)
    local = transform(invert_rigid(item.object_to_camera), points[there])
    size = np.linalg.norm(item.size)
    slack = 2e-3 * size + 2e-4 * np.linalg.norm(points[there], axis=1)[:, None]
    wrong = np.ones(len(points), bool)
    beyond = np.maximum(item.box_min - local, local - item.box_max) > slack
    wrong[there] = beyond.any(axis=1)
    outside = too_many(wrong, "outside its 3D box")
    yield from (("dataset/mask-3d", *each) for each in outside)
    coordinates = frame.arrays.get("object_coordinates")
    if not outside and coordinates is not None and item.instance_id in rigid:
        in_box = item.box_min + coordinates[rows, columns][there] * item.size
        off = (np.abs(in_box - local) > 5e-3 * size + slack) & (item.size > 0)
        elsewhere = too_many(off.any(axis=1), "with object_coordinates of another position")
        yield from (("dataset/object-coordinates", *each) for each in elsewhere)


def disparity(frame: Frame) -> Iterator[Finding]:
    if not frame.has("disparity", "depth"):
        return
    depths, values = frame.arrays["depth"].astype(np.float64), frame.arrays["disparity"]
    there = np.isfinite(depths) & (depths > 0)
    wanted = np.zeros(depths.shape)
    wanted[there] = frame.camera.K[0, 0] * frame.camera.stereo_baseline / depths[there]
    wrong = ~(np.abs(values - wanted) <= 1e-3 * wanted + 1e-4)
    yield from frame.of_pixels("dataset/disparity", "disparity", wrong, "differ from f B / depth")
    if frame.has("disparity_occlusion"):
        outside = np.arange(frame.camera.width) + 0.5 - values < -0.01
        yield from border(frame, "disparity_occlusion", outside)


def border(frame: Frame, label: str, outside: np.ndarray) -> Iterator[Finding]:
    """Check that pixels are occluded where their points project outside the other image.

    outside: `H x W` bool, those pixels.
    """
    missed = outside & ~frame.arrays[label]
    return frame.of_pixels(
        "dataset/occlusion-border", label, missed, "project outside but are not marked"
    )


def keypoints(frame: Frame) -> Iterator[Finding]:
    shown = hidden = 0
    for item in frame.objects:
        wrong = _keypoints(frame, item)
        if wrong:
            at = At(frame.name, f"instance {item.instance_id}")
            yield at("dataset/keypoints", wrong, "as projected")
        elif item.keypoints and frame.distance is not None:
            visible = [point for point in item.keypoints or () if point.visibility == 2]
            shown += len(visible)
            size = float(np.linalg.norm(item.size))
            hidden += sum(_behind(frame, p.pixel, p.position, size) for p in visible)
    if hidden > max(1, shown / 5):
        found = f"{hidden} of {shown} visible keypoints are behind a surface"
        yield finding("dataset/keypoint-depth", frame.name, "", found, "at most a fifth")


def _keypoints(frame: Frame, item: ObjectRecord) -> str:
    """Describe the first error of an object's keypoints, or return an empty text."""
    if not item.keypoints:
        return ""
    positions = np.array([point.position for point in item.keypoints])
    wanted = frame.camera.project(positions)
    size = np.array([frame.camera.width, frame.camera.height])
    for point, pixel in zip(item.keypoints, wanted, strict=True):
        if point.visibility not in (0, 1, 2):
            return f"visibility {point.visibility} of {point.name}"
        if np.isfinite(pixel).all() and np.isfinite(point.pixel).all():
            off = np.abs(pixel - point.pixel).max()
            if off > 0.01 + 1e-5 * np.abs(pixel).max():
                return f"{point.name} is {off:.3g} pixels off its projection"
        within = bool(((point.pixel >= -0.01) & (point.pixel <= size + 0.01)).all())
        well = bool(((point.pixel > 0.01) & (point.pixel < size - 0.01)).all())
        if (point.visibility > 0 and not within) or (point.visibility == 0 and well):
            place = np.round(point.pixel, 1).tolist()
            return f"{point.name} has visibility {point.visibility} at {place}"
    if any(not 0 <= end < len(item.keypoints) for edge in item.skeleton or () for end in edge):
        return f"a skeleton edge with an index beyond {len(item.keypoints)} points"
    return ""


def _behind(frame: Frame, pixel: np.ndarray, position: np.ndarray, size: float) -> bool:
    assert frame.distance is not None
    column, row = (int(value) for value in pixel)
    about = frame.distance[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2]
    _, way = frame.camera.sight_lines(position)
    away = float(np.linalg.norm(way))
    return bool(about.size and about.max() < away - 0.02 * size - 1e-3 * away)
