"""Check that the COCO files of a simgen dataset agree with its frames."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from simgen.dataset.layout import Layout
from simgen.dataset.manifest import Manifest
from simgen.dataset.remote import AnyPath
from simgen.formats.findings import At, Finding, finding
from simgen.formats.reading.json_file import read_json
from simgen.formats.simgen.frame import Frame

Fact = tuple[int, str, str]
"""A frame's image id and the digests of its objects and segments in the COCO files; the digests are
empty if the frame could not be read."""


def facts_of(frame: Frame) -> Fact:
    objects: list[list[Any]] = [
        [item.class_id, list(item.bbox), item.visible_pixels, item.segmentation, 0]
        for item in frame.objects
        if item.bbox is not None
    ] + [
        [region.class_id, list(region.bbox), region.area, region.segmentation, 1]
        for region in frame.record.ignore_regions
    ]
    segments: list[list[Any]] = [
        [s.id, s.category_id, s.area, list(s.bbox), int(s.crowd)]
        for s in frame.record.segments or ()
    ]
    return frame.sample.image_id, digest(objects), digest(segments)


def digest(entries: list[list[Any]]) -> str:
    floats = json.loads(json.dumps(entries), parse_int=float)  # 1 and 1.0 count as equal
    text = json.dumps(sorted(json.dumps(entry, sort_keys=True) for entry in floats))
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def _compare(
    path: AnyPath, rule: str, wanted: dict[int, str], read: Callable[[Any], dict[int, list[Any]]]
) -> list[Finding]:
    name = f"annotations/{path.name}"
    plain, found = read_json(path, name)
    if plain is None:
        return found
    try:
        there = {number: digest(entries) for number, entries in read(plain).items()}
    except (KeyError, TypeError, AttributeError, IndexError) as problem:
        return [*found, finding(rule, name, "", f"{type(problem).__name__}: {problem}", "COCO")]
    for number in sorted(wanted.keys() | there.keys(), key=lambda number: f"{number!s:>12}"):
        at = At(name, f"image {number}")
        if number not in there:
            found.append(at(rule, "missing", "an image of a scene"))
        elif number not in wanted:
            found.append(at(rule, "an image of no scene", "images of scenes"))
        elif wanted[number] and wanted[number] != there[number]:
            found.append(at(rule, "objects that differ from the frame", "those of the frame"))
    return found


def _instances_of(plain: dict[str, Any]) -> dict[int, list[Any]]:
    entries: dict[int, list[list[Any]]] = {image["id"]: [] for image in plain["images"]}
    for item in plain["annotations"]:
        row = [item["category_id"], item["bbox"], item["area"], item["segmentation"]]
        row.append(item["iscrowd"])
        entries[item["image_id"]].append(row)
    return entries


def _segments_of(plain: dict[str, Any]) -> dict[int, list[Any]]:
    return {
        image["image_id"]: [
            [s["id"], s["category_id"], s["area"], s["bbox"], s["iscrowd"]]
            for s in image["segments_info"]
        ]
        for image in plain["annotations"]
    }


def agreement(place: Layout, content: Manifest, facts: list[Fact]) -> list[Finding]:
    """Compare the COCO files with the facts of all frames."""
    found: list[Finding] = []
    if "coco" in content.labels:
        objects = {number: digest for number, digest, _ in facts}
        found += _compare(place.coco, "dataset/coco", objects, _instances_of)
    if "coco" in content.labels and "panoptic" in content.labels:
        segments = {number: digest for number, _, digest in facts}
        found += _compare(place.panoptic, "dataset/coco-panoptic", segments, _segments_of)
    return found
