"""Objects of Objaverse 1.0, as the `objaverse` package stores them in `~/.objaverse`.

    hf-objaverse-v1/glbs/000-023/UID.glb, metadata/000-023.json.gz, lvis-annotations.json.gz

The class is that of the LVIS annotations or else the object's category on Sketchfab; licence,
author and name are in the metadata. Units vary: an object gets the usual size of its class, or a
likely unit. https://objaverse.allenai.org/docs/objaverse-1.0
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from simgen.assets.candidate import Candidate
from simgen.assets.checking import GUESS
from simgen.assets.layouts.layout import (
    MAX_TABLE_BYTES,
    Failed,
    Layout,
    Place,
    candidate,
    folders,
    licence,
    nearest,
    plain_name,
    read_json,
    size_note,
    usual_size,
)
from simgen.errors import AssetError

_UID = re.compile(r"[0-9a-f]{32}")
_SHARD = re.compile(r"\d{3}-\d{3}")
_LVIS = ("lvis-annotations.json.gz", "lvis-annotations.json")


def _is_root(folder: Path) -> bool:
    return any(_SHARD.fullmatch(path.name) for path in folders(folder / "glbs"))


def find(folder: Path) -> tuple[Path, ...]:
    """Return the folders that contain `glbs`."""
    return nearest(folder, _is_root)


def read(place: Place, failed: Failed) -> Iterator[Candidate]:
    """Yield the downloaded objects; errors are added to `failed`."""
    classes = _lvis(place.root)
    for shard in folders(place.root / "glbs"):
        metadata = _metadata(place.root, shard.name, failed)
        for file in sorted(shard.glob("*.glb")):
            try:
                if not _UID.fullmatch(file.stem):
                    raise AssetError("its name is no id of Objaverse (32 hexadecimal digits)")
                yield _one(place, file, classes, metadata.get(file.stem))
            except AssetError as error:
                failed.append((f"{shard.name}/{file.name}", str(error)))


def _lvis(root: Path) -> dict[str, str]:
    """Return the LVIS category of each object that has one."""
    found: dict[str, str] = {}
    for name in _LVIS:
        if not (root / name).is_file():
            continue
        for category, uids in read_json(root / name, MAX_TABLE_BYTES).items():
            for uid in uids if isinstance(uids, list) else ():
                if isinstance(uid, str):
                    found.setdefault(uid, category)
        break
    return found


def _metadata(root: Path, shard: str, failed: Failed) -> dict[str, Any]:
    for name in (f"{shard}.json.gz", f"{shard}.json"):
        path = root / "metadata" / name
        if path.is_file():
            try:
                return read_json(path, MAX_TABLE_BYTES)
            except AssetError as error:
                failed.append((f"metadata/{name}", str(error)))
    return {}


def _one(place: Place, file: Path, classes: dict[str, str], known: Any) -> Candidate:
    about = known if isinstance(known, dict) else {}
    uid, notes = file.stem, []
    of_class = place.of_class or classes.get(uid, "")
    if not of_class:
        of_class = _category(about)
        notes.append("its class is its Sketchfab category: LVIS does not list it")
    of_class = place.of_class or plain_name(re.sub(r"\(.*?\)", "", of_class))
    size = usual_size(of_class)
    if size:
        notes.append(size_note(size))
    user: Any = about.get("user")
    user = user if isinstance(user, dict) else {}
    text = partial(_text, about)
    return candidate(
        place.root,
        file,
        of_class,
        uid,
        name=text("name") or uid,
        up="y",
        source=f"objaverse: {uid}",
        licence=licence(text("license")),
        author=_text(user, "displayName") or _text(user, "username"),
        unit=1.0 if size else GUESS,
        longest=size,
        notes=tuple(notes),
    )


def _text(about: dict[str, Any], key: str) -> str:
    value = about.get(key)
    plain = " ".join(value.split())[:80] if isinstance(value, str) else ""
    return "".join(letter for letter in plain if letter.isprintable())


def _category(about: dict[str, Any]) -> str:
    listed = about.get("categories")
    for item in listed if isinstance(listed, list) else ():
        if isinstance(item, dict) and re.search(r"\w", _text(item, "name")):
            return _text(item, "name")
    raise AssetError(
        f"its class is unknown: neither {_LVIS[0]} nor the metadata beside `glbs` lists it;"
        " download them (`objaverse.load_lvis_annotations()`) or give --class"
    )


LAYOUT = Layout("objaverse", "glbs/000-023/UID.glb", find, read)
