"""Datasets of any readable format as streams of items."""

from __future__ import annotations

import importlib
from pathlib import Path

from simgen.dataset import remote
from simgen.dataset.adaptation.adaptation import Adaptation
from simgen.dataset.reader import Dataset
from simgen.errors import InputError
from simgen.formats.coco.read import coco_of_file
from simgen.formats.items import Source
from simgen.formats.registry import OPENED
from simgen.formats.simgen.read import SimgenSource

__all__ = ["SimgenSource", "Source", "open_source"]


def coco_parts(text: str) -> tuple[str, str]:
    """Split `FILE.json@FOLDER` into its file and folder; the folder of other texts is empty."""
    file, sign, images = text.rpartition("@")
    return (file, images) if sign and file.endswith(".json") and "://" not in text else (text, "")


def open_source(text: str, adaptation: Adaptation | None = None) -> Source:
    """Open the dataset at a path or URI: simgen's or an external one.

    text: of external datasets a COCO file, `FILE.json@FOLDER` with the folder of its images, YOLO's
    `data.yaml`, or a folder in a layout of COCO, YOLO or Pascal VOC. adaptation: applied to the
    images of simgen's datasets. Raises `InputError`.
    """
    file, images = coco_parts(text)
    if images:
        return coco_of_file(text, Path(file), Path(images))
    place = remote.locate(text)
    if remote.size(place / "dataset.json") >= 0:
        return SimgenSource(Dataset(place, adaptation))
    if not isinstance(place, Path) or not place.exists():
        raise InputError(
            f"{text}: no dataset here; expected a folder written by `simgen generate`, or a COCO, "
            "YOLO or Pascal VOC dataset"
        )
    found: Source | None = None
    for name in OPENED:
        module = importlib.import_module(f"simgen.formats.{name}.read")
        found = module.open_source(text, place) if found is None else found
    if found is None:
        tables = [*sorted(place.glob("annotations/*.json")), *sorted(place.glob("*.json"))]
        if tables:
            raise InputError(
                f"{text}: unknown dataset layout; if {tables[0].relative_to(place)} is a COCO "
                f"file, name it together with its image folder: {tables[0]}@FOLDER"
            )
        raise InputError(
            f"{text}: no dataset in a known format; expected a folder with dataset.json, "
            "annotations/instances_*.json, data.yaml or Annotations and JPEGImages"
        )
    return found
