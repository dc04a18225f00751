"""Other people's datasets in Pascal VOC: a folder with `Annotations` and `JPEGImages`.

`ImageSets/Main/*.txt` are the splits; without them all images are `train`. Masks are taken from
`SegmentationObject`, whose numbers are places in the XML file. `difficult` becomes a region to be
ignored.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from simgen.errors import InputError
from simgen.formats.items import RLE, Annotation, Item, Picture
from simgen.formats.reading.external import (
    SUFFIXES,
    External,
    Names,
    clipped,
    in_order,
    picture_of,
    relative_path,
)
from simgen.formats.voc.annotation import VocObject, read_annotation
from simgen.labels import masks

_LEAST = 0.5
"""Intersection over union of a mask's box and that of its object; below, it is another's mask."""


class VocSource(External):
    """Raises `InputError`, also while it is gone through."""

    def __init__(self, name: str, root: Path) -> None:
        super().__init__(name)
        self._root = root
        self._images = _split_names(root)
        self.splits = tuple(dict.fromkeys(split for split, _ in self._images))
        digest, found = hashlib.sha256(), dict[str, None]()
        for split, stem in self._images:
            path = self._xml(stem)
            try:
                digest.update(f"{split} {stem} ".encode() + path.read_bytes())
            except OSError as error:
                raise InputError(f"{path}: not readable, and its image is in a list") from error
            found.update(dict.fromkeys(item.name for item in read_annotation(path).objects))
        self.digest = digest.hexdigest()
        mapped = _label_map(root / "labelmap.txt")
        self.classes = mapped + tuple(sorted(found.keys() - set(mapped)))

    def __len__(self) -> int:
        return len(self._images)

    def __iter__(self) -> Iterator[Item]:
        self._repairs.clear()
        names = Names()
        for number, (split, stem) in enumerate(self._images, start=1):
            path = self._xml(stem)
            found = read_annotation(path)
            picture = picture_of(self._image(stem, found.file_name, path), found.size, str(path))
            regions = self._regions(stem, picture)
            entries = [
                self._annotation(entry, place, picture, regions)
                for place, entry in enumerate(found.objects, start=1)
            ]
            annotations = tuple(entry for entry in entries if entry is not None)
            yield Item(names.of(stem + ".xml"), split, number, picture, annotations)

    def _xml(self, stem: str) -> Path:
        return self._root / "Annotations" / f"{stem}.xml"

    def _image(self, stem: str, file_name: str, where: Path) -> Path:
        """The image of an annotation: under the annotation's name, or else the one it names."""
        folder = self._root / "JPEGImages"
        named = relative_path(file_name, str(where)).name if file_name else ""
        usual = [f"{stem}{suffix}" for suffix in (".jpg", ".png", *sorted(SUFFIXES))]
        for name in (named, *usual):
            if name and (folder / name).is_file():
                return folder / name
        return folder / (named or f"{stem}.jpg")

    def _annotation(
        self, entry: VocObject, place: int, picture: Picture, regions: np.ndarray | None
    ) -> Annotation | None:
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
                self._repairs.note("masks left out: they are not where their objects' boxes are")
        return Annotation(entry.name, box, mask, area, crowd=entry.difficult)

    def _regions(self, stem: str, picture: Picture) -> np.ndarray | None:
        """`H x W` uint8: places of objects, from 1; None where the image has no masks."""
        path = self._root / "SegmentationObject" / f"{stem}.png"
        if not path.is_file():
            return None
        picture_of(path, (picture.width, picture.height))  # before its pixels take memory
        try:
            with Image.open(path) as image:
                numbers = np.array(image)
        except (OSError, ValueError, SyntaxError) as error:
            raise InputError(f"{path}: not readable as an image: {error}") from error
        if numbers.ndim != 2 or numbers.dtype != np.uint8:
            raise InputError(f"{path}: expected a PNG with a palette, whose pixels are numbers")
        return numbers


def _split_names(root: Path) -> list[tuple[str, str]]:
    """Split and name of each image."""
    files = sorted((root / "ImageSets" / "Main").glob("*.txt"))
    lists = {file.stem: names for file in files if (names := _listed(file)) is not None}
    if "train" in lists or "val" in lists:
        lists.pop("trainval", None)
    if not lists:
        found = sorted(path.stem for path in (root / "Annotations").glob("*.xml"))
        return [("train", stem) for stem in found]
    named: dict[str, str] = {}
    for split in in_order([*lists]):
        for stem in lists[split]:
            if named.setdefault(stem, split) != split:
                raise InputError(
                    f"{root}: image {stem} is in ImageSets/Main/{named[stem]}.txt and in "
                    f"{split}.txt; expected it in one"
                )
    return [(re.sub(r"[^A-Za-z0-9_-]", "_", split), stem) for stem, split in named.items()]


def _listed(file: Path) -> list[str] | None:
    """The names in a list; None for a list that says of which images one class is in."""
    try:
        rows = [line.split() for line in file.read_text(encoding="utf-8-sig").splitlines()]
    except (OSError, ValueError) as error:
        raise InputError(f"{file}: not readable as a list of images: {error}") from error
    rows = [row for row in rows if row]
    if rows and all(len(row) == 2 and row[1] in ("1", "0", "-1") for row in rows):
        return None
    # A name may have spaces in it.
    return [str(relative_path(" ".join(row), str(file))) for row in rows]


def _label_map(path: Path) -> tuple[str, ...]:
    """The classes of CVAT's table, if there is one."""
    if not path.is_file():
        return ()
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    names = [line.split(":")[0].strip() for line in lines if not line.startswith("#")]
    return tuple(dict.fromkeys(name for name in names if name and name != "background"))


def _overlap(
    one: tuple[float, float, float, float], two: tuple[float, float, float, float]
) -> float:
    """Intersection over union of two boxes `[x, y, w, h]`."""
    width = min(one[0] + one[2], two[0] + two[2]) - max(one[0], two[0])
    height = min(one[1] + one[3], two[1] + two[3]) - max(one[1], two[1])
    both = max(width, 0.0) * max(height, 0.0)
    return both / (one[2] * one[3] + two[2] * two[3] - both)


def open_source(text: str, root: Path) -> VocSource | None:
    """The dataset in a folder; None where there is none."""
    there = (root / "Annotations").is_dir() and (root / "JPEGImages").is_dir()
    return VocSource(text, root) if there else None
