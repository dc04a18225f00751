"""Groups of similar photographs, such as frames of one street."""

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
    """Return the group name of each image.

    method: `image`: every image is its own group. `folder`: the file's folder. `prefix`: the file
    name without its trailing number. `field:NAME`: that field of the image's entry in the COCO
    file. `auto`: images of equal size whose names differ only in the trailing number; images whose
    names are only numbers are their own groups. option: the config key or option, for messages.
    Raises `InputError` for any other method, and for an image without the field.
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
    # If all images share one prefix and one size, their names carry no information on groups.
    informative = len(shared) > 1
    return [
        key if informative and _prefix(item) and shared[key] > 1 else item.name
        for item, key in zip(items, keys, strict=True)
    ]


def _fields(
    items: Sequence[Item], field: str, coco_files: Sequence[Path], option: str
) -> list[str]:
    if not coco_files:
        raise InputError(f"{option}field:{field}: only images in COCO files have fields")
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
