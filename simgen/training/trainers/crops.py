"""Training crops: squares of images with augmented size, position and colour, each a pure function
of a seed and its number. numpy and OpenCV only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from simgen.spec.rng import Stream, stream
from simgen.training.detection import DetectionSet, LabelledImage
from simgen.training.images import ImageCache
from simgen.training.photographs.tiles import LEAST_INSIDE, clip_boxes
from simgen.training.trainers.trainer import Job

_ZOOM = (0.7, 1.4)
_NEAR_A_BOX = 0.7
"""Probability that a crop is placed near a box, so that rare objects are seen often enough."""
_LEAST_PIXELS = 3.0
"""Minimum shorter side of a box; smaller ones after scaling become ignore regions."""


@dataclass(frozen=True)
class Crop:
    """A training crop.

    image: `S x S x 3` uint8 RGB. boxes: `N x 4` float32, corners, pixels. classes: N int64. ignore:
    N bool.
    """

    image: np.ndarray
    boxes: np.ndarray
    classes: np.ndarray
    ignore: np.ndarray


class Crops:
    """Crops of several sets of images.

    shares: for each set, the probability that a crop comes from it. side: pixels of a crop. scale:
    factor on all images. upright: whether photographs have an upright direction, so that crops are
    only mirrored horizontally.
    """

    def __init__(
        self,
        sets: Sequence[DetectionSet],
        shares: Sequence[float],
        side: int,
        scale: float,
        seed: int,
        *,
        augment: bool,
        upright: bool,
    ) -> None:
        self._sets = [one.images for one in sets]
        self._shares = np.array(shares) / np.sum(shares)
        self._side, self.scale, self._seed = side, scale, seed
        self._augment, self._upright = augment, upright
        self._cache = ImageCache()

    def batch(self, step: int, size: int) -> list[Crop]:
        """Return the crops of a step, independent of earlier calls."""
        return [self._crop(stream(self._seed, "crop", step, n)) for n in range(size)]

    def _crop(self, rng: Stream) -> Crop:
        images = self._sets[rng.choice(len(self._sets), p=self._shares)]
        labelled = images[rng.integers(len(images))]
        image, boxes = self._cache.read(labelled.file), labelled.boxes
        zoom = self.scale
        if self._augment:
            zoom *= float(np.exp(rng.uniform(*np.log(_ZOOM))))
        extent = self._side / zoom
        x, y = _corner(labelled, extent, rng)
        matrix = np.array([[zoom, 0, -x * zoom], [0, zoom, -y * zoom]])
        # Outside the image is grey and ignored: no objects can be learned or found there.
        size = (self._side, self._side)
        way = cv2.INTER_AREA if zoom < 1 else cv2.INTER_LINEAR
        patch = _resampled(image, matrix, size, way)
        boxes, inside = clip_boxes(boxes, *(0, 0), labelled.width, labelled.height)
        boxes = (boxes - np.array([x, y, x, y], np.float32)) * np.float32(zoom)
        boxes, inside = clip_boxes(boxes, 0, 0, self._side, self._side)
        is_small = (boxes[:, 2:] - boxes[:, :2]).min(axis=1) < _LEAST_PIXELS
        ignore = labelled.ignore | (inside < LEAST_INSIDE) | is_small
        seen = inside > 0
        crop = Crop(patch, boxes[seen], labelled.classes[seen], ignore[seen])
        return _varied(crop, rng, self._upright) if self._augment else crop


def crops_of(job: Job) -> Crops:
    """Return the crops for a job, with images scaled so that objects suit the crop size."""
    return Crops(
        job.sets, job.shares, job.budget.side, object_scale(job.sets, job.budget.side), job.seed,
        augment=job.config.augment, upright=job.upright,
    )  # fmt: skip


def object_scale(sets: Sequence[DetectionSet], side: int) -> float:
    """Return the factor on images that makes nearly all objects at most half as large as a crop; at
    most 1."""
    boxes = np.concatenate([image.boxes for one in sets for image in one.images])
    if not len(boxes):
        return 1.0
    sizes = np.sqrt(np.prod(np.maximum(boxes[:, 2:] - boxes[:, :2], 0), axis=1))
    return float(min(1.0, 0.5 * side / max(1.0, np.quantile(sizes, 0.9))))


def _corner(image: LabelledImage, extent: float, rng: Stream) -> tuple[float, float]:
    """Return the upper left corner of a crop, in pixels of its image."""
    if len(image.boxes) and rng.random() < _NEAR_A_BOX:
        box = image.boxes[rng.integers(len(image.boxes))]
        middle = (box[:2] + box[2:]) / 2
        x, y = middle - rng.uniform(0.1, 0.9, 2) * extent
    else:
        x, y = rng.random(2) * (np.array([image.width, image.height]) - extent)
    return _inside(x, image.width, extent), _inside(y, image.height, extent)


def _inside(start: float, length: int, extent: float) -> float:
    free = length - extent
    return float(np.clip(start, min(0.0, free), max(0.0, free)))


def _resampled(
    image: np.ndarray, matrix: np.ndarray, size: tuple[int, int], way: int
) -> np.ndarray:
    grey = (114, 114, 114)
    if way != cv2.INTER_AREA:
        return cv2.warpAffine(image, matrix, size, flags=way, borderValue=grey)
    # warpAffine does not average, so for smaller scales the visible part is resized.
    zoom = matrix[0, 0]
    x, y = -matrix[0, 2] / zoom, -matrix[1, 2] / zoom
    left, top = max(0, int(x)), max(0, int(y))
    right = min(image.shape[1], int(np.ceil(x + size[0] / zoom)))
    bottom = min(image.shape[0], int(np.ceil(y + size[1] / zoom)))
    patch = np.full((size[1], size[0], 3), grey, np.uint8)
    low = np.round((np.array([left, top]) - (x, y)) * zoom).astype(int).clip(0)
    high = np.round((np.array([right, bottom]) - (x, y)) * zoom).astype(int)
    high = np.maximum(low + 1, np.minimum(high, size))
    part = image[top:bottom, left:right]
    patch[low[1] : high[1], low[0] : high[0]] = cv2.resize(
        part, tuple(map(int, high - low)), interpolation=cv2.INTER_AREA
    )
    return patch


def _varied(crop: Crop, rng: Stream, upright: bool) -> Crop:
    image, boxes = crop.image, crop.boxes
    side = image.shape[0]
    if rng.random() < 0.5:
        image, boxes = (
            image[:, ::-1],
            np.stack([side - boxes[:, 2], boxes[:, 1], side - boxes[:, 0], boxes[:, 3]], axis=1),
        )
    if not upright and rng.random() < 0.5:
        image, boxes = (
            image[::-1],
            np.stack([boxes[:, 0], side - boxes[:, 3], boxes[:, 2], side - boxes[:, 1]], axis=1),
        )
    if not upright and rng.random() < 0.5:
        image, boxes = image.transpose(1, 0, 2), boxes[:, [1, 0, 3, 2]]
    return Crop(_recoloured(image, rng), boxes, crop.classes, crop.ignore)


def _recoloured(image: np.ndarray, rng: Stream) -> np.ndarray:
    """Vary brightness, contrast, gamma, saturation, white balance, sharpness and noise."""
    found: np.ndarray = image.astype(np.float32) / 255
    found = found ** np.float32(np.exp(rng.uniform(-0.4, 0.4)))
    grey = found.mean(axis=2, keepdims=True)
    saturation = 0.0 if rng.random() < 0.25 else rng.uniform(0.3, 1.4)
    found = grey + (found - grey) * np.float32(saturation)
    found = found * rng.uniform(0.85, 1.15, 3).astype(np.float32)
    mean = np.float32(found.mean())
    contrast, brightness = np.float32(rng.uniform(0.6, 1.5)), np.float32(rng.uniform(-0.15, 0.15))
    found = (found - mean) * contrast + mean + brightness
    if rng.random() < 0.3:
        found = cv2.GaussianBlur(found, (0, 0), rng.uniform(0.3, 1.2))
    if rng.random() < 0.5:
        found = found + rng.normal(0, rng.uniform(0.0, 0.06), found.shape).astype(np.float32)
    return (np.clip(found, 0, 1) * 255 + 0.5).astype(np.uint8)
