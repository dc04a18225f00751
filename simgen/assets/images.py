"""Checking of texture images before decoding, and decoding into bounded arrays."""

from __future__ import annotations

import io
import warnings

import numpy as np
from PIL import Image

MAX_PIXELS = 2**26
"""8192 x 8192; a larger image is rejected as a possible decompression bomb."""
MAX_SIDE = 4096
"""Side to which larger textures are scaled down."""

Size = tuple[int, int]


def check(data: bytes) -> Size:
    """Return the width and height of an encoded image, from its header alone.

    Raises `ValueError` if the bytes are not an image or it has too many pixels.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data)) as image:
                size = image.size
    except Image.DecompressionBombError as error:
        raise ValueError(f"the image has more than {MAX_PIXELS} pixels") from error
    except Exception as error:  # Pillow's plugins raise many types on broken headers
        raise ValueError("it is not a readable image") from error
    check_size(size)
    return size


def check_size(size: Size) -> None:
    """Raise `ValueError` if an image is too large to be decoded."""
    if size[0] * size[1] > MAX_PIXELS:
        raise ValueError(f"the image is {size[0]} x {size[1]}, more than {MAX_PIXELS} pixels")


def to_array(image: Image.Image, max_side: int = MAX_SIDE) -> np.ndarray:
    """Return the pixels as `H x W x 4` uint8 in the image's own encoding, row 0 on top.

    Raises `ValueError` if the image is too large or its data are damaged.
    """
    check_size(image.size)
    try:
        if image.mode.startswith("I"):  # 16 bits per pixel, which Pillow's conversion would clip
            image = Image.fromarray((np.asarray(image).clip(0, 65535) // 257).astype(np.uint8))
        largest = max(image.size)
        if largest > max_side:
            width, height = (max(1, side * max_side // largest) for side in image.size)
            image = image.convert("RGBA").resize((width, height), Image.Resampling.BOX)
        return np.array(image.convert("RGBA"))
    except Exception as error:  # as above, for truncated or corrupt data
        raise ValueError(f"the image cannot be decoded ({type(error).__name__})") from error
