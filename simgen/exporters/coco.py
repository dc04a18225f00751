"""COCO instances: boxes, run-length masks, categories, keypoints.

Format: https://cocodataset.org/#format-data. Image and annotation ids count from 1, `area` is the
mask's pixel count, `bbox` is `[x, y, w, h]` with w = xmax - xmin + 1, `counts` is a string. Of the
keypoints, those with v = 0 have x = y = 0, and the skeleton counts from 1.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from simgen.record import Keypoint, ObjectRecord
from simgen.store import files
from simgen.store.reader import Dataset, Sample


@dataclass
class Contents:
    """What was written."""

    images: int = 0
    annotations: int = 0
    per_class: Counter[str] = field(default_factory=Counter)


class _ClassKeypoints:
    """The keypoints of a class: those of all its assets, in the order in which they turn up."""

    def __init__(self) -> None:
        self.places: dict[str, int] = {}
        self.edges: dict[tuple[int, int], None] = {}

    def add(self, item: ObjectRecord) -> None:
        points = item.keypoints or ()
        for point in points:
            self.places.setdefault(point.name, len(self.places))
        for a, b in item.skeleton or ():
            self.edges[self.places[points[a].name], self.places[points[b].name]] = None

    def flat(self, points: tuple[Keypoint, ...]) -> list[float]:
        """`[x, y, v]` of each of the class's keypoints that is known by now."""
        numbers: list[float] = [0] * (3 * len(self.places))
        for point in points:
            if point.visibility:
                place = 3 * self.places[point.name]
                x, y = point.pixel.tolist()
                numbers[place : place + 3] = [x, y, point.visibility]
        return numbers

    def category(self) -> dict[str, Any]:
        return {"keypoints": [*self.places], "skeleton": [[a + 1, b + 1] for a, b in self.edges]}


def write_coco(dataset: Dataset, path: Path, scratch: Path) -> Contents:
    """Write all frames of a dataset as one COCO file, in one pass and constant memory.

    scratch: folder for temporary files, on the file system of `path`.
    File names are relative to the dataset's folder. Objects without a visible pixel are left out.
    """
    contents = Contents()
    keypoints: dict[int, _ClassKeypoints] = {}
    with (
        files.replacing(path, scratch) as temporary,
        temporary.open("w", encoding="utf-8") as output,
        tempfile.TemporaryFile("w+", encoding="utf-8", dir=scratch) as images,
        tempfile.TemporaryFile("w+", encoding="utf-8", dir=scratch) as annotations,
    ):
        for sample in dataset:
            _write_sample(dataset, sample, contents, keypoints, images, annotations)
        # Which keypoints a class has is known at the end, and stands at the beginning.
        output.write(head(dataset, _categories(dataset, keypoints)))
        images.seek(0)
        shutil.copyfileobj(images, output)
        output.write('\n],\n"annotations": [')
        annotations.seek(0)
        for number, line in enumerate(annotations):
            output.write(",\n" if number else "\n")
            output.write(_completed(line, keypoints) if keypoints else line.rstrip("\n"))
        output.write("\n]}\n")
    return contents


def head(dataset: Dataset, categories: list[dict[str, Any]]) -> str:
    """The beginning of a COCO file, up to its list of images."""
    info = {"description": "made with simgen", "version": dataset.manifest.versions["simgen"]}
    return (
        f'{{"info": {json.dumps(info)},\n"licenses": [],\n'
        f'"categories": {json.dumps(categories)},\n"images": ['
    )


def _categories(dataset: Dataset, keypoints: dict[int, _ClassKeypoints]) -> list[dict[str, Any]]:
    categories: list[dict[str, Any]] = [
        {"id": number, "name": name, "supercategory": "object"}
        for number, name in enumerate(dataset.classes, start=1)
    ]
    if "keypoints" in dataset.manifest.labels:
        for category in categories:
            category |= keypoints.get(category["id"], _ClassKeypoints()).category()
    return categories


def _completed(line: str, keypoints: dict[int, _ClassKeypoints]) -> str:
    """An annotation with a place for those keypoints of its class that turned up after it."""
    entry = json.loads(line)
    if "keypoints" in entry:
        wanted = 3 * len(keypoints[entry["category_id"]].places)
        entry["keypoints"] += [0] * (wanted - len(entry["keypoints"]))
    return json.dumps(entry, allow_nan=False)


def _write_sample(
    dataset: Dataset,
    sample: Sample,
    contents: Contents,
    keypoints: dict[int, _ClassKeypoints],
    images: TextIO,
    annotations: TextIO,
) -> None:
    images.write(",\n" if contents.images else "\n")
    images.write(json.dumps(image_entry(dataset, sample, "rgb"), allow_nan=False))
    contents.images += 1
    for item in sample.objects:
        if item.segmentation is None:
            continue
        entry = _annotation(item, sample.image_id, contents.annotations + 1)
        if item.keypoints is not None:
            of_class = keypoints.setdefault(item.class_id, _ClassKeypoints())
            of_class.add(item)
            entry["keypoints"] = of_class.flat(item.keypoints)
            entry["num_keypoints"] = sum(point.visibility > 0 for point in item.keypoints)
        annotations.write(json.dumps(entry, allow_nan=False) + "\n")
        contents.annotations += 1
        contents.per_class[item.class_name] += 1


def image_entry(dataset: Dataset, sample: Sample, label: str) -> dict[str, Any]:
    """What COCO's list of images says of a frame. label: whose file is the image."""
    return {
        "id": sample.image_id,
        "file_name": sample.path(label).relative_to(dataset.root).as_posix(),
        "width": sample.camera.width,
        "height": sample.camera.height,
    }


def _annotation(item: ObjectRecord, image_id: int, annotation_id: int) -> dict[str, Any]:
    return {
        "id": annotation_id,
        "image_id": image_id,
        "category_id": item.class_id,
        "bbox": item.bbox,
        "area": item.visible_pixels,
        "segmentation": item.segmentation,
        "iscrowd": 0,
        "visible_fraction": item.visible_fraction,
        "amodal_bbox": item.amodal_bbox,
    }
