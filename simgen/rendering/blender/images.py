"""Conversion of arrays to Blender images."""

from __future__ import annotations

from collections.abc import Callable

import bpy
import numpy as np


def pack(pixels: np.ndarray, name: str, coding: str = "sRGB") -> bpy.types.Image:
    """Create a Blender image from `H x W x 4` uint8, row 0 on top. coding: its colour space."""
    height, width = pixels.shape[:2]
    image = bpy.data.images.new(name, width, height, alpha=True)
    image.colorspace_settings.name = coding
    # Keep the colour of transparent texels, which premultiplication would lose.
    image.alpha_mode = "CHANNEL_PACKED"
    flipped = np.ascontiguousarray(pixels[::-1]).astype(np.float32) / 255.0
    image.pixels.foreach_set(flipped.ravel())
    image.update()
    image.pack()
    return image


def pack_linear(pixels: np.ndarray, name: str) -> bpy.types.Image:
    """Create a Blender image of numbers instead of colours, from `H x W x 3` float32, 0..1, row 0
    on top. Its precision is kept."""
    height, width = pixels.shape[:2]
    image = bpy.data.images.new(name, width, height, float_buffer=True, is_data=True)
    opaque = np.ones((height, width, 4), np.float32)
    opaque[..., :3] = pixels[::-1]
    image.pixels.foreach_set(opaque.ravel())
    image.update()
    image.pack()
    return image


def shared_image(
    name: str,
    pixels: Callable[[], np.ndarray],
    create: Callable[[np.ndarray, str], bpy.types.Image] = pack,
) -> bpy.types.Image:
    """Return the image with this name, created from `pixels()` once per Blender session. create:
    makes an image of pixels and a name."""
    return bpy.data.images.get(name) or create(pixels(), name)
