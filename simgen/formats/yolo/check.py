"""Checks of YOLO datasets for Ultralytics: https://docs.ultralytics.com/datasets/detect/"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from simgen.dataset.remote import AnyPath
from simgen.errors import InputError
from simgen.formats.findings import At, Finding, finding
from simgen.formats.items import SUFFIXES
from simgen.formats.reading.images import size_in
from simgen.formats.reading.json_file import is_whole
from simgen.formats.reading.text_file import images_in, named
from simgen.formats.validate import pictures, training
from simgen.formats.validate.kind import Kind, Part, Work, parts_of, subsample
from simgen.formats.validate.seen import Seen
from simgen.formats.yolo.check_rows import Task, boxes_of, rows_findings, task_of
from simgen.formats.yolo.data_file import DataFile, read_data_file
from simgen.formats.yolo.read import images_of
from simgen.formats.yolo.rows import label_path, rows_of


def yaml_of(path: Path) -> Path | None:
    if path.is_file():
        return path if path.suffix.lower() in (".yaml", ".yml") else None
    found = [path / "data.yaml", path / "dataset.yaml", *sorted(path.glob("*.yaml"))]
    return next((file for file in found if file.is_file()), None)


def looks_like(path: AnyPath) -> bool:
    if not isinstance(path, Path):
        return False
    file = yaml_of(path)
    return file is not None and "names" in file.read_text("utf-8", "replace")[:1_000_000]


def work(path: AnyPath, sample: int) -> Work:
    file = yaml_of(path) if isinstance(path, Path) else None
    if file is None:
        raise InputError(f"{path}: not a YOLO dataset; expected a folder with data.yaml")
    root = file.parent
    first = Seen()
    data = read_data_file(file, first.findings.append)
    if data is None:
        return Work(first)
    first.findings += _data_file(file.name, data)
    splits = {split: tuple(p.resolve() for p in places) for split, places in data.once().items()}
    listed = {split: list(images_of(places)) for split, places in splits.items()}
    some = (image for images in listed.values() for image in images[:50])
    count = len(data.classes)
    rows = (list(rows_of(label_path(image), root, count, lambda _: None)) for image in some)
    task = task_of(data.keypoints, rows)
    parts: list[Part] = []
    for split, places in splits.items():
        if not listed[split]:
            found = "no image in " + ", ".join(named(place, root) for place in places)
            first.report("yolo/data-yaml", "data.yaml", "", found, "images")
        for place in places:
            first.findings += [*_stray(place, root), *_caches(place, root)]
        context = root, split, data.classes, task
        parts += parts_of(check_images, context, subsample(listed[split], sample))
    last = partial(_last, file.name, data.classes, sample == 0)
    return Work(first, parts, sum(part.size for part in parts), last)


def _last(name: str, classes: Sequence[str], whole: bool, seen: Seen) -> list[Finding]:
    found = [*pictures.duplicates(seen.pictures)]
    if whole:
        found += pictures.without_objects(name, classes, seen.per_class)
        found += training.rare(name, classes, seen.per_class)
    return [*found, *training.stumbles(name, seen.census)]


def _data_file(name: str, data: DataFile) -> Iterator[Finding]:
    plain, wrong_at = data.plain, partial(finding, "yolo/data-yaml", name)
    if plain.get("names") is None:
        yield wrong_at("names", "no names numbered from 0", "a name for each class")
    if "nc" in plain and plain["nc"] != len(data.classes):
        found = f"nc {plain['nc']}" if is_whole(plain["nc"]) else "nc that is not an integer"
        yield wrong_at("nc", found, f"{len(data.classes)} names")
    for split in ("train", "val"):
        if plain.get(split) in (None, "", []):
            yield wrong_at(split, "no folder", "a folder of images")
    if data.images.get("train") and data.images["train"] == data.images.get("val"):
        yield finding("yolo/same-split", name, "val", "the images of train", "other images")
    if data.keypoints is None:
        return
    count, flip = data.keypoints.count, plain.get("flip_idx")
    if flip is None:
        yield finding("yolo/no-flip-idx", name, "flip_idx", "none", f"{count} indices")
    elif not _is_permutation(flip, count):
        wanted = f"each of 0..{count - 1} once"
        yield finding("yolo/kpt-shape", name, "flip_idx", "not a permutation", wanted)


def _is_permutation(places: Any, count: int) -> bool:
    whole = isinstance(places, list) and all(map(is_whole, places))
    return whole and sorted(places) == [*range(count)]


def _labels_folder(folder: Path) -> Path:
    return label_path(folder / "x.png").parent


def _stray(place: Path, root: Path) -> Iterator[Finding]:
    """Find label files without an image."""
    labels = _labels_folder(place)
    if not place.is_dir() or labels == place or not labels.is_dir():
        return
    wanted = {label_path(image) for image in images_in(place, SUFFIXES)}
    for label in images_in(labels, (".txt",)):
        if label not in wanted:
            at = At(named(label, root))
            yield at("yolo/label-without-image", "no image of that name", "an image")


def _caches(place: Path, root: Path) -> Iterator[Finding]:
    labels = _labels_folder(place)
    cache = labels.with_suffix(".cache")
    if cache.is_file() and labels.is_dir():
        newest = max((f.stat().st_mtime for f in images_in(labels, (".txt",))), default=0.0)
        if newest > cache.stat().st_mtime:
            at = At(named(cache, root))
            yield at("yolo/stale-cache", "older than a label file", "newer than all label files")


def check_images(
    root: Path, split: str, names: Sequence[str], task: Task, images: Sequence[Path]
) -> Seen:
    seen = Seen()
    for image in images:
        name, label = named(image, root), label_path(image)
        seen.add(pictures.look(image, name, split))
        with_size = size_in(image)
        if with_size is not None and min(with_size) < 10:
            seen.report("yolo/small-image", name, "", with_size, "at least 10 x 10")
        if not label.is_file():
            seen.report("yolo/image-without-label", name, "", "no label file", named(label, root))
            continue
        rows = list(rows_of(label, root, len(names), seen.findings.append))
        seen.findings += rows_findings(named(label, root), rows, task)
        seen.per_class.update(names[row.number] for row in rows)
        if with_size is not None:
            seen.census.image(with_size, boxes_of(rows, task, with_size))
    return seen


KIND = Kind("yolo", looks_like, work)
