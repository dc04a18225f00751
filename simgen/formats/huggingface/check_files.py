"""Checks of the card and files of a Hugging Face dataset: configurations, splits, columns, rows.

https://huggingface.co/docs/hub/datasets-manual-configuration. The card's data is the YAML between
the first two lines `---` of README.md; all keys are optional.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simgen.formats.findings import At, Finding, finding
from simgen.formats.reading.json_file import is_whole
from simgen.formats.reading.text_file import parsed_yaml, read_text

if TYPE_CHECKING:
    import pyarrow  # type: ignore[import-untyped]

_LARGEST = 1_000_000
"""Maximum length of the YAML in characters."""
_MOST = 10_000
"""Maximum number of columns, including nested fields, and of class names."""
_CLASS_LABEL = "class_label"
_NAME = re.compile(r"(?P<split>\w+(?:\.\w+)*?)-(?P<number>\d{5,})(?:-of-(?P<count>\d{5,}))?")
_GROUP = 2_000_000_000
_ARROW = {
    "double": "float64", "float": "float32", "halffloat": "float16", "large_string": "string",
    "large_binary": "binary",
}  # fmt: skip


@dataclass(frozen=True)
class Config:
    """A configuration of a dataset.

    files: file patterns of each split; None if the names of files determine their split. features:
    dtype of each column by path, such as `objects.bbox`, ignoring lists. classes: class names of
    class labels by path. rows: number of rows of each split.
    """

    files: dict[str, list[str]] | None = None
    features: dict[str, str] = field(default_factory=dict)
    classes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)


def configs_of(root: Path) -> tuple[dict[str, Config], list[Finding]]:
    """Return at least one configuration by name, and findings."""
    path = root / "README.md"
    found: list[Finding] = []
    text = read_text(path, path.name, found.append, may_be_empty=True) if path.is_file() else ""
    if text is None:
        return {"default": Config()}, found
    try:
        plain = _front(text)
        files = dict(_files(plain.get("configs")))
        infos = dict(_infos(plain.get("dataset_info"), next(iter(files), "default")))
    except (ValueError, RecursionError) as problem:
        wrong = finding("huggingface/card", path.name, "", str(problem), "YAML")
        return {"default": Config()}, [wrong]
    names = list(files) or list(infos) or ["default"]
    return {name: Config(files.get(name), *infos.get(name, ({}, {}, {}))) for name in names}, []


def _front(text: str) -> dict[str, Any]:
    """Parse the YAML of a card. Raises `ValueError`, as do the functions below."""
    if not text.startswith("---"):
        return {}
    front = text[3 : text.find("\n---", 3)]
    if len(front) > _LARGEST:
        raise ValueError(f"{len(front)} characters, more than {_LARGEST}")
    plain = parsed_yaml(front, _LARGEST)
    if not isinstance(plain, dict):
        raise ValueError(f"{type(plain).__name__}, expected keys and values")
    return plain


def _files(configs: Any) -> Iterator[tuple[str, dict[str, list[str]] | None]]:
    for config in _rows(configs, "configs"):
        name, given = config.get("config_name", "default"), config.get("data_files")
        if not isinstance(name, str):
            raise ValueError(f"config_name {name!r}, expected a text")
        found: dict[str, list[str]] = {}
        for row in given if isinstance(given, list) else [given]:
            split, paths = "train", row
            if isinstance(row, dict) and isinstance(given, list):
                split, paths = str(row.get("split")), row.get("path")
            more = paths if isinstance(paths, list) else [paths]
            found.setdefault(split, []).extend(str(path) for path in more)
        yield name, None if given is None else found


def _rows(value: Any, name: str) -> list[dict[Any, Any]]:
    rows = [] if value is None else value if isinstance(value, list) else [value]
    if not all(isinstance(row, dict) for row in rows):
        raise ValueError(f"entries of {name} that are not mappings")
    return rows


Info = tuple[dict[str, str], dict[str, tuple[str, ...]], dict[str, int]]
"""Features, classes and rows, as in `Config`."""


def _infos(infos: Any, unnamed: str) -> Iterator[tuple[str, Info]]:
    for info in _rows(infos, "dataset_info"):
        features, classes = {}, {}
        for path, dtype, names in _leaves(info.get("features", []), ""):
            features[path] = dtype
            if names:
                classes[path] = names
            if len(features) > _MOST:
                raise ValueError(f"more than {_MOST} features")
        rows: dict[str, int] = {}
        for split in _rows(info.get("splits"), "splits"):
            name, count = split.get("name"), split.get("num_examples")
            if not isinstance(count, int) or not is_whole(count) or not isinstance(name, str):
                raise ValueError(f"a split {split!r}, expected name and num_examples")
            rows[name] = count
        yield str(info.get("config_name", unnamed)), (features, classes, rows)


def _leaves(node: Any, path: str) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield path, dtype and class names of each column of values."""
    if isinstance(node, str):
        yield path, node, ()
    elif isinstance(node, list):
        for entry in node:
            if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
                raise ValueError(f"a feature {entry!r}, expected one with a name")
            yield from _leaves(
                {key: value for key, value in entry.items() if key != "name"},
                f"{path}.{entry['name']}".lstrip("."),
            )
    elif isinstance(node, dict) and _CLASS_LABEL in node:
        yield path, _CLASS_LABEL, _names(node[_CLASS_LABEL])
    else:
        keys = ("dtype", "sequence", "list", "large_list", "struct")
        inner = next((node[key] for key in keys if isinstance(node, dict) and key in node), None)
        if inner is None:
            raise ValueError(f"the feature {path!r} without a dtype")
        yield from _leaves(inner, path)


