"""The objects of a scene: their number, classes, shapes, sizes and surfaces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from simgen.assets.catalogue import Catalogue
from simgen.assets.library import Library
from simgen.assets.living import STANDING
from simgen.assets.textures import TextureFolder
from simgen.config.draws import Draws
from simgen.config.weights import split
from simgen.geometry.mesh import MeshData
from simgen.sampling.placement.place import ROOTED
from simgen.sampling.randomizers.classes import class_weights, distractor_classes
from simgen.sampling.randomizers.materials import draw_surface
from simgen.spec.rng import Stream, log_uniform
from simgen.spec.scene import AssetRef, MaterialSpec

CONTENTS = "contents"
"""Parameter of parametric classes that may hold something; 0 is empty."""


@dataclass(frozen=True)
class DrawnObject:
    """An object before placement. mesh: of its asset, unscaled. initial_pose: its name."""

    class_name: str
    asset: AssetRef
    mesh: MeshData
    scale: float
    initial_pose: str


@dataclass(frozen=True)
class Wanted:
    """What a rare case requires of the first object. None: no requirement."""

    class_name: str | None = None
    initial_pose: str | None = None


def draw_objects(
    draws: Draws, catalogue: Catalogue, library: Library, first: Wanted, count: int
) -> list[DrawnObject]:
    """Sample `count` objects. Each has its own streams, so a higher count changes none of them."""
    classes = class_weights(draws.config, catalogue)
    return [
        _draw_object(draws, catalogue, library, classes, first if number == 0 else Wanted(), number)
        for number in range(count)
    ]


def draw_distractors(
    draws: Draws, catalogue: Catalogue, library: Library, objects: Sequence[DrawnObject]
) -> list[DrawnObject]:
    """Sample unlabelled objects, about as large as the labelled ones. What stands, as people do,
    keeps its real size."""
    count = draws.whole("distractors.count_range")
    names = distractor_classes(draws.config, catalogue) if count else ()
    found = []
    for number in range(count):
        rng = draws.stream("distractors", number)
        name = names[int(rng.integers(len(names)))]
        asset = _draw_distractor(catalogue, library, name, rng)
        stands = STANDING in catalogue.tags(name)
        initial_pose = "tumbled" if rng.random() < 0.3 and not stands else "upright"
        asset = _emptied(asset, initial_pose)
        found.append(DrawnObject(name, asset, library.mesh(asset), 1.0, initial_pose))
    if not found or not draws.config.distractors.fitted:
        return found
    sizes = [item.scale * _length(item.mesh) for item in objects]
    lengths = np.array([_length(item.mesh) for item in found])
    scales = np.clip(lengths, min(sizes), max(sizes)) / lengths
    scales[[STANDING in catalogue.tags(item.class_name) for item in found]] = 1.0
    return [replace(item, scale=float(scale)) for item, scale in zip(found, scales, strict=True)]


def _length(mesh: MeshData) -> float:
    """Return the longest side of a mesh, metres."""
    return float(np.ptp(mesh.bounds(), axis=0).max())


def draw_materials(
    draws: Draws,
    catalogue: Catalogue,
    class_name: str,
    slots: tuple[str, ...],
    textures: TextureFolder | None,
    rng: Stream,
) -> dict[str, MaterialSpec]:
    """Sample a surface for each named slot of an object. rng: the object's own."""
    size = draws.number("materials.texture_size_range")
    return {
        slot: draw_surface(
            draws.config.materials, catalogue.kinds(class_name, slot), textures, size, rng
        )
        for slot in slots
    }


def _draw_object(
    draws: Draws,
    catalogue: Catalogue,
    library: Library,
    weights: tuple[float, ...],
    wanted: Wanted,
    number: int,
) -> DrawnObject:
    chance = float(draws.stream("objects.class", number).random())
    class_name = wanted.class_name or catalogue.classes[split(chance, weights)[0]]
    rng = draws.stream("objects.shape", number)
    asset = _draw_asset(catalogue, library, class_name, rng)
    initial_pose = wanted.initial_pose or _draw_pose(draws, catalogue.tags(class_name), number)
    asset = _emptied(asset, initial_pose)
    mesh = library.mesh(asset)
    scale = _draw_scale(draws, catalogue, asset, mesh, number)
    return DrawnObject(class_name, asset, mesh, scale, initial_pose)


def _emptied(asset: AssetRef, initial_pose: str) -> AssetRef:
    """Return the asset without what it holds, if it does not stand upright: bowls, plates."""
    if initial_pose == "upright" or CONTENTS not in asset.params:
        return asset
    return replace(asset, params={**asset.params, CONTENTS: 0.0})


def _draw_pose(draws: Draws, tags: Sequence[str], number: int) -> str:
    """Return the name of an object's initial pose. Rooted objects are upright if the config allows
    it, people and animals always."""
    if ROOTED in tags and draws.weights("placement.poses").get("upright"):
        return "upright"
    if STANDING in tags:
        return "upright"
    return draws.pick("placement.poses", number)


def _draw_scale(
    draws: Draws, catalogue: Catalogue, asset: AssetRef, mesh: MeshData, number: int
) -> float:
    """Return the factor on the asset's metric size."""
    factor = draws.number("objects.scale_range", number)
    if draws.config.objects.size_range is None:
        rng = draws.stream("objects.own_scale", number)
        return log_uniform(rng, catalogue.scale_range(asset)) * factor
    return draws.number("objects.size_range", number) / _length(mesh) * factor


def _draw_distractor(
    catalogue: Catalogue, library: Library, class_name: str, rng: Stream
) -> AssetRef:
    if class_name not in catalogue.info:
        return _draw_asset(catalogue, library, class_name, rng)
    return AssetRef("parametric", class_name, library.parametric(class_name).draw(rng))


def _draw_asset(catalogue: Catalogue, library: Library, class_name: str, rng: Stream) -> AssetRef:
    files = catalogue.files(class_name)
    choices = len(files) + (class_name in catalogue.parametric)
    choice = int(rng.integers(choices))
    if choice < len(files):
        return files[choice]
    params = library.parametric(class_name).draw(rng)
    return AssetRef(source="parametric", id=class_name, params=params)
