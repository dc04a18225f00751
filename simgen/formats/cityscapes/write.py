"""Semantic and instance ids in the layout of Cityscapes (https://www.cityscapes-dataset.com); the
file contents are defined in https://github.com/mcordts/cityscapesScripts.

leftImg8bit/train/simgen/simgen_000000_000000_leftImg8bit.png
gtFine/train/simgen/simgen_000000_000000_gtFine_labelIds.png        8 bit, label of each pixel
gtFine/train/simgen/simgen_000000_000000_gtFine_labelTrainIds.png   8 bit, the same for training
gtFine/train/simgen/simgen_000000_000000_gtFine_instanceIds.png     16 bit
labels.json                                                         the label table

The three parts of a name are city, scene and frame. The city is `simgen`, followed by the index of
the dataset if several are exported. An object's instance id is 1000 times its label plus its index
among the objects of its class in the image, from 0; other pixels have their label.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from simgen.errors import InputError
from simgen.formats.items import Item
from simgen.formats.output.palette import colours
from simgen.formats.output.rasters import png
from simgen.formats.output.target import Target
from simgen.formats.plan import Plan
from simgen.formats.registry import Format

_IGNORED = 255
"""The training id of ignored pixels."""
_THINGS = 64
"""Maximum number of thing classes: their instance ids must fit into 16 bits."""
_LABELS = 254
_OBJECTS = 1000
"""Maximum number of objects of a class in an image."""


@contextmanager
def _write(target: Target, plan: Plan) -> Iterator[Callable[[Item], None]]:
    _check(plan)
    has_stuff = "panoptic" in plan.labels
    numbers = {name: number for number, name in enumerate(plan.classes, start=1)}
    first = len(plan.classes) + 1
    stuff = {name: number for number, name in enumerate(plan.stuff_classes, start=first)}
    target.write("labels.json", _table(plan, has_stuff))
    unnumbered = 0

    def add(item: Item) -> None:
        nonlocal unnumbered
        city, name = city_of(item), name_of(item)
        target.picture(f"leftImg8bit/{item.split}/{city}/{name}_leftImg8bit", item.picture)
        labels, instances, more = ids(item, numbers)
        unnumbered += more
        if has_stuff:
            add_stuff(item, stuff, labels, instances)
        for kind, image in (
            ("labelIds", labels),
            ("labelTrainIds", labels - np.uint8(1)),  # 0, unlabelled, wraps to 255, ignored
            ("instanceIds", instances),
        ):
            target.write(f"gtFine/{item.split}/{city}/{name}_gtFine_{kind}.png", png(image))

    yield add
    if not has_stuff:
        target.remarks.append(
            "the dataset lacks the label panoptic: pixels without objects are unlabelled and "
            "ignored in training"
        )
    if unnumbered:
        target.remarks.append(
            f"{unnumbered} objects have no instance id: Cityscapes has at most {_OBJECTS} per "
            "class and image"
        )


def city_of(item: Item) -> str:
    *prefix, _, _ = item.name.split("_")
    return "simgen" + "".join(prefix)


def name_of(item: Item) -> str:
    return f"{city_of(item)}_{item.frame.scene:06d}_{item.frame.frame:06d}"


def ids(item: Item, numbers: dict[str, int]) -> tuple[np.ndarray, np.ndarray, int]:
    """Return labels, `H x W` uint8, and instance ids, `H x W` uint16, of an image's objects, 0
    elsewhere, and the number of objects without an instance id because there are too many.

    Ignore regions have the instance id of their class, like groups in Cityscapes. Ignore regions
    that are not objects are also unlabelled, so semantic segmentation ignores them.
    """
    shown = item.frame.instances
    label_of = np.zeros(int(shown.max(initial=0)) + 1, np.uint8)
    instance_of = label_of.astype(np.uint16)
    places, beyond = Counter[str](), 0
    for entry in item.seen:
        if entry.record is None:
            continue
        label, place = numbers[entry.class_name], places[entry.class_name]
        label_of[entry.record.instance_id] = label
        instance_of[entry.record.instance_id] = label
        if entry.crowd:
            continue
        places[entry.class_name] += 1
        if place < _OBJECTS:
            instance_of[entry.record.instance_id] = 1000 * label + place
        beyond += place >= _OBJECTS
    labels, instances = label_of[shown], instance_of[shown]
    for region in item.regions:
        instances[region.decoded()] = numbers[region.class_name]
    return labels, instances, beyond


def add_stuff(
    item: Item, numbers: dict[str, int], labels: np.ndarray, instances: np.ndarray
) -> None:
    """Label the pixels of the stage. Omitted objects remain unlabelled."""
    segments = item.frame.segments
    label_of = np.zeros(max((segment.id for segment in segments), default=0) + 1, np.uint8)
    for segment in segments:
        if not segment.is_thing:
            label_of[segment.id] = numbers[item.stuff[segment.category_id - 1 - len(item.things)]]
    shown = label_of[item.frame.panoptic]
    free = shown > 0
    labels[free] = shown[free]
    instances[free] = shown[free]


def _check(plan: Plan) -> None:
    if len(plan.classes) > _THINGS:
        raise InputError(
            f"the format 'cityscapes' has at most {_THINGS} classes of objects, the datasets have "
            f"{len(plan.classes)}; select classes with --keep or merge them with --rename"
        )
    count = len(plan.classes) + len(plan.stuff_classes)
    if count > _LABELS:
        raise InputError(
            f"the format 'cityscapes' has at most {_LABELS} labels, the datasets have {count} "
            "classes; select classes with --keep or merge them with --rename"
        )


def _table(plan: Plan, has_stuff: bool) -> str:
    """Return the label table, with the fields of `labels.py` in cityscapesScripts."""
    table = colours()
    names = [(name, "object", True) for name in plan.classes]
    names += [(name, "stage", False) for name in plan.stuff_classes if has_stuff]
    rows: list[dict[str, Any]] = [_row("unlabeled", 0, "void", False, table[0])]
    rows += [
        _row(name, number, category, things, table[number])
        for number, (name, category, things) in enumerate(names, start=1)
    ]
    return "[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n"


def _row(name: str, number: int, category: str, things: bool, colour: np.ndarray) -> dict[str, Any]:
    return {
        "name": name,
        "id": number,
        "trainId": number - 1 if number else _IGNORED,
        "category": category,
        "categoryId": ("void", "object", "stage").index(category),
        "hasInstances": things,
        "ignoreInEval": not number,
        "color": colour.tolist(),
    }


CITYSCAPES = Format(
    "cityscapes",
    "semantic and instance ids in the layout of Cityscapes",
    frozenset({"rgb", "instances", "objects"}),
    _write,
)
