"""COCO panoptic: which segment each pixel belongs to, and what each segment is.

Format: https://cocodataset.org/#format-data, "Panoptic Segmentation". A segment's id is the colour
R + 256 G + 65536 B of its pixels in the PNG that `file_name` names; each pixel has exactly one. The
PNGs are the frames' own, so nothing is copied.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any, TextIO

from simgen.exporters.coco import head, image_entry
from simgen.record import Segment
from simgen.store import files
from simgen.store.reader import Dataset, Sample


def write_panoptic(dataset: Dataset, path: Path, scratch: Path) -> int:
    """Write the panoptic labels of all frames as one COCO file, in one pass and constant memory.

    scratch: folder for temporary files, on the file system of `path`.
    File names are relative to the dataset's folder, and an image has the id that it has in
    `annotations/instances.json`. Returns the number of images.
    """
    count = 0
    # Without rgb the dataset has no image, and the ids have to do.
    label = "rgb" if "rgb" in dataset.manifest.labels else "panoptic"
    with (
        files.replacing(path, scratch) as temporary,
        temporary.open("w", encoding="utf-8") as images,
        tempfile.TemporaryFile("w+", encoding="utf-8", dir=scratch) as annotations,
    ):
        images.write(head(dataset, _categories(dataset)))
        for sample in dataset:
            _append(images, count, image_entry(dataset, sample, label))
            _append(annotations, count, _annotation(dataset, sample))
            count += 1
        images.write('\n],\n"annotations": [')
        annotations.seek(0)
        shutil.copyfileobj(annotations, images)
        images.write("\n]}\n")
    return count


def _categories(dataset: Dataset) -> list[dict[str, Any]]:
    """Things are the objects' classes, stuff those of the stage, whose ids go on after them."""
    things = [(name, "object", 1) for name in dataset.classes]
    stuff = [(name, "stage", 0) for name in dataset.stuff_classes]
    return [
        {"id": number, "name": name, "supercategory": group, "isthing": is_thing}
        for number, (name, group, is_thing) in enumerate(things + stuff, start=1)
    ]


def _annotation(dataset: Dataset, sample: Sample) -> dict[str, Any]:
    return {
        "image_id": sample.image_id,
        "file_name": sample.path("panoptic").relative_to(dataset.root).as_posix(),
        "segments_info": [_segment(segment) for segment in sample.segments],
    }


def _segment(segment: Segment) -> dict[str, Any]:
    return {
        "id": segment.id,
        "category_id": segment.category_id,
        "area": segment.area,
        "bbox": segment.bbox,
        "iscrowd": 0,
    }


def _append(file: TextIO, count: int, entry: dict[str, Any]) -> None:
    file.write(",\n" if count else "\n")
    file.write(json.dumps(entry, allow_nan=False))
