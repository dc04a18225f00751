"""The lists of a COCO file: images, categories, and the annotations of each image."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from simgen.formats.coco.check_annotations import Category
from simgen.formats.findings import Finding, error, warning
from simgen.formats.reading.json_file import is_whole
from simgen.formats.validate import pictures

Plain = dict[str, Any]

IMAGE = error(
    "coco/image-entry",
    "An image has a unique whole `id`, a `file_name` and a `width` and `height` above 0.",
    "write its entry anew",
)
FILE_NAME = error(
    "coco/file-name",
    "`file_name` is unique and stays within the folder of the images: no .., no absolute path.",
    "name the file relative to that folder",
)
CATEGORY = error(
    "coco/category",
    "A category has a whole `id` and a `name`, both unique; ids of simgen and COCO count from 1.",
    "number and name the categories anew",
)
CATEGORY_ZERO = warning(
    "coco/category-zero",
    "No category has the id 0, which many models keep for the background.",
    "count category ids from 1",
)
SKELETON = error(
    "coco/skeleton",
    "A skeleton's edges are pairs of places in `keypoints`, counted from 1.",
    "add 1 to both ends of each edge",
)
ID = error(
    "coco/annotation-id",
    "Annotations have unique whole ids from 1 on: COCOeval takes id 0 for an object that nothing "
    "matches.",
    "number the annotations anew, from 1",
)
UNKNOWN_IMAGE = error(
    "coco/unknown-image", "`image_id` is that of an image.", "take the annotation out"
)
ROUNDED = warning(
    "coco/rounded-boxes",
    "Boxes about polygons are not rounded to whole pixels.",
    "write boxes as they follow from the polygons",
)
_ENOUGH_BOXES = 20


@dataclass(frozen=True)
class Table:
    """A file of annotations. name: within the dataset. split: by its name."""

    name: str
    split: str
    plain: Plain


def counts(groups: Iterable[list[Plain]], known: dict[int, Category]) -> Iterator[str]:
    """The class of each object; regions to be ignored are none."""
    for rows in groups:
        for row in rows:
            if row.get("iscrowd") == 1:
                continue
            category = known.get(row["category_id"]) if is_whole(row.get("category_id")) else None
            if category is not None:
                yield category.name


def images_of(table: Table, findings: list[Finding]) -> Iterator[Plain]:
    """Those with an entry that can be used."""
    ids: set[int] = set()
    names: set[str] = set()
    for image in table.plain["images"]:
        number, name = image.get("id"), image.get("file_name")
        place = f"image {number!r}"
        size = (image.get("width"), image.get("height"))
        if not is_whole(number) or number in ids:
            findings.append(IMAGE.at(table.name, place, "an id twice, or none", "a unique id"))
        elif not all(is_whole(side) and 0 < side < 100_000 for side in size):
            findings.append(IMAGE.at(table.name, place, f"{size[0]!r} x {size[1]!r}", "its size"))
        elif not isinstance(name, str) or not name:
            findings.append(IMAGE.at(table.name, place, f"file_name {name!r}", "a name"))
        elif not pictures.inside(name) or name in names:
            found = f"{name!r}{', twice' if name in names else ''}"
            findings.append(FILE_NAME.at(table.name, place, found, "a name within the folder"))
        else:
            ids.add(number)
            names.add(name)
            yield image


def categories_of(table: Table, findings: list[Finding]) -> Iterator[Category]:
    ids: set[int] = set()
    names: set[str] = set()
    for row in table.plain["categories"]:
        number, name = row.get("id"), row.get("name")
        place = f"category {number!r}"
        if not is_whole(number) or number in ids or not isinstance(name, str) or name in names:
            findings.append(CATEGORY.at(table.name, place, f"id {number!r}, name {name!r}", "new"))
            continue
        ids.add(number)
        names.add(name)
        if number == 0:
            findings.append(CATEGORY_ZERO.at(table.name, place, "id 0", "ids from 1"))
        points, edges = row.get("keypoints") or [], row.get("skeleton") or []
        count = len(points) if isinstance(points, list) else 0
        if not isinstance(edges, list) or not all(_is_edge(edge, count) for edge in edges):
            found = f"skeleton {edges!r} of {count} keypoints"
            findings.append(SKELETON.at(table.name, place, found, f"pairs of 1..{count}"))
        yield Category(number, name, count)


def _is_edge(edge: object, count: int) -> bool:
    if not isinstance(edge, list) or len(edge) != 2:
        return False
    return all(is_whole(end) and 1 <= end <= count for end in edge)


def grouped(table: Table, images: set[int], findings: list[Finding]) -> dict[int, list[Plain]]:
    """The annotations of each image."""
    groups: dict[int, list[Plain]] = defaultdict(list)
    ids: set[int] = set()
    for row in table.plain["annotations"]:
        number, image = row.get("id"), row.get("image_id")
        place = f"annotation {number!r}"
        if not is_whole(number) or number < 1 or number in ids:
            twice = is_whole(number) and number in ids
            found = f"id {number!r}{', twice' if twice else ''}"
            findings.append(ID.at(table.name, place, found, "a unique id from 1 on"))
        else:
            ids.add(number)
        if not is_whole(image) or image not in images:
            findings.append(UNKNOWN_IMAGE.at(table.name, place, f"image {image!r}", "an image"))
        else:
            groups[image].append(row)
    return groups


def rounded(table: Table) -> Iterator[Finding]:
    """Whether boxes of polygons with fractions have none themselves, all of them."""
    boxes = []
    for row in table.plain["annotations"]:
        polygons, box = row.get("segmentation"), row.get("bbox")
        if isinstance(polygons, list) and polygons and isinstance(box, list):
            flat = [v for polygon in polygons if isinstance(polygon, list) for v in polygon]
            if any(isinstance(value, float) and value % 1 for value in flat):
                boxes.append(box)
    whole = sum(
        all(isinstance(value, int | float) and value % 1 == 0 for value in box) for box in boxes
    )
    if len(boxes) >= _ENOUGH_BOXES and whole == len(boxes):
        yield ROUNDED.at(table.name, "", f"{whole} of {whole} boxes rounded", "fractions")
