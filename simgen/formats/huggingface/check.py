"""Datasets of Hugging Face in Parquet files. https://huggingface.co/docs/hub/datasets-adding"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simgen.dataset.remote import AnyPath
from simgen.errors import InputError
from simgen.formats.findings import Finding, finding
from simgen.formats.huggingface.check_card import Config, configs_of
from simgen.formats.huggingface.check_files import (
    Shard,
    columns_of,
    counted,
    files_of,
    numbered,
    schemas,
    shard_of,
)
from simgen.formats.huggingface.check_rows import check_labels, check_row
from simgen.formats.reading.text_file import named
from simgen.formats.validate import pictures
from simgen.formats.validate.kind import Kind, Part, Work, evenly, files_to_check, local_files
from simgen.formats.validate.seen import Seen

if TYPE_CHECKING:
    import pyarrow  # type: ignore[import-untyped]

_FOLDERS = ("", "*/", "*/*/")
_ROWS = 16
"""Rows that are in memory at a time."""


def looks_like(path: AnyPath) -> bool:
    return any(True for _ in local_files(path, ".parquet", *_FOLDERS))


def work(path: AnyPath, sample: int) -> Work:
    root, files = files_to_check(path, "Hugging Face dataset", ".parquet", *_FOLDERS)
    _need()
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
    chosen = evenly(parts, sample)
    classes = [] if len(chosen) < len(parts) or broken else _all_classes(configs)
    return Work(first, chosen, sum(part.size for part in chosen), partial(_last, classes))


def _need() -> None:
    try:
        importlib.import_module("pyarrow.parquet")
    except ImportError as problem:
        raise InputError(
            "checking Parquet files needs packages that are not installed: "
            "pip install 'simgen[huggingface]'"
        ) from problem


def _all_classes(configs: dict[str, Config]) -> list[str]:
    found = (names for config in configs.values() for names in config.classes.values())
    return list(dict.fromkeys(name for names in found for name in names))


def _last(classes: Sequence[str], seen: Seen) -> list[Finding]:
    known: dict[tuple[str, int], str] = {}
    found = list(pictures.twice(seen.pictures))
    for split, place, ids in seen.facts:
        for number in ids:
            if (split, number) in known:
                there = f"{number}, in {known[split, number]} too"
                found.append(finding("huggingface/image-id", place, "", there, "one of its own"))
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
    """A group of rows of a file. begin: the number of its first row."""
    import pyarrow
    from pyarrow import parquet

    seen, ids = Seen(), []
    try:
        with parquet.ParquetFile(root / name) as file:
            images = _image_columns(config, file.schema_arrow)
            for batch in file.iter_batches(_ROWS, [group], use_threads=False):
                for number, row in enumerate(batch.to_pylist(), start=begin):
                    place = f"{name} row {number}"
                    check_row(root, place, split, row, images, seen)
                    check_labels(place, row, config.classes, seen)
                    ids.append(row.get("image_id"))
                begin += batch.num_rows
    except (pyarrow.ArrowException, OSError, ValueError) as problem:
        found = f"{type(problem).__name__}: {problem}"
        seen.findings.append(
            finding("huggingface/parquet", name, f"group {group}", found, "rows that can be read")
        )
    numbers: list[Any] = [number for number in ids if isinstance(number, int)]
    seen.facts.append((split, f"{name} group {group}", numbers))
    return seen


def _image_columns(config: Config, schema: pyarrow.Schema) -> tuple[str, ...]:
    """Of the card, or those with `bytes` and `path`."""
    stated = tuple(path for path, dtype in config.features.items() if dtype == "image")
    if stated:
        return tuple(path for path in stated if "." not in path)
    found = ((field.name, dict(columns_of(field, ""))) for field in schema)
    return tuple(name for name, inner in found if inner.keys() == {f"{name}.bytes", f"{name}.path"})


KIND = Kind("huggingface", "Parquet files of Hugging Face", looks_like, work)
