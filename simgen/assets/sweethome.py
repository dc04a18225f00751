"""Furniture libraries of Sweet Home 3D (.sh3f): archives of OBJ models with a properties file.

Its keys are of the form `width#12=59.4`, with lengths in centimetres. `modelRotation#12` holds a
rotation of the y-up model, nine numbers row by row; the rotated model is then scaled to width,
height and depth.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from simgen.assets import yaml_files
from simgen.assets.broken_references import Archive
from simgen.assets.candidate import Candidate, rounded
from simgen.assets.entries import Entry, is_rotation
from simgen.assets.names import path_part
from simgen.errors import AssetError

PROPERTIES = "PluginFurnitureCatalog.properties"
_UP_TO = 8 * 2**20
"""Maximum size of a properties file, bytes."""


@functools.cache
def _rules() -> dict[str, Any]:
    """Return the content of `sweethome.yaml`."""
    return yaml_files.parse(Path(__file__).with_suffix(".yaml").read_bytes())


def candidates(folder: Path, shown: str, failed: list[tuple[str, str]]) -> Iterator[Candidate]:
    """Yield the models of a library extracted to `folder`; errors are added to `failed`."""
    table = read_properties(folder / PROPERTIES)
    licence = table.get("license", "")
    library = table.get("name", shown)
    archive = Archive(folder)
    for number in range(1, 100_000):
        item = {key: table[f"{key}#{number}"] for key in _KEYS if f"{key}#{number}" in table}
        if "model" not in item:
            return
        name = f"{shown}: {item.get('name', number)}"
        try:
            yield _candidate(archive, folder, name, item, licence, library)
        except (AssetError, ValueError) as error:
            failed.append((name, str(error)))


_KEYS = (
    *("id", "name", "tags", "category", "creator"),
    *("model", "width", "depth", "height", "modelRotation"),
)


def _candidate(
    archive: Archive, folder: Path, shown: str, item: dict[str, str], licence: str, library: str
) -> Candidate:
    file = item["model"].lstrip("/")
    if ".." in PurePosixPath(file).parts or not (folder / file).is_file():
        raise AssetError(f"its model {file!r} is not in the archive")
    size = tuple(rounded(float(item[key]) / 100.0) for key in ("width", "depth", "height"))
    turn = tuple(float(word) for word in item.get("modelRotation", "").split())
    if turn and not is_rotation(turn):
        raise AssetError(f"its modelRotation {item['modelRotation']!r} is not a rotation")
    name = item.get("name", PurePosixPath(file).stem)
    category = item.get("category", "").lower()
    notes = archive.repair(folder / file)
    words = [word.strip().lower() for word in item.get("tags", "").split(",")]
    place = _rules()["places"].get(category, "indoor" if max(size) <= 0.5 else "furniture")
    tags = dict.fromkeys(tag for tag in (name.lower(), category, place, *words) if tag)
    class_name = class_of(name)
    if class_name in _rules()["rooted"]:
        tags["rooted"] = None
    ready = Entry(
        id=f"{path_part(class_name)}/{path_part(library)}-{path_part(PurePosixPath(file).stem)}",
        class_name=class_name,
        file="",
        size=size,
        up="y",
        turn=turn,
        name=name,
        licence=_rules()["licences"].get(licence.lower(), licence),
        author=item.get("creator", ""),
        source=f"sweethome3d-furniture: {item.get('id', file)}",
        tags=tuple(dict.fromkeys(tags)),
        notes=tuple(notes),
    )
    return Candidate(folder, file, shown, ready)


def class_of(name: str) -> str:
    """Return the class of a model, inferred from its English name."""
    low = name.lower()
    for class_name, pattern in _rules()["classes"].items():
        if re.search(pattern, low):
            return class_name
    return path_part(low).replace("-", "_")


def read_properties(path: Path) -> dict[str, str]:
    """Parse a Java properties file: Latin-1, `\\uXXXX` escapes, `\\` before a line break."""
    if path.stat().st_size > _UP_TO:
        raise AssetError(f"{path.name} is larger than {_UP_TO // 2**20} MB")
    text = re.sub(r"\\\r?\n[ \t]*", "", path.read_text("latin-1"))
    table = {}
    for line in text.splitlines():
        found = re.match(r"\s*([^#!=:\s][^=:\s]*)\s*[=:\s]\s*(.*)$", line)
        if found:
            table[found[1]] = _unescaped(found[2]).strip()
    return table


def _unescaped(text: str) -> str:
    def letter(found: re.Match[str]) -> str:
        if found[1]:
            return chr(int(found[1], 16))
        return {"t": "\t", "n": " ", "r": " "}.get(found[2], found[2])

    plain = re.sub(r"\\u([0-9a-fA-F]{4})|\\(.)", lambda m: letter(m), text)
    return plain if plain.isprintable() else "".join(c for c in plain if c.isprintable())
