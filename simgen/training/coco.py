"""Sets of labelled images as COCO tables, https://cocodataset.org/#format-data.

Ids count from 1, since pycocotools treats an object with id 0 as unmatched.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from simgen.training.detection import Detections, DetectionSet


def coco_of(found: DetectionSet) -> dict[str, Any]:
    """Return images, annotations and categories. The area of an object is that of its box; ignore
    regions are crowds."""
    images = [
        {"id": place + 1, "file_name": str(i.file), "width": i.width, "height": i.height}
        for place, i in enumerate(found.images)
    ]
    rows = [
        _row(place, box, kind) | {"iscrowd": int(ignored)}
        for place, one in enumerate(found.images)
        for box, kind, ignored in zip(one.boxes, one.classes, one.ignore, strict=True)
    ]
    categories = [{"id": place + 1, "name": name} for place, name in enumerate(found.classes)]
    return {"images": images, "annotations": _numbered(rows), "categories": categories}


def detections_as_annotations(found: Sequence[Detections]) -> list[dict[str, Any]]:
    """Return the detections in each image as annotations with a score."""
    return _numbered(
        _row(place, box, kind) | {"iscrowd": 0, "score": float(score)}
        for place, one in enumerate(found)
        for box, kind, score in zip(one.boxes, one.classes, one.scores, strict=True)
    )


def _numbered(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"id": place + 1, **row} for place, row in enumerate(rows)]


def _row(image: int, box: np.ndarray, kind: int) -> dict[str, Any]:
    x1, y1, x2, y2 = (float(value) for value in box)
    width, height = x2 - x1, y2 - y1
    return {
        "image_id": image + 1,
        "category_id": int(kind) + 1,
        "bbox": [x1, y1, width, height],
        "area": width * height,
    }
