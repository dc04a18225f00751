"""Rules for masks: masks in a frame's JSON agree with label images."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from simgen.formats.findings import At, Finding, finding
from simgen.formats.reading.masks import pixels_of, runs_of
from simgen.formats.simgen.frame import Broken, Frame
from simgen.formats.simgen.frame_camera import is_class
from simgen.labels import IGNORE
from simgen.labels.masks import Box, bounding_box, visible_pixels
from simgen.labels.record import IgnoreRegion, ObjectRecord

_NONE = np.zeros(0, np.int64)


def masks(frame: Frame) -> Iterator[Finding]:
    """Check the visible masks of the objects."""
    if frame.has("instances"):
        known = {item.instance_id for item in frame.objects}
        for number in sorted(frame.pixels.keys() - known):
            found = f"{len(frame.pixels[number])} pixels of instance {number}"
            yield finding("dataset/instances", frame.file("instances"), "", found, "ids of objects")
    yield from frame.of_objects(_mask)


def _mask(frame: Frame, item: ObjectRecord) -> Iterator[Broken]:
    pixels = _pixels_of(frame, item.segmentation)
    if isinstance(pixels, str):
        yield (
            "dataset/segmentation",
            pixels,
            f"run lengths of {[frame.camera.height, frame.camera.width]}",
        )
        return
    if frame.has("instances"):
        shown = frame.pixels.get(item.instance_id, _NONE)
        if not np.array_equal(shown, pixels):
            found = f"{len(pixels)} pixels, {len(np.setxor1d(shown, pixels))} of which differ"
            yield "dataset/segmentation", found, f"{len(shown)} pixels of `instances`"
            pixels = shown
    if len(pixels) != item.visible_pixels:
        yield "dataset/visible-pixels", item.visible_pixels, len(pixels)
    box = _box(frame, pixels)
    if (None if item.bbox is None else tuple(item.bbox)) != box:
        yield "dataset/bbox", item.bbox, box
    wrong = _oriented(frame, item.oriented_box, pixels)
    if wrong:
        yield "dataset/oriented-box", wrong, "a rectangle around the mask"


def _box(frame: Frame, pixels: np.ndarray) -> Box | None:
    return bounding_box(pixels, frame.camera.height) if len(pixels) else None


def _oriented(frame: Frame, corners: np.ndarray | None, pixels: np.ndarray) -> str:
    """Describe the error of an oriented box, or return an empty text."""
    if corners is None or not len(pixels):
        both = (corners is None) == (not len(pixels))
        return "" if both else "a box without a mask, or a mask without a box"
    side, other = corners[1] - corners[0], corners[3] - corners[0]
    slack = 0.01 * (1 + np.linalg.norm(side) + np.linalg.norm(other))
    closed = np.abs(corners[0] + side + other - corners[2]).max() <= 0.01
    if not closed or abs(side @ other) > slack or not side.any() or not other.any():
        return f"{np.round(corners, 2).tolist()}, not a rectangle"
    columns, rows = np.divmod(pixels, frame.camera.height)
    centres = np.stack([columns, rows], axis=1) + 0.5 - corners[0]
    for axis in (side, other):
        length = np.linalg.norm(axis)
        along, half = centres @ (axis / length), np.abs(axis / length).sum() / 2
        if along.min() - half < -0.01 or along.max() + half > length + 0.01:
            return "a rectangle that cuts the mask"
    return ""


def classes(frame: Frame, known: Sequence[str]) -> Iterator[Finding]:
    """Check `semantic` and `parts`."""
    if frame.has("semantic"):
        semantic = frame.arrays["semantic"]
        highest = int(np.where(semantic == IGNORE, 0, semantic).max())
        if highest > len(known):
            found = f"class {highest}"
            at = At(frame.file("semantic"))
            yield at("dataset/semantic", found, f"at most {len(known)}")
        elif frame.has("instances") and frame.record.objects is not None:
            wrong = semantic != _expected_classes(frame)
            yield from frame.of_pixels("dataset/semantic", "semantic", wrong, "of another class")
    if frame.has("parts", "instances"):
        wrong = (frame.arrays["parts"] > 0) != (frame.arrays["instances"] > 0)
        yield from frame.of_pixels("dataset/parts", "parts", wrong, "inconsistent with `instances`")


def _expected_classes(frame: Frame) -> np.ndarray:
    """Return `semantic` as computed from the objects in `instances` and the ignore regions."""
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
    return expected


def regions(frame: Frame, known: Sequence[str]) -> Iterator[Finding]:
    """Check the ignore regions. known: class names in the order of their ids."""
    for number, region in enumerate(frame.record.ignore_regions):
        wrong = _region(frame, region, known)
        if wrong:
            at = At(frame.name, f"region {number}, {region.part!r}")
            yield at("dataset/ignore-region", wrong, "consistent class, mask, area and box")


def _region(frame: Frame, region: IgnoreRegion, known: Sequence[str]) -> str:
    """Describe the first error of a region, or return an empty text."""
    if not is_class(known, region.class_id, region.class_name):
        return f"class {region.class_id}, {region.class_name!r}"
    pixels = _pixels_of(frame, region.segmentation)
    if isinstance(pixels, str):
        return pixels
    if not len(pixels) or len(pixels) != region.area:
        return f"area {region.area}, but {len(pixels)} pixels in the mask"
    box = _box(frame, pixels)
    if box != tuple(region.bbox):
        return f"bbox {region.bbox}, but {box} of the mask"
    if frame.has("instances"):
        count = int(np.isin(pixels, np.flatnonzero(frame.arrays["instances"].T)).sum())
        return f"{count} pixels of objects" * (count > 0)
    return ""


def _pixels_of(frame: Frame, segmentation: dict[str, Any] | None) -> np.ndarray | str:
    """Return the flat column-major pixel indices of a mask of the frame's size, or its error."""
    if segmentation is None:
        return _NONE
    try:
        return pixels_of(runs_of(segmentation, (frame.camera.height, frame.camera.width)))
    except ValueError as wrong:
        return str(wrong)


