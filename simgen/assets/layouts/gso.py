"""Google Scanned Objects, as Gazebo Fuel ships them, unpacked or one archive per model.

    NAME/meshes/model.obj, meshes/model.mtl, materials/textures/texture.png, metadata.pbtxt

The material file expects the texture beside it. Models are in metres with z up.
https://research.google/blog/scanned-objects-by-google-research-a-dataset-of-3d-scanned-common-household-items/
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from simgen.assets.broken_references import Archive
from simgen.assets.candidate import Candidate
from simgen.assets.layouts.layout import (
    Failed,
    Layout,
    Place,
    candidate,
    folders,
    licence,
    nearest,
    plain_name,
    read_bytes,
    with_damaged,
)
from simgen.assets.sandboxed import work_folder
from simgen.errors import AssetError

MODEL = "meshes/model.obj"
TEXTURES = "materials/textures"
METADATA = "metadata.pbtxt"
_MARKS = ("model.config", "model.sdf", METADATA)
_VAGUE = ("none", "consumer_goods", "")
"""Categories that do not say what an object is."""
_MOST_BYTES = 512 * 2**20
_CATEGORY = re.compile(r'\bcategor(?:y|ies)\s*(?::\s*|\{\s*(?:first\s*:\s*)?)"([^"\n]{1,80})"')
_LICENCE = re.compile(r'\blicense\s*:\s*"([^"\n]{1,200})"')


def _is_model(folder: Path) -> bool:
    """Return whether a folder has a mesh and what only these models have beside it."""
    marked = any((folder / name).is_file() for name in _MARKS)
    return (folder / MODEL).is_file() and (marked or (folder / TEXTURES).is_dir())


def find(folder: Path) -> tuple[Path, ...]:
    """Return the folder of one model, or the folders of models."""
    found = nearest(folder, _is_model)
    return found if found == (folder,) else with_damaged(found, _MARKS)


def read(place: Place, failed: Failed) -> Iterator[Candidate]:
    """Yield the model of a folder, with its texture found; errors are added to `failed`."""
    root, model = place.root, place.name
    try:
        if not _is_model(root):
            raise AssetError(f"it has no {MODEL}; download it again")
        text = ""
        if (root / METADATA).is_file():
            text = read_bytes(root / METADATA).decode("utf-8", "replace")
        with work_folder() as work:
            _copy(root, work)
            notes = Archive(work).repair(work / MODEL)
            item = candidate(
                work,
                work / MODEL,
                place.of_class or _class(text, model),
                model,
                up="z",
                source=f"gso: {model}",
                licence=_licence(text),
                author="Google LLC" if _licence(text) else "",
            )
            # That the texture is found elsewhere is part of the layout.
            notes = [note for note in notes if "texture.png" not in note]
            yield replace(item, ready=replace(item.ready, notes=tuple(notes)))
    except AssetError as error:
        failed.append((model, str(error)))


def _class(text: str, model: str) -> str:
    """Return the category of a model or, if it says little, its name."""
    found = _CATEGORY.search(text)
    category = plain_name(found[1]) if found and re.search(r"\w", found[1]) else ""
    return plain_name(model) if category in _VAGUE else category


def _licence(text: str) -> str:
    found = _LICENCE.search(text)
    return licence(found[1]) if found else ""


def _copy(root: Path, work: Path) -> None:
    """Copy a model's mesh and textures. Raises `AssetError` if they are too large or linked."""
    total = 0
    for place in ("meshes", TEXTURES):
        parts = [root / place, *folders(root / place)] if (root / place).is_dir() else []
        for path in (path for part in parts for path in sorted(part.iterdir())):
            if not path.is_file():
                continue
            if not path.resolve().is_relative_to(root.resolve()):
                raise AssetError(f"{path.name} is a link to a target outside the folder")
            total += path.stat().st_size
            if total > _MOST_BYTES:
                raise AssetError(f"its files are larger than {_MOST_BYTES // 2**20} MB")
            target = work / path.relative_to(root)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)


LAYOUT = Layout("gso", f"NAME/{MODEL}", find, read)
