"""What a format is, and which there are."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import MappingProxyType

from simgen.errors import InputError
from simgen.formats.items import Item
from simgen.formats.output.target import Target
from simgen.formats.sources import Source


@dataclass(frozen=True)
class Plan:
    """What an export holds, known before its first image.

    classes, stuff_classes: names; ids count from 1 through both. splits: names. labels: those that
    the samples of all sources have; none with a source that is not simgen's. sources: where the
    images come from. count: of images, of all splits that the sources have. items: all images, in
    order; again each time it is called. shard_bytes: about how large the files may be of formats
    that put many images into one. plugins: modules of the user's own that the sources may need.
    """

    classes: tuple[str, ...]
    stuff_classes: tuple[str, ...]
    splits: tuple[str, ...]
    labels: frozenset[str]
    sources: tuple[Source, ...]
    count: int
    items: Callable[[], Iterator[Item]]
    shard_bytes: int = 500_000_000
    plugins: tuple[str, ...] = ()

    def class_id(self, name: str) -> int:
        """From 1."""
        return self.classes.index(name) + 1


Write = Callable[[Target, Plan], AbstractContextManager[Callable[[Item], None]]]
"""A context manager: within it, what it gives takes the images one by one, in order; where it ends
without an error, all is written."""


@dataclass(frozen=True)
class Format:
    """A way to write datasets.

    about: a line for the help. needs: labels without which there is nothing to write; a format that
    needs any takes simgen's own datasets alone. sharded: whether all files with images are given to
    `Target.keep`, so that they can go to object storage one by one. lists_objects: whether an image
    without objects says that there are none, so that datasets which do not know are refused.
    """

    name: str
    about: str
    needs: frozenset[str]
    write: Write
    sharded: bool = False
    lists_objects: bool = False


_MODULES = {
    "coco": "coco.write:COCO",
    "bop": "bop.write:BOP",
    "bop-webdataset": "bop.tars:BOP_WEBDATASET",
    "kitti": "kitti.write:KITTI",
    "kitti-flow": "kitti.flow:KITTI_FLOW",
    "flow": "flow.write:FLOW",
    "tapvid": "tapvid.write:TAPVID",
    "nerf": "nerf.write:NERF",
    "coco-polygons": "coco.polygons:COCO_POLYGONS",
    "yolo": "yolo.write:YOLO",
    "yolo-seg": "yolo.write:YOLO_SEG",
    "yolo-pose": "yolo.write:YOLO_POSE",
    "yolo-obb": "yolo.write:YOLO_OBB",
    "voc": "voc.write:VOC",
    "cityscapes": "cityscapes.write:CITYSCAPES",
    "webdataset": "webdataset.write:WEBDATASET",
    "webdataset-dense": "webdataset.write:WEBDATASET_DENSE",
    "huggingface": "huggingface.write:HUGGINGFACE",
}
"""Where each format is, from this package on, so that only those that are asked for are loaded."""


def format_names() -> tuple[str, ...]:
    """Of simgen's own formats."""
    return tuple(_MODULES)


def format_of(name: str, own: Mapping[str, object] = MappingProxyType({})) -> Format:
    """A format by its name. own: those of the user's plugins. Raises `InputError` for one that is
    not there."""
    if name in own:
        return _checked(name, own[name])
    if name not in _MODULES:
        known = ", ".join([*_MODULES, *own])
        raise InputError(f"unknown format {name!r}; expected one of {known}")
    module, attribute = _MODULES[name].split(":")
    found = getattr(importlib.import_module(f"simgen.formats.{module}"), attribute)
    assert isinstance(found, Format)
    return found


def _checked(name: str, found: object) -> Format:
    if name in _MODULES:
        raise InputError(f"--plugin: there is another format {name!r}; rename it")
    if not isinstance(found, Format):
        raise InputError(
            f"--plugin: format {name!r}: found a {type(found).__name__}, expected a "
            "simgen.formats.registry.Format"
        )
    return found
