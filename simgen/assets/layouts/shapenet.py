"""ShapeNetCore v2, whole or some of its categories.

    taxonomy.json, 03797390/ID/models/model_normalized.obj, .mtl, .json, images/texture0.jpg

Models have a diagonal of 1 and y up; they get the usual size of their class.
https://shapenet.org/
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from simgen.assets import yaml_files
from simgen.assets.candidate import Candidate
from simgen.assets.layouts.layout import (
    Failed,
    Layout,
    Place,
    candidate,
    containing,
    folders,
    plain_name,
    read_bytes,
    size_note,
    some,
    usual_size,
)
from simgen.errors import AssetError

MODEL = "models/model_normalized.obj"
TAXONOMY = "taxonomy.json"
_SYNSET = re.compile(r"\d{8}")


def _is_category(folder: Path) -> bool:
    return bool(_SYNSET.fullmatch(folder.name)) and some(folder, lambda p: (p / MODEL).is_file())


def find(folder: Path) -> tuple[Path, ...]:
    """Return the folders that contain categories, or the folder of one category."""
    return containing(folder, _is_category)


def read(place: Place, failed: Failed) -> Iterator[Candidate]:
    """Yield the models of a folder; errors are added to `failed`."""
    root = place.root
    alone = bool(_SYNSET.fullmatch(root.name))
    names = _taxonomy(root.parent if alone else root)
    for category in [root] if alone else folders(root):
        if not _SYNSET.fullmatch(category.name):
            continue
        for folder in folders(category):
            try:
                yield _one(folder, category.name, names, place.of_class)
            except AssetError as error:
                failed.append((f"{category.name}/{folder.name}", str(error)))


def _one(folder: Path, synset: str, names: dict[str, str], given: str) -> Candidate:
    if not (folder / MODEL).is_file():
        raise AssetError(f"it has no {MODEL}")
    if not given and synset not in names:
        raise AssetError(f"{TAXONOMY} has no synset {synset}; give --class")
    of_class = given or names[synset]
    size = usual_size(of_class)
    note = size_note(size) if size else ""
    return candidate(
        folder,
        folder / MODEL,
        of_class,
        folder.name,
        up="y",
        source=f"shapenet: {synset}/{folder.name}",
        longest=size,
        notes=(note or "ShapeNet gives no size, and that of its class is not known: give --scale",),
    )


def _taxonomy(root: Path) -> dict[str, str]:
    """Return the class of each synset: the table's, and the first name in `taxonomy.json` of
    others."""
    names = dict(_known())
    if (root / TAXONOMY).is_file():
        for item in _items(root / TAXONOMY):
            synset, text = item.get("synsetId"), item.get("name")
            if isinstance(synset, str) and isinstance(text, str) and re.search(r"\w", text):
                names.setdefault(synset, plain_name(text.split(",")[0]))
    return names


def _items(path: Path) -> list[dict[str, Any]]:
    try:
        plain = json.loads(read_bytes(path))
    except (ValueError, RecursionError) as error:
        raise AssetError(f"{path.name}: not valid JSON; download it again") from error
    if not isinstance(plain, list):
        raise AssetError(f"{path.name}: found {yaml_files.short(plain)}, expected a list")
    return [item for item in plain if isinstance(item, dict)]


@cache
def _known() -> dict[str, str]:
    return yaml_files.parse(Path(__file__).with_suffix(".yaml").read_bytes())


LAYOUT = Layout("shapenet", f"03797390/ID/{MODEL}", find, read)
