"""The files of a Hugging Face dataset: their columns, numbers and rows, against each other and the
card."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from simgen.formats.findings import At, Finding, finding
from simgen.formats.huggingface.check_card import Config

if TYPE_CHECKING:
    import pyarrow  # type: ignore[import-untyped]

_NAME = re.compile(r"(?P<split>\w+(?:\.\w+)*?)-(?P<number>\d{5,})(?:-of-(?P<count>\d{5,}))?")
_GROUP = 2_000_000_000
_ARROW = {
    "double": "float64", "float": "float32", "halffloat": "float16", "large_string": "string",
    "large_binary": "binary",
}  # fmt: skip


@dataclass(frozen=True)
class Shard:
    """groups: rows of each group of rows. columns: dtype of each by its path, lists left out."""

    path: Path
    groups: tuple[int, ...]
    columns: dict[str, str]
    ordered: str


def shard_of(path: Path, name: str) -> Shard | Finding:
    import pyarrow
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path) as file:
            meta = file.metadata
            groups = [meta.row_group(number) for number in range(meta.num_row_groups)]
            if any(group.total_byte_size > _GROUP for group in groups):
                at = At(name)
                return at("huggingface/parquet", "a group of more than 2 GB", "at most 2 GB")
            columns = {
                path: dtype for field in file.schema_arrow for path, dtype in columns_of(field, "")
            }
            ordered = str(file.schema_arrow.remove_metadata())
            return Shard(path, tuple(group.num_rows for group in groups), columns, ordered)
    except (pyarrow.ArrowException, OSError, ValueError, RecursionError) as problem:
        found = f"{type(problem).__name__}: {problem}"
        return finding("huggingface/parquet", name, "", found, "a Parquet file")


def columns_of(field: pyarrow.Field, path: str) -> Iterator[tuple[str, str]]:
    """Path and dtype of what a column holds."""
    from pyarrow import types

    path = f"{path}.{field.name}".lstrip(".")
    kind = field.type
    while any(is_(kind) for is_ in (types.is_list, types.is_large_list, types.is_fixed_size_list)):
        kind = kind.value_type
    if types.is_struct(kind):
        for number in range(kind.num_fields):
            yield from columns_of(kind.field(number), path)
    else:
        yield path, _ARROW.get(str(kind), str(kind))


def files_of(config: Config, names: Sequence[str]) -> dict[str, list[str]]:
    """Names of the files of each split."""
    found: dict[str, list[str]] = defaultdict(list)
    if config.files is None:
        for name in names:
            parts = _NAME.fullmatch(Path(name).stem)
            stem = Path(name).stem if Path(name).stem in ("train", "validation", "test") else ""
            found[parts["split"] if parts else stem or "train"].append(name)
        return found
    for split, patterns in config.files.items():
        found[split] = [
            name for name in names if any(fnmatchcase(name, pattern) for pattern in patterns)
        ]
    return found


def schemas(
    config: Config, of_split: dict[str, list[str]], shards: dict[str, Shard]
) -> Iterator[Finding]:
    names = [name for files in of_split.values() for name in files if name in shards]
    for name in names[1:]:
        first, here = shards[names[0]], shards[name]
        if here.ordered != first.ordered:
            odd = sorted(set(here.columns.items()) ^ set(first.columns.items()))
            found = _differ(odd)
            yield finding("huggingface/schema", name, "", found, f"the columns of {names[0]}")
    if not names or not config.features:
        return
    wanted: dict[str, str] = {}
    for path, dtype in config.features.items():
        if dtype == "image":
            wanted |= {f"{path}.bytes": "binary", f"{path}.path": "string"}
        else:
            wanted[path] = "int64" if dtype == "class_label" else dtype
    odd = sorted(set(shards[names[0]].columns.items()) ^ set(wanted.items()))
    if odd:
        yield finding("huggingface/schema", names[0], "", _differ(odd), "the features of README.md")


def _differ(odd: Sequence[tuple[str, str]]) -> str:
    if not odd:
        return "another order, or lengths of lists"
    return "a difference in " + ", ".join(f"{path} ({dtype})" for path, dtype in odd)


def numbered(of_split: dict[str, list[str]]) -> Iterator[Finding]:
    for split, names in of_split.items():
        groups: dict[tuple[str, str], dict[int, str]] = defaultdict(dict)
        for name in names:
            parts = _NAME.fullmatch(Path(name).stem)
            if parts is not None:
                key = str(Path(name).parent), parts["count"] or ""
                groups[key][int(parts["number"])] = name
        for (_, count), files in groups.items():
            wanted = int(count) if count else max(files) + 1
            missing = next((n for n in range(min(wanted, len(files) + 1)) if n not in files), None)
            if missing is not None or wanted != len(files):
                found = f"{len(files)} files, no number {missing}"
                at = At(next(iter(files.values())), split)
                yield at("huggingface/shards", found, f"{wanted} files")


def counted(
    config: Config, of_split: dict[str, list[str]], shards: dict[str, Shard], configs: int
) -> Iterator[Finding]:
    for split in sorted(of_split.keys() | config.rows.keys()):
        names, stated = of_split.get(split, []), config.rows.get(split)
        rows, place = sum(sum(shards[name].groups) for name in names), f"split {split}"
        if not names or (stated is not None and stated != rows):
            found = f"{rows} rows in {len(names)} files"
            wanted = "files" if stated is None else f"{stated} rows"
            yield finding("huggingface/splits", "README.md", place, found, wanted)
        elif stated is None and config.rows:
            yield finding("huggingface/splits", names[0], place, "not in the card", "a split of it")
    used = {name for names in of_split.values() for name in names}
    if configs == 1:
        for name in sorted(shards.keys() - used):
            at = At(name)
            yield at("huggingface/splits", "of no split in the card's data_files", "of one")
