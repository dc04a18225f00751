"""A baseline without a network: classifies pixels by object colours and boxes connected components.

A detector that does not beat it has learned colours at most. numpy and OpenCV only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from simgen.spec.rng import stream
from simgen.training.detection import Detections, LabelledImage
from simgen.training.images import read_rgb
from simgen.training.results_files import detections_of
from simgen.training.study.schema import TrainerConfig
from simgen.training.trainers.trainer import Job, Tell

_BINS = 16
"""Number of bins for each of L*, a* and b*."""
_READ = 200
"""Number of images used for colour histograms."""
_TRIED = 12
"""Number of images used for choosing thresholds."""
_THRESHOLDS = (-0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0)
"""Candidate thresholds: log-likelihood ratios of a colour inside and outside objects."""
_SIZES = (0.25, 4.0)
"""Accepted areas of blobs, relative to the objects' median area."""


def check(config: TrainerConfig) -> None:
    """Accept any config: this trainer has no requirements."""


def train(job: Job, tell: Tell) -> BlobModel:
    """Count colours inside and outside the boxes of each class, then choose the threshold with the
    best F1 at IoU 0.5 on training images."""
    images = [image for found in job.sets for image in found.images]
    rng = stream(job.seed, "images")
    chosen = [images[i] for i in rng.permutation(len(images))[:_READ]]
    inside = np.ones((len(job.classes), _BINS**3))
    outside = np.ones((len(job.classes), _BINS**3))
    areas: list[list[float]] = [[] for _ in job.classes]
    for image in chosen:
        bins = colour_bins(read_rgb(image.file))
        for place in range(len(job.classes)):
            within = np.zeros(bins.shape, bool)
            for x1, y1, x2, y2 in image.boxes[image.classes == place]:
                within[int(y1) : int(np.ceil(y2)), int(x1) : int(np.ceil(x2))] = True
                areas[place].append(float((x2 - x1) * (y2 - y1)))
            inside[place] += np.bincount(bins[within], minlength=_BINS**3)
            outside[place] += np.bincount(bins[~within], minlength=_BINS**3)
    likelier = np.log(inside / inside.sum(1, keepdims=True)) - np.log(
        outside / outside.sum(1, keepdims=True)
    )
    blobs = tuple(
        _best(likelier[place], float(np.median(found)), place, chosen[:_TRIED])
        for place, found in enumerate(areas)
        if found
    )
    tell(job.budget.steps, job.budget.steps)
    return BlobModel(blobs)


@dataclass(frozen=True)
class Blobs:
    """How objects of a class are found. place: class index. likelier: log-likelihood ratio of each
    colour. area: median area of the objects, pixels."""

    place: int
    likelier: np.ndarray
    area: float
    threshold: float

    def find(self, bins: np.ndarray) -> np.ndarray:
        """Return blobs as `N x 6`: class, score, corners."""
        ratio = self.likelier[bins].astype(np.float32)
        ratio = cv2.GaussianBlur(ratio, (0, 0), max(0.5, np.sqrt(self.area) / 8))
        count, labels, stats, _ = cv2.connectedComponentsWithStats(
            (ratio > self.threshold).astype(np.uint8)
        )
        sums = np.bincount(labels.ravel(), ratio.ravel().astype(np.float64), minlength=count)
        rows = []
        for number in range(1, count):
            x, y, w, h, area = (int(value) for value in stats[number])
            if _SIZES[0] <= w * h / self.area <= _SIZES[1]:
                mean = sums[number] / area
                fill = area / (w * h)
                rows.append([self.place, fill / (1 + np.exp(-mean)), x, y, x + w, y + h])
        return np.array(rows, np.float64).reshape(-1, 6)


class BlobModel:
    """The blob parameters of each class."""

    about = "blobs of the objects' colours, no network"

    def __init__(self, blobs: tuple[Blobs, ...]) -> None:
        self._blobs = blobs

    def predict(self, images: Sequence[LabelledImage]) -> list[Detections]:
        return [self._detect(colour_bins(read_rgb(image.file))) for image in images]

    def _detect(self, bins: np.ndarray) -> Detections:
        rows = [blobs.find(bins) for blobs in self._blobs]
        return detections_of(np.concatenate([np.zeros((0, 6)), *rows]))


def colour_bins(image: np.ndarray) -> np.ndarray:
    """Return `H x W` int64: the bin of each pixel's L*a*b* colour."""
    lab = cv2.cvtColor(image, cv2.COLOR_RGB2LAB).astype(np.int64) * _BINS // 256
    return (lab[..., 0] * _BINS + lab[..., 1]) * _BINS + lab[..., 2]


def _best(likelier: np.ndarray, area: float, place: int, images: Sequence[LabelledImage]) -> Blobs:
    read = [(colour_bins(read_rgb(i.file)), i.boxes[i.classes == place]) for i in images]
    tried = [Blobs(place, likelier, area, threshold) for threshold in _THRESHOLDS]
    scores = [sum(_f1_parts(blobs, read), np.zeros(2)) for blobs in tried]
    return tried[int(np.argmax([right / max(1, both) for right, both in scores]))]


def _f1_parts(blobs: Blobs, read: Sequence[tuple[np.ndarray, np.ndarray]]) -> Iterator[np.ndarray]:
    """Yield for each image the number of objects found, and the mean of the numbers of detections
    and objects; F1 is the ratio of their sums."""
    for bins, boxes in read:
        found = blobs.find(bins)[:, 2:]
        low = np.maximum(found[:, None, :2], boxes[None, :, :2])
        high = np.minimum(found[:, None, 2:], boxes[None, :, 2:])
        both = np.prod(np.clip(high - low, 0, None), axis=2)
        areas = [np.prod(one[:, 2:] - one[:, :2], axis=1) for one in (found, boxes)]
        overlap = both / np.maximum(areas[0][:, None] + areas[1][None] - both, 1e-9)
        right = (overlap.max(axis=0) >= 0.5).sum() if overlap.size else 0
        yield np.array([right, (len(found) + len(boxes)) / 2])
