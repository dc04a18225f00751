"""Checks of Hugging Face datasets in Parquet files.

https://huggingface.co/docs/hub/datasets-adding
"""

from __future__ import annotations

import importlib
import io
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simgen.dataset.remote import AnyPath
from simgen.errors import InputError
from simgen.formats.findings import At, Finding, finding
from simgen.formats.huggingface.check_files import (
    Config,
    Shard,
    columns_of,
    configs_of,
    counted,
    files_of,
    numbered,
    schemas,
    shard_of,
)
from simgen.formats.reading import images
from simgen.formats.reading.json_file import is_whole, numbers, read_bounded
from simgen.formats.reading.masks import box_of, runs_of
from simgen.formats.reading.text_file import named
from simgen.formats.validate import pictures
from simgen.formats.validate.kind import Kind, Part, Work, files_to_check, local_files, subsample
from simgen.formats.validate.seen import Seen

if TYPE_CHECKING:
    import pyarrow  # type: ignore[import-untyped]

Row = dict[str, Any]

_FOLDERS = ("", "*/", "*/*/")
_ROWS = 16
"""Number of rows in memory at a time."""


def looks_like(path: AnyPath) -> bool:
    return any(True for _ in local_files(path, ".parquet", *_FOLDERS))


def work(path: AnyPath, sample: int) -> Work:
    root, files = files_to_check(path, "Hugging Face dataset", ".parquet", *_FOLDERS)
    try:
        importlib.import_module("pyarrow.parquet")
    except ImportError as problem:
        raise InputError(
            "Parquet files: the packages that read them are not installed; run "
            "pip install 'simgen[huggingface]'"
        ) from problem
    configs, findings = ({"default": Config()}, []) if path in files else configs_of(root)
    first = Seen(findings)
    shards = {}
    for file in files:
        shard = shard_of(file, named(file, root))
        if isinstance(shard, Finding):
            first.findings.append(shard)
        else:
            shards[named(file, root)] = shard
    parts: list[Part] = []
    broken = len(shards) < len(files)
    for config in configs.values():
        of_split = files_of(config, [named(file, root) for file in files])
        first.findings += schemas(config, of_split, shards)
        first.findings += numbered(of_split)
        if not broken and path not in files:
            first.findings += counted(config, of_split, shards, len(configs))
        parts += _parts(root, config, of_split, shards)
    chosen = subsample(parts, sample)
    classes = [] if len(chosen) < len(parts) or broken else _all_classes(configs)
    return Work(first, chosen, sum(part.size for part in chosen), partial(_last, classes))


def _all_classes(configs: dict[str, Config]) -> list[str]:
    found = (names for config in configs.values() for names in config.classes.values())
    return list(dict.fromkeys(name for names in found for name in names))


def _last(classes: Sequence[str], seen: Seen) -> list[Finding]:
    known: dict[tuple[str, int], str] = {}
    found = list(pictures.duplicates(seen.pictures))
    for split, place, ids in seen.facts:
        for number in ids:
            if (split, number) in known:
                there = f"{number}, also in {known[split, number]}"
                found.append(finding("huggingface/image-id", place, "", there, "a unique id"))
                break
            known[split, number] = place
    return [*found, *pictures.without_objects("README.md", classes, seen.per_class)]


def _parts(
    root: Path, config: Config, of_split: dict[str, list[str]], shards: dict[str, Shard]
) -> Iterator[Part]:
    for split, names in of_split.items():
        for name in names:
            shard = shards.get(name)
            begin = 0
            for group, rows in enumerate(shard.groups if shard else ()):
                yield Part(check_group, (root, name, split, group, begin, config), max(rows, 1))
                begin += rows


def check_group(root: Path, name: str, split: str, group: int, begin: int, config: Config) -> Seen:
    """Check a row group of a file. begin: the index of its first row."""
    import pyarrow
    from pyarrow import parquet

    seen, ids = Seen(), []
    try:
        with parquet.ParquetFile(root / name) as file:
            columns = _image_columns(config, file.schema_arrow)
            for batch in file.iter_batches(_ROWS, [group], use_threads=False):
                for number, row in enumerate(batch.to_pylist(), start=begin):
                    place = f"{name} row {number}"
                    _check_row(root, place, split, row, columns, seen)
                    _check_labels(place, row, config.classes, seen)
                    ids.append(row.get("image_id"))
                begin += batch.num_rows
    except (pyarrow.ArrowException, OSError, ValueError) as problem:
        found = f"{type(problem).__name__}: {problem}"
        at = At(name, f"group {group}")
        seen.findings.append(at("huggingface/parquet", found, "readable rows"))
    whole = [number for number in ids if isinstance(number, int)]
    seen.facts.append((split, f"{name} group {group}", whole))
    return seen


