"""A user's .blend stage as plain data: converted once by a sandboxed Blender, then cached."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cattrs
import numpy as np

from simgen.assets.entries import Entry
from simgen.assets.sandboxed import Bounds, run, work_folder
from simgen.errors import AssetError
from simgen.geometry.mesh import MeshData, SurfaceData
from simgen.resources import cache_dir

VERSION = 2
"""Part of a cache folder's name: increase it when conversions change."""
_MODEL, _FACTS = "model.glb", "stage.json"
_BOUNDS = Bounds(seconds=300.0)
_CONVERTER = cattrs.Converter(detailed_validation=False)
_CONVERTER.register_structure_hook(np.ndarray, lambda plain, _: np.array(plain, float))


@dataclass(frozen=True)
class Marker:
    """An object of the file that marks where objects, the camera or lights may be placed.

    kind: `objects`, `camera`, `light`, or `lamp` for a Blender light. matrix: `3 x 4`, from the
    marker's axes to the world, metres. middle, half: centre and half sides of its box in its own
    axes, `3`. lamp: kind of light. tags: of the classes that may be placed there.
    """

    kind: str
    name: str
    matrix: np.ndarray
    middle: np.ndarray
    half: np.ndarray
    round: bool
    lamp: str
    tags: tuple[str, ...]


@dataclass(frozen=True)
class FilePart:
    """One object of the file: its mesh in world axes, and its stuff class.

    class_name: as written in the file, or empty. heading: radians about z from the world's x axis
    to the object's.
    """

    name: str
    stuff: str
    class_name: str
    heading: float
    mesh: MeshData


@dataclass(frozen=True)
class StageFile:
    """The content of a .blend file. sha256: over the file and the textures that it uses."""

    sha256: str
    parts: tuple[FilePart, ...]
    markers: tuple[Marker, ...]
    notes: tuple[str, ...]


def read_stage(path: Path) -> StageFile:
    """Return the content of a .blend file, from the cache if already converted.

    Raises `AssetError`, one line, if the file is missing or cannot be converted.
    """
    path = path.resolve()
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise AssetError(f"{path}: cannot read it ({error.strerror}); expected .blend") from error
    if path.suffix.lower() != ".blend":
        raise AssetError(f"{path}: found {path.suffix or 'no'} file extension, expected .blend")
    cache = cache_dir()
    kept = None if cache is None else cache / f"stage-{VERSION}-{digest[:32]}"
    if kept is not None and _current(kept, path.parent):
        with contextlib.suppress(AssetError, KeyError, TypeError, ValueError, OSError):
            return _load(kept, digest)
    try:
        with work_folder() as work:
            job = {"file": str(path), "root": str(path.parent)}
            facts = run("stage", job, [path.parent], work, _BOUNDS)
            (work / _FACTS).write_text(json.dumps(facts))
            found = _load(work, digest)
            if kept is not None:
                _keep(work, kept)
            return found
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise AssetError(f"{path}: cannot read Blender's answer ({error})") from error
    except AssetError as error:
        raise AssetError(f"{path}: {error}") from error


def _current(kept: Path, root: Path) -> bool:
    """Return whether a conversion is cached and the textures outside the file are unchanged."""
    try:
        known = json.loads((kept / _FACTS).read_bytes())["files"]
        return all(_has(root, name, digest) for name, digest in known.items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _has(root: Path, name: str, digest: str) -> bool:
    """Return whether a file below `root` has a digest. `name` is untrusted sandbox output."""
    path = (root / name).resolve()
    if not (path.is_relative_to(root) and path.is_file()):
        return False
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest() == digest


def _load(folder: Path, digest: str) -> StageFile:
    facts = json.loads((folder / _FACTS).read_bytes())
    used = sorted(facts["files"].items())
    combined = hashlib.sha256("\n".join([digest, *(f"{n} {d}" for n, d in used)]).encode())
    # Importing trimesh takes most of a second, and most runs use no .blend file.
    from simgen.assets.files import read_asset

    model = read_asset(folder, Entry(_MODEL, "", _MODEL, up="y"))
    return StageFile(
        sha256=combined.hexdigest(),
        parts=_parts(model.mesh, facts["parts"]),
        markers=tuple(_marker(plain) for plain in facts["markers"]),
        notes=(*map(str, facts["notes"]), *model.notes),
    )


def _keep(work: Path, kept: Path) -> None:
    """Cache a conversion atomically. Failure is ignored."""
    with contextlib.suppress(OSError):
        kept.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=kept.parent, suffix=".tmp"))
        try:
            for name in (_MODEL, _FACTS):
                shutil.copyfile(work / name, made / name)
            if kept.exists():
                shutil.rmtree(kept)
            os.replace(made, kept)
        finally:
            shutil.rmtree(made, ignore_errors=True)


def _marker(plain: dict[str, Any]) -> Marker:
    marker = _CONVERTER.structure(plain, Marker)
    shapes = [(marker.matrix, (3, 4)), (marker.middle, (3,)), (marker.half, (3,))]
    if not all(array.shape == shape and np.isfinite(array).all() for array, shape in shapes):
        raise ValueError("a marker's matrix or box is damaged")
    return marker


def _parts(mesh: MeshData, listed: list[dict[str, Any]]) -> tuple[FilePart, ...]:
    """Split a mesh into one part per node, each with only the slots that it uses."""
    known = {str(item["node"]): item for item in listed}
    found, used = [], dict.fromkeys(map(str, known), 0)
    for number, node in enumerate(mesh.parts):
        item = known.get(node, {"name": node, "stuff": "background", "class": "", "heading": 0.0})
        faces = np.flatnonzero(mesh.part == number)
        if not len(faces):
            continue
        name = str(item["name"])
        used[name] = used.get(name, 0) + 1
        unique = name if used[name] == 1 else f"{name}#{used[name]}"
        about = str(item["stuff"]), str(item["class"]), float(item["heading"])
        found.append(FilePart(unique, *about, _selected(mesh, faces)))
    return tuple(found)


def _selected(mesh: MeshData, faces: np.ndarray) -> MeshData:
    """Return some faces of a mesh, with only the vertices and slots that they use."""
    points, corners = np.unique(mesh.faces[faces], return_inverse=True)
    slots, slot = np.unique(mesh.slot[faces], return_inverse=True)
    surfaces = tuple(mesh.surfaces[i] or SurfaceData() for i in slots)
    return replace(
        mesh,
        vertices=mesh.vertices[points],
        faces=corners.reshape(-1, 3).astype(np.int32),
        uv=mesh.uv[faces],
        slot=slot.reshape(-1).astype(np.int32),
        slots=tuple(mesh.slots[i] for i in slots),
        surfaces=surfaces,
        part=np.zeros(len(faces), np.int32),
        parts=("",),
        pieces=(),
        keypoints={},
        skeleton=(),
    )
