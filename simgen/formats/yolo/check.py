"""YOLO, as Ultralytics reads it: https://docs.ultralytics.com/datasets/detect/"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from simgen.errors import InputError
from simgen.formats.findings import Finding, error, warning
from simgen.formats.reading.json_file import is_whole
from simgen.formats.reading.text_file import images_in, named, parsed_yaml, read_text
from simgen.formats.validate import pictures, training
from simgen.formats.validate.kind import Kind, Part, Work, chunks, evenly
from simgen.formats.validate.seen import Seen
from simgen.formats.yolo.check_rows import Task, boxes_of, rows_of, task_of
from simgen.store.remote import AnyPath

YAML = error(
    "yolo/data-yaml",
    "data.yaml can be read and has `names`, numbered from 0 without gaps, and `train` and `val` "
    "that exist; `nc`, if there, is how many names there are.",
    "write it anew; paths are relative to `path`, or to the file",
)
KPT_SHAPE = error(
    "yolo/kpt-shape",
    "`kpt_shape` is [K, 2] or [K, 3], and `flip_idx` says of each of the K keypoints which it is "
    "in a mirrored image.",
    "write both into data.yaml",
)
NO_FLIP = warning(
    "yolo/no-flip-idx",
    "A dataset of poses has `flip_idx`: without it, images are not mirrored in training.",
    "add it to data.yaml",
)
NO_LABEL = warning(
    "yolo/image-without-label",
    "Every image has a label file, if an empty one: a missing one passes for an image without "
    "objects.",
    "make the file, empty where there is no object",
)
NO_IMAGE = warning(
    "yolo/label-without-image",
    "Every label file has an image of its name.",
    "add the image, or take the label out",
)
CACHE = warning(
    "yolo/stale-cache",
    "`labels.cache` is not older than the labels.",
    "remove it: it is made anew",
)
SAME_SPLIT = warning(
    "yolo/same-split", "`train` and `val` are different images.", "keep images for validation"
)
SMALL = error(
    "yolo/small-image",
    "Images are at least 10 pixels wide and high: smaller ones are dropped.",
    "take them out",
)
_IMAGES_A_PART = 64


@dataclass(frozen=True)
class Described:
    """What data.yaml says. splits: name and folders or lists of images."""

    names: tuple[str, ...]
    splits: dict[str, tuple[Path, ...]]
    task: Task


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
        raise InputError(f"{path}: no YOLO dataset here; expected a folder with data.yaml")
    root = file.parent
    first = Seen()
    described = _described(file, first.findings)
    if described is None:
        return Work(first)
    parts: list[Part] = []
    for split, places in described.splits.items():
        images = _images(places, root, first.findings)
        for place in places:
            first.findings += [*_stray(place, root), *_caches(place, root)]
        for some in chunks(evenly(images, sample), _IMAGES_A_PART):
            arguments = (root, split, some, described.names, described.task)
            parts.append(Part(check_images, arguments, len(some)))
    last = partial(_last, file.name, described, sample == 0)
    return Work(first, parts, sum(part.size for part in parts), last)


def _last(name: str, described: Described, whole: bool, seen: Seen) -> list[Finding]:
    found = [*pictures.twice(seen.pictures)]
    if whole:
        found += pictures.without_objects(name, described.names, seen.per_class)
        found += training.rare(name, described.names, seen.per_class)
    return [*found, *training.stumbles(name, seen.census)]


def _described(file: Path, findings: list[Finding]) -> Described | None:
    text = read_text(file, file.name)
    if isinstance(text, Finding):
        findings.append(text)
        return None
    try:
        plain = parsed_yaml(text)
    except ValueError as problem:
        findings.append(YAML.at(file.name, "", str(problem), "YAML"))
        return None
    if not isinstance(plain, dict):
        findings.append(YAML.at(file.name, "", type(plain).__name__, "keys and values"))
        return None
    names = _names(plain.get("names"))
    if names is None:
        findings.append(YAML.at(file.name, "names", "no names from 0 on", "a name for each class"))
        return None
    if "nc" in plain and plain["nc"] != len(names):
        found = f"nc {plain['nc']}" if is_whole(plain["nc"]) else "nc that is no number"
        findings.append(YAML.at(file.name, "nc", found, f"{len(names)} names"))
    splits = dict(_splits(file, plain, findings))
    if splits.get("train") and splits.get("train") == splits.get("val"):
        findings.append(SAME_SPLIT.at(file.name, "val", "the images of train", "others"))
    # Ultralytics' own export names the same images for two splits where one has none.
    once = {split: places for split, places in splits.items() if places}
    seen: set[tuple[Path, ...]] = set()
    for split in [*once]:
        if once[split] in seen:
            del once[split]
        else:
            seen.add(once[split])
    points = _kpt_shape(file.name, plain, findings)
    labels = (_label_of(image) for places in once.values() for image in _listed(places)[:50])
    return Described(names, once, task_of(points, labels))


def _names(names: object) -> tuple[str, ...] | None:
    if isinstance(names, list):
        names = dict(enumerate(names))
    if not isinstance(names, dict) or not names or len(names) > 100_000:
        return None
    if not all(map(is_whole, names)) or sorted(names) != list(range(len(names))):
        return None
    if not all(isinstance(name, str | int) for name in names.values()):
        return None
    return tuple(str(names[number]) for number in range(len(names)))


def _splits(
    file: Path, plain: dict[str, Any], findings: list[Finding]
) -> Iterator[tuple[str, tuple[Path, ...]]]:
    base = file.parent
    said = plain.get("path")
    if isinstance(said, str) and (base / said).is_dir():
        base = base / said
    for split in ("train", "val", "test"):
        entry = plain.get(split)
        if entry is None and split == "test":
            continue
        entries = entry if isinstance(entry, list) else [entry]
        if not all(
            isinstance(name, str) and name and "\0" not in name and len(name) < 1000
            for name in entries
        ):
            findings.append(YAML.at(file.name, split, "no folder", "a folder of images"))
            continue
        places = tuple(base / str(name) for name in entries)
        missing = [place for place in places if not place.exists()]
        if missing:
            found = f"{named(missing[0], file.parent)}, which does not exist"
            findings.append(YAML.at(file.name, split, found, "a folder of images"))
            continue
        yield split, tuple(place.resolve() for place in places)


def _kpt_shape(name: str, plain: dict[str, Any], findings: list[Finding]) -> tuple[int, int] | None:
    shape = plain.get("kpt_shape")
    if shape is None:
        return None
    right = isinstance(shape, list) and len(shape) == 2 and all(map(is_whole, shape))
    if not right or shape[0] < 1 or shape[1] not in (2, 3):
        findings.append(KPT_SHAPE.at(name, "kpt_shape", "another", "[K, 2] or [K, 3]"))
        return None
    flip = plain.get("flip_idx")
    if flip is None:
        findings.append(NO_FLIP.at(name, "flip_idx", "none", f"{shape[0]} places"))
    elif (
        not isinstance(flip, list)
        or not all(map(is_whole, flip))
        or sorted(flip) != [*range(shape[0])]
    ):
        wanted = f"each of 0..{shape[0] - 1} once"
        findings.append(KPT_SHAPE.at(name, "flip_idx", "others", wanted))
    return shape[0], shape[1]


def _listed(places: Sequence[Path]) -> list[Path]:
    """The images of a split: those in folders, and those that lists name."""
    images: list[Path] = []
    for place in places:
        if place.is_dir():
            images += images_in(place, pictures.SUFFIXES)
        elif place.suffix == ".txt" and place.stat().st_size < 512_000_000:
            lines = place.read_text("utf-8", "replace").split("\n")
            images += [place.parent / line.strip() for line in lines if line.strip()]
    return images


def _images(places: Sequence[Path], root: Path, findings: list[Finding]) -> list[Path]:
    images = _listed(places)
    if not images:
        found = "no image in " + ", ".join(named(place, root) for place in places)
        findings.append(YAML.at("data.yaml", "", found, "images"))
    return images


def _label_of(image: Path) -> Path:
    """The same path with the last `images` as `labels`."""
    parts = list(image.parts)
    for place in range(len(parts) - 2, -1, -1):
        if parts[place] == "images":
            parts[place] = "labels"
            break
    return Path(*parts).with_suffix(".txt")


def _labels_folder(folder: Path) -> Path:
    return _label_of(folder / "x.png").parent


def _stray(place: Path, root: Path) -> Iterator[Finding]:
    """Labels without an image."""
    labels = _labels_folder(place)
    if not place.is_dir() or labels == place or not labels.is_dir():
        return
    wanted = {_label_of(image) for image in images_in(place, pictures.SUFFIXES)}
    for label in images_in(labels, (".txt",)):
        if label not in wanted:
            yield NO_IMAGE.at(named(label, root), "", "no image of its name", "an image")


def _caches(place: Path, root: Path) -> Iterator[Finding]:
    labels = _labels_folder(place)
    cache = labels.with_suffix(".cache")
    if cache.is_file() and labels.is_dir():
        newest = max((f.stat().st_mtime for f in images_in(labels, (".txt",))), default=0.0)
        if newest > cache.stat().st_mtime:
            yield CACHE.at(named(cache, root), "", "older than a label", "newer than all")


def check_images(
    root: Path, split: str, images: Sequence[Path], names: Sequence[str], task: Task
) -> Seen:
    seen = Seen()
    for image in images:
        name, label = named(image, root), _label_of(image)
        seen.add(pictures.look(image, name, split))
        with_size = pictures.size_in(image)
        if with_size is not None and min(with_size) < 10:
            seen.findings.append(SMALL.at(name, "", with_size, "at least 10 x 10"))
        if not label.is_file():
            seen.findings.append(NO_LABEL.at(name, "", "no label file", named(label, root)))
            continue
        text = read_text(label, named(label, root), may_be_empty=True)
        if isinstance(text, Finding):
            seen.findings.append(text)
            continue
        found, classes = rows_of(named(label, root), text, names, task)
        seen.findings += found
        seen.per_class.update(classes)
        if with_size is not None:
            seen.census.image(with_size, boxes_of(text, task, with_size))
    return seen


KIND = Kind("yolo", "detect, segment, pose, OBB", looks_like, work)
