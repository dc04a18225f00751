"""Pascal VOC: http://host.robots.ox.ac.uk/pascal/VOC/voc2012/htmldoc/"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from PIL import Image

from simgen.errors import InputError
from simgen.formats.findings import Finding, error, warning
from simgen.formats.items import SUFFIXES
from simgen.formats.reading.json_file import FILE_MISSING
from simgen.formats.reading.text_file import floats, named, read_text
from simgen.formats.validate import pictures, training
from simgen.formats.validate.kind import Kind, Part, Work, chunks, evenly
from simgen.formats.validate.seen import Seen
from simgen.store.remote import AnyPath

XML = error(
    "voc/xml",
    "An annotation is XML, without entities of its own, with `size`, and `name` and `bndbox` of "
    "each `object`.",
    "write it anew",
)
FILE_NAME = error(
    "voc/filename", "`filename` has the name of its XML file.", "write the image's name"
)
BOX = error(
    "voc/bbox",
    "Boxes count pixels from 1 and include both ends: 1 <= xmin <= xmax <= width.",
    "add 1 to xmin and ymin of boxes that count from 0",
)
SET = error(
    "voc/image-set",
    "Each name in an image set has an image and an annotation.",
    "take the name out, or add the files",
)
SHARED = error("voc/shared-name", "No name is in two of train, val and test.", "take it out of one")
UNUSED = warning("voc/in-no-set", "Every annotation is in an image set.", "add its name to one")
MASK = error(
    "voc/segmentation",
    "Masks are PNGs of numbers, by palette or grey, of the image's size.",
    "write them with a palette; colours are not numbers",
)
OBJECT = error(
    "voc/segmentation-object",
    "Numbers in SegmentationObject are places of objects in the XML file, from 1, or 255; each has "
    "one class in SegmentationClass, and no pixel has one of the two alone.",
    "write both masks from the same objects",
)
_PARTS_OF = {"train", "val", "test"}
_IMAGES_A_PART = 64
_ENDS = ("xmin", "ymin", "xmax", "ymax")
_VOID = 255


def looks_like(path: AnyPath) -> bool:
    return isinstance(path, Path) and _root(path) is not None


def _root(path: Path) -> Path | None:
    for place in (path, *sorted(path.glob("VOC*")), *sorted(path.glob("VOCdevkit/VOC*"))):
        if (place / "Annotations").is_dir() and (place / "JPEGImages").is_dir():
            return place
    return None


def work(path: AnyPath, sample: int) -> Work:
    root = _root(path) if isinstance(path, Path) else None
    if root is None:
        raise InputError(
            f"{path}: no Pascal VOC here; expected a folder with Annotations and JPEGImages"
        )
    first = Seen()
    names = sorted(file.stem for file in (root / "Annotations").glob("*.xml"))
    split_of = _sets(root, set(names), first.findings)
    parts = [
        Part(check_images, (root, [(name, split_of.get(name, "")) for name in some]), len(some))
        for some in chunks(evenly(names, sample), _IMAGES_A_PART)
    ]
    classes = _classes(root) if sample == 0 else []
    return Work(first, parts, sum(part.size for part in parts), partial(_last, classes))


def _last(classes: Sequence[str], seen: Seen) -> list[Finding]:
    name = "labelmap.txt"
    missing = pictures.without_objects(name, classes, seen.per_class)
    few = training.rare(name, [*seen.per_class], seen.per_class)
    stumbles = training.stumbles("Annotations", seen.census)
    return [*pictures.twice(seen.pictures), *missing, *few, *stumbles]


def _classes(root: Path) -> list[str]:
    """Those of a label map, where there is one."""
    path = root / "labelmap.txt"
    text = read_text(path, path.name) if path.is_file() else ""
    if isinstance(text, Finding):
        return []
    lines = [line.split(":")[0].strip() for line in text.splitlines() if line[:1] != "#"]
    return [line for line in lines if line and line not in ("background", "void", "ignore")]


def _sets(root: Path, names: set[str], findings: list[Finding]) -> dict[str, str]:
    """The split of each name."""
    split_of: dict[str, str] = {}
    listed: set[str] = set()
    for file in sorted((root / "ImageSets").glob("*/*.txt")):
        label = named(file, root)
        text = read_text(file, label, may_be_empty=True)
        if isinstance(text, Finding):
            findings.append(text)
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            name = line.split()[0] if line.split() else ""
            if not name:
                continue
            listed.add(name)
            place = f"line {number}"
            if not pictures.inside(name) or name not in names:
                findings.append(SET.at(label, place, f"{name!r} without XML", "an annotation"))
            elif file.stem in _PARTS_OF and file.parent.name == "Main":
                other = split_of.setdefault(name, file.stem)
                if other != file.stem:
                    findings.append(SHARED.at(label, place, f"{name}, of {other} too", "one"))
    if listed:
        for name in sorted(names - listed):
            findings.append(UNUSED.at(f"Annotations/{name}.xml", "", "in no set", "in one"))
    return split_of


def check_images(root: Path, names: Sequence[tuple[str, str]]) -> Seen:
    """names: each with its split."""
    seen = Seen()
    for name, split in names:
        file = f"Annotations/{name}.xml"
        tree = _parsed(root / file, file)
        if isinstance(tree, Finding):
            seen.findings.append(tree)
            continue
        size = _size(tree)
        if size is None:
            seen.findings.append(XML.at(file, "size", "no width and height", "whole numbers"))
        image = _image_of(root, name, tree)
        if image is None:
            seen.findings.append(FILE_MISSING.at(file, "", "no image in JPEGImages", f"{name}.jpg"))
        else:
            seen.add(pictures.look(image, named(image, root), split, size, file))
        written = tree.findtext("filename") or ""
        if Path(written).stem != name:
            seen.findings.append(FILE_NAME.at(file, "filename", f"{written!r}", f"{name}.jpg"))
        objects = list(tree.iter("object"))
        for number, item in enumerate(objects, start=1):
            seen.findings += _object(file, f"object {number}", item, size)
            seen.per_class[(item.findtext("name") or "").strip()] += 1
        if size is not None:
            seen.census.image(size, [*_boxes(objects)])
            seen.findings += _masks(root, name, size, len(objects))
    return seen


def _parsed(path: Path, name: str) -> ElementTree.Element | Finding:
    text = read_text(path, name)
    if isinstance(text, Finding):
        return text
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        return XML.at(name, "", "a document type with entities", "plain XML")
    try:
        return ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError, RecursionError) as problem:
        return XML.at(name, "", str(problem), "XML")


def _size(tree: ElementTree.Element) -> tuple[int, int] | None:
    values = floats([tree.findtext(f"size/{side}") or "" for side in ("width", "height")])
    if values is None or any(value % 1 or not 0 < value < 100_000 for value in values):
        return None
    return int(values[0]), int(values[1])


def _image_of(root: Path, name: str, tree: ElementTree.Element) -> Path | None:
    suffix = Path(tree.findtext("filename") or "").suffix
    known = [suffix] if suffix.lower() in SUFFIXES else []
    for ending in (*known, *SUFFIXES):
        path = root / "JPEGImages" / f"{name}{ending}"
        if path.is_file():
            return path
    return None


def _object(
    file: str, place: str, item: ElementTree.Element, size: tuple[int, int] | None
) -> Iterator[Finding]:
    if not (item.findtext("name") or "").strip():
        yield XML.at(file, place, "no name", "a class")
    box = _ends(item)
    if box is None:
        yield XML.at(file, place, "no bndbox of four numbers", ", ".join(_ENDS))
        return
    left, top, right, bottom = box
    within = size is None or (right <= size[0] and bottom <= size[1])
    if not (1 <= left <= right and 1 <= top <= bottom and within):
        limits = "x" if size is None else f"{size[0]} x {size[1]}"
        yield BOX.at(file, place, [*map(round, box)], f"1-based, within {limits}")


def _ends(item: ElementTree.Element) -> list[float] | None:
    """First column and row and last column and row of an object's box, counted from 1."""
    return floats([item.findtext(f"bndbox/{end}") or "" for end in _ENDS])


