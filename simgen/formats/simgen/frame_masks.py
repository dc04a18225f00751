"""Rules for masks: those of the objects in a frame's JSON and those that are pictures agree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from simgen.formats.findings import Finding, finding
from simgen.formats.reading.masks import pixels_of, runs_of
from simgen.formats.simgen.frame import Frame
from simgen.labels import IGNORE
from simgen.labels.record import IgnoreRegion, ObjectRecord, Segment

_AGAIN = "render the scene again: remove its folder and run simgen generate"


def masks(frame: Frame) -> Iterator[Finding]:
    """The visible masks of the objects."""
    if frame.has("instances"):
        known = {item.instance_id for item in frame.objects}
        for number in sorted(frame.pixels.keys() - known):
            found = f"{len(frame.pixels[number])} pixels of instance {number}"
            yield finding("dataset/instances", frame.file("instances"), "", found, "ids of objects")
    for item in frame.objects:
        yield from _mask(frame, item)


def _mask(frame: Frame, item: ObjectRecord) -> Iterator[Finding]:
    place, height = f"instance {item.instance_id}", frame.camera.height
    pixels = np.zeros(0, np.int64)
    if item.segmentation is not None:
        found = _pixels_of(frame, item.segmentation)
        if isinstance(found, str):
            size = [frame.camera.height, frame.camera.width]
            yield finding(
                "dataset/segmentation", frame.name, place, found, f"run lengths of {size}"
            )
            return
        pixels = found
    if frame.has("instances"):
        shown = frame.pixels.get(item.instance_id, np.zeros(0, np.int64))
        if not np.array_equal(shown, pixels):
            found = f"{len(pixels)} pixels, {len(np.setxor1d(shown, pixels))} of them others"
            yield finding(
                "dataset/segmentation",
                frame.name,
                place,
                found,
                f"{len(shown)} pixels of `instances`",
            )
            pixels = shown
    if len(pixels) != item.visible_pixels:
        yield finding("dataset/visible-pixels", frame.name, place, item.visible_pixels, len(pixels))
    box = rle_box(pixels, height)
    if (None if item.bbox is None else tuple(item.bbox)) != box:
        yield finding("dataset/bbox", frame.name, place, item.bbox, box)
    yield from _oriented(frame, item, pixels)


def rle_box(pixels: np.ndarray, height: int) -> tuple[float, float, float, float] | None:
    if not len(pixels):
        return None
    columns, rows = np.divmod(pixels, height)
    left, top = int(columns[0]), int(rows.min())
    return float(left), float(top), float(columns[-1] - left + 1), float(rows.max() - top + 1)


def _oriented(frame: Frame, item: ObjectRecord, pixels: np.ndarray) -> Iterator[Finding]:
    place = f"instance {item.instance_id}"
    if item.oriented_box is None or not len(pixels):
        if (item.oriented_box is None) != (not len(pixels)):
            yield finding(
                "dataset/oriented-box",
                frame.name,
                place,
                "a box without a mask, or a mask without",
                "both",
            )
        return
    corners = item.oriented_box
    side, other = corners[1] - corners[0], corners[3] - corners[0]
    slack = 0.01 * (1 + np.linalg.norm(side) + np.linalg.norm(other))
    closed = np.abs(corners[0] + side + other - corners[2]).max() <= 0.01
    if not closed or abs(side @ other) > slack or not side.any() or not other.any():
        yield finding(
            "dataset/oriented-box", frame.name, place, np.round(corners, 2).tolist(), "a rectangle"
        )
        return
    columns, rows = np.divmod(pixels, frame.camera.height)
    centres = np.stack([columns, rows], axis=1) + 0.5 - corners[0]
    for axis in (side, other):
        length = np.linalg.norm(axis)
        along, half = centres @ (axis / length), np.abs(axis / length).sum() / 2
        if along.min() - half < -0.01 or along.max() + half > length + 0.01:
            yield finding(
                "dataset/oriented-box",
                frame.name,
                place,
                "a rectangle that cuts the mask",
                "all of it",
            )
            return


def classes(frame: Frame, known: Sequence[str]) -> Iterator[Finding]:
    """`semantic` and `parts`."""
    if frame.has("semantic"):
        semantic, name = frame.arrays["semantic"], frame.file("semantic")
        highest = int(np.where(semantic == IGNORE, 0, semantic).max())
        if highest > len(known):
            yield finding("dataset/semantic", name, "", f"class {highest}", f"at most {len(known)}")
        elif frame.has("instances") and frame.record.objects is not None:
            instances = frame.arrays["instances"]
            table = np.zeros(int(instances.max()) + 1, np.int64)
            for item in frame.objects:
                if 0 < item.instance_id < len(table) and 0 <= item.class_id < 1 << 31:
                    table[item.instance_id] = item.class_id
            expected = table[instances]
            for region in frame.record.ignore_regions:
                pixels = _pixels_of(frame, region.segmentation)
                if not isinstance(pixels, str):
                    columns, rows = np.divmod(pixels, frame.camera.height)
                    expected[rows, columns] = IGNORE
            wrong = int((expected != semantic).sum())
            if wrong:
                yield finding(
                    "dataset/semantic", name, "", f"{wrong} pixels of another class", "0 pixels"
                )
    if frame.has("parts", "instances"):
        wrong = int(((frame.arrays["parts"] > 0) != (frame.arrays["instances"] > 0)).sum())
        if wrong:
            yield finding(
                "dataset/parts", frame.file("parts"), "", f"{wrong} pixels that differ", "0 pixels"
            )


def regions(frame: Frame, known: Sequence[str]) -> Iterator[Finding]:
    """The regions to be ignored. known: classes in the order of their ids."""
    for number, region in enumerate(frame.record.ignore_regions):
        wrong = _region(frame, region, known)
        if wrong:
            place = f"region {number}, {region.part!r}"
            yield finding(
                "dataset/ignore-region", frame.name, place, wrong, "a mask that nothing contradicts"
            )


def _region(frame: Frame, region: IgnoreRegion, known: Sequence[str]) -> str:
    """What is wrong with it, or nothing."""
    if region.class_name not in known or known.index(region.class_name) + 1 != region.class_id:
        return f"class {region.class_id}, {region.class_name!r}"
    pixels = _pixels_of(frame, region.segmentation)
    if isinstance(pixels, str):
        return pixels
    if not len(pixels) or len(pixels) != region.area:
        return f"area {region.area}, of the mask {len(pixels)}"
    if rle_box(pixels, frame.camera.height) != tuple(region.bbox):
        return f"bbox {region.bbox}, of the mask {rle_box(pixels, frame.camera.height)}"
    if frame.has("instances"):
        of_objects = np.isin(pixels, np.flatnonzero(frame.arrays["instances"].T))
        if of_objects.any():
            return f"{int(of_objects.sum())} pixels of objects"
    return ""


def _pixels_of(frame: Frame, segmentation: dict[str, Any]) -> np.ndarray | str:
    """Flat pixel numbers, column by column, of a mask of the frame's size; or what is wrong."""
    try:
        return pixels_of(runs_of(segmentation, (frame.camera.height, frame.camera.width)))
    except ValueError as wrong:
        return str(wrong)


