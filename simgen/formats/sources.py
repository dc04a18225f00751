"""Opens datasets as streams of items, whatever format they are in."""

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


def open_source(text: str, adaptation: Adaptation | None = None) -> Source:
    """The dataset at a path or URI, whatever kind it is: simgen's; or an external one: a
    COCO file, `FILE.json@FOLDER` with the folder of its images, YOLO's `data.yaml`, or a folder in
    one of the layouts of COCO, YOLO or Pascal VOC.

    adaptation: how the images of a dataset of simgen's are changed. Raises `InputError`.
    """
    file, sign, images = text.rpartition("@")
    if sign and file.endswith(".json") and "://" not in text:
        return coco_of_file(text, Path(file), Path(images))
    place = remote.locate(text)
    if remote.size(place / "dataset.json") >= 0:
        return SimgenSource(Dataset(place, adaptation))
    if not isinstance(place, Path) or not place.exists():
        raise InputError(f"{text}: no dataset here; expected a folder that simgen generate made")
    found: Source | None = None
    for name in OPENED:
        module = importlib.import_module(f"simgen.formats.{name}.read")
        found = found or module.open_source(text, place)
    if found is None:
        tables = [*sorted(place.glob("annotations/*.json")), *sorted(place.glob("*.json"))]
        if tables:
            raise InputError(
                f"{text}: no dataset of a known layout; if {tables[0].relative_to(place)} is a "
                f"COCO file, name it and the folder of its images: {tables[0]}@FOLDER"
            )
        raise InputError(
            f"{text}: no dataset of a known kind; expected a folder with dataset.json, "
            "annotations/instances_*.json, data.yaml or Annotations and JPEGImages"
        )
    return found
