"""The rows of YOLO's label files as annotations."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pycocotools import mask as coco_mask

from simgen.errors import InputError
from simgen.formats.items import Annotation, Mark
from simgen.formats.reading.external import Repairs, clipped
from simgen.formats.reading.masks import filled_polygons
from simgen.formats.yolo.data_file import Keypoints

_LARGEST = 50_000_000
"""Bytes of a label file."""


@dataclass(frozen=True)
class Row:
    """number: of the class, from 0. values: what stands after it. where: file and line."""

    number: int
    values: tuple[float, ...]
    where: str


def rows_of(path: Path, classes: int) -> list[Row]:
    """Of a label file; none where it is not there: an image without objects. Raises `InputError`.

    classes: how many there are.
    """
    if not path.is_file():
        return []
    if path.stat().st_size > _LARGEST:
        raise InputError(f"{path}: more than {_LARGEST} bytes; expected a row for each object")
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except ValueError as error:
        raise InputError(f"{path}: not a text file: {error}") from error
    return [
        _row(line.split(), f"{path}:{number}", classes)
        for number, line in enumerate(lines, start=1)
        if line.strip()
    ]


def _row(words: list[str], where: str, classes: int) -> Row:
    try:
        number, *values = map(float, words)
    except ValueError:
        raise InputError(f"{where}: {' '.join(words)[:80]!r}; expected numbers") from None
    if not all(map(math.isfinite, [number, *values])):
        raise InputError(f"{where}: a value is not finite; expected numbers from 0 to 1")
    if not number.is_integer() or not 0 <= number < classes:
        raise InputError(f"{where}: class {words[0]}; expected 0 to {classes - 1}, as in names")
    if len(values) < 4:
        raise InputError(f"{where}: {len(words)} columns; expected a class and at least 4 numbers")
    return Row(int(number), tuple(values), where)


def box_of(row: Row, name: str, size: tuple[int, int], repairs: Repairs) -> Annotation | None:
    """Of centre and size; what stands after them is left to others."""
    width, height = size
    x, y, w, h = row.values[:4]
    box = (x - w / 2) * width, (y - h / 2) * height, w * width, h * height
    kept = clipped(box, width, height, repairs)
    return None if kept is None else Annotation(name, kept, area=kept[2] * kept[3])


def polygon_of(row: Row, name: str, size: tuple[int, int], repairs: Repairs) -> Annotation | None:
    width, height = size
    corners = _corners(row, size)
    kept = clipped(_about(corners), width, height, repairs)
    if kept is None:
        return None
    within = np.clip(corners, 0, [width, height])
    mask = filled_polygons([within.reshape(-1).tolist()], height, width)
    area = kept[2] * kept[3] if mask is None else float(coco_mask.area(mask))
    return Annotation(name, kept, mask, area)


def oriented_of(row: Row, name: str, size: tuple[int, int], repairs: Repairs) -> Annotation | None:
    corners = _corners(row, size)
    kept = clipped(_about(corners), *size, repairs)
    if kept is None:
        return None
    return Annotation(name, kept, area=kept[2] * kept[3], oriented_box=corners)


def pose_of(
    row: Row, name: str, size: tuple[int, int], points: Keypoints, repairs: Repairs
) -> Annotation | None:
    names = points.names[row.number]
    if len(row.values) != 4 + len(names) * points.columns:
        raise InputError(
            f"{row.where}: {len(row.values) + 1} columns; expected "
            f"{5 + len(names) * points.columns}, as kpt_shape says"
        )
    entry = box_of(row, name, size, repairs)
    if entry is None:
        return None
    table = np.array(row.values[4:]).reshape(len(names), points.columns)
    marks = tuple(_mark(*pair, size) for pair in zip(names, table.tolist(), strict=True))
    return Annotation(name, entry.bbox, area=entry.area, marks=marks)


def _mark(name: str, values: list[float], size: tuple[int, int]) -> Mark:
    """Without a visibility, a point at the very corner or beyond it is none."""
    x, y, *rest = values
    visible = rest[0] if rest else 2 * (x >= 0 and y >= 0 and (x, y) != (0, 0))
    if visible <= 0:
        return Mark(name, 0.0, 0.0, 0)
    return Mark(name, x * size[0], y * size[1], 1 if visible == 1 else 2)


def _corners(row: Row, size: tuple[int, int]) -> np.ndarray:
    """`n x 2`, pixels."""
    if len(row.values) < 6 or len(row.values) % 2:
        raise InputError(
            f"{row.where}: {len(row.values) + 1} columns; expected 5 of a box, or an odd number "
            "from 7 of a polygon"
        )
    return np.array(row.values).reshape(-1, 2) * size


def _about(corners: np.ndarray) -> tuple[float, float, float, float]:
    (left, top), (right, bottom) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    return left, top, right - left, bottom - top