def _names(label: Any) -> tuple[str, ...]:
    given = label.get("names") if isinstance(label, dict) else None
    if isinstance(given, dict):
        places = {str(place): name for place, name in given.items()}
        given = [places.get(str(place)) for place in range(len(places))]
    if not isinstance(given, list) or not 0 < len(given) <= _MOST:
        raise ValueError("a class_label without names numbered from 0 without gaps")
    if not all(isinstance(name, str) for name in given) or len(set(given)) < len(given):
        raise ValueError("a class_label with duplicate names, or names that are not text")
    return tuple(given)


@dataclass(frozen=True)
class Shard:
    """The structure of a Parquet file.

    groups: number of rows of each row group. columns: dtype by path, ignoring lists. ordered: the
    schema as text.
    """

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
                return at("huggingface/parquet", "a row group of more than 2 GB", "at most 2 GB")
            columns = {
                path: dtype for field in file.schema_arrow for path, dtype in columns_of(field, "")
            }
            ordered = str(file.schema_arrow.remove_metadata())
            return Shard(tuple(group.num_rows for group in groups), columns, ordered)
    except (pyarrow.ArrowException, OSError, ValueError, RecursionError) as problem:
        found = f"{type(problem).__name__}: {problem}"
        return finding("huggingface/parquet", name, "", found, "a Parquet file")


def columns_of(field: pyarrow.Field, path: str) -> Iterator[tuple[str, str]]:
    """Yield path and dtype of the values of a column."""
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
    """Return the names of the files of each split."""
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
        return "a different order of columns, or different list lengths"
    return "differences in " + ", ".join(f"{path} ({dtype})" for path, dtype in odd)


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
                found = f"{len(files)} files, number {missing} missing"
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
            found = "a split that the card lacks"
            yield finding("huggingface/splits", names[0], place, found, "a split of the card")
    used = {name for names in of_split.values() for name in names}
    if configs == 1:
        for name in sorted(shards.keys() - used):
            at = At(name)
            found = "a file of no split in the card's data_files"
            yield at("huggingface/splits", found, "a file of one split")
