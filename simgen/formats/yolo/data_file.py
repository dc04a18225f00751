"""`data.yaml` of other people's YOLO datasets, as Ultralytics understands it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from simgen.errors import InputError

_LARGEST = 10_000_000
"""Bytes of a file."""
_SPLITS = ("train", "val", "test")
_MOST = 10_000
"""Classes, and keypoints."""


@dataclass(frozen=True)
class Keypoints:
    """names: of each class, by its number from 0. columns: 2 for x, y, 3 with the visibility."""

    names: tuple[tuple[str, ...], ...]
    columns: int


@dataclass(frozen=True)
class DataFile:
    """classes: in the order of their numbers. images: folders, lists and files of each split.
    keypoints: None where there are none."""

    classes: tuple[str, ...]
    images: dict[str, tuple[Path, ...]]
    keypoints: Keypoints | None


def read_data_file(path: Path) -> DataFile:
    """Raises `InputError`."""
    plain = _loaded(path)
    classes = _names(plain, path)
    if "val" not in plain and "validation" in plain:
        plain["val"] = plain["validation"]
    images = {
        split: _places(path, plain, split) for split in _SPLITS if plain.get(split) is not None
    }
    if not any(images.values()):
        raise InputError(f"{path}: names no images; expected train, val or test")
    return DataFile(classes, _once(images), _keypoints(plain, classes, path))


def _once(images: dict[str, tuple[Path, ...]]) -> dict[str, tuple[Path, ...]]:
    """Without splits that stand in for another, since Ultralytics wants both train and val."""
    by_places: dict[tuple[Path, ...], list[str]] = {}
    for split, places in images.items():
        by_places.setdefault(places, []).append(split)
    kept = {places: _own(names, places) for places, names in by_places.items()}
    return {split: places for split, places in images.items() if kept[places] == split}


def _own(names: list[str], places: tuple[Path, ...]) -> str:
    """Of several splits with the same images the one that they are called by, or the first."""
    called = {place.name for place in places}
    return next((name for name in names if name in called), names[0])


def _loaded(path: Path) -> dict[str, Any]:
    if path.stat().st_size > _LARGEST:
        raise InputError(f"{path}: more than {_LARGEST} bytes; expected YOLO's data.yaml")
    try:
        plain = yaml.load(path.read_text(encoding="utf-8-sig"), _Loader)
    except (yaml.YAMLError, ValueError, RecursionError, OSError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{path}: not readable as YAML: {reason}") from error
    if not isinstance(plain, dict):
        raise InputError(f"{path}: expected keys such as train, val and names")
    return plain


class _Loader(yaml.SafeLoader):
    """Without aliases, by which a small file can grow beyond all bounds."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases (*name) are not taken")
        return super().compose_node(parent, index)


def _names(plain: dict[str, Any], path: Path) -> tuple[str, ...]:
    names = plain.get("names")
    if names is None and isinstance(plain.get("nc"), int):
        names = [f"class_{number}" for number in range(min(plain["nc"], _MOST))]
    if isinstance(names, dict):
        try:
            numbered = {int(number): name for number, name in names.items()}
        except (TypeError, ValueError):
            numbered = {}
        names = [numbered.get(number) for number in range(len(numbered))] if numbered else None
    if not isinstance(names, list) or not names or None in names or len(names) > _MOST:
        raise InputError(f"{path}: names: expected a list of classes, or their numbers 0, 1, ...")
    found = tuple(str(name) for name in names)
    if len(set(found)) < len(found):
        twice = next(name for name in found if found.count(name) > 1)
        raise InputError(f"{path}: names: {twice!r} is there twice; give each class its own name")
    return found


def _places(file: Path, plain: dict[str, Any], split: str) -> tuple[Path, ...]:
    given = plain[split]
    texts = given if isinstance(given, list) else [given]
    if not all(isinstance(text, str) for text in texts):
        raise InputError(f"{file}: {split}: expected a folder, a list of images, or several")
    root = _root(file, plain.get("path"))
    return tuple(_place(root, file.parent, text) for text in texts if text)


def _root(file: Path, given: Any) -> Path:
    """`path` where it leads somewhere, else the file's folder."""
    root = file.parent / str(given) if given else file.parent
    return root if root.is_dir() else file.parent


def _place(root: Path, folder: Path, text: str) -> Path:
    """Roboflow's files say `../train/images` for what lies beside them."""
    tried = [root / text, folder / text, root / text.removeprefix("../")]
    return next((place for place in tried if place.exists()), tried[0])


def _keypoints(plain: dict[str, Any], classes: tuple[str, ...], path: Path) -> Keypoints | None:
    shape = plain.get("kpt_shape")
    if shape is None:
        return None
    good = isinstance(shape, list) and len(shape) == 2 and all(isinstance(n, int) for n in shape)
    if not good or not 0 < shape[0] <= _MOST or shape[1] not in (2, 3):
        raise InputError(f"{path}: kpt_shape {shape}; expected [keypoints, 2 or 3]")
    count, columns = shape
    given = plain.get("kpt_names")
    names = [_of_class(given, number, count) for number in range(len(classes))]
    return Keypoints(tuple(names), columns)


def _of_class(given: Any, number: int, count: int) -> tuple[str, ...]:
    names = given.get(number) if isinstance(given, dict) else given
    if isinstance(names, list) and len({str(name) for name in names}) == count == len(names):
        return tuple(str(name) for name in names)
    return tuple(f"point_{place}" for place in range(count))
