"""YOLO's keypoints: one list for all classes, of which each class uses a subset."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from simgen.errors import InputError
from simgen.formats.items import Annotation, Item

_SIDES = {"left": "right", "right": "left", "l": "r", "r": "l"}
_MANY = 100
"""Number of keypoints above which the export adds a remark."""


class Skeleton:
    """The keypoints of an export. names: of all classes, in order of first occurrence."""

    def __init__(self, names: Sequence[str], classes: Iterable[str] = ()) -> None:
        self.names = tuple(names)
        self._places = {name: place for place, name in enumerate(self.names)}
        self._classes = tuple(classes)

    @classmethod
    def of(cls, items: Iterable[Item]) -> Skeleton:
        """Collect the keypoints of all items. Raises `InputError` if there are none."""
        names: dict[str, None] = {}
        classes: dict[str, None] = {}
        for item in items:
            for entry in item.seen:
                if entry.keypoints:
                    names.update(dict.fromkeys(mark.name for mark in entry.keypoints))
                    classes[entry.class_name] = None
        if not names:
            raise InputError(
                "the format 'yolo-pose' needs keypoints but the datasets have none; generate with "
                "labels=[...,keypoints], or export to 'yolo'"
            )
        return cls(list(names), classes)

    def row(self, entry: Annotation, item: Item) -> list[float]:
        """Return x, y, visibility of each keypoint; 0, 0, 0 for keypoints the object lacks."""
        row = [0.0] * (3 * len(self.names))
        for mark in entry.keypoints or ():
            if mark.visibility:
                place = 3 * self._places[mark.name]
                x, y = mark.x / item.width, mark.y / item.height
                row[place : place + 3] = *np.clip([x, y], 0, 1).tolist(), mark.visibility
        return row

    def described(self, classes: int) -> dict[str, Any]:
        """Return the keypoint entries of `data.yaml`. classes: number of classes."""
        return {
            "kpt_shape": [len(self.names), 3],
            "flip_idx": flip_places(self.names),
            "kpt_names": {number: list(self.names) for number in range(classes)},
        }

    def remarks(self) -> list[str]:
        if len(self.names) <= _MANY:
            return []
        return [
            f"YOLO has one list of keypoints for all classes, here {len(self.names)} keypoints of "
            f"{len(self._classes)} classes; --keep exports fewer classes"
        ]


def flip_places(names: Sequence[str]) -> list[int]:
    """Return the index of each keypoint's counterpart in the mirrored image.

    Names that differ only in the words `left` and `right` are counterparts; any other keypoint is
    its own.
    """
    places = {name: place for place, name in enumerate(names)}
    return [places.get(_mirrored(name), place) for place, name in enumerate(names)]


def _mirrored(name: str) -> str:
    """Return the mirrored name, such as `left_eye` for `right_eye`, `hand.L` for `hand.R`."""
    words = re.split(r"([^A-Za-z]+|(?<=[a-z])(?=[A-Z]))", name)
    return "".join(_other_side(word) for word in words if word)


def _other_side(word: str) -> str:
    other = _SIDES.get(word.lower())
    if other is None:
        return word
    if word.isupper():
        return other.upper()
    return other.capitalize() if word[0].isupper() else other
