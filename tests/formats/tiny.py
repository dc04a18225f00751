"""Datasets of one image, as other people have them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from simgen.formats.items import Item
from simgen.formats.sources import Source


def image(path: Path, width: int = 20, height: int = 10) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    assert cv2.imwrite(str(path), pixels)
    return path


def only(source: Source) -> Item:
    (item,) = source
    return item


def coco_content(*annotations: dict[str, Any], **image_changes: Any) -> dict[str, Any]:
    return {
        "images": [{"id": 7, "file_name": "a.png", "width": 20, "height": 10} | image_changes],
        "categories": [{"id": 3, "name": "cat"}, {"id": 1, "name": "dog"}],
        "annotations": [
            {"id": n, "image_id": 7, "category_id": 3, "bbox": [1, 2, 3, 4]} | changes
            for n, changes in enumerate(annotations, start=1)
        ],
    }


def coco_file(path: Path, content: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
    return path


YOLO = "names: [cat, dog]\n"


def yolo(folder: Path, *lines: str, more: str = "") -> str:
    image(folder / "images/train/a.png")
    (folder / "labels/train").mkdir(parents=True, exist_ok=True)
    (folder / "labels/train/a.txt").write_text("\n".join(lines))
    (folder / "data.yaml").write_text(YOLO + "train: images/train\n" + more)
    return str(folder)


VOC = """<annotation><filename>a.png</filename><size><width>20</width><height>10</height></size>
<object><name>cat</name>{flags}<bndbox><xmin>{0}</xmin><ymin>{1}</ymin><xmax>{2}</xmax>
<ymax>{3}</ymax></bndbox></object></annotation>"""


def voc(folder: Path, *box: object, flags: str = "") -> str:
    image(folder / "JPEGImages/a.png")
    (folder / "Annotations").mkdir(exist_ok=True)
    content = VOC.format(*(box or (1, 1, 20, 10)), flags=flags)
    (folder / "Annotations/a.xml").write_text(content)
    return str(folder)
