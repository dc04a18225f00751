"""Reader of the rows of YOLO label files, and their conversion to annotations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pycocotools import mask as coco_mask

from simgen.errors import InputError
from simgen.formats.findings import Sink, finding
from simgen.formats.items import Annotation, ImageKeypoint
from simgen.formats.reading.external import Repairs, clipped
from simgen.formats.reading.masks import filled_polygons
from simgen.formats.reading.text_file import floats, named, read_text
from simgen.formats.yolo.data_file import Keypoints


@dataclass(frozen=True)
class Row:
    """A row of a label file.

    number: of the class, from 0. values: the columns after the class. line: from 1. where: file
    and line, for messages.
    """

    number: int
    values: tuple[float, ...]
    line: int
    where: str


def label_path(image: Path) -> Path:
    """Return an image's label file: Ultralytics replaces the last folder `images` by `labels`."""
    parts = list(image.with_suffix(".txt").parts)
    folders = [place for place, part in enumerate(parts[:-1]) if part == "images"]
    if folders:
        parts[folders[-1]] = "labels"
    return Path(*parts)


def rows_of(path: Path, root: Path, classes: int, report: Sink) -> Iterator[Row]:
    """Yield the rows of a label file; none if it does not exist, as for an image without objects.

    root: the dataset's folder. classes: number of classes.
    """
    if not path.is_file():
        return
    name = named(path, root)
    text = read_text(path, name, report, may_be_empty=True) or ""
    for number, line in enumerate(text.splitlines(), start=1):
        words, place = line.split(), f"line {number}"
        values = floats(words)
        if values is None:
            report(finding("yolo/columns", name, place, " ".join(words), "numbers"))
        elif values and (not 0 <= values[0] < classes or values[0] % 1):
            report(finding("yolo/class", name, place, f"class {words[0]}", f"0 to {classes - 1}"))
        elif values:
            yield Row(int(values[0]), tuple(values[1:]), number, f"{path}:{number}")


def box_of(row: Row, name: str, size: tuple[int, int], repairs: Repairs) -> Annotation | None:
    """Convert the centre and size at the beginning of a row to a box."""
    if len(row.values) < 4:
        raise InputError(f"{row.where}: {len(row.values) + 1} columns; expected at least 5")
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
            f"{5 + len(names) * points.columns} according to kpt_shape"
        )
    entry = box_of(row, name, size, repairs)
    if entry is None:
        return None
    table = np.array(row.values[4:]).reshape(len(names), points.columns)
    keypoints = tuple(_keypoint(*pair, size) for pair in zip(names, table.tolist(), strict=True))
    return Annotation(name, entry.bbox, area=entry.area, keypoints=keypoints)


def _keypoint(name: str, values: list[float], size: tuple[int, int]) -> ImageKeypoint:
    """Convert a keypoint. Without a visibility, points at or beyond 0, 0 are not labelled."""
    x, y, *rest = values
    visible = rest[0] if rest else 2 * (x >= 0 and y >= 0 and (x, y) != (0, 0))
    if visible <= 0:
        return ImageKeypoint(name, 0.0, 0.0, 0)
    return ImageKeypoint(name, x * size[0], y * size[1], 1 if visible == 1 else 2)


def _corners(row: Row, size: tuple[int, int]) -> np.ndarray:
    """Return the corners of a row's polygon, `n x 2`, pixels."""
    if len(row.values) < 6 or len(row.values) % 2:
        raise InputError(
            f"{row.where}: {len(row.values) + 1} columns; expected 5 for a box, or an odd number "
            "of at least 7 for a polygon"
        )
    return np.array(row.values).reshape(-1, 2) * size


def _about(corners: np.ndarray) -> tuple[float, float, float, float]:
    (left, top), (right, bottom) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    return left, top, right - left, bottom - top
