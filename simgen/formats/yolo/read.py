"""YOLO datasets as sources of exports, by their `data.yaml`.

The content of rows is inferred: keypoints if `data.yaml` has `kpt_shape`, otherwise boxes for rows
of 5 columns and polygons for longer rows. If all rows of the inspected files have four corners,
they are oriented boxes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from simgen.errors import InputError
from simgen.formats.findings import strict
from simgen.formats.items import SUFFIXES, Annotation, Item
from simgen.formats.reading.external import External, Names, in_order, picture_of
from simgen.formats.reading.text_file import images_in
from simgen.formats.yolo.data_file import read_data_file
from simgen.formats.yolo.rows import (
    Row,
    box_of,
    label_path,
    oriented_of,
    polygon_of,
    pose_of,
    rows_of,
)

_NAMES = ("data.yaml", "dataset.yaml", "data.yml")
_LOOKED_INTO = 200
"""Number of non-empty label files inspected to distinguish oriented boxes from polygons."""
_LARGEST_LIST = 512_000_000


class YoloSource(External):
    """The dataset of a `data.yaml`. Raises `InputError`, also during iteration."""

    def __init__(self, name: str, file: Path) -> None:
        super().__init__(name)
        self._root = file.parent
        data = read_data_file(file, strict(file.parent))
        assert data is not None
        self.classes, self._keypoints = data.classes, data.keypoints
        for twice in (name for name in data.classes if data.classes.count(name) > 1):
            raise InputError(f"{file}: names: duplicate {twice!r}; give each class a unique name")
        if not data.images:
            raise InputError(f"{file}: no images; expected train, val or test")
        images = data.once()
        self._images = [
            (split, path) for split in in_order([*images]) for path in images_of(images[split])
        ]
        self.splits = tuple(dict.fromkeys(split for split, _ in self._images))
        self.digest = self._digest(file)
        self._turned = data.keypoints is None and self._has_turned_boxes()

    def __len__(self) -> int:
        return len(self._images)

    def __iter__(self) -> Iterator[Item]:
        self._repairs.clear()
        names = Names()
        for number, (split, path) in enumerate(self._images, start=1):
            try:
                picture = picture_of(path)
            except InputError as error:
                self.leave_out(error)
                continue
            size = picture.width, picture.height
            found = [self._annotation(row, size) for row in self._rows(path)]
            annotations = tuple(entry for entry in found if entry is not None)
            yield Item(names.of(path.name), split, number, picture, annotations)

    def _rows(self, image: Path) -> list[Row]:
        path = label_path(image)
        return list(rows_of(path, self._root, len(self.classes), strict(self._root)))

    def _annotation(self, row: Row, size: tuple[int, int]) -> Annotation | None:
        name = self.classes[row.number]
        if self._keypoints is not None:
            return pose_of(row, name, size, self._keypoints, self._repairs)
        if len(row.values) <= 4:
            return box_of(row, name, size, self._repairs)
        reader = oriented_of if self._turned else polygon_of
        return reader(row, name, size, self._repairs)

    def _has_turned_boxes(self) -> bool:
        filled = (rows for _, path in self._images if (rows := self._rows(path)))
        lengths = {len(row.values) for rows in islice(filled, _LOOKED_INTO) for row in rows}
        return lengths == {8}

    def _digest(self, file: Path) -> str:
        digest = hashlib.sha256(file.read_bytes())
        for split, image in self._images:
            there = (path for path in (image, label_path(image)) if path.is_file())
            states = [(path.stat().st_size, path.stat().st_mtime_ns) for path in there]
            digest.update(f"{split} {image.name} {states}".encode())
        return digest.hexdigest()


def images_of(places: Sequence[Path]) -> Iterator[Path]:
    """Yield the images of a split. places: folders, text files with one image per line, images."""
    for place in places:
        if place.is_dir():
            yield from images_in(place, SUFFIXES)
        elif place.suffix == ".txt" and place.stat().st_size < _LARGEST_LIST:
            lines = place.read_text("utf-8-sig", "replace").split("\n")
            yield from (place.parent / line.strip() for line in lines if line.strip())
        elif place.suffix.lower() in SUFFIXES:
            yield place


def open_source(text: str, place: Path) -> YoloSource | None:
    """Open a `data.yaml` or a folder that contains one; None if there is none."""
    if place.is_file():
        return YoloSource(text, place) if place.suffix in (".yaml", ".yml") else None
    found = (place / name for name in _NAMES)
    return next((YoloSource(text, file) for file in found if file.is_file()), None)
