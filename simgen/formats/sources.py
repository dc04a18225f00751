"""Sources: datasets to export from, simgen's or external, as streams of items."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from simgen.errors import InputError
from simgen.formats.coco.read import coco_of_file
from simgen.formats.items import Item
from simgen.formats.simgen.read import SimgenSource
from simgen.store import remote
from simgen.store.reader import Dataset

__all__ = ["SimgenSource", "Source", "open_source"]

_EXTERNAL = ("yolo", "coco", "voc")
"""Formats that exports can start from, in the order in which they are tried."""


class Source(Protocol):
    """A dataset that can be exported.

    name: for messages. classes, stuff_classes: in the order of their ids. splits: names. labels:
    those of its items' samples, empty for a dataset that is not simgen's. digest: SHA-256 of what
    is in it, as far as can be told without reading all of it. remarks: what had to be put right in
    the images that were read last.
    """

    name: str
    classes: tuple[str, ...]
    stuff_classes: tuple[str, ...]
    splits: tuple[str, ...]
    labels: frozenset[str]
    digest: str

    @property
    def remarks(self) -> tuple[str, ...]: ...

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Item]:
        """All images, in the same order each time; each is read when it is asked for."""
        ...


def open_source(text: str) -> Source:
    """The dataset at a path or URI, whatever kind it is: simgen's; or an external one: a
    COCO file, `FILE.json@FOLDER` with the folder of its images, YOLO's `data.yaml`, or a folder in
    one of the layouts of COCO, YOLO or Pascal VOC. Raises `InputError`."""
    file, sign, images = text.rpartition("@")
    if sign and file.endswith(".json") and "://" not in text:
        return coco_of_file(text, Path(file), Path(images))
    place = remote.locate(text)
    if remote.size(place / "dataset.json") >= 0:
        return SimgenSource(Dataset(place))
    if not isinstance(place, Path) or not place.exists():
        raise InputError(f"{text}: no dataset here; expected a folder that simgen generate made")
    found: Source | None = None
    for name in _EXTERNAL:
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
