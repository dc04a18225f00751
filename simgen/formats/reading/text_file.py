"""Bounded readers of untrusted text; defects become findings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from simgen.formats.findings import Finding, Sink, finding
from simgen.formats.reading.json_file import is_number, read_bounded

LARGEST = 16_000_000


def read_text(path: Path, name: str, report: Sink, *, may_be_empty: bool = False) -> str | None:
    """Read a text file; None if unreadable, which is reported. name: relative to the dataset."""
    if may_be_empty and path.is_file() and path.stat().st_size == 0:
        return ""
    content = read_bounded(path, name, LARGEST)
    if isinstance(content, Finding):
        report(content)
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        report(finding("file/text", name, "", str(problem), "UTF-8"))
        return None


def parsed_yaml(text: str, largest: int = LARGEST) -> Any:
    """Parse YAML. Raises `ValueError` if it is invalid, contains tags that create objects, or has
    more than `largest` characters after the expansion of aliases."""
    try:
        plain = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        if _expanded(plain, {}) > largest:
            raise ValueError(f"more than {largest} characters after the expansion of aliases")
    except (yaml.YAMLError, RecursionError) as problem:
        raise ValueError(f"{type(problem).__name__}: {problem}") from problem
    return plain


def _expanded(node: object, known: dict[int, int]) -> int:
    """Estimate the number of characters of a value after the expansion of aliases, with which a few
    lines can repeat the same list billions of times. Raises `RecursionError` for a value that
    contains itself."""
    if isinstance(node, str):
        return len(node)
    inner = [*node, *node.values()] if isinstance(node, dict) else node
    if not isinstance(inner, list):
        return 1
    if id(node) not in known:
        known[id(node)] = 1 + sum(_expanded(item, known) for item in inner)
    return known[id(node)]


def floats(words: list[str]) -> list[float] | None:
    """Parse finite numbers; None if any word is not a finite number."""
    try:
        values = [float(word) for word in words]
    except ValueError:
        return None
    return values if all(map(is_number, values)) else None


def named(path: Path, root: Path) -> str:
    """Return a path as findings name it: relative to the dataset if it lies within."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def images_in(folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
    """Return the sorted files with these suffixes in a folder and its subfolders."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in suffixes and path.is_file() and not path.name.startswith(".")
    )