def panoptic(frame: Frame, things: int, stuff: int) -> Iterator[Finding]:
    """things, stuff: how many classes there are of each."""
    if not frame.has("panoptic") or frame.record.segments is None:
        return
    ids, file = frame.arrays["panoptic"], frame.file("panoptic")
    found, areas = np.unique(ids, return_counts=True)
    shown = dict(zip(found.tolist(), areas.tolist(), strict=True))
    segments = {segment.id: segment for segment in frame.record.segments}
    if shown.keys() != segments.keys() or len(segments) != len(frame.record.segments):
        there, stored = sorted(shown), sorted(s.id for s in frame.record.segments)
        yield finding("dataset/panoptic", file, "", f"ids {there}", f"ids {stored} of segments")
        return
    of_object = {item.instance_id: item.class_id for item in frame.objects}
    for segment in segments.values():
        wrong = _segment(ids, segment, shown[segment.id], things, stuff)
        of_it = of_object.get(segment.id, segment.category_id)
        if not wrong and segment.is_thing and of_it != segment.category_id:
            wrong = f"category {segment.category_id}, of the object {of_it}"
        if wrong:
            yield finding(
                "dataset/panoptic", frame.name, f"segment {segment.id}", wrong, "as in panoptic.png"
            )
    if frame.has("instances"):
        first = [s.id for s in segments.values() if s.is_thing and not s.crowd]
        differs = np.where(np.isin(ids, first), ids, 0) != frame.arrays["instances"]
        if differs.any():
            found_text = f"{int(differs.sum())} pixels of other things than in instances"
            yield finding("dataset/panoptic", file, "", found_text, "0 pixels")


