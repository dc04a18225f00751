"""The lists of a COCO file as tables on disk, so memory use does not grow with the file."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simgen.formats.findings import Sink, finding
from simgen.formats.reading.external import stays_inside
from simgen.formats.reading.json_file import is_whole, parts

Plain = dict[str, Any]
_WrongAt = Callable[[str, str, str, str], None]
"""Receives a rule, a place in the file, what was found and what was expected."""

LISTS = ("images", "annotations", "categories")
_LARGEST_SIDE = 100_000
_TABLES = """
CREATE TABLE image (place INTEGER PRIMARY KEY, id INT UNIQUE, name TEXT, width INT, height INT);
CREATE TABLE annotation (place INTEGER PRIMARY KEY, image INT, plain TEXT);
"""
_INDEX = "CREATE INDEX of_image ON annotation (image, place)"
_LOST = """
SELECT image, plain FROM annotation WHERE image IS NOT NULL
AND image NOT IN (SELECT id FROM image WHERE id IS NOT NULL) ORDER BY place
"""


@dataclass(frozen=True)
class Image:
    """An image of a COCO file. width, height: pixels."""

    id: int
    file_name: str
    width: int
    height: int

    @property
    def size(self) -> tuple[int, int]:
        """Return width and height."""
        return self.width, self.height


@dataclass(frozen=True)
class Category:
    """A category. names: of its keypoints. edges: the raw `skeleton`."""

    id: int
    name: str
    names: tuple[str, ...]
    edges: Any

    @property
    def skeleton(self) -> tuple[tuple[int, int], ...]:
        """Return the valid edges of the skeleton as pairs of keypoint indices from 0."""
        edges = self.edges if isinstance(self.edges, list) else []
        pairs: list[list[int]] = [edge for edge in edges if self.is_edge(edge)]
        return tuple((a - 1, b - 1) for a, b in pairs)

    def is_edge(self, edge: object) -> bool:
        """Return whether an entry of the skeleton is a pair of keypoint indices from 1."""
        if not isinstance(edge, list) or len(edge) != 2:
            return False
        return all(is_whole(end) and 1 <= end <= len(self.names) for end in edge)


class Tables:
    """The readable content of a file.

    name: of the file, for findings. keys: the top-level keys. complete: whether the file was read
    to its end. panoptic: whether its annotations are panoptic segments. not_finite: NaNs and
    infinities as written.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.keys: set[str] = set()
        self.categories: list[Category] = []
        self.complete = False
        self.panoptic = False
        self.not_finite: list[str] = []
        # With an empty name, SQLite uses a temporary file that is deleted with the connection.
        self._base = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._base.executescript(_TABLES)

    def __len__(self) -> int:
        """Return the number of valid images."""
        return int(self._base.execute("SELECT count(id) FROM image").fetchone()[0])

    def images(self) -> Iterator[Image]:
        query = "SELECT id, name, width, height FROM image WHERE id IS NOT NULL ORDER BY place"
        return (Image(*row) for row in self._base.execute(query))

    def names(self) -> Iterator[str]:
        """Yield the file names of all images, including images with invalid entries."""
        query = "SELECT name FROM image WHERE name IS NOT NULL"
        return (name for (name,) in self._base.execute(query))

    def annotations(self, image: int | None = None) -> Iterator[Plain]:
        """Yield the annotations of an image, or all annotations."""
        where = "" if image is None else "WHERE image = ?"
        query = f"SELECT plain FROM annotation {where} ORDER BY place"
        rows = self._base.execute(query, () if image is None else (image,))
        return (json.loads(plain) for (plain,) in rows)

    def read(self, path: Path, report: Sink) -> None:
        """Fill the tables, partly if the file is damaged or is not COCO."""

        def wrong_at(rule: str, place: str, found: str, expected: str) -> None:
            report(finding(rule, self.name, place, found, expected))

        wrong: dict[str, str] = {}
        add = {
            "images": self._add_image,
            "categories": self._add_category,
            "annotations": self._add_annotation,
        }
        self._base.execute("BEGIN")
        try:
            for key, plain in parts(path, self.not_finite):
                if key in add and isinstance(plain, dict) and key in self.keys:
                    add[key](plain, wrong_at)
                elif key in add and (plain != [] or key in self.keys):
                    wrong[key] = _kind_of(plain, within=key in self.keys)
                self.keys.add(key)
        except (OSError, ValueError, RecursionError) as problem:
            reason = " ".join(f"{type(problem).__name__}: {problem}".split())
            wrong_at("json/damaged", "", reason, "JSON")
            return
        self.complete = True
        self._base.execute(_INDEX)
        self._base.execute("COMMIT")
        for key in LISTS:
            if key in wrong or (key not in self.keys and key != "annotations"):
                wrong_at("coco/structure", key, wrong.get(key, "nothing"), "a list of objects")
        if not self.panoptic and not wrong and "images" in self.keys:
            for image, plain in self._base.execute(_LOST):
                place = f"annotation {json.loads(plain).get('id')!r}"
                wrong_at("coco/unknown-image", place, f"image {image!r}", "an image")

    def _add_image(self, plain: Plain, wrong_at: _WrongAt) -> None:
        number, name = plain.get("id"), plain.get("file_name")
        place, size = f"image {number!r}", (plain.get("width"), plain.get("height"))
        insert = "INSERT OR IGNORE INTO image (id, name, width, height) VALUES (?, ?, ?, ?)"
        if not is_whole(number):
            wrong_at("coco/image-entry", place, "no integer id", "a unique id")
        elif not all(is_whole(side) and 0 < side < _LARGEST_SIDE for side in size):
            wrong_at("coco/image-entry", place, f"{size[0]!r} x {size[1]!r}", "width and height")
        elif not isinstance(name, str) or not name:
            wrong_at("coco/image-entry", place, f"file_name {name!r}", "a name")
        elif not stays_inside(name):
            wrong_at("coco/file-name", place, repr(name), "a name within the folder")
        elif self._base.execute(insert, (number, name, *size)).rowcount:
            return
        else:
            wrong_at("coco/image-entry", place, "a duplicate id", "a unique id")
        if isinstance(name, str):
            self._base.execute(insert, (None, name.encode(errors="replace").decode(), None, None))

    def _add_category(self, plain: Plain, wrong_at: _WrongAt) -> None:
        number, name, points = plain.get("id"), plain.get("name"), plain.get("keypoints") or []
        place, found = f"category {number!r}", f"id {number!r}, name {name!r}"
        unique = all(category.id != number for category in self.categories)
        if not is_whole(number) or not unique or not isinstance(name, str):
            wrong_at("coco/category", place, found, "a unique id and a name")
            return
        if not name:
            wrong_at("coco/category", place, found, "a name")
        names = points if isinstance(points, list) else []
        if names != points or not all(isinstance(point, str) for point in names):
            wrong_at("coco/category", place, "keypoints that are not a list of names", "names")
        skeleton = plain.get("skeleton") or []
        self.categories.append(Category(number, name, tuple(map(str, names)), skeleton))

    def _add_annotation(self, plain: Plain, wrong_at: _WrongAt) -> None:
        self.panoptic |= "segments_info" in plain
        image = plain.get("image_id")
        if not is_whole(image) and not self.panoptic:
            place = f"annotation {plain.get('id')!r}"
            wrong_at("coco/unknown-image", place, f"image {image!r}", "an image")
        values = image if is_whole(image) else None, json.dumps(plain)
        self._base.execute("INSERT INTO annotation (image, plain) VALUES (?, ?)", values)


def _kind_of(value: object, *, within: bool) -> str:
    """Describe a value of the wrong type. within: whether it is an element of a list."""
    if within:
        return "a list with elements that are not objects"
    return "nothing" if value is None else type(value).__name__
