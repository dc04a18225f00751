"""COCO instances: boxes, run-length masks, categories.

Format: https://cocodataset.org/#format-data. Image and annotation ids count from 1, `area` is the
mask's pixel count, `bbox` is `[x, y, w, h]` with w = xmax - xmin + 1, `counts` is a string.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from simgen.record import ObjectRecord
from simgen.store import files, layout
from simgen.store.reader import Dataset, Sample


@dataclass
class Contents:
    """What was written."""

    images: int = 0
    annotations: int = 0
    per_class: Counter[str] = field(default_factory=Counter)


def write_coco(dataset: Dataset, path: Path, scratch: Path) -> Contents:
    """Write all frames of a dataset as one COCO file, in one pass and constant memory.

    scratch: folder for temporary files, on the file system of `path`.
    File names are relative to the dataset's folder. Objects without a visible pixel are left out.
    """
    contents = Contents()
    with (
        files.replacing(path, scratch) as temporary,
        temporary.open("w", encoding="utf-8") as images,
        tempfile.TemporaryFile("w+", encoding="utf-8", dir=scratch) as annotations,
    ):
        images.write(_head(dataset))
        for sample in dataset:
            _write_sample(dataset, sample, contents, images, annotations)
        images.write('\n],\n"annotations": [')
        annotations.seek(0)
        shutil.copyfileobj(annotations, images)
        images.write("\n]}\n")
    return contents


def _head(dataset: Dataset) -> str:
    info = {"description": "made with simgen", "version": dataset.manifest.versions["simgen"]}
    categories = [
        {"id": number, "name": name, "supercategory": "object"}
        for number, name in enumerate(dataset.classes, start=1)
    ]
    return (
        f'{{"info": {json.dumps(info)},\n"licenses": [],\n'
        f'"categories": {json.dumps(categories)},\n"images": ['
    )


def _write_sample(
    dataset: Dataset, sample: Sample, contents: Contents, images: TextIO, annotations: TextIO
) -> None:
    # From scene and frame, not from a counter: growing a dataset changes no image's id.
    image_id = sample.scene * dataset.manifest.frames_per_scene + sample.frame + 1
    _append(images, contents.images, _image(dataset, sample, image_id))
    contents.images += 1
    for item in sample.objects:
        if item.segmentation is None:
            continue
        entry = _annotation(item, image_id, contents.annotations + 1)
        _append(annotations, contents.annotations, entry)
        contents.annotations += 1
        contents.per_class[item.class_name] += 1


def _image(dataset: Dataset, sample: Sample, image_id: int) -> dict[str, Any]:
    path = sample.folder / layout.frame_file(sample.frame, layout.RGB)
    return {
        "id": image_id,
        "file_name": path.relative_to(dataset.root).as_posix(),
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
    }


def _append(file: TextIO, count: int, entry: dict[str, Any]) -> None:
    file.write(",\n" if count else "\n")
    file.write(json.dumps(entry, allow_nan=False))
