"""Pascal VOC, in the layout of the 2012 development kit:
http://host.robots.ox.ac.uk/pascal/VOC/voc2012/htmldoc/

JPEGImages/000000_0000.png          images
Annotations/000000_0000.xml         boxes: pixels, from 1, both ends included
ImageSets/Main/train.txt            names of a split's images
ImageSets/Segmentation/train.txt    names of a split's images with masks
SegmentationClass/000000_0000.png   class of each pixel
SegmentationObject/000000_0000.png  object of each pixel: its index in the XML file, from 1
labelmap.txt                        names and colours of the classes, in CVAT's format
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from xml.etree import ElementTree

import numpy as np

from simgen.errors import InputError
from simgen.formats.items import Annotation, Item
from simgen.formats.output.palette import VOID, colours, palette_png
from simgen.formats.output.target import Target
from simgen.formats.plan import Plan
from simgen.formats.registry import Format

_TRUNCATED = 0.15
"""Fraction of an object outside the image above which VOC calls it truncated."""
_OCCLUDED = 0.05
"""Hidden fraction of an object above which VOC calls it occluded."""


@contextmanager
def _write(target: Target, plan: Plan) -> Iterator[Callable[[Item], None]]:
    numbers = {name: number for number, name in enumerate(plan.classes, start=1)}
    target.write("labelmap.txt", _label_map(plan.classes))
    lost, not_jpeg = 0, False

    def add(item: Item) -> None:
        nonlocal lost, not_jpeg
        target.picture(f"JPEGImages/{item.name}", item.picture)
        not_jpeg |= item.picture.suffix != ".jpg"
        masked = has_masks(item)
        target.write(f"Annotations/{item.name}.xml", _annotation(item, masked))
        _list(target, "Main", item)
        if masked:
            by_class, by_object = painted(item, numbers)
            target.write(f"SegmentationClass/{item.name}.png", palette_png(by_class))
            target.write(f"SegmentationObject/{item.name}.png", palette_png(by_object))
            _list(target, "Segmentation", item)
            lost += beyond(item, numbers)

    yield add
    if lost:
        target.remarks.append(
            f"{lost} objects are void in the masks, which can store 254 classes and 254 objects "
            "per image; their boxes are complete"
        )
    if not_jpeg:
        target.remarks.append("some readers of VOC only accept .jpg; --jpeg 95 writes JPEG images")


def has_masks(item: Item) -> bool:
    """Return whether all masks of an image are known, as in simgen's images without objects."""
    known = item.sample is not None or bool(item.seen)
    return known and all(entry.mask is not None for entry in item.seen)


def painted(item: Item, numbers: dict[str, int]) -> tuple[np.ndarray, np.ndarray]:
    """Return class and object of each pixel, two arrays `H x W` uint8.

    0 is background; 255, void, marks ignore regions and numbers above 254. Objects count from 1 in
    the order of `item.seen`; where several overlap, the smallest is on top.
    """
    by_class = np.zeros((item.height, item.width), np.uint8)
    by_object = by_class.copy()
    places = sorted(enumerate(item.seen, start=1), key=lambda pair: -pair[1].area)
    for place, entry in places:
        mask, number = entry.decoded(), numbers[entry.class_name]
        by_class[mask] = VOID if entry.crowd or number >= VOID else number
        by_object[mask] = VOID if entry.crowd or place >= VOID else place
    return by_class, by_object


def beyond(item: Item, numbers: dict[str, int]) -> int:
    """Return the number of objects that are void because their number exceeds 254."""
    return sum(
        not entry.crowd and (place >= VOID or numbers[entry.class_name] >= VOID)
        for place, entry in enumerate(item.seen, start=1)
    )


def _list(target: Target, folder: str, item: Item) -> None:
    path = target.path(f"ImageSets/{folder}/{item.split}.txt")
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(item.name + "\n")


def _annotation(item: Item, masked: bool) -> str:
    root = ElementTree.Element("annotation")
    _text(root, "folder", "JPEGImages")
    _text(root, "filename", item.name + item.picture.suffix)
    _text(ElementTree.SubElement(root, "source"), "database", "simgen")
    size = ElementTree.SubElement(root, "size")
    for name, value in (("width", item.width), ("height", item.height), ("depth", 3)):
        _text(size, name, value)
    _text(root, "segmented", int(masked))
    for entry in item.seen:
        _object(root, entry, item)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def _object(root: ElementTree.Element, entry: Annotation, item: Item) -> None:
    assert entry.bbox is not None
    record = entry.record
    node = ElementTree.SubElement(root, "object")
    _text(node, "name", entry.class_name)
    _text(node, "pose", "Unspecified")
    _text(node, "truncated", int(record is not None and record.truncation > _TRUNCATED))
    _text(node, "occluded", int(record is not None and record.occlusion > _OCCLUDED))
    # VOC excludes difficult objects from scoring.
    _text(node, "difficult", int(entry.crowd))
    box = ElementTree.SubElement(node, "bndbox")
    for name, value in inclusive(entry.bbox, item.width, item.height).items():
        _text(box, name, value)


def inclusive(bbox: tuple[float, float, float, float], width: int, height: int) -> dict[str, int]:
    """Convert a box to VOC's: first and last column and row, from 1.

    Fractional edges, which only external datasets have, are rounded to the nearest pixel edge.
    """
    x, y, w, h = bbox
    left, top = min(max(round(x), 0), width - 1), min(max(round(y), 0), height - 1)
    right, bottom = min(max(round(x + w), left + 1), width), min(max(round(y + h), top + 1), height)
    return {"xmin": left + 1, "ymin": top + 1, "xmax": right, "ymax": bottom}


def _text(parent: ElementTree.Element, name: str, value: object) -> None:
    ElementTree.SubElement(parent, name).text = str(value)


def _label_map(classes: Sequence[str]) -> str:
    """Return a line for each class: name, colour, two unused fields."""
    for name in classes:
        if ":" in name or not name.isprintable():
            raise InputError(
                f"class {name!r}: labelmap.txt cannot store colons or unprintable characters; "
                "rename the class with --rename"
            )
    table = colours()
    rows = [("background", table[0]), *zip(classes, table[1:VOID], strict=False)]
    lines = [f"{name}:{','.join(map(str, colour))}::" for name, colour in rows]
    return "\n".join(["# label:color_rgb:parts:actions", *lines]) + "\n"


VOC = Format("voc", "Pascal VOC boxes and masks", frozenset(), _write, lists_objects=True)
