"""The annotations of all images in one file, as COCO has them."""

from __future__ import annotations

from simgen.labels.label import DatasetFile, Label

COCO = Label[None](
    "coco",
    "COCO instances of all images",
    DatasetFile("annotations/instances.json"),
    needs=("rgb", "objects"),
    presets=("detection",),
)