def panoptic(frame: Frame, things: int, stuff: int) -> Iterator[Finding]:
    """Check panoptic segments. things, stuff: number of classes of each."""
    if not frame.has("panoptic") or frame.record.segments is None:
        return
    ids, file = frame.arrays["panoptic"], frame.file("panoptic")
    # Panoptic ids may be 0, but `visible_pixels` only returns ids from 1.
    shown = {key - 1: value for key, value in visible_pixels(ids.astype(np.int64) + 1).items()}
    stored = sorted(segment.id for segment in frame.record.segments)
    if stored != sorted(shown):
        at = At(file)
        yield at("dataset/panoptic", f"ids {sorted(shown)}", f"ids {stored} of segments")
        return
    of_object = {item.instance_id: item.class_id for item in frame.objects}
    for segment in frame.record.segments:
        low, high = (1, things) if segment.is_thing else (things + 1, things + stuff)
        category = of_object.get(segment.id) if segment.is_thing else None
        pixels = shown[segment.id]
        for value, expected, good in (
            (segment.area, len(pixels), segment.area == len(pixels)),
            (segment.category_id, f"{low}..{high}", low <= segment.category_id <= high),
            (segment.category_id, category, category in (None, segment.category_id)),
            (segment.bbox, _box(frame, pixels), tuple(segment.bbox) == _box(frame, pixels)),
        ):
            if not good:
                yield finding(
                    "dataset/panoptic", frame.name, f"segment {segment.id}", value, expected
                )
    if frame.has("instances"):
        first = [s.id for s in frame.record.segments if s.is_thing and not s.crowd]
        differs = np.where(np.isin(ids, first), ids, 0) != frame.arrays["instances"]
        found = "with things other than in `instances`"
        yield from frame.of_pixels("dataset/panoptic", "panoptic", differs, found)


def amodal(frame: Frame) -> Iterator[Finding]:
    """Check amodal masks and boxes against the visible ones, and the occlusion order."""
    if "amodal_masks" not in frame.sample.labels:
        return
    silhouettes: dict[int, np.ndarray] = {}
    for item in frame.objects:
        found = _silhouette(frame, item)
        if isinstance(found, str):
            place = f"instance {item.instance_id}"
            at = At(frame.name, place)
            yield at("dataset/amodal", found, "mask and box around the visible ones")
        else:
            silhouettes[item.instance_id] = found
    yield from _order(frame, silhouettes)


def _silhouette(frame: Frame, item: ObjectRecord) -> np.ndarray | str:
    """Return the pixels of the amodal mask, or its error."""
    pixels = _pixels_of(frame, item.amodal_segmentation)
    if isinstance(pixels, str):
        return pixels
    visible = frame.pixels.get(item.instance_id, _NONE) if frame.has("instances") else _NONE
    outside = int((~np.isin(visible, pixels)).sum())
    if outside:
        return f"{outside} visible pixels outside the amodal mask"
    share = item.visible_pixels / len(pixels) if len(pixels) else 0.0
    if abs(share - item.unoccluded_fraction) > 1e-6:
        return f"unoccluded_fraction {item.unoccluded_fraction:.6g}, but {share:.6g} in the masks"
    for inner in (_box(frame, pixels), item.bbox):
        if inner is not None and not _contains(item.amodal_bbox, inner):
            return f"amodal_bbox {item.amodal_bbox} does not contain {inner}"
    return pixels


def _contains(outer: Sequence[float] | None, inner: Sequence[float]) -> bool:
    if outer is None:
        return False
    (x, y, w, h), (a, b, c, d) = outer, inner
    return x <= a and y <= b and x + w >= a + c and y + h >= b + d


def _order(frame: Frame, silhouettes: dict[int, np.ndarray]) -> Iterator[Finding]:
    known = {item.instance_id for item in frame.objects}
    for pair in frame.record.occlusion_order or ():
        place = f"pair {pair.front}, {pair.back}"
        if pair.front == pair.back or not {pair.front, pair.back} <= known:
            at = At(frame.name, place)
            yield at("dataset/occlusion-order", "not two different objects", "ids of objects")
        elif pair.front in silhouettes and pair.back in silhouettes:
            front, back = silhouettes[pair.front], silhouettes[pair.back]
            shared = len(np.intersect1d(front, back, assume_unique=True))
            if not 0 < pair.pixels <= shared:
                found = f"{pair.pixels} pixels"
                yield finding("dataset/occlusion-order", frame.name, place, found, f"1 to {shared}")
