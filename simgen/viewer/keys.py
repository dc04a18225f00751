"""How files of other tools name the images and classes of a dataset."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import PurePosixPath

from simgen.errors import InputError
from simgen.formats.coco.read import CocoSource
from simgen.formats.items import Item, Source
from simgen.formats.simgen.read import SimgenSource

_EXAMPLES = 3


class ImageKeys:
    """The images of a dataset by the `image_id` of a results file.

    That is the id in the dataset's COCO files. YOLO and Pascal VOC have none; there detectors use
    the file name without its suffix, as a number if it is one, and otherwise ids count from 1. Text
    is a file name, with or without its suffix.
    """

    def __init__(self, items: Iterable[Item]) -> None:
        self._ids: dict[int, int] = {}
        self._names: dict[str, int] = {}
        twice: Counter[int | str] = Counter()
        stems: dict[int, int] = {}
        has_own, self.count = False, 0
        for place, item in enumerate(items):
            self.count += 1
            has_own |= item.source_id is not None or item.sample is not None
            number = item.image_id if item.source_id is None else item.source_id
            self._put(self._ids, number, place, twice)
            file = PurePosixPath(item.picture.path.name)
            for name in {file.name, file.stem, item.name}:
                self._put(self._names, name, place, twice)
            if file.stem.isdecimal() and len(file.stem) < 18:
                stems[int(file.stem)] = place
        if not has_own and len(stems) == self.count:
            self._ids = stems
        self._twice = frozenset(twice)

    def _put[K: (int, str)](
        self, table: dict[K, int], key: K, place: int, twice: Counter[int | str]
    ) -> None:
        if table.setdefault(key, place) != place:
            twice[key] += 1

    def place(self, key: int | str) -> int | None:
        """Return the number of an image, from 0; None if there is none.

        Raises `InputError` if several images have the key.
        """
        found = self._ids.get(key) if isinstance(key, int) else self._names.get(key)
        if key in self._twice and found is not None:
            raise InputError(
                f"image_id {key!r}: several images of the dataset have it; name one of its files"
            )
        return found

    def examples(self) -> str:
        """Return some ids, for messages."""
        return ", ".join(str(number) for number in [*self._ids][:_EXAMPLES])


def category_names(source: Source) -> tuple[dict[int, str], bool]:
    """Return the class names by the `category_id` of a results file, and whether these ids are mere
    counts: from 1 in the order of the classes, in datasets whose files have no ids.

    Raises `InputError`.
    """
    if isinstance(source, CocoSource):
        return source.category_names, False
    return dict(enumerate(source.classes, start=1)), not isinstance(source, SimgenSource)
