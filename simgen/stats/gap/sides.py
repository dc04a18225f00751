"""The two compared sets of images, with their labels if available."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from PIL import Image

from simgen.errors import InputError
from simgen.formats.coco.read import CocoSource
from simgen.formats.groups import groups_of
from simgen.formats.items import SUFFIXES, Item, Picture
from simgen.formats.reading.external import External
from simgen.formats.sources import Source, open_source
from simgen.stats.collect import readable_items, title_of
from simgen.stats.compare import matching_names
from simgen.stats.gap.pictures import UNREADABLE


@dataclass(frozen=True)
class Entry:
    """An image of a set.

    name: displayed on the page. size: width and height in pixels that labels refer to. boxes: `n x
    4` float64, x, y, width and height in these pixels. classes: of the boxes. group: images of one
    group are similar, such as those of a scene or a street.
    """

    name: str
    picture: Picture
    group: str
    boxes: np.ndarray = field(default_factory=lambda: np.zeros((0, 4)))
    classes: tuple[str, ...] = ()

    @property
    def size(self) -> tuple[int, int]:
        return self.picture.width, self.picture.height

    def of(self, classes: frozenset[str] | None) -> np.ndarray:
        """Return the boxes of some classes, or of all for None, `n x 4`."""
        if classes is None:
            return self.boxes
        kept = [name in classes for name in self.classes]
        return self.boxes[np.array(kept, bool)]


@dataclass(frozen=True)
class Side:
    """A set of images.

    labelled: whether it has any boxes. total: number of images in the set, of which `entries` may
    be a subset. left_out: names of unreadable files, each with the reason.
    """

    name: str
    entries: tuple[Entry, ...]
    labelled: bool
    total: int
    left_out: tuple[str, ...] = ()

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """Return the classes of all boxes, most frequent first."""
        names = [name for entry in self.entries for name in entry.classes]
        return tuple(sorted(set(names), key=lambda name: (-names.count(name), name)))

    @property
    def groups(self) -> list[str]:
        """Return the group of each image."""
        return [entry.group for entry in self.entries]

    def renamed(self, names: Mapping[str, str]) -> Side:
        """Return a copy with renamed classes."""
        entries = tuple(
            replace(entry, classes=tuple(names.get(name, name) for name in entry.classes))
            for entry in self.entries
        )
        return replace(self, entries=entries)


def open_side(path: str, limit: int, group_by: str, renamed: Mapping[str, str]) -> Side:
    """Open the set of images at a path: a dataset in a readable format, or a folder of images.

    limit: maximum number of images, evenly spread; 0 for all. group_by: a method of
    `simgen.formats.groups`; by default, the scenes of simgen datasets are the groups. renamed: new
    class names by old ones. Raises `InputError`.
    """
    lost: list[str] = []
    source = _source(path)
    if source is None:
        items = list(_plain_items(Path(path), lost))
    else:
        if isinstance(source, External):
            source.lost = lost
        items = list(readable_items(source, lost))
    total = len(items) + len(lost)
    items = [item for item in items if item.sample is None or "rgb" in item.sample.labels]
    if not items:
        raise InputError(f"{path}: has no readable images" + (f"; {lost[0]}" if lost else ""))
    groups = _groups(items, group_by, source)
    kept = spread(len(items), limit)
    labelled = any(item.objects for item in items)
    entries = tuple(_entry(items[place], groups[place], renamed) for place in kept)
    name = title_of(path)
    return Side(name, entries, labelled, total, tuple(_without(path, line) for line in lost))


def with_matching_classes(side: Side, other: Side) -> Mapping[str, str]:
    """Map classes of one side to those of the other with an equivalent name."""
    return matching_names(side.classes, other.classes)


def _source(path: str) -> Source | None:
    """Open a dataset; return None for a folder of images that is not a dataset."""
    try:
        return open_source(path)
    except InputError:
        folder = Path(path)
        if folder.is_dir() and next(_image_files(folder), None) is not None:
            return None
        raise


def _image_files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in SUFFIXES and path.is_file():
            yield path


def _plain_items(folder: Path, lost: list[str]) -> Iterator[Item]:
    """Yield the images of a folder, recursively, without labels."""
    for number, path in enumerate(_image_files(folder), start=1):
        name = path.relative_to(folder).as_posix()
        try:
            with Image.open(path) as image:
                width, height = image.size
        except UNREADABLE as error:
            lost.append(f"{name}: {_reason(error)}")
            continue
        yield Item(name, "", number, Picture(width, height, path), ())


def _groups(items: Sequence[Item], method: str, source: Source | None) -> list[str]:
    if method == "auto" and all(item.sample is not None for item in items):
        return [f"scene {item.frame.scene}" for item in items]
    files = source.files if isinstance(source, CocoSource) else ()
    return groups_of(items, method, files, "--group-by ")


def spread(count: int, limit: int) -> list[int]:
    """Return indices of at most `limit` of `count` images, evenly spread; 0 for all."""
    if not limit or count <= limit:
        return list(range(count))
    return [int(place) for place in np.linspace(0, count - 1, limit).round()]


def _entry(item: Item, group: str, renamed: Mapping[str, str]) -> Entry:
    found = [(entry.class_name, entry.bbox) for entry in item.objects if entry.bbox is not None]
    boxes = np.array([box for _, box in found], float).reshape(-1, 4)
    classes = tuple(renamed.get(name, name) for name, _ in found)
    return Entry(item.name, item.picture, group, boxes, classes)


def _reason(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _without(path: str, line: str) -> str:
    """Remove the folder of the set from a line, as it would reveal the layout of a machine."""
    return " ".join(line.replace(f"{path.rstrip('/')}/", "").split())


type Tell = Callable[[int, int], None]
"""Progress callback: number of finished images, total number of images."""
