"""YCB objects: the scans of the benchmark's site, and the models of the YCB-Video dataset.

    002_master_chef_can/google_16k/textured.obj, textured.mtl, texture_map.png
    models/002_master_chef_can/textured.obj

Models are in metres with z up. The scans with the fewest triangles are used.
https://www.ycbbenchmarks.com/object-models/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from simgen.assets.candidate import Candidate
from simgen.assets.layouts.layout import (
    Failed,
    Layout,
    Place,
    candidate,
    containing,
    folders,
    plain_name,
)
from simgen.errors import AssetError

_NAME = re.compile(r"(\d{3}(?:-[a-z])?)_(\w[\w-]*)")
_FILES = (
    *("google_16k/textured.obj", "google_64k/textured.obj", "google_512k/textured.obj"),
    *("textured.obj", "textured_simple.obj", "tsdf/textured.obj", "poisson/textured.obj"),
    *("google_16k/nontextured.ply", "google_16k/nontextured.stl", "poisson/nontextured.ply"),
    *("tsdf/nontextured.ply",),
)
"""Meshes of an object, the best first."""


def _is_object(folder: Path) -> bool:
    return bool(_NAME.fullmatch(folder.name)) and _file(folder) is not None


def _file(folder: Path) -> Path | None:
    return next((folder / name for name in _FILES if (folder / name).is_file()), None)


def find(folder: Path) -> tuple[Path, ...]:
    """Return the folders that contain objects, or the folder of one object."""
    return containing(folder, _is_object)


def read(place: Place, failed: Failed) -> Iterator[Candidate]:
    """Yield the objects of a folder; those without a mesh are added to `failed`."""
    root = place.root
    single = [root] if _is_object(root) else []
    for folder in single or folders(root):
        if not (name := _NAME.fullmatch(folder.name)):
            continue
        try:
            if (file := _file(folder)) is None:
                raise AssetError(f"it has no mesh; expected {_FILES[0]} or textured.obj")
            yield candidate(
                folder,
                file,
                place.of_class or plain_name(name[2].replace("-", "_")),
                folder.name,
                up="z",
                source=f"ycb: {folder.name}",
            )
        except AssetError as error:
            failed.append((folder.name, str(error)))


LAYOUT = Layout("ycb", f"002_master_chef_can/{_FILES[0]}", find, read)
