"""Checks of Cityscapes: semantic and instance ids. https://github.com/mcordts/cityscapesScripts"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from simgen.dataset.remote import AnyPath
from simgen.errors import InputError
from simgen.formats.cityscapes.labels import Labels, labels_of, polygons_of
from simgen.formats.findings import Finding, finding
from simgen.formats.items import SUFFIXES
from simgen.formats.reading import images
from simgen.formats.reading.text_file import images_in, named
from simgen.formats.validate import pictures
from simgen.formats.validate.kind import Kind, Work, parts_of, subsample
from simgen.formats.validate.seen import Seen

_TRUTHS = ("gtFine", "gtCoarse")
_DEPTHS = {"labelIds": np.uint8, "labelTrainIds": np.uint8, "instanceIds": np.uint16}
_IGNORED = 255
_FIRST_INSTANCE = 1000
_NAME = re.compile(r"leftImg8bit/([^/]+)/([^/]+)/([^_/]+_\d+_\d+)_leftImg8bit\.\w+")
_CLASS_OF = np.arange(1 << 16)
_CLASS_OF[_FIRST_INSTANCE:] //= _FIRST_INSTANCE

Row = tuple[Path, str, tuple[str, ...]]
"""An image, its split, and its expected label files, relative to the dataset."""


def looks_like(path: AnyPath) -> bool:
    return (
        isinstance(path, Path)
        and (path / "leftImg8bit").is_dir()
        and any((path / truth).is_dir() for truth in _TRUTHS)
    )


def work(path: AnyPath, sample: int) -> Work:
    if not isinstance(path, Path) or not looks_like(path):
        raise InputError(f"{path}: not Cityscapes; expected folders leftImg8bit and gtFine")
    first = Seen()
    labels = labels_of(path, first)
    rows = list(_rows(path, first))
    chosen = subsample(rows, sample)
    parts = parts_of(check_images, (path, labels), chosen)
    things = labels.own_things if len(chosen) == len(rows) else ()
    return Work(first, parts, len(chosen), partial(_last, things))


def _last(things: Sequence[str], seen: Seen) -> list[Finding]:
    missing = pictures.without_objects("labels.json", things, seen.per_class)
    return [*pictures.duplicates(seen.pictures), *missing]


def _rows(root: Path, seen: Seen) -> Iterator[Row]:
    truths = {name: (truth, kind) for name, truth, kind in _truths(root)}
    kinds_of: dict[str, set[tuple[str, str]]] = {}
    for name, kind in truths.items():
        kinds_of.setdefault(name.split("/")[1], set()).add(kind)
    used: set[str] = set()
    for path in images_in(root / "leftImg8bit", SUFFIXES):
        name = named(path, root)
        parts = _NAME.fullmatch(name)
        if parts is None:
            wanted = "leftImg8bit/SPLIT/CITY/CITY_SEQUENCE_FRAME_leftImg8bit.png"
            seen.report("cityscapes/name", name, "", path.name, wanted)
            continue
        split, city, base = parts.groups()
        files = tuple(
            f"{truth}/{split}/{city}/{base}_{truth}_{kind}"
            for truth, kind in sorted(kinds_of.get(split, ()))
        )
        used.update(files)
        yield path, split, files
    for name in truths:
        if name not in used:
            wanted = "an image in leftImg8bit"
            seen.report("cityscapes/pair", name, "", "no image of that name", wanted)


def _truths(root: Path) -> Iterator[tuple[str, str, str]]:
    """Yield the name of each label file, `gtFine` or `gtCoarse`, and its kind with suffix."""
    for truth in _TRUTHS:
        for path in sorted((root / truth).glob("*/*/*")):
            _, mark, kind = path.name.rpartition(f"_{truth}_")
            if mark and path.suffix in (".png", ".json"):
                yield named(path, root), truth, kind


def check_images(root: Path, labels: Labels, rows: Sequence[Row]) -> Seen:
    seen = Seen()
    for path, split, files in rows:
        name = named(path, root)
        seen.add(pictures.look(path, name, split))
        size = images.size_in(path)
        for file in files:
            if not (root / file).is_file():
                found = f"no {Path(file).name}"
                seen.report("cityscapes/pair", name, "", found, "a file of each kind")
        there = [file for file in files if (root / file).is_file()]
        if size is not None:
            seen.findings += _labels(root, there, size, labels, seen.per_class)
    return seen


def _labels(
    root: Path,
    files: Sequence[str],
    size: tuple[int, int],
    labels: Labels,
    per_class: Counter[str],
) -> Iterator[Finding]:
    found: dict[str, tuple[str, np.ndarray]] = {}
    for file in files:
        if file.endswith("_polygons.json"):
            yield from polygons_of(root / file, file, size, labels)
            continue
        kind = file.rpartition("_")[2].removesuffix(".png")
        if kind not in _DEPTHS:
            continue  # colour images for viewing
        image = images.read_exactly(root / file, file, "cityscapes/png", size[::-1], _DEPTHS[kind])
        if isinstance(image, Finding):
            yield image
        else:
            # Fine and coarse labels of an image are checked separately.
            found[f"{file.split('/')[0]} {kind}"] = file, image
    for truth in _TRUTHS:
        ids = found.get(f"{truth} labelIds")
        if ids is not None:
            yield from _agree(truth, found, ids, labels, per_class)


def _agree(
    truth: str,
    found: dict[str, tuple[str, np.ndarray]],
    ids: tuple[str, np.ndarray],
    labels: Labels,
    per_class: Counter[str],
) -> Iterator[Finding]:
    file, image = ids
    there = np.flatnonzero(np.bincount(image.ravel(), minlength=256))
    unknown = [int(number) for number in there if number not in labels.names]
    if unknown:
        yield finding("cityscapes/label-ids", file, "", f"{unknown}", "ids of labels")
        return
    per_class.update(labels.names[int(number)] for number in there)
    train = found.get(f"{truth} labelTrainIds")
    if train is not None:
        wrong = labels.train_ids[image] != train[1]
        if wrong.any():
            yield finding(
                "cityscapes/train-ids", train[0], *_worst(wrong, train[1], labels.train_ids[image])
            )
    instances = found.get(f"{truth} instanceIds")
    if instances is not None:
        yield from _instances(*instances, image, labels)


def _instances(file: str, image: np.ndarray, ids: np.ndarray, labels: Labels) -> Iterator[Finding]:
    group = np.isin(image, sorted(labels.things)) & (labels.train_ids[ids] == _IGNORED)
    wrong = (_CLASS_OF[image] != ids) & ~group
    if wrong.any():
        yield finding("cityscapes/instance-ids", file, *_worst(wrong, image, ids))
        return
    numbers = np.flatnonzero(np.bincount(image.ravel()))
    for number in numbers[numbers >= _FIRST_INSTANCE]:
        label = int(number) // _FIRST_INSTANCE
        if label not in labels.things:
            found = f"{number}, of {labels.names[label]}"
            yield finding("cityscapes/instance-ids", file, "", found, "a label with instances")


def _worst(wrong: np.ndarray, found: np.ndarray, wanted: np.ndarray) -> tuple[str, str, str]:
    """Return place, found and expected value of the first wrong pixel."""
    y, x = (int(index[0]) for index in np.nonzero(wrong))
    place = f"pixel {x}, {y}, and {int(wrong.sum()) - 1} others"
    return place, str(found[y, x]), f"{wanted[y, x]}, according to labelIds"


KIND = Kind("cityscapes", looks_like, work)
