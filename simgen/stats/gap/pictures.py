"""Reads image files of any kind as display-ready RGB, and shrinks them."""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageOps

from simgen.dataset import remote
from simgen.dataset.adaptation.measured import shrunk
from simgen.formats.items import Picture

UNREADABLE = (
    OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, OverflowError,
    struct.error, zlib.error, Image.DecompressionBombError,
)  # fmt: skip
"""Exceptions that Pillow raises for damaged files, depending on their format."""
_SIXTEEN_BITS = ("I", "I;16", "I;16B", "I;16L")


@dataclass(frozen=True)
class Pixels:
    """A decoded file.

    rgb: `H x W x 3` uint8, sRGB display values, rotated according to EXIF. quantisation: mean step
    of a JPEG's quantization table for luma, in units of its DCT; NaN for other files.
    """

    rgb: np.ndarray
    quantisation: float


def read_pixels(picture: Picture, *, labelled: bool) -> Pixels:
    """Read an image as RGB, converted from greyscale, CMYK, palettes, 16 bits or transparency.

    labelled: whether labels refer to the picture's size; EXIF rotation is then ignored if it would
    contradict that size. Raises one of `UNREADABLE`.
    """
    with Image.open(io.BytesIO(remote.read_bytes(picture.path))) as image:
        tables = getattr(image, "quantization", None) or {}
        step = float(np.mean(tables[0])) if 0 in tables else float("nan")
        image.load()
        turned = ImageOps.exif_transpose(image)
        size = picture.width, picture.height
        as_stored = labelled and turned.size != size and image.size == size
        rgb = _rgb(image if as_stored else turned)
    if labelled and (rgb.shape[1], rgb.shape[0]) != size:
        rgb = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    return Pixels(rgb, step)


def _rgb(image: Image.Image) -> np.ndarray:
    if image.mode in _SIXTEEN_BITS:
        values = np.asarray(image, np.float64)
        top = 65535 if values.max(initial=0) > 255 else 255
        grey = np.clip(values * (255 / top), 0, 255).round().astype(np.uint8)
        return np.repeat(grey[..., None], 3, axis=2)
    if image.mode == "P":
        image = image.convert("RGBA")
    return np.ascontiguousarray(np.asarray(image.convert("RGB")))


def thumbnail(rgb: np.ndarray, side: int) -> np.ndarray:
    """Shrink an image to a longer side of at most `side` pixels."""
    return shrunk(rgb, side / max(rgb.shape[:2]))
