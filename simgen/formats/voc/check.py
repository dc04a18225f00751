"""Checks of Pascal VOC: http://host.robots.ox.ac.uk/pascal/VOC/voc2012/htmldoc/"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from simgen.dataset.remote import AnyPath
from simgen.errors import InputError
from simgen.formats.findings import At, Finding, finding
from simgen.formats.reading.text_file import named
from simgen.formats.validate import pictures, training
from simgen.formats.validate.kind import Kind, Work, parts_of, subsample
from simgen.formats.validate.seen import Seen
from simgen.formats.voc.files import (
    VocObject,
    image_of,
    read_annotation,
    read_image_set,
    read_label_map,
    read_mask,
)

_PARTS_OF = {"train", "val", "test"}
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
            f"{path}: not Pascal VOC; expected a folder with Annotations and JPEGImages"
        )
    first = Seen()
    names = sorted(file.stem for file in (root / "Annotations").glob("*.xml"))
    split_of = _sets(root, set(names), first)
    rows = [(name, split_of.get(name, "")) for name in subsample(names, sample)]
    parts = parts_of(check_images, (root,), rows)
    classes = read_label_map(root, lambda _: None) if sample == 0 else ()
    known = [name for name in classes if name not in ("void", "ignore")]
    return Work(first, parts, len(rows), partial(_last, known))


def _last(classes: Sequence[str], seen: Seen) -> list[Finding]:
    name = "labelmap.txt"
    missing = pictures.without_objects(name, classes, seen.per_class)
    few = training.rare(name, [*seen.per_class], seen.per_class)
    stumbles = training.stumbles("Annotations", seen.census)
    return [*pictures.duplicates(seen.pictures), *missing, *few, *stumbles]


def _sets(root: Path, names: set[str], seen: Seen) -> dict[str, str]:
    """Return the split of each image name; check the image sets."""
    split_of: dict[str, str] = {}
    listed: set[str] = set()
    for file in sorted((root / "ImageSets").glob("*/*.txt")):
        label, found = named(file, root), read_image_set(file, root, seen.findings.append)
        for number, name in found.names if found else ():
            listed.add(name)
            place = f"line {number}"
            if name not in names:
                seen.report("voc/image-set", label, place, f"{name!r} without XML", "an annotation")
            elif file.stem in _PARTS_OF and file.parent.name == "Main":
                other = split_of.setdefault(name, file.stem)
                if other != file.stem:
                    found_twice = f"{name}, also in {other}"
                    seen.report("voc/shared-name", label, place, found_twice, "one split")
    if listed:
        for name in sorted(names - listed):
            file_name = f"Annotations/{name}.xml"
            seen.report("voc/in-no-set", file_name, "", "in no image set", "an image set")
    return split_of


def check_images(root: Path, names: Sequence[tuple[str, str]]) -> Seen:
    """Check images. names: names of images, each with its split."""
    seen = Seen()
    for name, split in names:
        file = f"Annotations/{name}.xml"
        read = read_annotation(root / file, root, seen.findings.append)
        if read is None:
            continue
        size = read.size
        if size is None:
            seen.report("voc/xml", file, "size", "no width and height", "positive integers")
        image = image_of(root, name, read.file_name)
        if image is None:
            seen.report("file/missing", file, "", "no image in JPEGImages", f"{name}.jpg")
        else:
            seen.add(pictures.look(image, named(image, root), split, size, file))
        if Path(read.file_name).stem != name:
            found = f"{read.file_name!r}"
            seen.report("voc/filename", file, "filename", found, f"{name}.jpg")
        for number, item in enumerate(read.objects, start=1):
            seen.findings += _object(At(file, f"object {number}"), item, size)
            seen.per_class[item.name] += 1
        if size is not None:
            shown = [item.bbox for item in read.objects if item.ends and not item.difficult]
            seen.census.image(size, shown)
            _masks(root, name, size, len(read.objects), seen)
    return seen


def _object(at: At, item: VocObject, size: tuple[int, int] | None) -> Iterator[Finding]:
    if item.ends is None:
        return
    left, top, right, bottom = item.ends
    within = size is None or (right <= size[0] and bottom <= size[1])
    if not (1 <= left <= right and 1 <= top <= bottom and within):
        limits = "x" if size is None else f"{size[0]} x {size[1]}"
        yield at("voc/bbox", [*map(round, item.ends)], f"1-based, within {limits}")


def _masks(root: Path, name: str, size: tuple[int, int], objects: int, seen: Seen) -> None:
    both = []
    for kind in ("SegmentationClass", "SegmentationObject"):
        path = root / kind / f"{name}.png"
        if path.is_file():
            mask = read_mask(path, root, size, seen.findings.append)
            if mask is None:
                return
            both.append(mask)
    if len(both) == 2:
        seen.findings += _agreement(f"SegmentationObject/{name}.png", both[0], both[1], objects)


def _agreement(
    file: str, classes: np.ndarray, numbers: np.ndarray, objects: int
) -> Iterator[Finding]:
    there = np.setdiff1d(numbers, [0, _VOID])
    one_alone = int(((classes > 0) != (numbers > 0)).sum())
    at = partial(finding, "voc/segmentation-object", file)
    if there.size and there.max() > objects:
        yield at("", f"number {there.max()}", f"at most {objects} objects")
    elif one_alone:
        yield at("", f"{one_alone} pixels in only one of the two masks", "0 pixels")
    else:
        for number in there:
            of_it = np.setdiff1d(classes[numbers == number], [_VOID])
            if len(of_it) > 1:
                yield at(f"object {number}", f"classes {of_it.tolist()}", "one class")


KIND = Kind("voc", looks_like, work)
