"""COCO files of other people, as tables on disk: an image is taken with its annotations."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simgen.errors import InputError
from simgen.formats.reading.json_stream import parts

_TABLES = """
CREATE TABLE image (place INTEGER PRIMARY KEY, file INT, id INT, plain TEXT, UNIQUE (file, id));
CREATE TABLE annotation (place INTEGER PRIMARY KEY, file INT, image INT, category INT, plain TEXT);
"""
_INDEX = "CREATE INDEX of_image ON annotation (file, image, place)"
_LOST = """
SELECT file, plain FROM annotation AS a
WHERE NOT EXISTS (SELECT 1 FROM image WHERE image.file = a.file AND image.id = a.image) LIMIT 1
"""


@dataclass(frozen=True)
class Category:
    """names: of keypoints. bones: pairs of places among them, from 0."""

    name: str
    names: tuple[str, ...] = ()
    bones: tuple[tuple[int, int], ...] = ()


class CocoIndex:
    """Some COCO files, read once. categories: by id, of each file. Raises `InputError`."""

    def __init__(self, files: Sequence[Path]) -> None:
        self.categories: list[dict[int, Category]] = [{} for _ in files]
        self._files = files
        # An empty name: a file of SQLite's own, which is gone with the connection.
        self._base = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._base.executescript(_TABLES)
        self._base.execute("BEGIN")
        for number in range(len(files)):
            self._read(number)
        self._base.execute(_INDEX)
        self._base.execute("COMMIT")
        self._check()
        (self.count,) = self._one("SELECT count(*) FROM image")
        (kinds,) = self._one("SELECT count(DISTINCT id) FROM image WHERE id > 0")
        self.has_own_ids = kinds == self.count
        """Whether the images' ids can be those of an export."""

    def images(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """All images in order, each with the number of its file."""
        for file, plain in self._base.execute("SELECT file, plain FROM image ORDER BY place"):
            yield file, json.loads(plain)

    def annotations(self, file: int, image: int) -> list[dict[str, Any]]:
        query = "SELECT plain FROM annotation WHERE file = ? AND image = ? ORDER BY place"
        return [json.loads(plain) for (plain,) in self._base.execute(query, (file, image))]

    def first(self, file: int) -> dict[str, Any] | None:
        """Its first image, if there is one."""
        query = "SELECT plain FROM image WHERE file = ? ORDER BY place LIMIT 1"
        found = self._base.execute(query, (file,)).fetchone()
        return None if found is None else json.loads(found[0])

    def _read(self, number: int) -> None:
        path, seen = self._files[number], set()
        for key, plain in parts(path):
            seen.add(key)
            if plain == []:
                continue
            if key in ("images", "annotations", "categories") and not isinstance(plain, dict):
                raise InputError(f"{path}: {key}: expected a list of objects as COCO has it")
            if key == "images":
                self._add_image(number, plain)
            elif key == "annotations":
                values = number, _id(plain, "image_id", path), _id(plain, "category_id", path)
                self._insert("annotation (file, image, category, plain)", *values, plain)
            elif key == "categories":
                self.categories[number][_id(plain, "id", path)] = _category(plain, path)
        if not {"images", "categories"} <= seen:
            raise InputError(
                f"{path}: no images and categories in it; expected a COCO file of instances"
            )

    def _add_image(self, number: int, plain: dict[str, Any]) -> None:
        path, own = self._files[number], _id(plain, "id", self._files[number])
        for name in ("width", "height"):
            if _id(plain, name, path) < 1:
                raise InputError(f"{path}: image {own}: {name} {plain[name]}; expected at least 1")
        try:
            self._insert("image (file, id, plain)", number, own, plain)
        except sqlite3.IntegrityError:
            raise InputError(f"{path}: image id {own} is there twice") from None

    def _insert(self, columns: str, *values: Any) -> None:
        *numbers, plain = values
        marks = ", ".join("?" * len(values))
        self._base.execute(f"INSERT INTO {columns} VALUES ({marks})", (*numbers, json.dumps(plain)))

    def _check(self) -> None:
        """That what annotations name is there."""
        lost = self._base.execute(_LOST).fetchone()
        if lost is not None:
            path, plain = self._files[lost[0]], json.loads(lost[1])
            raise InputError(
                f"{path}: annotation {plain.get('id')}: image_id {plain['image_id']} is not among "
                "the images"
            )
        query = "SELECT file, category, min(plain) FROM annotation GROUP BY file, category"
        for file, category, plain in self._base.execute(query):
            if category not in self.categories[file]:
                raise InputError(
                    f"{self._files[file]}: annotation {json.loads(plain).get('id')}: category_id "
                    f"{category} is not among the categories"
                )

    def _one(self, query: str) -> tuple[Any, ...]:
        return self._base.execute(query).fetchone()


def _id(plain: dict[str, Any], key: str, path: Path) -> int:
    value = plain.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not abs(value) < 2**63:
        shown = json.dumps(plain)[:100]
        raise InputError(f"{path}: {key} {value!r} in {shown}: expected a whole number")
    return value


def _category(plain: dict[str, Any], path: Path) -> Category:
    name, points = plain.get("name"), plain.get("keypoints") or []
    bones = plain.get("skeleton") or []
    good = isinstance(name, str) and name and isinstance(points, list) and isinstance(bones, list)
    if not good or not all(isinstance(point, str) for point in points):
        raise InputError(f"{path}: category {plain.get('id')}: expected a name, keypoints as names")
    pairs = [bone for bone in bones if _is_bone(bone, len(points))]
    return Category(str(name), tuple(points), tuple((a - 1, b - 1) for a, b in pairs))


def _is_bone(bone: Any, count: int) -> bool:
    pair = isinstance(bone, list) and len(bone) == 2
    return pair and all(isinstance(end, int) and 1 <= end <= count for end in bone)
