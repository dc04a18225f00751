"""Pascal VOC as a source of exports: a folder with `Annotations` and `JPEGImages`.

`ImageSets/Main/*.txt` define the splits; without them all images are `train`. Masks are read from
`SegmentationObject`, whose values are indices of objects in the XML file, from 1. Objects with
`difficult` become ignore regions.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from simgen.errors import InputError
from simgen.formats.findings import strict
from simgen.formats.items import RLE, Annotation, Item, Picture
from simgen.formats.reading.external import (
    External,
    Names,
    clipped,
    in_order,
    picture_of,
    relative_path,
)
from simgen.formats.voc.files import (
    VocAnnotation,
    VocObject,
    image_of,
    read_annotation,
    read_image_set,
    read_label_map,
    read_mask,
)
from simgen.labels import masks

_LEAST = 0.5
"""Minimum intersection over union of a mask's box and its object's box; a mask below it belongs to
another object."""


class VocSource(External):
    """A Pascal VOC dataset. Raises `InputError`, also during iteration."""

    def __init__(self, name: str, root: Path) -> None:
        super().__init__(name)
        self._root = root
        self._images = _split_names(root)
        self.splits = tuple(dict.fromkeys(split for split, _ in self._images))
        digest, found = hashlib.sha256(), dict[str, None]()
        for split, stem in self._images:
            annotation = self._read(stem)
            digest.update(f"{split} {stem} ".encode() + self._xml(stem).read_bytes())
            found.update(dict.fromkeys(item.name for item in annotation.objects))
        self.digest = digest.hexdigest()
        mapped = read_label_map(root, strict(root))
        self.classes = mapped + tuple(sorted(found.keys() - set(mapped)))

    def __len__(self) -> int:
        return len(self._images)

    def __iter__(self) -> Iterator[Item]:
        self._repairs.clear()
        names = Names()
        for number, (split, stem) in enumerate(self._images, start=1):
            found, where = self._read(stem), str(self._xml(stem))
            if found.file_name:
                relative_path(found.file_name, where)
            image = image_of(self._root, stem, found.file_name)
            usual = self._root / "JPEGImages" / (Path(found.file_name).name or f"{stem}.jpg")
            try:
                picture = picture_of(image or usual, found.size, where)
            except InputError as error:
                self.leave_out(error)
                continue
            regions = self._regions(stem, picture)
            entries = [
                self._annotation(entry, place, where, picture, regions)
                for place, entry in enumerate(found.objects, start=1)
            ]
            annotations = tuple(entry for entry in entries if entry is not None)
            yield Item(names.of(stem + ".xml"), split, number, picture, annotations)

    def _xml(self, stem: str) -> Path:
        return self._root / "Annotations" / f"{stem}.xml"

    def _read(self, stem: str) -> VocAnnotation:
        found = read_annotation(self._xml(stem), self._root, strict(self._root))
        assert found is not None
        return found

    def _annotation(
        self,
        entry: VocObject,
        place: int,
        where: str,
        picture: Picture,
        regions: np.ndarray | None,
    ) -> Annotation | None:
        if min(entry.bbox[2:]) < 1:
            raise InputError(f"{where}: object {place}: bndbox: expected min to be at most max")
        box = clipped(entry.bbox, picture.width, picture.height, self._repairs)
        if box is None:
            return None
        mask: RLE | None = None
        area = box[2] * box[3]
        pixels = np.zeros(0, int) if regions is None else np.flatnonzero(place == regions.T)
        if len(pixels):
            if _overlap(masks.bounding_box(pixels, picture.height), box) >= _LEAST:
                mask = masks.run_lengths(pixels, picture.height, picture.width)
                area = float(len(pixels))
            else:
                self._repairs.note("masks omitted: they do not match their objects' boxes")
        return Annotation(entry.name, box, mask, area, crowd=entry.difficult)

    def _regions(self, stem: str, picture: Picture) -> np.ndarray | None:
        """Return the object of each pixel, `H x W` uint8, from 1; None without a mask file."""
        path = self._root / "SegmentationObject" / f"{stem}.png"
        if not path.is_file():
            return None
        return read_mask(path, self._root, (picture.width, picture.height), strict(self._root))


def _split_names(root: Path) -> list[tuple[str, str]]:
    """Return split and name of each image."""
    lists: dict[str, list[str]] = {}
    for file in sorted((root / "ImageSets" / "Main").glob("*.txt")):
        found = read_image_set(file, root, strict(root))
        if found is not None and not found.of_class:
            lists[file.stem] = [str(relative_path(name, str(file))) for _, name in found.names]
    if "train" in lists or "val" in lists:
        lists.pop("trainval", None)
    if not lists:
        stems = sorted(path.stem for path in (root / "Annotations").glob("*.xml"))
        return [("train", stem) for stem in stems]
    named: dict[str, str] = {}
    for split in in_order([*lists]):
        for stem in lists[split]:
            if named.setdefault(stem, split) != split:
                raise InputError(
                    f"{root}: image {stem} is in ImageSets/Main/{named[stem]}.txt and in "
                    f"{split}.txt; list each image in one split"
                )
    return [(re.sub(r"[^A-Za-z0-9_-]", "_", split), stem) for stem, split in named.items()]


def _overlap(
    one: tuple[float, float, float, float], two: tuple[float, float, float, float]
) -> float:
    """Return the intersection over union of two boxes `[x, y, w, h]`."""
    width = min(one[0] + one[2], two[0] + two[2]) - max(one[0], two[0])
    height = min(one[1] + one[3], two[1] + two[3]) - max(one[1], two[1])
    both = max(width, 0.0) * max(height, 0.0)
    return both / (one[2] * one[3] + two[2] * two[3] - both)


def open_source(text: str, root: Path) -> VocSource | None:
    """Open the dataset in a folder; None if there is none."""
    there = (root / "Annotations").is_dir() and (root / "JPEGImages").is_dir()
    return VocSource(text, root) if there else None
