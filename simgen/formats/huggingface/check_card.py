"""What the card of a Hugging Face dataset says of it: configurations, splits, columns, classes.

https://huggingface.co/docs/hub/datasets-manual-configuration. Everything is in the YAML between the
first two lines `---` of README.md, and may be left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simgen.formats.findings import Finding, finding
from simgen.formats.reading.json_file import is_whole
from simgen.formats.reading.text_file import parsed_yaml, read_text

_LARGEST = 1_000_000
"""Characters of the YAML."""
_MOST = 10_000
"""Columns, fields of columns included, and names of classes."""
_CLASS_LABEL = "class_label"


@dataclass(frozen=True)
class Config:
    """One way to load a dataset.

    files: patterns of each split, None where the names of files say it. features: the dtype of
    each column by its path, such as `objects.bbox`, lists left out. classes: of class labels, by
    path. rows: of each split.
    """

    files: dict[str, list[str]] | None = None
    features: dict[str, str] = field(default_factory=dict)
    classes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)


def configs_of(root: Path) -> tuple[dict[str, Config], list[Finding]]:
    """The configurations by name, at least one."""
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
    """Raises `ValueError`, as do the functions below."""
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
            raise ValueError(f"config_name {name!r}, expected a word")
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
        raise ValueError(f"{name} with other than keys and values")
    return rows


Info = tuple[dict[str, str], dict[str, tuple[str, ...]], dict[str, int]]
"""Features, classes and rows, as of `Config`."""


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
    """Path, dtype and names of classes of each column that holds values."""
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
        raise ValueError("a class_label without names, numbered from 0 without gaps")
    if not all(isinstance(name, str) for name in given) or len(set(given)) < len(given):
        raise ValueError("a class_label with names that are not words of their own")
    return tuple(given)
