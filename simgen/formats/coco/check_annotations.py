"""Rules for the annotations of one image of a COCO file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from pycocotools import mask as coco_mask

from simgen.formats.coco.tables import Category
from simgen.formats.findings import At, Finding, finding
from simgen.formats.reading.json_file import is_number, numbers
from simgen.formats.reading.masks import area_of, box_of, runs_of

Plain = dict[str, Any]
Size = tuple[int, int]
"""Width and height."""


def annotations_of(
    file: str, image: int, size: Size, entries: Sequence[Plain], categories: dict[int, Category]
) -> Iterator[Finding]:
    """Check the annotations of an image. size: width and height."""
    objects = sum(entry.get("iscrowd") != 1 for entry in entries)
    if objects > 100:
        yield finding("coco/crowded", file, f"image {image}", f"{objects} objects", "at most 100")
    before: set[str] = set()
    for entry in entries:
        at = At(file, f"annotation {entry.get('id')!r}")
        keys = ("category_id", "bbox", "segmentation", "keypoints")
        same = json.dumps([entry.get(key) for key in keys], sort_keys=True)
        if same in before:
            found = f"a duplicate of another annotation of image {image}"
            yield at("coco/annotation-twice", found, "each object once")
        before.add(same)
        yield from _annotation(at, entry, size, categories)


def _annotation(
    at: At, entry: Plain, size: Size, categories: dict[int, Category]
) -> Iterator[Finding]:
    number = entry.get("category_id")
    category = categories.get(number) if isinstance(number, int) else None
    if category is None:
        yield at("coco/unknown-category", f"category {number!r}", "a category of the file")
    if entry.get("iscrowd", 0) not in (0, 1):
        yield at("coco/iscrowd", entry["iscrowd"], "0 or 1")
    box = numbers(entry.get("bbox"), 4)
    if box is None or box[2] <= 0 or box[3] <= 0:
        yield at("coco/bbox", entry.get("bbox"), "[x, y, w, h] with w, h > 0")
        box = None
    elif min(box[:2]) < -1 or box[0] + box[2] > size[0] + 1 or box[1] + box[3] > size[1] + 1:
        yield at("coco/bbox-outside", box, f"within {size[0]} x {size[1]}")
    yield from _segmentation(at, entry, size, box)
    if "keypoints" in entry:
        yield from _keypoints(at, entry, size, category)


def _segmentation(at: At, entry: Plain, size: Size, box: list[float] | None) -> Iterator[Finding]:
    mask, area = entry.get("segmentation"), entry.get("area")
    if area is None or not is_number(area) or area <= 0:
        yield at("coco/area", f"area {area!r}", "a number above 0")
        area = None
    if mask is None or mask == []:
        return
    if isinstance(mask, dict):
        yield from _run_lengths(at, mask, size, box, area)
    elif isinstance(mask, list) and all(isinstance(polygon, list) for polygon in mask):
        if entry.get("iscrowd") == 1:
            yield at("coco/crowd-polygon", "polygons", "run lengths")
        yield from _polygons(at, mask, size, box, area)
    else:
        found = "a list of numbers" if isinstance(mask, list) else type(mask).__name__
        yield at("coco/segmentation", found, "a list of polygons, or run lengths")


def _run_lengths(
    at: At, mask: Plain, size: Size, box: list[float] | None, area: float | None
) -> Iterator[Finding]:
    try:
        runs = runs_of(mask, size[::-1])
    except ValueError as wrong:
        yield at("coco/segmentation", str(wrong), f"run lengths of size [{size[1]}, {size[0]}]")
        return
    pixels, about = area_of(runs), box_of(runs, size[1])
    if about is None:
        yield at("coco/segmentation", "no pixel", "at least one")
        return
    if area is not None and abs(area - pixels) > max(1, 1e-3 * pixels):
        yield at("coco/area", f"area {area:g}", f"{pixels} pixels")
    if box is None:
        return
    off = np.abs(_edges(box) - _edges(about))
    if (off > 2 + 0.02 * max(about[2:])).any():
        yield at("coco/bbox-mask", box, list(about))
    elif abs(box[2] - about[2] + 1) < 1e-6 and abs(box[3] - about[3] + 1) < 1e-6:
        yield at("coco/bbox-short", box, list(about))


def _edges(box: Sequence[float]) -> np.ndarray:
    x, y, w, h = box
    return np.array([x, y, x + w, y + h])


def _polygons(
    at: At, polygons: list[list[Any]], size: Size, box: list[float] | None, area: float | None
) -> Iterator[Finding]:
    for polygon in polygons:
        wrong = _polygon(polygon, size)
        if wrong:
            rule = "coco/polygon-of-4" if len(polygon) == 4 else "coco/polygon"
            yield at(rule, wrong, "at least 3 points within the image")
            return
    points = [np.array(polygon, np.float64).reshape(-1, 2) for polygon in polygons]
    every = np.concatenate(points)
    low, high = every.min(axis=0), every.max(axis=0)
    about = np.array([*low, *high])
    if box is not None:
        off = np.abs(_edges(box) - about)
        if (off > 2 + 0.02 * max(high - low)).any():
            x, y, right, bottom = np.round(about, 2).tolist()
            yield at("coco/bbox-mask", box, [x, y, right - x, bottom - y])
    if area is not None:
        pixels = float(coco_mask.area(_rasterised(polygons, size)))
        outline = sum(np.linalg.norm(p - np.roll(p, 1, axis=0), axis=1).sum() for p in points)
        if abs(area - pixels) > 0.2 * pixels + outline / 2 + 1:
            yield at("coco/area-polygon", f"area {area:g}", f"{pixels:.0f} pixels")


def _rasterised(polygons: list[list[float]], size: Size) -> Any:
    """Rasterise polygons.

    pycocotools needs memory proportional to the length of the outline, so the points must have been
    checked to lie within the image.
    """
    return coco_mask.merge(coco_mask.frPyObjects(polygons, size[1], size[0]))


def _polygon(polygon: list[Any], size: Size) -> str:
    """Return the defect of a polygon, or an empty text."""
    if len(polygon) < 6 or len(polygon) % 2:
        return f"a polygon of {len(polygon)} numbers"
    if not all(map(is_number, polygon)):
        return "a polygon with values that are not finite numbers"
    xs, ys = polygon[::2], polygon[1::2]
    if min(polygon) < -1 or max(xs) > size[0] + 1 or max(ys) > size[1] + 1:
        return f"a polygon from {min(xs):g}, {min(ys):g} to {max(xs):g}, {max(ys):g}"
    return ""


def _keypoints(at: At, entry: Plain, size: Size, category: Category | None) -> Iterator[Finding]:
    flat = numbers(entry["keypoints"])
    if flat is None or category is None or len(flat) != 3 * len(category.names):
        if category is not None:
            count = "not a list of numbers" if flat is None else f"{len(flat)} numbers"
            yield at("coco/keypoints", count, f"{3 * len(category.names)} numbers")
        return
    points = np.array(flat, np.float64).reshape(-1, 3)
    x, y, v = points.T
    if not np.isin(v, (0, 1, 2)).all():
        yield at("coco/keypoints", f"v {sorted(set(v.tolist()))}", "0, 1 or 2")
        return
    beyond = (x < -1) | (y < -1) | (x > size[0] + 1) | (y > size[1] + 1)
    if (beyond & (v > 0)).any():
        far = points[beyond & (v > 0)][0].tolist()
        yield at("coco/keypoints", f"a keypoint at {far}", f"within {size[0]} x {size[1]}")
    if points[v == 0, :2].any():
        yield at("coco/keypoint-zero", points[v == 0][0].tolist(), "[0, 0, 0]")
    labelled = int((v > 0).sum())
    if entry.get("num_keypoints") != labelled:
        found = f"num_keypoints {entry.get('num_keypoints')!r}"
        yield at("coco/num-keypoints", found, labelled)
