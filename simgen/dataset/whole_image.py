"""Whether an image file is whole, told by its two ends where they can tell."""

from __future__ import annotations

import os
import struct
from typing import BinaryIO

from PIL import Image

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_END = b"\x00\x00\x00\x00IEND\xaeB`\x82"
_HEAD = 24
"""Bytes of a PNG up to its height."""


def damage(file: BinaryIO, size: tuple[int, int] | None = None) -> str:
    """What is wrong with an image file, or nothing. Damage in its middle is not looked for, unless
    its ends do not tell whether it is whole: then it is decoded.

    size: width and height that it should have; only PNGs are asked.
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
    """Whether a file is surely whole. A JPEG may well have something behind its end."""
    if head.startswith(_PNG):
        return tail == _PNG_END
    if head.startswith(b"\xff\xd8\xff"):
        return tail.endswith(b"\xff\xd9")
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return length >= 8 + int.from_bytes(head[4:8], "little")
    return head.startswith(b"BM") and length >= int.from_bytes(head[2:6], "little") > _HEAD


def _walked(file: BinaryIO, length: int) -> str:
    """Of a PNG, whether its chunks lead to its end: Pillow makes an image of half of them."""
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
    except Exception as problem:  # Pillow raises all kinds for files that are not what they say
        return " ".join(str(problem).split())[:200] or type(problem).__name__
    return ""
