"""Untrusted image files: their sizes and pixels."""

from __future__ import annotations

import io
from pathlib import Path
from typing import BinaryIO

import cv2
import numpy as np
from numpy.typing import DTypeLike
from PIL import Image

from simgen.dataset import files
from simgen.dataset.remote import AnyPath
from simgen.formats.findings import Finding, finding
from simgen.formats.reading.json_file import read_bounded

MOST_BYTES = 512_000_000
_MOST_PIXELS = 200_000_000


def size_in(source: Path | BinaryIO) -> tuple[int, int] | None:
    """Return stored width and height from an image's header; None if it is not an image."""
    try:
        with Image.open(source) as image:
            return image.size
    except Exception:  # Pillow raises many kinds of errors for damaged files
        return None


def read_pixels(path: AnyPath, name: str) -> np.ndarray | Finding:
    """Read an image file with OpenCV, with its stored dtype and OpenCV's order of channels."""
    content = read_bounded(path, name, MOST_BYTES)
    return content if isinstance(content, Finding) else pixels_of(content, name)


def pixels_of(content: bytes, name: str) -> np.ndarray | Finding:
    size = size_in(io.BytesIO(content))
    if size is None:
        found = "no image that Pillow can identify"
        return finding("image/unreadable", name, "", found, "PNG or JPEG")
    if size[0] * size[1] > _MOST_PIXELS:
        return finding(
            "file/too-large", name, "", f"{size[0]} x {size[1]} pixels", "at most 200 million"
        )
    image = files.decoded(content, cv2.IMREAD_UNCHANGED)
    if image is None:
        return finding("image/unreadable", name, "", "damaged", "a decodable image")
    return image


def described(shape: tuple[int, ...], dtype: DTypeLike) -> str:
    """Describe an array in a message, such as `480 x 640 uint8`."""
    return f"{' x '.join(map(str, shape))} {np.dtype(dtype)}"


def read_exactly(
    path: AnyPath, name: str, rule: str, shape: tuple[int, ...], dtype: DTypeLike
) -> np.ndarray | Finding:
    """Read pixels as `read_pixels` does; return a finding of `rule` for another shape or dtype."""
    image = read_pixels(path, name)
    if isinstance(image, Finding) or (image.shape == shape and image.dtype == np.dtype(dtype)):
        return image
    return finding(rule, name, "", described(image.shape, image.dtype), described(shape, dtype))


def inside(name: str) -> bool:
    """Return whether a file name stays within the folder that it is relative to."""
    if not name or len(name) > 1000 or max(map(len, name.split("/"))) > 200 or "\0" in name:
        return False
    if "\\" in name or name.startswith(("/", "~")):
        return False
    return ".." not in Path(name).parts and ":" not in name.split("/")[0]
