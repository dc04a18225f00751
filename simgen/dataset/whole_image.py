"""Check that image files are complete, from their first and last bytes where possible."""

from __future__ import annotations

import os
import struct
from typing import BinaryIO

from PIL import Image

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_END = b"\x00\x00\x00\x00IEND\xaeB`\x82"
_HEAD = 24
"""Bytes of a PNG up to and including its height."""


def damage(file: BinaryIO, size: tuple[int, int] | None = None) -> str:
    """Describe the damage of an image file; return an empty text if there is none.

    Damage in the middle is not detected, except in files whose first and last bytes do not show
    whether they are complete: those are decoded. size: expected width and height, only checked in
    PNGs.
    """
    head = file.read(_HEAD)
    length = file.seek(0, os.SEEK_END)
    if not length:
        return "it is empty"
    file.seek(max(0, length - len(_PNG_END)))
    if size is not None and head.startswith(_PNG) and len(head) == _HEAD:
        stored = struct.unpack(">II", head[16:])
        if stored != size:
            return f"it is {stored[0]}x{stored[1]} pixels, its labels are for {size[0]}x{size[1]}"
    if _whole(head, file.read(), length):
        return ""
    return _walked(file, length) if head.startswith(_PNG) else _decoded(file)


def _whole(head: bytes, tail: bytes, length: int) -> bool:
    """Return whether a file is certainly complete. A JPEG may have trailing data."""
    if head.startswith(_PNG):
        return tail == _PNG_END
    if head.startswith(b"\xff\xd8\xff"):
        return tail.endswith(b"\xff\xd9")
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return length >= 8 + int.from_bytes(head[4:8], "little")
    return head.startswith(b"BM") and length >= int.from_bytes(head[2:6], "little") > _HEAD


def _walked(file: BinaryIO, length: int) -> str:
    """Check that a PNG's chunks reach its end, since Pillow accepts truncated files."""
    place, kind = len(_PNG), b""
    while kind != b"IEND":
        file.seek(place)
        header = file.read(8)
        kind = header[4:]
        place += 12 + int.from_bytes(header[:4], "big")
        if place > length or not kind.isalpha():
            return "its end is missing"
    return ""


def _decoded(file: BinaryIO) -> str:
    file.seek(0)
    try:
        with Image.open(file) as image:
            image.load()
    except Exception as problem:  # Pillow raises various errors for invalid files
        return " ".join(str(problem).split())[:200] or type(problem).__name__
    return ""
