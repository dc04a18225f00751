"""Other people's datasets in YOLO, by their `data.yaml`: https://docs.ultralytics.com/datasets/

What the rows are follows from the file and from their length: keypoints where `data.yaml` has
`kpt_shape`; else boxes where there are 5 columns and polygons where there are more. Four corners
each, in all files that are looked into, are turned boxes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from simgen.errors import InputError
from simgen.formats.items import Annotation, Item
from simgen.formats.reading.external import SUFFIXES, Foreign, Names, in_order, picture_of
from simgen.formats.yolo.data_file import read_data_file
from simgen.formats.yolo.rows import Row, box_of, oriented_of, polygon_of, pose_of, rows_of

_LOOKED_INTO = 200
"""Label files that tell turned boxes from polygons."""


class YoloSource(Foreign):
    """The dataset of a `data.yaml`. Raises `InputError`, also while it is gone through."""

    def __init__(self, name: str, file: Path) -> None:
        super().__init__(name)
        self._data = read_data_file(file)
        self.classes = self._data.classes
        self._images = [
            (split, path)
            for split in in_order([*self._data.images])
            for path in _images(self._data.images[split], file)
        ]
        used = dict.fromkeys(split for split, _ in self._images)
        self.splits = tuple(used)
        self.digest = self._digest(file)
        self._turned = self._has_turned_boxes()

    def __len__(self) -> int:
        return len(self._images)

    def __iter__(self) -> Iterator[Item]:
        self._repairs.clear()
        names = Names()
        for number, (split, path) in enumerate(self._images, start=1):
            picture = picture_of(path)
            size = picture.width, picture.height
            rows = self._rows(path)
            found = [self._annotation(row, size) for row in rows]
            annotations = tuple(entry for entry in found if entry is not None)
            yield Item(names.of(path.name), split, number, picture, annotations)

    def _rows(self, image: Path) -> list[Row]:
        return rows_of(label_path(image), len(self.classes))

    def _annotation(self, row: Row, size: tuple[int, int]) -> Annotation | None:
        name = self.classes[row.number]
        if self._data.keypoints is not None:
            return pose_of(row, name, size, self._data.keypoints, self._repairs)
        if len(row.values) == 4:
            return box_of(row, name, size, self._repairs)
        reader: Callable[..., Annotation | None] = oriented_of if self._turned else polygon_of
        return reader(row, name, size, self._repairs)

    def _has_turned_boxes(self) -> bool:
        filled = (rows for _, path in self._images if (rows := self._rows(path)))
        if self._data.keypoints is not None:
            return False
        lengths = {len(row.values) for rows in islice(filled, _LOOKED_INTO) for row in rows}
        return lengths == {8}

    def _digest(self, file: Path) -> str:
        digest = hashlib.sha256(file.read_bytes())
        for split, path in self._images:
            states = [(p.stat().st_size, p.stat().st_mtime_ns) for p in _there(path)]
            digest.update(f"{split} {path.name} {states}".encode())
        return digest.hexdigest()


def label_path(image: Path) -> Path:
    """Where Ultralytics looks for the labels of an image: under `labels` for the last `images`."""
    parts = list(image.with_suffix(".txt").parts)
    folders = [place for place, part in enumerate(parts[:-1]) if part == "images"]
    if folders:
        parts[folders[-1]] = "labels"
    return Path(*parts)


def _there(image: Path) -> Iterator[Path]:
    return (path for path in (image, label_path(image)) if path.is_file())


def _images(places: Sequence[Path], file: Path) -> Iterator[Path]:
    for place in places:
        if place.is_dir():
            found = (path for path in place.rglob("*") if path.suffix.lower() in SUFFIXES)
            yield from sorted(path for path in found if path.is_file())
        elif place.suffix == ".txt" and place.is_file():
            yield from _listed(place)
        elif place.suffix.lower() in SUFFIXES and place.is_file():
            yield place
        else:
            raise InputError(f"{file}: {place} is not there; expected a folder or a list of images")


def _listed(file: Path) -> Iterator[Path]:
    """Of a text file with an image in each line; `./` is the file's own folder."""
    with file.open(encoding="utf-8-sig") as lines:
        for line in lines:
            if line.strip():
                yield file.parent / line.strip()


def yolo_of_folder(text: str, root: Path) -> YoloSource | None:
    """The dataset in a folder with a `data.yaml`; None if there is none."""
    names = ("data.yaml", "dataset.yaml", "data.yml")
    return next((YoloSource(text, root / n) for n in names if (root / n).is_file()), None)
