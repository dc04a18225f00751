"""Reading of untrusted files into plain data: YAML, JSON and XML, as calibration tools write them.

Nothing in a file is executed, and sizes are bounded. OpenCV's FileStorage writes YAML that is not
valid (`%YAML:1.0`), and matrices with a tag or a type: these become plain mappings with `rows`,
`cols` and `data`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import yaml

Plain = Mapping[str, Any]
MOST_BYTES = 16_000_000
"""Maximum size of a calibration or rig, or of a JSON file with poses."""
_DEEPEST = 40
_MOST_NUMBERS = 1000


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """PyYAML's safe loader, which reads OpenCV's matrices as mappings."""


def _matrix(loader: Any, node: Any) -> Any:
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor("tag:yaml.org,2002:opencv-matrix", _matrix)


def read_bytes(path: Path, most: int = MOST_BYTES) -> bytes:
    """Return a file's content. Raises `ValueError` if it cannot be read, or is too large."""
    try:
        if not path.is_file():
            raise ValueError("found no such file; expected a calibration, rig or trajectory")
        size = path.stat().st_size
        if size > most:
            raise ValueError(f"{size} bytes; expected at most {most}")
        return path.read_bytes()
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror or error}") from error


def read_document(path: Path) -> Any:
    """Return the content of a YAML, JSON or XML file as plain data, by its content. Raises
    `ValueError` if it is none of these."""
    return parse(read_bytes(path))


def parse(data: bytes) -> Any:
    """Parse YAML, JSON or XML. Raises `ValueError`."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("binary; expected YAML, JSON, XML or COLMAP's cameras.bin") from None
    start = text.lstrip()[:1]
    try:
        if start == "<":
            return _xml(text)
        if start == "{":
            return json.loads(text)
        # OpenCV's first line is not a YAML directive, which would be "%YAML 1.0".
        return yaml.load(re.sub(r"\A%YAML:[^\n]*", "", text), _Loader)
    except (ValueError, yaml.YAMLError, ElementTree.ParseError, RecursionError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ValueError(f"not valid YAML, JSON or XML ({reason})") from error


def _xml(text: str) -> Any:
    if "<!" in text.replace("<!--", ""):
        raise ValueError("a document type or entity, which calibrations do not have")
    return _element(ElementTree.fromstring(text), 0)


def _element(node: ElementTree.Element, depth: int) -> Any:
    """Return an element of OpenCV's FileStorage: a mapping, a list of numbers or a text."""
    if depth > _DEEPEST:
        raise ValueError(f"elements nested more than {_DEEPEST} deep")
    if len(node):
        return {child.tag: _element(child, depth + 1) for child in node}
    text = (node.text or "").strip()
    words = text.split()
    try:
        values = [float(word) for word in words]
    except ValueError:
        return text
    return values[0] if len(values) == 1 else values


def mapping(found: Any, what: str) -> Plain:
    """Return a mapping with string keys. Raises `ValueError` for anything else."""
    if not isinstance(found, Mapping):
        raise ValueError(f"{what}: found {short(found)}; expected names with values")
    return {str(key): value for key, value in found.items()}


def number(found: Any, what: str) -> float:
    """Return a finite number. Raises `ValueError` for anything else."""
    if isinstance(found, str):  # PyYAML reads 1e-05 as text
        try:
            found = float(found)
        except ValueError:
            found = None
    if isinstance(found, bool) or not isinstance(found, int | float) or not math.isfinite(found):
        raise ValueError(f"{what}: found {short(found)}; expected a number")
    return float(found)


def whole(found: Any, what: str) -> int:
    """Return a whole number, 0 or more. Raises `ValueError` for anything else."""
    value = number(found, what)
    if value != int(value) or value < 0:
        raise ValueError(f"{what}: found {short(found)}; expected a whole number")
    return int(value)


def numbers(found: Any, what: str, count: int | None = None) -> list[float]:
    """Return a list of numbers: from a list, nested lists, or a matrix with `data`.

    count: the number of values. Raises `ValueError` for anything else.
    """
    if isinstance(found, Mapping):
        found = found.get("data")
    if isinstance(found, int | float) and not isinstance(found, bool):
        found = [found]  # XML with a single number
    if not isinstance(found, list | tuple):
        raise ValueError(f"{what}: found {short(found)}; expected numbers")
    flat: list[Any] = []
    for value in found:
        flat += value if isinstance(value, list | tuple) else [value]
        if len(flat) > _MOST_NUMBERS:  # aliases make short YAML files arbitrarily long
            raise ValueError(f"{what}: more than {_MOST_NUMBERS} numbers")
    if count is not None and len(flat) != count:
        raise ValueError(f"{what}: found {len(flat)} numbers; expected {count}")
    return [number(value, what) for value in flat]


def short(value: Any) -> str:
    """Return a value for a message, truncated to 60 characters."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