def _boxes(objects: Sequence[ElementTree.Element]) -> Iterator[tuple[float, ...]]:
    """`[x, y, w, h]` in pixels, of objects that are not to be ignored."""
    for item in objects:
        ends = _ends(item)
        if ends is not None and item.findtext("difficult") != "1":
            left, top, right, bottom = ends
            yield left - 1, top - 1, right - left + 1, bottom - top + 1


def _masks(root: Path, name: str, size: tuple[int, int], objects: int) -> Iterator[Finding]:
    found: dict[str, np.ndarray] = {}
    for kind in ("SegmentationClass", "SegmentationObject"):
        path = root / kind / f"{name}.png"
        if not path.is_file():
            continue
        mask = _mask(path, named(path, root), size)
        if isinstance(mask, Finding):
            yield mask
            return
        found[kind] = mask
    if len(found) < 2:
        return
    classes, numbers = found["SegmentationClass"], found["SegmentationObject"]
    file = f"SegmentationObject/{name}.png"
    there = np.setdiff1d(numbers, [0, _VOID])
    if there.size and there.max() > objects:
        yield OBJECT.at(file, "", f"number {there.max()}", f"at most {objects} objects")
    elif ((classes > 0) != (numbers > 0)).any():
        count = int(((classes > 0) != (numbers > 0)).sum())
        yield OBJECT.at(file, "", f"{count} pixels of one mask alone", "0 pixels")
    else:
        for number in there:
            of_it = np.setdiff1d(classes[numbers == number], [_VOID])
            if len(of_it) > 1:
                yield OBJECT.at(file, f"object {number}", f"classes {of_it.tolist()}", "one class")


def _mask(path: Path, name: str, size: tuple[int, int]) -> np.ndarray | Finding:
    there = pictures.size_in(path)
    if there is None:
        return pictures.UNREADABLE.at(name, "", "no image that Pillow knows", "PNG")
    if there != size:
        return MASK.at(name, "", f"{there[0]} x {there[1]}", f"{size[0]} x {size[1]}")
    try:
        with Image.open(path) as image:
            if image.mode not in ("P", "L"):
                return MASK.at(name, "", f"mode {image.mode}", "a palette, or grey")
            return np.asarray(image)
    except Exception as problem:  # as in `pictures.size_of`
        return pictures.UNREADABLE.at(name, "", str(problem), "PNG")


KIND = Kind("voc", "Pascal VOC", looks_like, work)
