"""Detections in COCO's results format: https://cocodataset.org/#format-results

The file is untrusted. It is read entry by entry, so its size does not decide how much memory it
takes.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pycocotools import mask as coco_mask

from simgen.errors import InputError
from simgen.formats.coco.masks import mask_of
from simgen.formats.items import RLE
from simgen.formats.keys import ImageKeys
from simgen.formats.reading.external import Repairs
from simgen.formats.reading.json_file import (
    LARGEST,
    elements,
    is_number,
    is_whole,
    numbers,
    size_finding,
)

_ENTRY = "{image_id, category_id, bbox, score}"
_MOST = 10_000_000
"""Detections of a file."""
_MOST_MASK_BYTES = 1 << 30
"""Of the run lengths of all masks; polygons of a few numbers can have many."""


@dataclass(frozen=True)
class Results:
    """The N detections of a file. images: places in the dataset. classes: indices of its classes.
    boxes: `N x 4` float64, `[x, y, w, h]` in pixels. masks: compressed run lengths of those that
    have a mask of at least a pixel, by their place in N. elsewhere: number of detections, not
    counted in N, of images that the dataset does not have."""

    images: np.ndarray
    classes: np.ndarray
    scores: np.ndarray
    boxes: np.ndarray
    masks: dict[int, str]
    elsewhere: int


def read_results(
    path: Path,
    keys: ImageKeys,
    sizes: Sequence[tuple[int, int]],
    categories: Mapping[int, str],
    counted: bool,
    classes: list[str],
) -> Results:
    """Read a results file. Raises `InputError`.

    sizes: width and height of each image. categories: class names by id. counted: whether these ids
    are mere counts from 1, which some tools start at 0; a file with an id 0 is then taken as such.
    classes: names of all classes.
    """
    wrong = size_finding(path, path.name, LARGEST)
    if wrong is not None:
        raise InputError(f"{path}: found {wrong.found}; expected {wrong.expected}")
    images, ids, values, elsewhere = array("q"), array("q"), array("d"), 0
    masks: dict[int, str] = {}
    room = _MOST_MASK_BYTES
    for place, plain in enumerate(_entries(path), start=1):
        where = f"{path}: entry {place}"
        key, category, score = _checked(plain, where)
        try:
            image = keys.place(key)
        except InputError as error:
            raise InputError(f"{where}: {error}") from error
        if image is None:
            elsewhere += 1
            continue
        box, mask = _placed(plain, *sizes[image], where)
        if mask is not None:
            masks[len(images)] = mask["counts"]
            room -= len(mask["counts"])
        if room < 0:
            raise InputError(f"{where}: masks of more than {_MOST_MASK_BYTES >> 20} MB in all")
        images.append(image)
        ids.append(category)
        values.extend((score, *box))
    if elsewhere and not images:
        raise InputError(
            f"{path}: none of its {elsewhere} detections is of an image of the dataset; expected "
            f"its image ids, such as {keys.examples()}, or file names"
        )
    table = np.array(values, np.float64).reshape(-1, 5)
    found = np.array(ids, np.int64)
    return Results(
        np.array(images, np.int64),
        _class_indices(path, found, categories, counted, classes),
        table[:, 0],
        table[:, 1:],
        masks,
        elsewhere,
    )


def _entries(path: Path) -> Iterator[Any]:
    not_finite: list[str] = []
    try:
        for place, plain in enumerate(elements(path, not_finite)):
            if place == 0 and not isinstance(plain, dict):
                break
            if place >= _MOST:
                raise InputError(f"{path}: more than {_MOST} detections")
            yield plain
        else:
            return
    except (OSError, ValueError, RecursionError) as error:
        why = " ".join(str(error).split())[:200]
        raise InputError(f"{path}: {why}; expected a JSON list of {_ENTRY}") from error
    raise InputError(f"{path}: found a list of other things; expected a JSON list of {_ENTRY}")


def _checked(plain: Any, where: str) -> tuple[int | str, int, float]:
    """Return image, category and score of an entry."""
    if not isinstance(plain, dict):
        raise InputError(f"{where}: {str(plain)[:80]}; expected {_ENTRY}")
    key, category, score = (plain.get(name) for name in ("image_id", "category_id", "score"))
    if not (is_whole(key) or isinstance(key, str)):
        raise InputError(f"{where}: image_id {str(key)[:80]}; expected an id or a file name")
    if not is_whole(category):
        raise InputError(f"{where}: category_id {str(category)[:80]}; expected an id")
    if not is_number(score):
        raise InputError(f"{where}: score {str(score)[:80]}; expected a number")
    return key, category, float(score)


def _placed(
    plain: dict[str, Any], width: int, height: int, where: str
) -> tuple[list[float], RLE | None]:
    """Return the box of an entry, around its mask if it names none, and the mask, if any."""
    mask = mask_of(plain.get("segmentation"), height, width, Repairs(), where)
    box = plain.get("bbox")
    if box is None and "segmentation" in plain:
        return ([0.0] * 4 if mask is None else coco_mask.toBbox(mask).tolist()), mask
    found = numbers(box, 4)
    if found is None or found[2] < 0 or found[3] < 0:
        raise InputError(f"{where}: bbox {str(box)[:80]}; expected [x, y, width, height]")
    return found, mask


def _class_indices(
    path: Path, ids: np.ndarray, categories: Mapping[int, str], counted: bool, classes: list[str]
) -> np.ndarray:
    first = 1 if counted and len(ids) and ids.min() == 0 else 0
    index_of = {name: index for index, name in enumerate(classes)}
    table = {number - first: index_of[name] for number, name in categories.items()}
    unique, places = np.unique(ids, return_inverse=True)
    for number in unique.tolist():
        if number not in table:
            raise InputError(
                f"{path}: category_id {number}; expected one of the dataset's, "
                f"{min(table, default=0)} to {max(table, default=0)}"
            )
    return np.array([table[number] for number in unique.tolist()], np.int64)[places]
