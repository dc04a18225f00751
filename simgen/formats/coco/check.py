"""Checks of COCO: instances, keypoints, panoptic segments. https://cocodataset.org/#format-data"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from simgen.dataset.remote import AnyPath
from simgen.errors import InputError
from simgen.formats.coco import check_panoptic
from simgen.formats.coco.check_annotations import annotations_of
from simgen.formats.coco.tables import Category, Image, Plain, Tables
from simgen.formats.findings import Finding, finding
from simgen.formats.items import SUFFIXES
from simgen.formats.reading import images
from simgen.formats.reading.json_file import (
    is_number,
    is_whole,
    nan_findings,
    numbers,
    size_finding,
)
from simgen.formats.validate import pictures, training
from simgen.formats.validate.kind import Kind, Part, Work, parts_of, subsample
from simgen.formats.validate.seen import Seen

_LISTS = re.compile(rb'"(images|annotations|categories)"\s*:\s*\[')
_STOPS = {"file/missing", "file/empty", "file/too-large", "json/damaged", "coco/structure"}
"""Rules whose violation prevents all other checks of a file."""
_ENOUGH_BOXES = 20


def looks_like(path: AnyPath) -> bool:
    if not isinstance(path, Path):
        return False
    return path.suffix.lower() == ".json" or any(map(_is_coco, tables(path)))


def tables(path: Path) -> list[Path]:
    """Return the JSON files that may be COCO files."""
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
    """Return the dataset's folder. path: the folder, or one of its JSON files."""
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
        raise InputError(f"{path}: COCO can only be checked in a local folder; copy it first")
    files, root = tables(path), root_of(path)
    if not files:
        raise InputError(f"{path}: not COCO; expected annotations/*.json, or a JSON file")
    first, total, checked = Seen(), 0, ""
    parts: list[Iterable[Part]] = []
    for file in files:
        table = Tables(file.relative_to(root).as_posix())
        found = _read(table, file)
        if table.complete and "annotations" not in table.keys and file != path:
            continue  # unrelated JSON, such as licences or captions
        checked = table.name
        first.findings += found
        if not _STOPS & {item.rule for item in found}:
            count, more = _parts(root, split_of(file), table, first, sample)
            total += count
            parts.append(more)
    if not checked:
        raise InputError(f"{path}: not COCO; expected a JSON file with `annotations`")
    return Work(first, chain.from_iterable(parts), total, partial(_last, checked))


def _read(table: Tables, file: Path) -> list[Finding]:
    wrong = size_finding(file, table.name)
    if wrong is not None:
        return [wrong]
    found: list[Finding] = []
    table.read(file, found.append)
    if table.complete and "annotations" not in table.keys:
        found.append(
            finding("coco/structure", table.name, "annotations", "nothing", "a list of objects")
        )
    return [*found, *nan_findings(table.name, table.not_finite)]


def _last(name: str, seen: Seen) -> list[Finding]:
    names = dict.fromkeys(name for names in seen.facts for name in names)
    missing = pictures.without_objects(name, names, seen.per_class)
    few = training.rare(name, [*names], seen.per_class)
    stumbles = training.stumbles(name, seen.census)
    return [*pictures.duplicates(seen.pictures), *missing, *few, *stumbles]


def _parts(
    root: Path, split: str, table: Tables, first: Seen, sample: int
) -> tuple[int, Iterable[Part]]:
    """Return the number of images to check, and the parts that check them.

    first: receives the findings that concern the entire file.
    """
    images = list(_images(table, first))
    names = [image.file_name for image in images[:20]]
    folder = image_folder(root, table.name, split, names)
    first.findings += _unlisted(root, folder, images, table)
    chosen = subsample(images, sample)
    empty = next(table.annotations(), None) is None
    if table.panoptic or (empty and Path(table.name).name.startswith("panoptic")):
        return check_panoptic.parts(root, table, folder, chosen, first)
    categories = {category.id: category for category in _categories(table, first)}
    _annotations(table, {image.id for image in images}, categories, first)
    if len(chosen) == len(images):
        first.findings += _rounded(table)
        first.facts.append(sorted(category.name for category in categories.values()))
    context = root, folder, table.name, split, categories
    rows = ((image, [*table.annotations(image.id)]) for image in chosen)
    return len(chosen), parts_of(check_images, context, rows)


def _images(table: Tables, seen: Seen) -> Iterator[Image]:
    names: set[str] = set()
    for image in table.images():
        name = image.file_name
        if not images.inside(name) or name in names:
            found = f"{name!r}{', twice' if name in names else ''}"
            place, wanted = f"image {image.id!r}", "a name within the folder"
            seen.report("coco/file-name", table.name, place, found, wanted)
        else:
            names.add(name)
            yield image


