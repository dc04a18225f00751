"""Reads images for training and testing, and identifies them by their pixels."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from pathlib import Path

import cv2
import numpy as np

from simgen.dataset import files, remote
from simgen.dataset.remote import AnyPath
from simgen.errors import InputError

_CACHED_BYTES = 2 * 1024**3


def read_rgb(path: AnyPath) -> np.ndarray:
    """Return `H x W x 3` uint8. Raises `InputError` if it is not a readable image."""
    try:
        image = files.decoded(remote.read_bytes(path), cv2.IMREAD_COLOR)
    except OSError as error:
        raise InputError(f"image {path}: cannot be read: {error}") from error
    if image is None:
        raise InputError(f"image {path}: not readable as an image")
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


def pixel_digest(image: np.ndarray) -> str:
    """Return the SHA-256 of size and pixels, so that a copy in another file is the same image."""
    digest = hashlib.sha256(repr(image.shape).encode())
    digest.update(np.ascontiguousarray(image))
    return digest.hexdigest()


class ImageCache:
    """Decoded images; the least recently used ones are evicted when memory is exceeded."""

    def __init__(self, most_bytes: int = _CACHED_BYTES) -> None:
        self._most = most_bytes
        self._size = 0
        self._images: OrderedDict[Path, np.ndarray] = OrderedDict()

    def read(self, path: Path) -> np.ndarray:
        """Return `H x W x 3` uint8, read-only. Raises `InputError`."""
        if path in self._images:
            self._images.move_to_end(path)
            return self._images[path]
        image = read_rgb(path)
        self._images[path] = image
        self._size += image.nbytes
        while self._size > self._most and len(self._images) > 1:
            self._size -= self._images.popitem(last=False)[1].nbytes
        return image
