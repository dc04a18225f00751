"""Arrays as image files that store values rather than colours; cameras in OpenCV's convention."""

from __future__ import annotations

import cv2
import numpy as np

from simgen.errors import InputError
from simgen.formats.items import Item
from simgen.labels.record import CameraRecord


def png(image: np.ndarray) -> bytes:
    """Encode `H x W` or `H x W x 3` uint8 or uint16 as a PNG; channels in OpenCV's order, BGR."""
    done, buffer = cv2.imencode(".png", image)
    if not done:
        raise OSError(f"{image.dtype} {image.shape}: cannot encode the array as PNG")
    return buffer.tobytes()


def mask_png(mask: np.ndarray) -> bytes:
    """Encode `H x W` bool as a PNG: 255 where true, else 0."""
    return png(mask.astype(np.uint8) * 255)


def quantized(values: np.ndarray, per_unit: float) -> np.ndarray:
    """Return values times `per_unit`, rounded, as `H x W` uint16.

    Results outside 1 to 65535, infinity and NaN become 0.
    """
    scaled = np.round(values.astype(np.float64) * per_unit)
    held = (scaled >= 1) & (scaled <= 65535)
    return np.where(held, scaled, 0).astype(np.uint16)


def opencv_k(camera: CameraRecord) -> np.ndarray:
    """Return K, `3 x 3`, for OpenCV's pixel coordinates, whose origin is the centre of the top left
    pixel."""
    k = np.array(camera.K)
    k[:2, 2] -= 0.5
    return k


def check_pinhole(item: Item, what: str) -> None:
    """Raise `InputError` if an image's camera is not a pinhole. what: the format's name."""
    model = item.frame.camera.lens.model
    if model != "pinhole":
        raise InputError(
            f"{item.name}: the format {what!r} cannot store camera.model={model}; generate the "
            "dataset with camera.model=pinhole"
        )
