"""How files of other tools name the images of a dataset."""

from __future__ import annotations

from pathlib import PurePosixPath

from simgen.errors import InputError
from simgen.formats.items import Item

_EXAMPLES = 3
_LONGEST_NUMBER = 18
"""Digits of a number that fits into 63 bits."""


class ImageKeys:
    """The images of a dataset by the `image_id` of a results file.

    That is the id in the dataset's COCO files. YOLO and Pascal VOC have none; there detectors use
    the file name without its suffix, as a number if it is one, and otherwise ids count from 1. Text
    is a file name, with or without its suffix.
    """

    def __init__(self) -> None:
        self._ids: dict[int, int] = {}
        self._names: dict[str, int] = {}
        self._stems: dict[int, int] = {}
        """Of images without ids, by their names where these are numbers."""
        self._twice: set[int | str] = set()
        self._count = 0

    def add(self, item: Item) -> None:
        """Add the next image."""
        place, self._count = self._count, self._count + 1
        number = item.image_id if item.source_id is None else item.source_id
        if self._ids.setdefault(number, place) != place:
            self._twice.add(number)
        file = PurePosixPath(item.picture.path.name)
        for name in {file.name, file.stem, item.name}:
            if self._names.setdefault(name, place) != place:
                self._twice.add(name)
        has_id = item.source_id is not None or item.sample is not None
        if not has_id and file.stem.isdecimal() and len(file.stem) < _LONGEST_NUMBER:
            self._stems[int(file.stem)] = place

    @property
    def _numbers(self) -> dict[int, int]:
        """Images by number."""
        return self._stems if len(self._stems) == self._count else self._ids

    def place(self, key: int | str) -> int | None:
        """Return the number of an image, from 0; None if there is none.

        Raises `InputError` if several images have the key.
        """
        found = self._numbers.get(key) if isinstance(key, int) else self._names.get(key)
        if key in self._twice and found is not None:
            raise InputError(
                f"image_id {key!r}: several images of the dataset have it; name one of its files"
            )
        return found

    def examples(self) -> str:
        """Return some ids, for messages."""
        return ", ".join(str(number) for number in [*self._numbers][:_EXAMPLES])
