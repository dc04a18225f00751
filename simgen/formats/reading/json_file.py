"""JSON of other people: bounded, and whatever is wrong with it becomes a finding."""

from __future__ import annotations

import json
import math
from typing import Any

from simgen.formats.findings import Finding, error
from simgen.store import remote
from simgen.store.remote import AnyPath

LARGEST = 1_000_000_000
"""Bytes of a file of annotations."""

FILE_MISSING = error(
    "file/missing", "Every file that a dataset needs is there.", "make it again, or copy it whole"
)
FILE_EMPTY = error("file/empty", "No file is empty.", "make it again; a disk may have been full")
FILE_LARGE = error(
    "file/too-large",
    "A JSON file has at most 1 GB, a COLMAP or PLY file 256 MB, another text file 16 MB, an image "
    "200 million pixels.",
    "split the dataset",
)
JSON_DAMAGED = error(
    "json/damaged", "A JSON file can be read.", "make it again; a copy may have been cut short"
)
JSON_NAN = error(
    "json/not-a-number",
    "JSON holds finite numbers; NaN and Infinity are no JSON, and many readers refuse them.",
    "write null, or leave the entry out",
)


def size_finding(path: AnyPath, name: str, largest: int = LARGEST) -> Finding | None:
    """What is wrong with a file before it is opened. name: relative to the dataset."""
    size = remote.size(path)
    if size < 0:
        return FILE_MISSING.at(name, "", "no such file", "a file")
    if size == 0:
        return FILE_EMPTY.at(name, "", "0 bytes", "content")
    if size > largest:
        return FILE_LARGE.at(name, "", f"{size} bytes", f"at most {largest}")
    return None


def read_bounded(path: AnyPath, name: str, largest: int) -> bytes | Finding:
    """The bytes of a file. name: relative to the dataset."""
    try:
        return size_finding(path, name, largest) or remote.read_bytes(path)
    except (OSError, ValueError) as problem:
        return FILE_MISSING.at(name, "", f"cannot be read: {problem}", "a file")


def read_json(path: AnyPath, name: str, largest: int = LARGEST) -> tuple[Any, list[Finding]]:
    """What a JSON file holds, or None, and what is wrong with it."""
    content = read_bounded(path, name, largest)
    if isinstance(content, Finding):
        return None, [content]
    odd: list[str] = []

    def constant(word: str) -> float:
        odd.append(word)
        return float(word)

    try:
        plain = json.loads(content, parse_constant=constant)
    except (ValueError, RecursionError) as problem:
        return None, [JSON_DAMAGED.at(name, "", f"{type(problem).__name__}: {problem}", "JSON")]
    if odd:
        found = f"{odd[0]}, {len(odd)} in all"
        return plain, [JSON_NAN.at(name, "", found, "finite numbers")]
    return plain, []


def is_number(value: object) -> bool:
    """Finite, and no bool."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value) and abs(value) < 1e15
    except OverflowError:
        return False


def is_whole(value: object) -> bool:
    """An integer that fits 63 bits."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63


def numbers(value: object, count: int = 0) -> list[float] | None:
    """A list of finite numbers, `count` of them unless it is 0; None for anything else."""
    if not isinstance(value, list) or (count and len(value) != count):
        return None
    return value if all(map(is_number, value)) else None
