"""The label table of a Cityscapes dataset, standard or from its labels.json; checks of polygons.

https://github.com/mcordts/cityscapesScripts/blob/master/cityscapesscripts/helpers/labels.py
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from simgen.formats.findings import Finding, finding
from simgen.formats.reading.json_file import is_whole, numbers, read_json
from simgen.formats.validate.seen import Seen

_LARGEST = 64_000_000
_IGNORED = 255
_OUTSIDE = 10
_NAMES = (
    "unlabeled", "ego vehicle", "rectification border", "out of roi", "static", "dynamic", "ground",
    "road", "sidewalk", "parking", "rail track", "building", "wall", "fence", "guard rail",
    "bridge", "tunnel", "pole", "polegroup", "traffic light", "traffic sign", "vegetation",
    "terrain", "sky", "person", "rider", "car", "truck", "bus", "caravan", "trailer", "train",
    "motorcycle", "bicycle",
)  # fmt: skip
_TRAINED = (7, 8, 11, 12, 13, 17, *range(19, 29), 31, 32, 33)
"""Ids with training ids; the training id is the index in this tuple."""


@dataclass(frozen=True)
class Labels:
    """A label table.

    names: by id. train_ids: by id, 256 uint8. things: ids of labels with instances. own_things:
    their names if the table is from labels.json; otherwise empty.
    """

    names: dict[int, str]
    train_ids: np.ndarray
    things: frozenset[int]
    own_things: tuple[str, ...] = ()


def cityscapes_labels() -> Labels:
    train_ids = np.full(256, _IGNORED, np.uint8)
    train_ids[list(_TRAINED)] = np.arange(len(_TRAINED))
    return Labels(dict(enumerate(_NAMES)), train_ids, frozenset(range(24, 34)))


def labels_of(root: Path, seen: Seen) -> Labels:
    """Return the label table of a dataset. seen: receives the findings of labels.json."""
    path = root / "labels.json"
    if not path.is_file():
        return cityscapes_labels()
    plain, findings = read_json(path, path.name, _LARGEST)
    seen.findings += findings
    if plain is None:
        return cityscapes_labels()
    wrong_at = partial(seen.report, "cityscapes/labels-json", path.name)
    if not isinstance(plain, list) or not plain:
        wrong_at("", type(plain).__name__, "a list of labels")
        return cityscapes_labels()
    names: dict[int, str] = {}
    train_ids = np.full(256, _IGNORED, np.uint8)
    things = set()
    for place, row in enumerate(plain):
        wrong = _wrong(row, names)
        if wrong:
            wrong_at(f"label {place}", wrong, "a valid, unique label")
        elif row["id"] >= 0:  # negative ids never occur in images
            names[row["id"]] = row["name"]
            train_ids[row["id"]] = row["trainId"] if row["trainId"] >= 0 else _IGNORED
            if row["hasInstances"]:
                things.add(row["id"])
    own = tuple(names[number] for number in sorted(things))
    return Labels(names, train_ids, frozenset(things), own)


def _wrong(row: Any, names: dict[int, str]) -> str:
    """Return the defect of a label, or an empty text. names: of preceding labels, by id."""
    if not isinstance(row, dict):
        return type(row).__name__
    for key in ("id", "trainId"):
        if not is_whole(row.get(key)) or not -1 <= row[key] <= _IGNORED:
            return f"{key} {row.get(key)!r}"
    if not isinstance(row.get("name"), str) or not isinstance(row.get("hasInstances"), bool):
        return f"name {row.get('name')!r}, hasInstances {row.get('hasInstances')!r}"
    if row["id"] in names or row["name"] in names.values():
        return f"duplicate of {row['id']}, {row['name']!r}"
    return ""


def polygons_of(path: Path, name: str, size: tuple[int, int], labels: Labels) -> Iterator[Finding]:
    """Check a polygons file. size: width and height of the image."""
    plain, findings = read_json(path, name, _LARGEST)
    yield from findings
    if plain is None:
        return
    wrong_at = partial(finding, "cityscapes/polygons", name)
    objects = plain.get("objects") if isinstance(plain, dict) else None
    if not isinstance(objects, list):
        yield wrong_at("", f"objects of type {type(objects).__name__}", "a list")
        return
    stated = plain.get("imgWidth"), plain.get("imgHeight")
    if stated != size:
        yield wrong_at("imgWidth, imgHeight", f"{stated[0]!r}, {stated[1]!r}", f"{size}")
    known = {*labels.names.values(), "license plate"}
    for number, item in enumerate(objects):
        row = item if isinstance(item, dict) else {}
        label, place = row.get("label"), f"object {number}"
        if not isinstance(label, str) or not {label, label.removesuffix("group")} & known:
            yield wrong_at(place, f"label {label!r}", "a label of the table")
        elif not row.get("deleted"):
            wrong = _wrong_polygon(row.get("polygon"), size)
            if wrong:
                yield wrong_at(place, wrong, f"points within {size[0]} x {size[1]}")


def _wrong_polygon(polygon: object, size: tuple[int, int]) -> str:
    if not isinstance(polygon, list) or len(polygon) < 3:
        return "no polygon of at least 3 points"
    for point in polygon:
        pair = numbers(point, 2)
        if pair is None:
            return f"a point {point!r}"
        if not all(
            -_OUTSIDE <= value <= side + _OUTSIDE for value, side in zip(pair, size, strict=True)
        ):
            return f"a point {pair}"
    return ""
