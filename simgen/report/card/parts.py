"""The assets that scenes were made of, with their licences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from simgen.assets.classes import CLASSES
from simgen.config import HDRIS
from simgen.dataset.manifest import Manifest
from simgen.spec.scene import STAGE_SOURCE

OWN = "simgen's own"
"""The licence of shapes, surfaces and stages that simgen's code makes."""
BLENDER = "delivered with Blender"


@dataclass(frozen=True)
class Part:
    """An asset that appears in scenes, by others or simgen's own.

    kind: `mesh`, `texture`, `hdri`, `stage`, `class`. scenes: number of scenes that use it.
    licence, author, source: empty where they are not known.
    """

    kind: str
    name: str
    scenes: int
    licence: str = ""
    author: str = ""
    source: str = ""


def parts_of(spec: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Kind and name of each part of a scene, from the JSON of its spec."""
    return set(_parts(spec))


def _parts(spec: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for item in (*spec["objects"], *spec["distractors"]):
        asset = item["asset"]
        if asset["source"] == STAGE_SOURCE:
            continue  # it came with its stage
        yield ("mesh" if asset["source"] == "file" else "class"), asset["id"]
        yield from _textures(item["materials"])
    stage = spec["stage"]
    yield "stage", stage["name"]
    yield from _textures(stage["materials"])
    if spec["environment"]["hdri"]:
        yield "hdri", spec["environment"]["hdri"]


def _textures(materials: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for material in materials.values():
        if material.get("texture"):
            yield "texture", material["texture"]


def licensed(
    scenes: Mapping[tuple[str, str], int],
    assets: Mapping[str, Mapping[str, Any]],
    manifest: Manifest,
) -> tuple[Part, ...]:
    """The parts with their licences. scenes: how many use each part, by kind and name. assets: the
    entries of `assets.json`, by id.

    Parts of simgen or Blender are named as such; the licences of others are those in the catalogue
    of the asset folder, if it has them.
    """
    return tuple(
        _part(kind, name, count, assets.get(name, {}), manifest)
        for (kind, name), count in sorted(scenes.items())
    )


def _part(kind: str, name: str, scenes: int, asset: Mapping[str, Any], manifest: Manifest) -> Part:
    if kind == "mesh":
        entry = asset.get("entry") or {}
        licence, author, source = (
            str(entry.get(key) or "") for key in ("licence", "author", "source")
        )
        return Part(kind, name, scenes, licence, author, source)
    if kind == "hdri" and name in HDRIS:
        # As the licence.txt beside them says.
        return Part(kind, name, scenes, "CC0-1.0", "Greg Zaal, Poly Haven", BLENDER)
    if (kind == "class" and name in CLASSES) or (kind == "stage" and _built_in(manifest)):
        return Part(kind, name, scenes, OWN, "simgen", "made by its code")
    return Part(kind, name, scenes)


def _built_in(manifest: Manifest) -> bool:
    """Whether stages are simgen's; a plugin's or a .blend file's may not be."""
    return not manifest.plugins and manifest.folders.get("scene.blend") is None


def others(parts: tuple[Part, ...]) -> list[Part]:
    """Those that are neither simgen's nor Blender's."""
    return [part for part in parts if part.licence != OWN and part.source != BLENDER]
