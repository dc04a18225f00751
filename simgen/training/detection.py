"""What detectors are trained and tested on, and what they find: plain data."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class LabelledImage:
    """An image with its boxes.

    file: the image as it is trained or tested on. width, height: pixels. boxes: `N x 4` float32,
    `[x1, y1, x2, y2]` in continuous pixels. classes: N int64, places in `DetectionSet.classes`.
    ignore: N bool, regions to be ignored, COCO's `iscrowd`. group: images of one group resemble
    each other, such as frames of one street or views of one scene. source: SHA-256 of the file that
    it was made from.
    """

    file: Path
    width: int
    height: int
    boxes: np.ndarray
    classes: np.ndarray
    ignore: np.ndarray
    group: str
    source: str


@dataclass(frozen=True)
class DetectionSet:
    """Images with boxes of the same classes. real: whether they are photographs."""

    name: str
    classes: tuple[str, ...]
    images: tuple[LabelledImage, ...]
    real: bool

    @cached_property
    def digest(self) -> str:
        """Of classes, pixels and boxes; names of files do not count."""
        found = hashlib.sha256(f"set {self.classes} {len(self.images)}".encode())
        for image in self.images:
            found.update(f"{image.source} {image.width}x{image.height}".encode())
            for array in (image.boxes, image.classes, image.ignore):
                found.update(array.tobytes())
        return found.hexdigest()


@dataclass(frozen=True)
class Detections:
    """What was found in one image, the best first.

    boxes: `N x 4` float32, `[x1, y1, x2, y2]` in continuous pixels. scores: N float32, 0..1.
    classes: N int64, places in `DetectionSet.classes`.
    """

    boxes: np.ndarray
    scores: np.ndarray
    classes: np.ndarray
