"""Plain data for detectors: training and test images, and detections."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class LabelledImage:
    """An image with its boxes.

    file: the image used for training or testing. width, height: pixels. boxes: `N x 4` float32,
    `[x1, y1, x2, y2]` in continuous pixels. classes: N int64, indices into `DetectionSet.classes`.
    ignore: N bool, ignore regions, COCO's `iscrowd`. group: images of one group are similar, such
    as frames of one street or views of one scene. source: SHA-256 of the file that it was made
    from.
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
    """Images with boxes of a common list of classes. real: whether they are photographs."""

    name: str
    classes: tuple[str, ...]
    images: tuple[LabelledImage, ...]
    real: bool

    @cached_property
    def digest(self) -> str:
        """Return a digest of classes, pixels and boxes, independent of file names."""
        found = hashlib.sha256(f"set {self.classes} {len(self.images)}".encode())
        for image in self.images:
            found.update(f"{image.source} {image.width}x{image.height}".encode())
            for array in (image.boxes, image.classes, image.ignore):
                found.update(array.tobytes())
        return found.hexdigest()


@dataclass(frozen=True)
class Detections:
    """The detections in one image, by descending score.

    boxes: `N x 4` float32, `[x1, y1, x2, y2]` in continuous pixels. scores: N float32, 0..1.
    classes: N int64, indices into `DetectionSet.classes`.
    """

    boxes: np.ndarray
    scores: np.ndarray
    classes: np.ndarray
