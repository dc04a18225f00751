"""Reads image files of any kind as they are meant to be seen, and brings them to a scale."""

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
"""What Pillow raises for files that are damaged, each kind in its own way."""
_SIXTEEN_BITS = ("I", "I;16", "I;16B", "I;16L")


@dataclass(frozen=True)
class Pixels:
    """A decoded file.

    rgb: `H x W x 3` uint8, sRGB display values, turned as EXIF says. quantisation: the mean step of
    a JPEG's table for luma, in units of its DCT; NaN of other files.
    """

    rgb: np.ndarray
    quantisation: float


def read_pixels(picture: Picture, *, labelled: bool) -> Pixels:
    """Greyscale, CMYK, palettes, 16 bits and transparency become RGB.

    labelled: whether labels speak of the picture's size; then an image is not turned where that
    would give it another. Raises one of `UNREADABLE`.
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
    """An image with a longer side of at most `side` pixels."""
    return shrunk(rgb, side / max(rgb.shape[:2]))
