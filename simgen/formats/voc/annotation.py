"""An XML file of Pascal VOC."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from simgen.errors import InputError

_LARGEST = 20_000_000
"""Bytes of a file."""


@dataclass(frozen=True)
class VocObject:
    """bbox: `[x, y, w, h]` in continuous pixels."""

    name: str
    bbox: tuple[float, float, float, float]
    difficult: bool


@dataclass(frozen=True)
class VocAnnotation:
    """file_name: of the image, as the file says it; may be empty. size: width and height, None
    where the file says none."""

    file_name: str
    size: tuple[int, int] | None
    objects: tuple[VocObject, ...]


def read_annotation(path: Path) -> VocAnnotation:
    """Raises `InputError`."""
    try:
        if path.stat().st_size > _LARGEST:
            raise ValueError(f"more than {_LARGEST} bytes")
        content = path.read_bytes()
        # Entities, by which a small file can grow beyond all bounds, are declared there.
        if b"<!" in content.replace(b"<!--", b"").replace(b"<![CDATA[", b""):
            raise ValueError("has a document type, which VOC has not")
        root = ElementTree.fromstring(content)
    except (OSError, ValueError, ElementTree.ParseError, RecursionError) as error:
        raise InputError(f"{path}: not readable as an annotation of VOC: {error}") from error
    width, height = (int(_number(root, f"size/{name}", path, 0)) for name in ("width", "height"))
    objects = tuple(
        _object(node, f"{path}: object {place}")
        for place, node in enumerate(root.findall("object"), start=1)
    )
    file_name = (root.findtext("filename") or "").strip()
    return VocAnnotation(file_name, (width, height) if width and height else None, objects)


def _object(node: ElementTree.Element, where: str) -> VocObject:
    name = (node.findtext("name") or "").strip()
    if not name:
        raise InputError(f"{where}: has no name; expected one")
    left, top, right, bottom = (
        _number(node, f"bndbox/{side}", where) for side in ("xmin", "ymin", "xmax", "ymax")
    )
    if right < left or bottom < top:
        raise InputError(
            f"{where}: bndbox from {left:g}, {top:g} to {right:g}, {bottom:g}; expected min before "
            "max"
        )
    # Both ends are in the box, and count from 1.
    box = left - 1, top - 1, right - left + 1, bottom - top + 1
    return VocObject(name, box, bool(_number(node, "difficult", where, 0)))


def _number(
    node: ElementTree.Element, name: str, where: object, default: float | None = None
) -> float:
    text = node.findtext(name)
    if default is not None and not (text or "").strip():
        return default
    try:
        value = float(text or "")
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"{where}: {name} is {text!r}; expected a number")
    return value
