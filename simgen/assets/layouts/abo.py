"""Amazon Berkeley Objects: the archive of 3D models, with that of the listings beside it.

    3dmodels/original/0/B01N2PLWIL.glb, 3dmodels/metadata/3dmodels.csv.gz
    listings/metadata/listings_0.json.gz: one JSON object per line

Models are in metres with y up. Their class is the product type of their listing.
https://amazon-berkeley-objects.s3.amazonaws.com/index.html
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from simgen.assets.candidate import Candidate
from simgen.assets.layouts.layout import (
    MAX_TABLE_BYTES,
    Failed,
    Layout,
    Place,
    candidate,
    nearest,
    plain_name,
    read_bytes,
)
from simgen.errors import AssetError

_TABLES = ("metadata/3dmodels.csv.gz", "metadata/3dmodels.csv")
_MOST_LISTINGS = 64
_LICENCES = (("NonCommercial", "CC-BY-NC-4.0"), ("Attribution 4.0", "CC-BY-4.0"))
"""Licences of the releases, by words of their README.md."""


def _is_root(folder: Path) -> bool:
    return (folder / "original").is_dir() and any((folder / name).is_file() for name in _TABLES)


def find(folder: Path) -> tuple[Path, ...]:
    """Return the folders that contain `original` and the table of models."""
    return nearest(folder, _is_root)


def read(place: Place, failed: Failed) -> Iterator[Candidate]:
    """Yield the models of the table whose file exists; errors are added to `failed`."""
    root = place.root
    listed = _listings(root, failed)
    licence = _licence(root)
    table = next(root / name for name in _TABLES if (root / name).is_file())
    text = read_bytes(table, MAX_TABLE_BYTES).decode("utf-8", "replace")
    rows = csv.DictReader(io.StringIO(text))
    if not {"3dmodel_id", "path"} <= set(rows.fieldnames or ()):
        raise AssetError(f"{table.name}: expected the columns 3dmodel_id and path")
    for row in rows:
        number, path = row["3dmodel_id"] or "", row["path"] or ""
        file = root / "original" / path
        if not path or ".." in Path(path).parts or not file.is_file():
            continue  # most people have a part of the models
        try:
            yield _one(place, file, number, listed.get(number, {}), licence)
        except AssetError as error:
            failed.append((number, str(error)))


def _one(place: Place, file: Path, number: str, about: dict[str, Any], licence: str) -> Candidate:
    kind = _value(about, "product_type")
    if not (kind or place.of_class):
        raise AssetError(
            "its class is unknown: no listing has it; put `listings` beside `3dmodels`, or give"
            " --class"
        )
    return candidate(
        place.root,
        file,
        place.of_class or plain_name(kind),
        number,
        name=_value(about, "item_name")[:80] or number,
        up="y",
        source=f"abo: {number}",
        licence=licence,
        author="Amazon.com",
    )


def _value(about: dict[str, Any], key: str) -> str:
    """Return the value of a listing's key, in English if it has several languages."""
    values = about.get(key)
    found = [item for item in values if isinstance(item, dict)] if isinstance(values, list) else []
    found.sort(key=lambda item: not str(item.get("language_tag", "en")).startswith("en"))
    text = str(found[0].get("value", "")) if found else ""
    return "".join(letter for letter in " ".join(text.split()) if letter.isprintable())


def _listings(root: Path, failed: Failed) -> dict[str, dict[str, Any]]:
    """Return the first listing of each model, by its id."""
    found: dict[str, dict[str, Any]] = {}
    for near in (root, root.parent):
        files = sorted((near / "listings" / "metadata").glob("listings_*.json*"))
        for path in islice(files, _MOST_LISTINGS):
            try:
                data = read_bytes(path, MAX_TABLE_BYTES)
            except AssetError as error:
                failed.append((path.name, str(error)))
                continue
            for item in _lines(data):
                found.setdefault(str(item["3dmodel_id"]), item)
    return found


def _lines(data: bytes) -> Iterator[dict[str, Any]]:
    """Yield the listings with a model; damaged lines are skipped."""
    for line in data.splitlines():
        if b'"3dmodel_id"' not in line:
            continue
        try:
            item = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(item, dict) and isinstance(item.get("3dmodel_id"), str):
            wanted = ("3dmodel_id", "product_type", "item_name")
            yield {key: item.get(key) for key in wanted}


def _licence(root: Path) -> str:
    """Return the licence that the release's README states; empty without one."""
    for near in (root, root.parent):
        if (near / "README.md").is_file():
            text = read_bytes(near / "README.md").decode("utf-8", "replace")
            return next((name for words, name in _LICENCES if words in text), "")
    return ""


LAYOUT = Layout("abo", "3dmodels/metadata/3dmodels.csv.gz beside 3dmodels/original", find, read)
