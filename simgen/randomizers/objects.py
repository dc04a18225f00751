"""Which objects stand in a scene: how many, of which classes, shapes, sizes and surfaces."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from omegaconf import OmegaConf

from simgen.assets.catalogue import Catalogue
from simgen.assets.library import Library
from simgen.assets.textures import TextureFolder
from simgen.config import Config
from simgen.distributions import split, weighted
from simgen.draws import Draws
from simgen.errors import InputError, did_you_mean
from simgen.placing import ROOTED
from simgen.randomizers.materials import draw_surface
from simgen.resources import resource
from simgen.rng import Stream, log_uniform
from simgen.spec import AssetRef, MaterialSpec


@dataclass(frozen=True)
class DrawnObject:
    """An object before it found its place. hold: how it is held before it falls."""

    class_name: str
    asset: AssetRef
    scale: float
    hold: str


@dataclass(frozen=True)
class Wanted:
    """What a rare case says of the first object. None leaves it to chance."""

    class_name: str | None = None
    hold: str | None = None


def draw_objects(
    draws: Draws, catalogue: Catalogue, library: Library, first: Wanted
) -> list[DrawnObject]:
    """The objects of one scene. Each has streams of its own, so a higher count changes none."""
    count = draws.whole("objects.count_range")
    classes = class_weights(draws.config, catalogue)
    return [
        _draw_object(draws, catalogue, library, classes, first if number == 0 else Wanted(), number)
        for number in range(count)
    ]


def draw_distractors(
    draws: Draws, catalogue: Catalogue, library: Library, objects: Sequence[DrawnObject]
) -> list[DrawnObject]:
    """Things without a label, of built-in classes, about as large as the objects of the scene."""
    count = draws.whole("distractors.count_range")
    names = distractor_classes(draws.config, catalogue) if count else ()
    found = []
    for number in range(count):
        rng = draws.stream("distractors", number)
        name = names[int(rng.integers(len(names)))]
        asset = AssetRef("parametric", name, library.parametric(name).draw(rng))
        hold = "tumbled" if rng.random() < 0.3 else "upright"
        found.append(DrawnObject(name, asset, 1.0, hold))
    if not found or not draws.config.distractors.fitted:
        return found
    sizes = [item.scale * _length(library, item.asset) for item in objects]
    lengths = np.array([_length(library, item.asset) for item in found])
    scales = np.clip(lengths, min(sizes), max(sizes)) / lengths
    return [replace(item, scale=float(scale)) for item, scale in zip(found, scales, strict=True)]


def _length(library: Library, asset: AssetRef) -> float:
    """Longest side of an asset, metres."""
    return float(np.ptp(library.mesh(asset).bounds(), axis=0).max())


def distractor_classes(config: Config, catalogue: Catalogue) -> tuple[str, ...]:
    """Built-in classes that distractors are of. Raises `InputError` where there is none."""
    known = catalogue.built_in(config.assets.tags)
    wanted = config.distractors.classes
    for name in wanted or ():
        if name not in catalogue.built_in(None):
            hint = did_you_mean(name, catalogue.built_in(None))
            raise InputError(f"distractors.classes: unknown built-in class {name!r}{hint}")
    found = tuple(n for n in wanted or known if n not in catalogue.own_names)
    if not found and wanted is not None:
        raise InputError(
            f"distractors.classes=[{','.join(wanted)}]: the objects are of all of them; name "
            "others, or those of the objects in assets.classes"
        )
    if not found:
        raise InputError(
            "distractors.count_range: the objects are of every class that may be used; name "
            "classes for them in assets.classes, or others for these in distractors.classes"
        )
    return found


def class_weights(config: Config, catalogue: Catalogue) -> tuple[float, ...]:
    """How likely each class of the catalogue is. Raises `InputError` for one that is not there."""
    given = weighted(config.objects.weights) if config.objects.weights else {}
    for name in given:
        # A stage's own weights hold for whichever of the classes are used.
        if name not in catalogue.classes and name not in catalogue.info:
            listed = ", ".join(catalogue.classes[:20])
            hint = did_you_mean(name, catalogue.classes)
            raise InputError(
                f"objects.weights: unknown class {name!r}{hint}; expected some of {listed}"
            )
    found = tuple(
        given.get(name, 1.0) if name in catalogue.usable else 0.0 for name in catalogue.classes
    )
    if not sum(found) > 0:
        raise InputError(
            f"objects.weights=[{','.join(config.objects.weights)}]: gives weight 0 to "
            f"{_and(catalogue.classes)}, all classes that are used; give one of them more (weights "
            f"that you did not write are those of scene={config.scene.name})"
        )
    return found


def class_remarks(config: Config, catalogue: Catalogue) -> list[str]:
    """What to tell about classes that are named, although the stage is not made for them."""
    tags = set(config.assets.tags or ())
    if not tags or config.assets.classes is None:
        return []
    others = [name for name in config.assets.classes if _apart(catalogue.tags(name), tags)]
    if not others:
        return []
    fitting = [
        name for name, held in _tags_of_stages() if not _apart(held, catalogue.tags(others[0]))
    ]
    where = f"; {others[0]} is at home in scene={' or '.join(fitting)}" if fitting else ""
    return [
        f"assets.classes: {_and(others)} may be too large or too small for "
        f"scene={config.scene.name}, which is made for {_and(sorted(tags))}{where}"
    ]


def _apart(one: Iterable[str], other: Iterable[str]) -> bool:
    """Whether both have tags, and none in common."""
    return bool(set(one) and set(other)) and not set(one) & set(other)


def _tags_of_stages() -> list[tuple[str, tuple[str, ...]]]:
    """The tags of classes that each shipped stage chooses, of those that choose some."""
    found = []
    for path in sorted(resource("configs").glob("scene/*.yaml")):
        tags = OmegaConf.select(OmegaConf.load(path), "assets.tags")
        if tags and path.stem != "blend":
            found.append((path.stem, tuple(tags)))
    return found


def _and(names: Sequence[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def draw_materials(
    draws: Draws,
    catalogue: Catalogue,
    class_name: str,
    slots: tuple[str, ...],
    textures: TextureFolder | None,
    rng: Stream,
) -> dict[str, MaterialSpec]:
    """A surface for each named slot of an object. rng: the object's own."""
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
    scale = _draw_scale(draws, catalogue, library, asset, number)
    hold = wanted.hold or _draw_hold(draws, ROOTED in catalogue.tags(class_name), number)
    return DrawnObject(class_name, asset, scale, hold)


def _draw_hold(draws: Draws, rooted: bool, number: int) -> str:
    """What is rooted stands upright wherever the config lets anything."""
    if rooted and draws.weights("placement.poses").get("upright"):
        return "upright"
    return draws.pick("placement.poses", number)


def _draw_scale(
    draws: Draws, catalogue: Catalogue, library: Library, asset: AssetRef, number: int
) -> float:
    """Factor on the asset's metric size."""
    factor = draws.number("objects.scale_range", number)
    if draws.config.objects.size_range is None:
        rng = draws.stream("objects.own_scale", number)
        return log_uniform(rng, catalogue.scale_range(asset)) * factor
    return draws.number("objects.size_range", number) / _length(library, asset) * factor


def _draw_asset(catalogue: Catalogue, library: Library, class_name: str, rng: Stream) -> AssetRef:
    files = catalogue.files(class_name)
    choices = len(files) + (class_name in catalogue.parametric)
    choice = int(rng.integers(choices))
    if choice < len(files):
        return files[choice]
    params = library.parametric(class_name).draw(rng)
    return AssetRef(source="parametric", id=class_name, params=params)
