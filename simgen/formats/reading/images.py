"""Untrusted image files: what size they have, and their pixels."""

from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from simgen.dataset import files
from simgen.dataset.remote import AnyPath
from simgen.formats.findings import Finding, finding
from simgen.formats.reading.json_file import read_bounded

MOST_BYTES = 512_000_000
_MOST_PIXELS = 200_000_000


def size_of(content: bytes) -> tuple[int, int] | None:
    """Width and height by the file's header, as stored; None where it is no image."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            return image.size
    except Exception:  # Pillow raises all kinds for files that are not what they say
        return None


def read_pixels(path: AnyPath, name: str) -> np.ndarray | Finding:
    """The array that OpenCV makes of an image file, as stored: any depth, channels in its order."""
    content = read_bounded(path, name, MOST_BYTES)
    return content if isinstance(content, Finding) else pixels_of(content, name)


def pixels_of(content: bytes, name: str) -> np.ndarray | Finding:
    size = size_of(content)
    if size is None:
        return finding("image/unreadable", name, "", "no image that Pillow knows", "PNG or JPEG")
    if size[0] * size[1] > _MOST_PIXELS:
        return finding(
            "file/too-large", name, "", f"{size[0]} x {size[1]} pixels", "at most 200 million"
        )
    image = files.decoded(content, cv2.IMREAD_UNCHANGED)
    if image is None:
        return finding("image/unreadable", name, "", "damaged", "an image that can be decoded")
    return image


def inside(name: str) -> bool:
    """Whether a file name stays within the folder that it is relative to."""
    if not name or len(name) > 1000 or max(map(len, name.split("/"))) > 200 or "\0" in name:
        return False
    if "\\" in name or name.startswith(("/", "~")):
        return False
    return ".." not in Path(name).parts and ":" not in name.split("/")[0]


def size_in(path: Path) -> tuple[int, int] | None:
    """Width and height of an image file, by its header; None where it cannot be told."""
    try:
        with Image.open(path) as image:
            return image.size
    except Exception:  # as in `size_of`
        return None
