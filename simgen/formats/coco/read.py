"""COCO files as sources of exports: https://cocodataset.org/#format-data

Accepted are a file; a folder with `annotations/instances_*.json`, one per split, whose images are
in folders named by split; a folder of splits, each with `_annotations.coco.json` beside its images;
and a folder with one file such as `instances.json` beside its images or beside `images/`. A year
at the end of a split's name, as in `train2017`, is dropped.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pycocotools import mask as coco_mask

from simgen.errors import InputError
from simgen.formats.coco.masks import mask_of
from simgen.formats.coco.tables import Category, Tables
from simgen.formats.findings import strict
from simgen.formats.items import Annotation, ImageKeypoint, Item
from simgen.formats.reading.external import (
    Box,
    External,
    Names,
    Repairs,
    clipped,
    in_order,
    picture_of,
    relative_path,
)
from simgen.formats.reading.json_file import is_number, is_whole

_BESIDE = "_annotations.coco.json"
_ALONE = ("instances.json", "annotations.json", _BESIDE)
"""File names of datasets with a single file, in the order in which they are tried."""


@dataclass(frozen=True)
class CocoPart:
    """A file of a dataset. split: name. images: possible image folders, most likely first."""

    file: Path
    split: str
    images: tuple[Path, ...]


class CocoSource(External):
    """COCO files as one dataset. Raises `InputError`, also during iteration."""

    def __init__(self, name: str, parts: Sequence[CocoPart]) -> None:
        super().__init__(name)
        self._parts = tuple(parts)
        self._tables = [_tables(part.file) for part in parts]
        of_file = [sorted(table.categories, key=lambda c: c.id) for table in self._tables]
        self.classes = tuple(dict.fromkeys(c.name for found in of_file for c in found))
        self.splits = tuple(in_order([part.split for part in parts]))
        self.digest = _digest(self._parts)
        self._folders = [self._folder(*pair) for pair in zip(parts, self._tables, strict=True)]
        own = {image.id for table in self._tables for image in table.images() if image.id > 0}
        self._has_own_ids = len(own) == len(self)

    @property
    def files(self) -> tuple[Path, ...]:
        """Return the COCO files."""
        return tuple(part.file for part in self._parts)

    @property
    def category_names(self) -> dict[int, str]:
        """Return the names of the categories by id. Raises `InputError` if files disagree."""
        found: dict[int, str] = {}
        for part, table in zip(self._parts, self._tables, strict=True):
            for category in table.categories:
                if found.setdefault(category.id, category.name) != category.name:
                    raise InputError(
                        f"{part.file}: category {category.id} is {category.name!r}, and "
                        f"{found[category.id]!r} in another file; name one of the files"
                    )
        return found

    def __len__(self) -> int:
        return sum(map(len, self._tables))

    def __iter__(self) -> Iterator[Item]:
        self._repairs.clear()
        names, place = Names(), 0
        for part, table, folder in zip(self._parts, self._tables, self._folders, strict=True):
            categories = {category.id: category for category in table.categories}
            for image in table.images():
                place += 1
                where = f"{part.file}: image {image.id}"
                path = relative_path(image.file_name, where)
                try:
                    picture = picture_of(folder / path, image.size, where)
                except InputError as error:
                    self.leave_out(error)
                    continue
                read = _Annotations(image.size, categories, self._repairs, str(part.file))
                found = [read.annotation(entry) for entry in table.annotations(image.id)]
                annotations = tuple(entry for entry in found if entry is not None)
                number = image.id if self._has_own_ids else place
                name = names.of(str(path))
                yield Item(name, part.split, number, picture, annotations, source_id=image.id)

    def _folder(self, part: CocoPart, table: Tables) -> Path:
        """Return the folder that contains the first image of a file."""
        first = next(table.images(), None)
        if first is None:
            return part.images[0]
        path = relative_path(first.file_name, f"{part.file}: image {first.id}")
        for folder in part.images:
            if (folder / path).is_file():
                return folder
        raise InputError(
            f"{part.file}: image {path} is not in {', '.join(map(str, part.images))}; name the "
            f"image folder as in {part.file}@FOLDER"
        )


def _tables(file: Path) -> Tables:
    """Read a COCO file. Raises `InputError`."""
    tables = Tables(file.name)
    tables.read(file, strict(file.parent))
    if tables.panoptic:
        raise InputError(f"{file}: contains panoptic segments; expected a COCO file of instances")
    return tables


class _Annotations:
    """Converter of the annotations of an image. size: width and height. where: the file."""

    def __init__(
        self,
        size: tuple[int, int],
        categories: dict[int, Category],
        repairs: Repairs,
        where: str,
    ) -> None:
        self._width, self._height = size
        self._categories = categories
        self._repairs = repairs
        self._where = where

    def annotation(self, plain: dict[str, Any]) -> Annotation | None:
        """Convert an annotation; None if it lies entirely outside the image."""
        where = f"{self._where}: annotation {plain.get('id')}"
        number = plain.get("category_id")
        category = self._categories.get(number) if is_whole(number) else None
        if category is None:
            raise InputError(f"{where}: category {number!r}; expected a category of the file")
        shape = self._height, self._width
        mask = mask_of(plain.get("segmentation"), *shape, self._repairs, where)
        if plain.get("bbox") is None and mask is None:
            self._repairs.note("annotations omitted: neither box nor mask")
            return None
        box = _box(plain.get("bbox"), where)
        if box is None:
            box = _box(coco_mask.toBbox(mask).tolist(), where)
        assert box is not None
        kept = clipped(box, self._width, self._height, self._repairs)
        if kept is None:
            return None
        visible: Any = plain.get("visible_fraction")
        return Annotation(
            class_name=category.name,
            bbox=kept,
            mask=mask,
            area=kept[2] * kept[3] if mask is None else float(coco_mask.area(mask)),
            crowd=bool(plain.get("iscrowd")),
            keypoints=_keypoints_of(plain.get("keypoints"), category, where),
            skeleton=category.skeleton,
            amodal_bbox=_box(plain.get("amodal_bbox"), where),
            visible_fraction=float(visible) if is_number(visible) else None,
        )


def _box(plain: Any, where: str) -> Box | None:
    if plain is None:
        return None
    if not isinstance(plain, list) or len(plain) != 4 or not all(map(is_number, plain)):
        raise InputError(f"{where}: bbox {str(plain)[:80]}; expected [x, y, width, height]")
    x, y, w, h = map(float, plain)
    return x, y, w, h


def _keypoints_of(plain: Any, category: Category, where: str) -> tuple[ImageKeypoint, ...] | None:
    if not plain:
        return None
    if not isinstance(plain, list) or len(plain) % 3 or not all(map(is_number, plain)):
        raise InputError(f"{where}: keypoints: expected [x, y, v, ...] of numbers")
    triples = [plain[place : place + 3] for place in range(0, len(plain), 3)]
    names = category.names or tuple(f"point_{place}" for place in range(len(triples)))
    if len(names) != len(triples):
        raise InputError(
            f"{where}: {len(triples)} keypoints; expected {len(names)}, as category "
            f"{category.name!r} has"
        )
    return tuple(_keypoint(name, *triple) for name, triple in zip(names, triples, strict=True))


def _keypoint(name: str, x: float, y: float, v: float) -> ImageKeypoint:
    return (
        ImageKeypoint(name, float(x), float(y), 1 if v == 1 else 2)
        if v > 0
        else ImageKeypoint(name, 0.0, 0.0, 0)
    )


def _digest(parts: Sequence[CocoPart]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        with part.file.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def coco_of_file(text: str, file: Path, images: Path | None = None) -> CocoSource:
    """Open the dataset of one file. images: the folder of its images; None to search for it."""
    if not file.is_file():
        raise InputError(f"{text}: {file} not found; expected a COCO file")
    if images is not None and not images.is_dir():
        raise InputError(f"{text}: {images} not found; expected the image folder")
    stem = _split_of(file)
    beside = file.parent.parent if file.parent.name == "annotations" else file.parent
    usual = [beside / stem, beside / _plain(stem), beside / "images" / stem, beside / "images"]
    folders = (images,) if images else tuple(dict.fromkeys([*usual, beside, file.parent]))
    return CocoSource(text, [CocoPart(file, _plain(stem), folders)])


def open_source(text: str, root: Path) -> CocoSource | None:
    """Open a COCO file or folder; None if its layout is unknown."""
    if root.is_file():
        return coco_of_file(text, root) if root.suffix == ".json" else None
    files = sorted((root / "annotations").glob("instances_*.json"))
    stems = [file.stem.removeprefix("instances_") for file in files]
    # Years are kept if they distinguish splits, such as train2014 and train2017.
    plain = [_plain(stem) for stem in stems]
    splits = plain if len(set(plain)) == len(plain) else stems
    parts = [
        CocoPart(file, split, (root / stem, root / split, root / "images" / stem, root / "images"))
        for file, stem, split in zip(files, stems, splits, strict=True)
    ]
    if not parts:
        files = sorted(root.glob(f"*/{_BESIDE}"))
        parts = [CocoPart(file, _plain(file.parent.name), (file.parent,)) for file in files]
    if not parts:
        alone = next((root / name for name in _ALONE if (root / name).is_file()), None)
        return coco_of_file(text, alone) if alone else None
    order = in_order([part.split for part in parts])
    parts.sort(key=lambda part: order.index(part.split))
    return CocoSource(text, parts)


def _split_of(file: Path) -> str:
    if file.name == _BESIDE:
        return file.parent.name
    found = re.fullmatch(r"(?:instances|person_keypoints|panoptic|annotations)_(.+)", file.stem)
    return found.group(1) if found else "train"


def _plain(stem: str) -> str:
    """Return a split's name without a year; `valid` and `validation` become `val`."""
    name = re.sub(r"[^A-Za-z0-9_-]", "_", re.sub(r"(?<=[a-z])_?(19|20)\d\d$", "", stem)) or "train"
    return "val" if name in ("valid", "validation") else name
