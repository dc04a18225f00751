"""COCO: instances and keypoints of anybody's. Format: https://cocodataset.org/#format-data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from simgen.errors import InputError
from simgen.formats.coco import check_panoptic as coco_panoptic
from simgen.formats.coco.check_annotations import Category, annotations_of
from simgen.formats.coco.tables import (
    Plain,
    Table,
    categories_of,
    counts,
    grouped,
    images_of,
    rounded,
)
from simgen.formats.findings import Finding, error, warning
from simgen.formats.items import SUFFIXES
from simgen.formats.reading.json_file import is_number, numbers, read_json
from simgen.formats.validate import pictures, training
from simgen.formats.validate.kind import Kind, Part, Work, chunks, evenly
from simgen.formats.validate.seen import Seen
from simgen.store.remote import AnyPath

STRUCTURE = error(
    "coco/structure",
    "A COCO file is an object with the lists `images`, `annotations` and `categories` of objects.",
    "write it anew",
)
UNLISTED = warning(
    "coco/unlisted-image",
    "Every image of the folder is in the file.",
    "add its entry, also where it has no object",
)
_LISTS = re.compile(rb'"(images|annotations|categories)"\s*:\s*\[')
_IMAGES_A_PART = 32


def looks_like(path: AnyPath) -> bool:
    if not isinstance(path, Path):
        return False
    return path.suffix.lower() == ".json" or any(map(_is_coco, tables(path)))


def tables(path: Path) -> list[Path]:
    """The JSON files that may be COCO's."""
    if path.is_file():
        return [path]
    found = [
        *path.glob("annotations/*.json"), *path.glob("*.json"), *path.glob("*/*.coco.json"),
    ]  # fmt: skip
    return sorted({item for item in found if item.is_file() and not item.name.startswith(".")})


def _is_coco(path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(1 << 16)
    return _LISTS.search(start) is not None


def root_of(path: Path) -> Path:
    """The dataset's folder, for one of its JSON files."""
    if not path.is_file():
        return path
    return path.parent.parent if path.parent.name == "annotations" else path.parent


def split_of(path: Path) -> str:
    stem = path.name.removesuffix(".json")
    if stem.endswith(".coco"):
        return path.parent.name
    known = re.fullmatch(r"(?:instances|person_keypoints|keypoints|panoptic)_(.+)", stem)
    return known.group(1) if known else stem


def work(path: AnyPath, sample: int) -> Work:
    if not isinstance(path, Path):
        raise InputError(f"{path}: COCO is checked in folders of this machine alone; copy it first")
    files, root = tables(path), root_of(path)
    if not files:
        raise InputError(f"{path}: no COCO here; expected annotations/*.json, or a JSON file")
    first = Seen()
    parts: list[Part] = []
    known, name = False, ""
    for file in files:
        name = file.relative_to(root).as_posix()
        plain, found = read_json(file, name)
        if isinstance(plain, dict) and "annotations" not in plain and file != path:
            continue  # licences, captions, somebody's own
        known = True
        first.findings += found
        if plain is None:
            continue
        table, found = _table(plain, name, split_of(file))
        first.findings += found
        if table is not None:
            parts += _parts(root, table, first, sample)
    if not known:
        raise InputError(f"{path}: no COCO here; none of its JSON files has `annotations`")
    return Work(first, parts, sum(part.size for part in parts), partial(_last, name))


def _last(name: str, seen: Seen) -> list[Finding]:
    names = dict.fromkeys(name for names in seen.facts for name in names)
    missing = pictures.without_objects(name, names, seen.per_class)
    few = training.rare(name, [*names], seen.per_class)
    stumbles = training.stumbles(name, seen.census)
    return [*pictures.twice(seen.pictures), *missing, *few, *stumbles]


def _table(plain: Any, name: str, split: str) -> tuple[Table | None, list[Finding]]:
    found = []
    for key in ("images", "annotations", "categories"):
        rows = plain.get(key) if isinstance(plain, dict) else None
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            found.append(STRUCTURE.at(name, key, _kind_of(rows), "a list of objects"))
    return (None if found else Table(name, split, plain)), found


def _kind_of(value: object) -> str:
    if isinstance(value, list):
        return "a list with other than objects"
    return "nothing" if value is None else type(value).__name__


def _parts(root: Path, table: Table, first: Seen, sample: int) -> Iterator[Part]:
    images = list(images_of(table, first.findings))
    folder = image_folder(root, table, [image["file_name"] for image in images[:20]])
    first.findings += [*_unlisted(root, folder, images, table)]
    chosen = evenly(images, sample)
    if coco_panoptic.is_panoptic(table.name, table.plain):
        yield from coco_panoptic.parts(root, table, folder, chosen, first.findings)
        return
    known = {}
    for category in categories_of(table, first.findings):
        known[category.id] = category
    of_image = grouped(table, {image["id"] for image in images}, first.findings)
    if len(chosen) == len(images):
        first.findings += rounded(table)
        first.facts.append(sorted(category.name for category in known.values()))
    first.per_class.update(counts(of_image.values(), known))
    for some in chunks(chosen, _IMAGES_A_PART):
        rows = [(image, of_image.get(image["id"], [])) for image in some]
        arguments = (root, folder, table.name, table.split, rows, known)
        yield Part(check_images, arguments, len(some))


def image_folder(root: Path, table: Table, names: Sequence[str]) -> Path:
    """Where the images are, of the places where people keep them: the one with the most of some
    names."""
    split = table.split
    places = [
        root / split, root / "images" / split, root / "images", root, root / "train" / split,
        (root / table.name).parent, root / re.sub(r"\d{4}$", "", split), root / "JPEGImages",
    ]  # fmt: skip
    there = [place for place in dict.fromkeys(places) if place.is_dir()]
    return max(there, key=lambda place: sum((place / name).is_file() for name in names))


def _unlisted(root: Path, folder: Path, images: Iterable[Plain], table: Table) -> Iterator[Finding]:
    if (
        folder == root
        or folder.name == "annotations"
        or "/" in "".join(image["file_name"] for image in images)
    ):
        return  # a folder that also holds other things
    names = (image.get("file_name") for image in table.plain["images"])
    listed = {name for name in names if isinstance(name, str)}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in SUFFIXES and path.name not in listed:
            name = path.relative_to(root).as_posix()
            yield UNLISTED.at(name, "", f"no entry in {table.name}", "an entry")


def check_images(
    root: Path,
    folder: Path,
    table: str,
    split: str,
    rows: Sequence[tuple[Plain, list[Plain]]],
    categories: dict[int, Category],
) -> Seen:
    """Some images, each with its annotations."""
    seen = Seen()
    for image, entries in rows:
        path = folder / image["file_name"]
        name = path.relative_to(root).as_posix()
        size = (image["width"], image["height"])
        seen.add(pictures.look(path, name, split, size, f"image {image['id']} of {table}"))
        seen.findings += annotations_of(table, image["id"], size, entries, categories)
        objects = [entry for entry in entries if entry.get("iscrowd") != 1]
        boxes = [numbers(entry.get("bbox"), 4) for entry in objects]
        visible: list[Any] = [entry.get("visible_fraction") for entry in objects]
        seen.census.image(size, [b for b in boxes if b], [v for v in visible if is_number(v)])
    return seen


KIND = Kind("coco", "instances, keypoints, panoptic", looks_like, work)
