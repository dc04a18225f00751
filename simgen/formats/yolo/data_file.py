"""Reader of `data.yaml`, with the semantics of Ultralytics."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simgen.formats.findings import At, Sink, finding
from simgen.formats.reading.json_file import is_whole
from simgen.formats.reading.text_file import named, parsed_yaml, read_text

SPLITS = ("train", "val", "test")
_MOST = 100_000
"""Maximum number of classes, and of keypoints."""


@dataclass(frozen=True)
class Keypoints:
    """The keypoints of a dataset.

    names: keypoint names of each class, by class number from 0. columns: 2 for x, y; 3 with
    visibility.
    """

    names: tuple[tuple[str, ...], ...]
    columns: int

    @property
    def count(self) -> int:
        """Return the number of keypoints per object."""
        return len(self.names[0])


@dataclass(frozen=True)
class DataFile:
    """The content of a `data.yaml`.

    classes: names in the order of their numbers; generated if the file has only `nc`. images: the
    existing folders, lists and files of each split. keypoints: None if there are none. plain: the
    parsed content of the file.
    """

    classes: tuple[str, ...]
    images: dict[str, tuple[Path, ...]]
    keypoints: Keypoints | None
    plain: dict[str, Any]

    def once(self) -> dict[str, tuple[Path, ...]]:
        """Return the images of each split, without splits that repeat another's images.

        Ultralytics requires both train and val, so files may name one folder for both. The split
        kept is the one that the folder is named after, or else the first.
        """
        by_places: dict[tuple[Path, ...], list[str]] = {}
        for split, places in self.images.items():
            by_places.setdefault(places, []).append(split)
        kept = {
            next((name for name in names if name in {p.name for p in places}), names[0])
            for places, names in by_places.items()
        }
        return {split: places for split, places in self.images.items() if split in kept}


def read_data_file(path: Path, report: Sink) -> DataFile | None:
    """Read a `data.yaml`; None if it is unusable, which is reported."""
    text = read_text(path, path.name, report)
    if text is None:
        return None
    try:
        plain = parsed_yaml(text)
    except ValueError as problem:
        report(finding("yolo/data-yaml", path.name, "", str(problem), "YAML"))
        return None
    if not isinstance(plain, dict):
        report(finding("yolo/data-yaml", path.name, "", type(plain).__name__, "keys and values"))
        return None
    classes = _names(plain)
    if classes is None:
        at = At(path.name, "names")
        report(at("yolo/data-yaml", "no names numbered from 0", "a name for each class"))
        return None
    images = dict(_images(path, plain, report))
    return DataFile(classes, images, _keypoints(path.name, plain, classes, report), plain)


def _names(plain: dict[str, Any]) -> tuple[str, ...] | None:
    names = plain.get("names")
    if names is None and is_whole(plain.get("nc")):
        names = [f"class_{number}" for number in range(min(plain["nc"], _MOST))]
    if isinstance(names, list):
        names = dict(enumerate(names))
    if not isinstance(names, dict) or not names or len(names) > _MOST:
        return None
    if not all(map(is_whole, names)) or sorted(names) != list(range(len(names))):
        return None
    if not all(isinstance(name, str | int) for name in names.values()):
        return None
    return tuple(str(names[number]) for number in range(len(names)))


def _images(
    file: Path, plain: dict[str, Any], report: Sink
) -> Iterator[tuple[str, tuple[Path, ...]]]:
    """Yield the image paths of each split; splits with a missing path are reported and skipped."""
    given = plain.get("path")
    root = file.parent / given if isinstance(given, str) else file.parent
    root = root if root.is_dir() else file.parent
    for split in SPLITS:
        key = "validation" if split == "val" and "val" not in plain else split
        entry = plain.get(key)
        if entry in (None, "", []):
            continue
        texts = entry if isinstance(entry, list) else [entry]
        if not all(map(_is_name, texts)):
            report(finding("yolo/data-yaml", file.name, split, "no folder", "a folder of images"))
            continue
        places = tuple(_place(root, file.parent, text) for text in texts)
        missing = [place for place in places if not place.exists()]
        if missing:
            found = f"{named(missing[0], file.parent)}, which does not exist"
            report(finding("yolo/data-yaml", file.name, split, found, "a folder of images"))
            continue
        yield split, places


def _is_name(text: object) -> bool:
    return isinstance(text, str) and bool(text) and "\0" not in text and len(text) < 1000


def _place(root: Path, folder: Path, text: str) -> Path:
    """Resolve a path. Roboflow writes `../train/images` for folders beside the file."""
    tried = [root / text, folder / text, root / text.removeprefix("../")]
    return next((place for place in tried if place.exists()), tried[0])


def _keypoints(
    name: str, plain: dict[str, Any], classes: tuple[str, ...], report: Sink
) -> Keypoints | None:
    shape = plain.get("kpt_shape")
    if shape is None:
        return None
    right = isinstance(shape, list) and len(shape) == 2 and all(map(is_whole, shape))
    if not right or not 0 < shape[0] <= _MOST or shape[1] not in (2, 3):
        report(finding("yolo/kpt-shape", name, "kpt_shape", shape, "[K, 2] or [K, 3]"))
        return None
    given = plain.get("kpt_names")
    names = [_of_class(given, number, shape[0]) for number in range(len(classes))]
    return Keypoints(tuple(names), shape[1])


def _of_class(given: Any, number: int, count: int) -> tuple[str, ...]:
    names = given.get(number) if isinstance(given, dict) else given
    if isinstance(names, list) and len({str(name) for name in names}) == count == len(names):
        return tuple(str(name) for name in names)
    return tuple(f"point_{place}" for place in range(count))
