"""Groups of photographs that resemble each other, such as frames of one street."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from simgen.errors import InputError
from simgen.formats.items import Item

METHODS = ("auto", "image", "folder", "prefix", "field:NAME")


def groups_of(
    items: Sequence[Item],
    method: str,
    coco_files: Sequence[Path] = (),
    option: str = "data.group_by=",
) -> list[str]:
    """The group of each image. option: what messages call the method.

    method: `image`: each is its own. `folder`: that of its file. `prefix`: its file name without
    the number at the end. `field:NAME`: that field of its entry in the COCO file. `auto`: images
    of one size whose names differ in the number at the end, or each its own where names are
    numbers alone.
    Raises `InputError` for another method, and for an image without the field.
    """
    if method == "image":
        return [item.name for item in items]
    if method == "folder":
        return [str(Path(str(item.picture.path)).parent.name) for item in items]
    if method == "prefix":
        return [_prefix(item) or item.name for item in items]
    if method == "auto":
        return _automatic(items)
    if method.startswith("field:"):
        return _fields(items, method.removeprefix("field:"), coco_files, option)
    raise InputError(f"{option}{method}: expected one of {', '.join(METHODS)}")


def _stem(item: Item) -> str:
    return Path(str(item.picture.path)).stem


def _prefix(item: Item) -> str:
    return re.sub(r"[\W_]*\d+$", "", _stem(item))


def _automatic(items: Sequence[Item]) -> list[str]:
    keys = [f"{_prefix(item)} {item.width}x{item.height}" for item in items]
    shared = Counter(keys)
    # A dataset whose images all have one prefix and one size says nothing about groups.
    tells = len(shared) > 1
    return [
        key if tells and _prefix(item) and shared[key] > 1 else item.name
        for item, key in zip(items, keys, strict=True)
    ]


def _fields(
    items: Sequence[Item], field: str, coco_files: Sequence[Path], option: str
) -> list[str]:
    if not coco_files:
        raise InputError(f"{option}field:{field}: only COCO files have fields of images")
    values = {}
    for file in coco_files:
        for entry in json.loads(file.read_bytes())["images"]:
            if isinstance(entry, dict) and field in entry:
                values[Path(str(entry.get("file_name"))).name] = str(entry[field])
    for item in items:
        name = Path(str(item.picture.path)).name
        if name not in values:
            raise InputError(
                f"{option}field:{field}: image {name} has no such field in {coco_files[0]}"
            )
    return [values[Path(str(item.picture.path)).name] for item in items]