def _segment(ids: np.ndarray, segment: Segment, area: int, things: int, stuff: int) -> str:
    """What is wrong with a segment, or nothing."""
    if segment.area != area:
        return f"area {segment.area}, in the image {area}"
    low, high = (1, things) if segment.is_thing else (things + 1, things + stuff)
    if not low <= segment.category_id <= high:
        return f"category {segment.category_id}, expected {low}..{high}"
    rows, columns = np.nonzero(ids == segment.id)
    left, top = float(columns.min()), float(rows.min())
    box = (left, top, float(columns.max()) - left + 1, float(rows.max()) - top + 1)
    return "" if tuple(segment.bbox) == box else f"bbox {segment.bbox}, in the image {box}"


def amodal(frame: Frame) -> Iterator[Finding]:
    """Amodal masks and boxes against the visible ones, and the order of occlusion."""
    if "amodal_masks" not in frame.sample.labels:
        return
    whole: dict[int, np.ndarray] = {}
    for item in frame.objects:
        found = _silhouette(frame, item)
        if isinstance(found, str):
            place = f"instance {item.instance_id}"
            yield finding("dataset/amodal", frame.name, place, found, "what holds the visible mask")
        else:
            whole[item.instance_id] = found
    yield from _order(frame, whole)


def _silhouette(frame: Frame, item: ObjectRecord) -> np.ndarray | str:
    """Pixels of the amodal mask, or what is wrong with it."""
    pixels = np.zeros(0, np.int64)
    if item.amodal_segmentation is not None:
        found = _pixels_of(frame, item.amodal_segmentation)
        if isinstance(found, str):
            return found
        pixels = found
    visible = frame.pixels.get(item.instance_id) if frame.has("instances") else None
    if visible is not None and not np.isin(visible, pixels).all():
        return f"{int((~np.isin(visible, pixels)).sum())} visible pixels outside the amodal mask"
    share = item.visible_pixels / len(pixels) if len(pixels) else 0.0
    if abs(share - item.unoccluded_fraction) > 1e-6:
        return f"unoccluded_fraction {item.unoccluded_fraction:.6g}, by the masks {share:.6g}"
    box = rle_box(pixels, frame.camera.height)
    for inner in (box, item.bbox):
        if inner is not None and not _holds(item.amodal_bbox, inner):
            return f"amodal_bbox {item.amodal_bbox} does not hold {inner}"
    return pixels


def _holds(outer: Sequence[float] | None, inner: Sequence[float]) -> bool:
    if outer is None:
        return False
    (x, y, w, h), (a, b, c, d) = outer, inner
    return x <= a and y <= b and x + w >= a + c and y + h >= b + d


def _order(frame: Frame, whole: dict[int, np.ndarray]) -> Iterator[Finding]:
    for pair in frame.record.occlusion_order or ():
        place = f"pair {pair.front}, {pair.back}"
        if pair.front == pair.back or not {pair.front, pair.back} <= {
            item.instance_id for item in frame.objects
        }:
            yield finding(
                "dataset/occlusion-order",
                frame.name,
                place,
                "no two objects of the frame",
                "their ids",
            )
        elif pair.front in whole and pair.back in whole:
            shared = len(np.intersect1d(whole[pair.front], whole[pair.back], assume_unique=True))
            if not 0 < pair.pixels <= shared:
                yield finding(
                    "dataset/occlusion-order",
                    frame.name,
                    place,
                    f"{pair.pixels} pixels",
                    f"1 to {shared}",
                )
