"""Conversion of a user's .blend stage: its geometry to GLB, and its markers to plain numbers.

Runs in a sandbox like `simgen.rendering.blender.convert`, and removes the same active content
first.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import bpy
import mathutils

from simgen.rendering.blender.convert import (
    RESULT,
    export_glb,
    keep_only,
    open_disarmed,
    procedural_notes,
    realise,
)

_KINDS = ("objects", "camera", "light")
_PREFIX = "simgen."
_MOST_MARKERS = 500


def convert_stage(file: Path, root: Path, work: Path) -> dict[str, Any]:
    """Write a file's visible geometry to `work/model.glb`, metres, y up, with a node per object.

    root: nothing outside this folder is read. Returns `parts` (name of the node, name of the
    object, stuff class, class, heading in radians), `markers` (see `_marker`; the world is z up,
    metres), `files` (SHA-256 of each texture outside the file, by its path in `root`) and `notes`.
    Raises `ValueError`, one line, for a file that cannot be converted.
    """
    scene, notes = open_disarmed(file, root)
    layer = scene.view_layers[0]
    layer.update()
    unit = scene.unit_settings.scale_length or 1.0
    kinds = {item.name: kind for item in layer.objects if (kind := _kind(item)) is not None}
    markers = [_marker(layer.objects[name], kind, unit) for name, kind in kinds.items()]
    for name in kinds:
        layer.objects[name].hide_render = True
    found = realise(scene)
    stuff = {item.name: _said(item, "stuff") or "background" for item in bpy.data.objects}
    classes = {item.name: _said(item, "class") for item in bpy.data.objects}
    pieces = [replace(piece, name=f"part_{number:05d}") for number, piece in enumerate(found)]
    parts = [
        {
            "node": piece.name,
            "name": was.name,
            "stuff": stuff.get(was.name, "background"),
            "class": classes.get(was.name, ""),
            "heading": math.atan2(was.matrix[1, 0], was.matrix[0, 0]),
        }
        for piece, was in zip(pieces, found, strict=True)
    ]
    keep_only(pieces)
    notes += procedural_notes()
    export_glb(work / RESULT)
    return {
        "parts": parts,
        "markers": markers[:_MOST_MARKERS],
        "files": _files(root),
        "notes": notes,
    }


def _kind(item: bpy.types.Object) -> str | None:
    """Return the kind of an object's marker, from its name or a collection's, or None. A light is
    itself a marker."""
    for name in (item.name, *(collection.name for collection in item.users_collection)):
        for kind in _KINDS:
            if name == _PREFIX + kind or name.startswith(_PREFIX + kind + "."):
                return kind
    return "lamp" if item.type == "LIGHT" else None


def _marker(item: bpy.types.Object, kind: str, unit: float) -> dict[str, Any]:
    """Describe a marker: its matrix, metres, row by row, and the centre and half sizes of its box
    in its own axes. The box is that of an empty's display, or around a mesh."""
    matrix = mathutils.Matrix.Scale(unit, 4) @ item.matrix_world
    middle, half = mathutils.Vector((0.0, 0.0, 0.0)), mathutils.Vector((0.0, 0.0, 0.0))
    if item.type == "EMPTY":
        half = mathutils.Vector((item.empty_display_size,) * 3)
    elif item.type == "LIGHT" and item.data.type == "AREA":
        wide = item.data.size
        high = item.data.size_y if item.data.shape in ("RECTANGLE", "ELLIPSE") else wide
        half = mathutils.Vector((wide / 2, high / 2, 0.0))
    elif item.type != "LIGHT":
        corners = [mathutils.Vector(corner) for corner in item.bound_box]
        low = mathutils.Vector(tuple(map(min, *corners)))
        high = mathutils.Vector(tuple(map(max, *corners)))
        middle, half = (low + high) / 2, (high - low) / 2
    return {
        "kind": kind,
        "name": item.name,
        "matrix": [[float(value) for value in row] for row in list(matrix)[:3]],
        "middle": list(middle),
        "half": list(half),
        "round": item.type == "EMPTY" and item.empty_display_type == "SPHERE",
        "lamp": item.data.type if item.type == "LIGHT" else str(item.get("kind", "")),
        "tags": _words(item.get("tags", "")),
    }


def _words(value: object) -> list[str]:
    return [word.strip() for word in str(value).split(",") if word.strip()]


def _said(item: bpy.types.Object, key: str) -> str:
    """Return the custom property `key`, or the name in a collection named `<key>.<name>`; else
    an empty string."""
    own = str(item.get(key, "")).removeprefix(f"{key}.")
    named = (_named(collection.name, f"{key}.") for collection in _all_above(item))
    return own or next((name for name in named if name), "")


def _named(collection: str, prefix: str) -> str:
    """Return a collection's name without prefix and number: Blender numbers duplicate names, so
    stuff.wall.001 means stuff.wall."""
    if not collection.startswith(prefix):
        return ""
    name, _, number = collection.removeprefix(prefix).partition(".")
    return name if not number or number.isdigit() else f"{name}.{number}"


def _all_above(item: bpy.types.Object) -> Iterable[bpy.types.Collection]:
    """Yield the collections that contain an object, innermost first."""
    found = list(item.users_collection)
    for collection in found:
        above = [other for other in bpy.data.collections if collection.name in other.children]
        found += [other for other in above if other not in found]
    return found


def _files(root: Path) -> dict[str, str]:
    """Return the SHA-256 of the image files in use."""
    found = {}
    for image in bpy.data.images:
        if image.packed_file is None and image.source == "FILE" and image.users:
            path = Path(bpy.path.abspath(image.filepath)).resolve()
            if path.is_relative_to(root) and path.is_file():
                digest = hashlib.sha256(path.read_bytes()).hexdigest()
                found[path.relative_to(root).as_posix()] = digest
    return found
