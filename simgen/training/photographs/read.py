"""Photographs with boxes as training and test sets. They are read in place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from simgen.errors import InputError
from simgen.formats.coco.read import CocoSource
from simgen.formats.groups import groups_of
from simgen.formats.items import Item, Source
from simgen.formats.sources import open_source
from simgen.training.detection import DetectionSet
from simgen.training.labelled import labelled_image
from simgen.training.photographs.split import test_groups
from simgen.training.study.schema import DataConfig

_TESTED, _TRAINED = ("test", "val"), ("train",)


@dataclass(frozen=True)
class Photographs:
    """Real data of a study. The two sets share no image and no group.

    test: for testing only. training: allowed for training, possibly empty. remarks: caveats for
    readers of the results.
    """

    test: DetectionSet
    training: DetectionSet
    remarks: tuple[str, ...]


def open_photographs(path: str) -> Source:
    """Open the real dataset at a path, in COCO, YOLO or VOC. Raises `InputError`."""
    source = open_source(path)
    if not source.classes:
        raise InputError(f"real={path}: has no classes; expected boxes of objects in it")
    return source


def read_photographs(
    source: Source, config: DataConfig, classes: Sequence[str], wants_training: bool, seed: int
) -> Photographs:
    """Read and split a real dataset.

    source: from `open_photographs`. classes: the tested ones of its classes; boxes of others are
    dropped. wants_training: whether any images are used for training; if not, all may be used for
    testing. seed: of the split. Raises `InputError`.
    """
    read = _read(source, config, classes, "real test images")
    remarks = [*read.remarks]
    if config.train is not None:
        other = open_photographs(config.train)
        trained = _read(other, config, classes, "real training images")
        return Photographs(read.images, trained.images, (*remarks, *trained.remarks))
    if not wants_training:
        return Photographs(
            read.images, _named(read.images, (), "real training images"), read.remarks
        )
    tested, how = _tested(read, config, seed)
    remarks.append(how)
    images = read.images.images
    test = tuple(i for i, flag in zip(images, tested, strict=True) if flag)
    rest = tuple(i for i, flag in zip(images, tested, strict=True) if not flag)
    return Photographs(
        _named(read.images, test, "real test images"),
        _named(read.images, rest, "real training images"),
        tuple(remarks),
    )


@dataclass(frozen=True)
class _Read:
    """A real dataset that was read. splits: the dataset's own split of each image."""

    images: DetectionSet
    splits: tuple[str, ...]
    remarks: tuple[str, ...]


def _read(source: Source, config: DataConfig, classes: Sequence[str], name: str) -> _Read:
    items = list(source)
    if not items:
        raise InputError(f"{source.name}: has no images")
    files = source.files if isinstance(source, CocoSource) else ()
    groups = groups_of(items, config.group_by, files)
    places = {name: place for place, name in enumerate(classes)}
    images = tuple(
        replace(labelled_image(item, places), group=group)
        for item, group in zip(items, groups, strict=True)
    )
    found = DetectionSet(name, tuple(classes), images, real=True)
    return _Read(found, tuple(i.split for i in items), (*source.remarks, *_remarks(found, items)))


def _remarks(found: DetectionSet, items: Sequence[Item]) -> list[str]:
    boxes = sum(len(image.boxes) for image in found.images)
    if not boxes:
        raise InputError(f"{found.name}: has no box of the classes {', '.join(found.classes)}")
    groups = len({image.group for image in found.images})
    others = sum(len(item.objects) for item in items) - boxes
    lines = [
        f"{found.name}: {len(found.images)} images in {groups} groups, {boxes:,} boxes of "
        + ", ".join(found.classes)
    ]
    if others > 0:
        lines.append(f"{found.name}: {others:,} boxes of other classes are omitted")
    if groups == len(found.images):
        lines.append(
            f"{found.name}: each image is its own group; if some are similar, such as frames of "
            "one place, set data.group_by"
        )
    return lines


def _tested(read: _Read, config: DataConfig, seed: int) -> tuple[np.ndarray, str]:
    """Return which images are used for testing, and how that was decided."""
    for name in _TESTED:
        if name in read.splits and any(split in _TRAINED for split in read.splits):
            inside = np.array([split == name for split in read.splits])
            _check_groups(read.images, inside)
            return inside, f"tested on the dataset's own split {name}"
    groups = [image.group for image in read.images.images]
    chosen = test_groups(groups, config.test_share, seed)
    inside = np.array([group in chosen for group in groups])
    return inside, (
        f"tested on {inside.sum()} images of {len(chosen)} groups; "
        f"{(~inside).sum()} images of {len(set(groups)) - len(chosen)} groups may be trained on"
    )


def _check_groups(images: DetectionSet, inside: np.ndarray) -> None:
    sides: dict[str, bool] = {}
    for image, flag in zip(images.images, inside, strict=True):
        if sides.setdefault(image.group, bool(flag)) != bool(flag):
            raise InputError(
                f"{images.name}: the dataset's own splits have the group {image.group!r} on both "
                "sides; set data.group_by, or pass only the test images, and data.train"
            )


def _named(found: DetectionSet, images: tuple, name: str) -> DetectionSet:
    return replace(found, name=name, images=images)
