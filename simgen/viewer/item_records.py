"""Records of the items of external datasets, as pages read those of simgen's frames."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from simgen.formats.items import Annotation, Item
from simgen.viewer.scene_data import INSTANCE, Plain

OVERLAYS = ("boxes", "amodal", "oriented", "masks", "keypoints")
"""The overlays that external datasets can have, besides names."""
_DECIMALS = 2
"""Of pixels."""


def item_record(item: Item, place: int, class_ids: Mapping[str, int]) -> dict[str, Any]:
    """Return the record of an image.

    place: within its group. class_ids: by name, from 1. Ignore regions come first and large objects
    before small ones, as pages paint masks in this order. `instance_id` counts the annotations of
    the image from 1.
    """
    numbered = enumerate(item.annotations, start=1)
    order = sorted(numbered, key=lambda pair: (not pair[1].crowd, -pair[1].area))
    return {
        "frame": place,
        "name": item.name,
        "file": item.picture.path.name,
        "split": item.split,
        "camera": {"width": item.width, "height": item.height},
        "objects": [
            _object(entry, number, class_ids[entry.class_name])
            for number, entry in order
            if entry.bbox is not None
        ],
        "complaints": [],
    }


def _object(entry: Annotation, number: int, class_id: int) -> dict[str, Any]:
    assert entry.bbox is not None
    shown: dict[str, Any] = {
        "instance_id": number,
        "class_id": class_id,
        "class_name": entry.class_name,
        "bbox": _rounded(entry.bbox),
        "visible_pixels": max(1, round(entry.area)),
        "visible_fraction": entry.visible_fraction,
    }
    if entry.crowd:
        shown["crowd"] = True
    if entry.mask is not None:
        shown["segmentation"] = entry.mask
    if entry.amodal_bbox is not None:
        shown["amodal_bbox"] = _rounded(entry.amodal_bbox)
    if entry.oriented_box is not None:
        shown["oriented_box"] = [_rounded(corner) for corner in entry.oriented_box]
    if entry.keypoints is not None:
        shown["skeleton"] = entry.skeleton
        shown["keypoints"] = [
            {"name": p.name, "pixel": _rounded((p.x, p.y)), "visibility": p.visibility}
            for p in entry.keypoints
        ]
    return shown


def _rounded(values: Any) -> list[float]:
    return [round(float(value), _DECIMALS) for value in values]


def overlays_of(record: Mapping[str, Any]) -> set[str]:
    """Return those of `OVERLAYS` that a record has something for."""
    fields = {"bbox": "boxes", "amodal_bbox": "amodal", "oriented_box": "oriented",
              "segmentation": "masks", "keypoints": "keypoints"}  # fmt: skip
    return {fields[name] for item in record["objects"] for name in item if name in fields}


def item_values(record: Mapping[str, Any], group: int) -> Plain:
    """Return the values of the columns of an image, those about its pixels excepted."""
    counted = [item for item in record["objects"] if "crowd" not in item]
    return {
        "scene": float(group),
        "frame": float(record["frame"]),
        "split": [record["split"]],
        "objects": float(len(counted)),
        "classes": sorted({item["class_name"] for item in counted}),
    }


def item_instances(record: Mapping[str, Any]) -> np.ndarray:
    """Return the objects of an image as an array of `INSTANCE`, without ignore regions."""
    counted = [item for item in record["objects"] if "crowd" not in item]
    rows = np.zeros(len(counted), INSTANCE)
    rows["frame"] = record["frame"]
    rows["distance"] = np.nan
    for row, item in zip(rows, counted, strict=True):
        seen = item["visible_fraction"]
        row["instance"], row["class"] = item["instance_id"], item["class_id"]
        row["pixels"] = min(item["visible_pixels"], 2**32 - 1)
        row["visibility"] = np.nan if seen is None else seen
    return rows
