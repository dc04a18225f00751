"""Arrays as image files whose values are numbers, not colours; cameras as OpenCV has them."""

from __future__ import annotations

import cv2
import numpy as np

from simgen.errors import InputError
from simgen.formats.items import Item
from simgen.labels.record import CameraRecord


def png(image: np.ndarray) -> bytes:
    """A lossless PNG of `H x W` or `H x W x 3` uint8 or uint16, channels in OpenCV's order: B, G,
    R."""
    done, buffer = cv2.imencode(".png", image)
    if not done:
        raise OSError(f"{image.dtype} {image.shape}: cannot be written as PNG")
    return buffer.tobytes()


def mask_png(mask: np.ndarray) -> bytes:
    """A PNG of `H x W` bool: 255 where it is true, else 0."""
    return png(mask.astype(np.uint8) * 255)


def quantized(values: np.ndarray, per_unit: float) -> np.ndarray:
    """`H x W` uint16: values times `per_unit`, rounded; 0 where that is not from 1 to 65535, as for
    infinity and NaN."""
    scaled = np.round(values.astype(np.float64) * per_unit)
    held = (scaled >= 1) & (scaled <= 65535)
    return np.where(held, scaled, 0).astype(np.uint16)


def opencv_k(camera: CameraRecord) -> np.ndarray:
    """`3 x 3`: K for pixels that are counted from the centre of the top left one, as OpenCV counts
    them."""
    k = np.array(camera.K)
    k[:2, 2] -= 0.5
    return k


def check_pinhole(item: Item, what: str) -> None:
    """Raise `InputError` where an image was not made by a pinhole. what: the format's name."""
    model = item.frame.camera.lens.model
    if model != "pinhole":
        raise InputError(
            f"{item.name}: made with camera.model={model}, and the format {what!r} supports "
            "pinhole cameras only; generate the dataset with camera.model=pinhole"
        )
