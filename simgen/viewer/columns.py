"""Columns: one value per image, gathered scene by scene in little memory.

Images without a value have NaN in columns of numbers, 65535 in categories, no bit set in flags.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeIs

import numpy as np

from simgen.viewer.packing import pack
from simgen.viewer.titles import is_column, titles

NO_CATEGORY = 65535
_BITS = 32
_MOST = 500
"""Maximum number of columns; simgen has a fifth as many factors."""

type Values = Mapping[str, float | Sequence[str]]
"""Values of one image by column id: a number, or the names that apply to the image."""


@dataclass(frozen=True)
class Column:
    """A column as pages read it.

    about: its entry in the index, with id and kind. values: for numbers `N` float32; for categories
    `N` uint16, indices into `about["categories"]`; for flags uint32, `N` or, with more than 32
    categories, `N x words`: category c is bit c % 32 of word c // 32.
    """

    about: dict[str, Any]
    values: np.ndarray

    def payload(self) -> dict[str, Any]:
        return {"values": pack(self.values)}


def _is_number(value: float | Sequence[str]) -> TypeIs[float]:
    return isinstance(value, float)


class _Numbers:
    def __init__(self) -> None:
        self.values = array("f")

    def put(self, place: int, value: float) -> None:
        if place > len(self.values):
            self.values.extend([math.nan] * (place - len(self.values)))
        self.values.append(value)

    def column(self, about: dict[str, Any], images: int) -> Column:
        values = np.full(images, np.nan, np.float32)
        values[: len(self.values)] = self.values
        seen = values[np.isfinite(values)]
        low, high = (float(seen.min()), float(seen.max())) if len(seen) else (None, None)
        missing = int(images - len(seen))
        about = about | {"kind": "number", "min": low, "max": high, "missing": missing}
        return Column(about, values)


class _Names:
    """A column of sets of names. Equal sets are stored once, since many images share them."""

    def __init__(self) -> None:
        self.sets: dict[tuple[str, ...], int] = {(): 0}
        self.values = array("I")

    def put(self, place: int, value: Sequence[str]) -> None:
        if place > len(self.values):
            self.values.extend([0] * (place - len(self.values)))
        unique = tuple(sorted(set(value))) if len(value) > 1 else tuple(value)
        self.values.append(self.sets.setdefault(unique, len(self.sets)))

    def column(
        self, about: dict[str, Any], images: int, order: Sequence[str], several: bool
    ) -> Column:
        """Return the column. order: categories that come first, whether or not they occur. several:
        whether an image can have more than one category."""
        found = sorted({name for names in self.sets for name in names} - set(order))
        categories = [*order, *found]
        place_of = {name: place for place, name in enumerate(categories)}
        which = np.zeros(images, np.int64)
        which[: len(self.values)] = self.values
        several = several or any(len(names) > 1 for names in self.sets)
        several = several or len(categories) >= NO_CATEGORY
        table = _flags(self.sets, place_of) if several else _places(self.sets, place_of)
        missing = int((which == 0).sum())
        kind = "flags" if several else "category"
        about = about | {"kind": kind, "categories": categories, "missing": missing}
        return Column(about, table[which])


def _places(sets: Mapping[tuple[str, ...], int], place_of: Mapping[str, int]) -> np.ndarray:
    places = [place_of[names[0]] if names else NO_CATEGORY for names in sets]
    return np.array(places, np.uint16)


def _flags(sets: Mapping[tuple[str, ...], int], place_of: Mapping[str, int]) -> np.ndarray:
    words = max(1, -(-len(place_of) // _BITS))
    table = np.zeros((len(sets), words), np.uint32)
    for row, names in enumerate(sets):
        for name in names:
            word, bit = divmod(place_of[name], _BITS)
            table[row, word] |= np.uint32(1 << bit)
    return table[:, 0] if words == 1 else table


class Columns:
    """Collects all columns of a dataset.

    numbers: numeric columns that exist even if no image has a value. orders: the categories that
    come first in a column of names, such as classes by their ids. several: columns of names in
    which an image can have several.
    """

    def __init__(
        self,
        numbers: Sequence[str] = (),
        orders: Mapping[str, Sequence[str]] | None = None,
        several: Sequence[str] = (),
    ) -> None:
        self.images = 0
        self._orders = orders or {}
        self._several = frozenset(several)
        self._gathered: dict[str, _Numbers | _Names] = {name: _Numbers() for name in numbers}

    def add(self, values: Values) -> None:
        """Add the next image. Values that do not match the column's kind, and names that cannot be
        a column's id, are omitted: a dataset may contain any text."""
        for name, value in values.items():
            column = self._gathered.get(name)
            if column is None:
                if len(self._gathered) >= _MOST or not is_column(name):
                    continue
                column = self._gathered[name] = _Numbers() if _is_number(value) else _Names()
            if _is_number(value):
                if isinstance(column, _Numbers):
                    column.put(self.images, value)
            elif isinstance(column, _Names):
                column.put(self.images, value)
        self.images += 1

    def all(self) -> Iterator[Column]:
        """Yield all columns: those of images first, then factors by their keys."""
        names = sorted(self._gathered)
        title_of = titles([name for name in names if "." in name])
        known = list(title_of)
        for name in sorted(names, key=known.index):
            title = title_of[name]
            about = {"id": name, "title": title.title, "group": title.group, "unit": title.unit,
                     "about": title.about}  # fmt: skip
            column = self._gathered[name]
            if isinstance(column, _Numbers):
                yield column.column(about, self.images)
            else:
                order, several = self._orders.get(name, ()), name in self._several
                yield column.column(about, self.images, order, several)
