"""Which objects stand in a scene: how many, of which classes, shapes, sizes and surfaces."""

from __future__ import annotations

from dataclasses import dataclass

from simgen.assets.catalogue import Catalogue
from simgen.assets.parametric import CLASSES
from simgen.config import ObjectsConfig
from simgen.randomizers.materials import draw_material
from simgen.rng import Stream, log_uniform, stream
from simgen.spec import AssetRef, MaterialSpec


@dataclass(frozen=True)
class DrawnObject:
    """An object before the physics found a place for it."""

    class_name: str
    asset: AssetRef
    scale: float


def draw_objects(
    config: ObjectsConfig, catalogue: Catalogue, seed: int, scene: int
) -> list[DrawnObject]:
    """The objects of one scene. Each has streams of its own, so a higher count changes none."""
    low, high = config.count_range
    count = int(stream(seed, scene, "objects.count").integers(low, high, endpoint=True))
    return [_draw_object(config, catalogue, seed, scene, number) for number in range(count)]


def draw_materials(
    catalogue: Catalogue, class_name: str, slots: tuple[str, ...], rng: Stream
) -> dict[str, MaterialSpec]:
    """A fitting surface for each named slot of an object."""
    return {
        slot: draw_material(_pick(catalogue.kinds(class_name, slot), rng), rng) for slot in slots
    }


def _draw_object(
    config: ObjectsConfig, catalogue: Catalogue, seed: int, scene: int, number: int
) -> DrawnObject:
    class_name = _pick(catalogue.classes, stream(seed, scene, "objects.class", number))
    asset = _draw_asset(catalogue, class_name, stream(seed, scene, "objects.shape", number))
    scale = log_uniform(stream(seed, scene, "objects.scale", number), config.scale_range)
    return DrawnObject(class_name, asset, scale)


def _draw_asset(catalogue: Catalogue, class_name: str, rng: Stream) -> AssetRef:
    files = catalogue.files(class_name)
    choices = len(files) + (class_name in catalogue.parametric)
    choice = int(rng.integers(choices))
    if choice < len(files):
        return files[choice]
    params = CLASSES[class_name].draw(rng)
    return AssetRef(source="parametric", id=class_name, params=params)


def _pick(names: tuple[str, ...], rng: Stream) -> str:
    return names[int(rng.integers(len(names)))]