def _image_columns(config: Config, schema: pyarrow.Schema) -> tuple[str, ...]:
    """Return the image columns in the card, or else those with `bytes` and `path`."""
    stated = tuple(path for path, dtype in config.features.items() if dtype == "image")
    if stated:
        return tuple(path for path in stated if "." not in path)
    found = ((field.name, dict(columns_of(field, ""))) for field in schema)
    return tuple(name for name, inner in found if inner.keys() == {f"{name}.bytes", f"{name}.path"})


def _check_row(
    root: Path, place: str, split: str, row: Row, image_columns: tuple[str, ...], seen: Seen
) -> None:
    """Check a row; add its findings and picture to `seen`. place: the file and the row's index."""
    size = None
    for column in image_columns:
        content = _image(root, place, row.get(column))
        if isinstance(content, Finding):
            seen.findings.append(content)
            continue
        found = pictures.look_at(content, place, split)
        seen.findings += found.findings
        if column == image_columns[0] and found.pictures:
            seen.pictures += found.pictures
            size = images.size_in(io.BytesIO(content))
    seen.images += 1
    stated = row.get("width"), row.get("height")
    if size is not None and None not in stated and stated != size:
        wanted = f"{stated[0]!r} x {stated[1]!r}"
        seen.findings.append(finding("image/size", place, "", f"{size[0]} x {size[1]}", wanted))
        return  # the bounds for the objects are unknown
    seen.findings += _objects(place, row.get("objects"), size)


def _image(root: Path, place: str, value: Any) -> bytes | Finding:
    content = value.get("bytes") if isinstance(value, dict) else value
    path = value.get("path") if isinstance(value, dict) else None
    if isinstance(content, bytes) and content:
        return content
    if not isinstance(path, str) or not images.inside(path):
        found = f"no bytes, path {path!r}"
        return finding("huggingface/image", place, "", found, "bytes, or a path in the dataset")
    return read_bounded(root / path, f"{place}: {path}", images.MOST_BYTES)


def _objects(place: str, objects: Any, size: tuple[int, int] | None) -> Iterator[Finding]:
    """Check the objects of a row. objects: a list per field, or a list of objects with fields."""
    rows = objects if isinstance(objects, list) else []
    if isinstance(objects, dict):
        lists = {key: value for key, value in objects.items() if isinstance(value, list)}
        lengths = {key: len(value) for key, value in lists.items()}
        if len(set(lengths.values())) > 1:
            yield finding("huggingface/objects", place, "objects", f"{lengths}", "equal lengths")
            return
        rows = [
            dict(zip(lists, values, strict=True)) for values in zip(*lists.values(), strict=True)
        ]
    for number, item in enumerate(item for item in rows if isinstance(item, dict)):
        yield from _object(At(place, f"object {number}"), item, size)


def _object(at: At, item: Row, size: tuple[int, int] | None) -> Iterator[Finding]:
    box, mask = numbers(item.get("bbox"), 4), item.get("segmentation")
    if "bbox" in item and (box is None or min(box[2:]) <= 0 or not _within(box, size)):
        limits = "" if size is None else f" within {size[0]} x {size[1]}"
        yield at("huggingface/bbox", item["bbox"], f"x, y, w, h{limits}")
        return
    if not isinstance(mask, dict) or mask.get("counts") is None:
        return
    try:
        runs = runs_of(mask, None if size is None else size[::-1])
    except ValueError as wrong:
        yield at("huggingface/segmentation", str(wrong), "run lengths of the image's size")
        return
    about = box_of(runs, mask["size"][0])
    if box is not None:
        most = 0 if about is None else 2 + 0.02 * max(about[2:])
        if about is None or np.abs(_ends(box) - _ends(about)).max() > most:
            yield at("huggingface/segmentation", f"pixels in {about}", f"pixels in bbox {box}")


def _ends(box: Sequence[float]) -> np.ndarray:
    """Return x, y of the upper left corner and of the lower right corner."""
    return np.array([*box[:2], box[0] + box[2], box[1] + box[3]])


def _within(box: Sequence[float], size: tuple[int, int] | None) -> bool:
    ends = _ends(box)
    return size is None or bool((ends[:2] >= -1).all() and (ends[2:] <= np.array(size) + 1).all())


def _labels_at(value: Any, keys: list[str]) -> Iterator[Any]:
    """Yield the values of a column through all nested lists. keys: the path to the column."""
    if isinstance(value, list):
        for item in value:
            yield from _labels_at(item, keys)
    elif not keys:
        yield value
    elif isinstance(value, dict):
        yield from _labels_at(value.get(keys[0]), keys[1:])


def _check_labels(place: str, row: Row, classes: dict[str, tuple[str, ...]], seen: Seen) -> None:
    """Check and count the class labels of a row. classes: class names by path of the column."""
    for path, names in classes.items():
        for label in _labels_at(row, path.split(".")):
            if label is None or label == -1:
                continue
            if not is_whole(label) or not 0 <= label < len(names):
                at = At(place, path)
                seen.findings.append(at("huggingface/class-label", label, f"0..{len(names) - 1}"))
                break
            seen.per_class[names[label]] += 1


KIND = Kind("huggingface", looks_like, work)
