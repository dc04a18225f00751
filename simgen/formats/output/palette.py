"""Palette PNGs: images of small numbers shown in Pascal VOC's colours."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

VOID = 255
"""The value of ignored pixels."""


def colours() -> np.ndarray:
    """Return Pascal VOC's colour of each number, `256 x 3` uint8.

    Bits 0, 1, 2 of the number are the highest bits of red, green, blue; bits 3, 4, 5 the next, and
    so on. Everingham et al., VOC 2012 development kit, `VOClabelcolormap`.
    """
    numbers = np.arange(256)
    channels = []
    for channel in range(3):
        bits = [(numbers >> (3 * place + channel) & 1) << (7 - place) for place in range(3)]
        channels.append(np.sum(bits, axis=0))
    return np.stack(channels, axis=1).astype(np.uint8)


_FLAT = colours().tobytes()


def palette_png(numbers: np.ndarray) -> bytes:
    """Encode `H x W` uint8 as a PNG whose pixel values are the numbers, shown in VOC's colours."""
    image = Image.fromarray(np.ascontiguousarray(numbers, np.uint8), "P")
    image.putpalette(_FLAT)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()