def _categories(table: Tables, seen: Seen) -> Iterator[Category]:
    names: set[str] = set()
    for category in table.categories:
        place, name = f"category {category.id!r}", category.name
        if name in names:
            found = f"id {category.id!r}, name {name!r}"
            seen.report("coco/category", table.name, place, found, "a unique id and a name")
            continue
        names.add(name)
        if category.id == 0:
            seen.report("coco/category-zero", table.name, place, "id 0", "ids from 1")
        edges, count = category.edges, len(category.names)
        if not isinstance(edges, list) or not all(map(category.is_edge, edges)):
            found = f"skeleton {edges!r} of {count} keypoints"
            seen.report("coco/skeleton", table.name, place, found, f"pairs of 1..{count}")
        yield category


def _annotations(
    table: Tables, images: set[int], categories: dict[int, Category], first: Seen
) -> None:
    """Check the ids of all annotations, and count the objects of each class."""
    ids: set[int] = set()
    for row in table.annotations():
        number = row.get("id")
        if not is_whole(number) or number < 1 or number in ids:
            twice = is_whole(number) and number in ids
            place, found = f"annotation {number!r}", f"id {number!r}{', twice' if twice else ''}"
            first.report("coco/annotation-id", table.name, place, found, "a unique id from 1")
        else:
            ids.add(number)
        image, category = row.get("image_id"), row.get("category_id")
        counted = row.get("iscrowd") != 1 and is_whole(image) and image in images
        if counted and is_whole(category) and category in categories:
            first.per_class[categories[category].name] += 1


def _rounded(table: Tables) -> Iterator[Finding]:
    """Find boxes that are all rounded to whole pixels although their polygons are not."""
    boxes = []
    for row in table.annotations():
        polygons, box = row.get("segmentation"), row.get("bbox")
        if isinstance(polygons, list) and polygons and isinstance(box, list):
            flat = [v for polygon in polygons if isinstance(polygon, list) for v in polygon]
            if any(isinstance(value, float) and value % 1 for value in flat):
                boxes.append(box)
    whole = sum(
        all(isinstance(value, int | float) and value % 1 == 0 for value in box) for box in boxes
    )
    if len(boxes) >= _ENOUGH_BOXES and whole == len(boxes):
        yield finding(
            "coco/rounded-boxes", table.name, "", f"{whole} of {whole} boxes rounded", "fractions"
        )


def image_folder(root: Path, name: str, split: str, names: Sequence[str]) -> Path:
    """Return the usual image folder that contains most of the files `names`.

    name: of the COCO file.
    """
    places = [
        root / split, root / "images" / split, root / "images", root, root / "train" / split,
        (root / name).parent, root / re.sub(r"\d{4}$", "", split), root / "JPEGImages",
    ]  # fmt: skip
    there = [place for place in dict.fromkeys(places) if place.is_dir()]
    return max(there, key=lambda place: sum((place / file).is_file() for file in names))


def _unlisted(
    root: Path, folder: Path, images: Sequence[Image], table: Tables
) -> Iterator[Finding]:
    if (
        folder == root
        or folder.name == "annotations"
        or "/" in "".join(image.file_name for image in images)
    ):
        return  # the folder may also contain unrelated images
    listed = set(table.names())
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in SUFFIXES and path.name not in listed:
            name = path.relative_to(root).as_posix()
            yield finding("coco/unlisted-image", name, "", f"no entry in {table.name}", "an entry")


def check_images(
    root: Path,
    folder: Path,
    table: str,
    split: str,
    categories: dict[int, Category],
    rows: Sequence[tuple[Image, list[Plain]]],
) -> Seen:
    """Check images, each with its annotations."""
    seen = Seen()
    for image, entries in rows:
        path = folder / image.file_name
        name = path.relative_to(root).as_posix()
        seen.add(pictures.look(path, name, split, image.size, f"image {image.id} of {table}"))
        seen.findings += annotations_of(table, image.id, image.size, entries, categories)
        objects = [entry for entry in entries if entry.get("iscrowd") != 1]
        boxes = [numbers(entry.get("bbox"), 4) for entry in objects]
        visible: list[Any] = [entry.get("visible_fraction") for entry in objects]
        seen.census.image(image.size, [b for b in boxes if b], [v for v in visible if is_number(v)])
    return seen


KIND = Kind("coco", looks_like, work)
