"""Photographs rescaled or cut into tiles, with detections mapped back to the photographs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from simgen.training.detection import Detections, DetectionSet, LabelledImage
from simgen.training.images import read_rgb
from simgen.training.results_files import write_bytes

LEAST_INSIDE = 0.5
"""Minimum share of a box inside a tile; below it the box becomes an ignore region there."""
_SAME_OBJECT = 0.5
"""Intersection over union from which boxes in two tiles are considered the same object."""


@dataclass(frozen=True)
class Tiles:
    """Photographs in the form that a detector receives. whole: the photographs themselves, used for
    evaluation. parts: the images for the detector. owner: for each part, the index of its
    photograph. corner: for each part, x and y of its upper left pixel in the scaled photograph.
    scale: for each photograph, the factors on its width and height."""

    whole: DetectionSet
    parts: DetectionSet
    owner: tuple[int, ...]
    corner: tuple[tuple[int, int], ...]
    scale: tuple[tuple[float, float], ...]

    def merged(self, found: Sequence[Detections]) -> list[Detections]:
        """Map detections in the parts to the photographs: an object detected in two overlapping
        parts counts once."""
        gathered: list[list[Detections]] = [[] for _ in self.whole.images]
        for one, owner, corner in zip(found, self.owner, self.corner, strict=True):
            shift = np.array([*corner, *corner], np.float32)
            factor = np.array([*self.scale[owner], *self.scale[owner]], np.float32)
            gathered[owner].append(replace(one, boxes=(one.boxes + shift) / factor))
        return [once(several) if len(several) > 1 else several[0] for several in gathered]


def cut(found: DetectionSet, folder: Path, side: int | None, overlap: int, scale: float) -> Tiles:
    """Scale photographs and cut them into tiles. Without either, the files are used unchanged.

    folder: for the new PNG files; existing ones are not rewritten. side: of a tile, pixels; None
    for entire images. overlap: of neighbouring tiles, pixels.
    """
    if side is not None or scale != 1.0:
        folder.mkdir(parents=True, exist_ok=True)
    parts, owner, corner, factors = [], [], [], []
    for place, image in enumerate(found.images):
        scaled = _scaled(image, folder, scale)
        factors.append((scaled.width / image.width, scaled.height / image.height))
        for x, y in _corners(scaled, side, overlap):
            parts.append(scaled if side is None else _tile(scaled, x, y, side, folder))
            owner.append(place)
            corner.append((x, y))
    cut_up = replace(found, images=tuple(parts))
    return Tiles(found, cut_up, tuple(owner), tuple(corner), tuple(factors))


def _corners(image: LabelledImage, side: int | None, overlap: int) -> Iterable[tuple[int, int]]:
    return [(0, 0)] if side is None else corners_of(image.width, image.height, side, overlap)


def corners_of(width: int, height: int, side: int, overlap: int) -> Iterator[tuple[int, int]]:
    """Yield the upper left corners of tiles that cover an image; tiles at the far edges are shifted
    inside."""
    for y in _starts(height, side, overlap):
        for x in _starts(width, side, overlap):
            yield x, y


def _starts(length: int, side: int, overlap: int) -> list[int]:
    step = max(1, side - overlap)
    last = max(0, length - side)
    return [*range(0, last, step), last]


def _scaled(image: LabelledImage, folder: Path, scale: float) -> LabelledImage:
    if scale == 1.0:
        return image
    width, height = round(image.width * scale), round(image.height * scale)
    file = folder / f"{image.source[:16]}_{width}x{height}.png"
    if not file.is_file():
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        _write(file, cv2.resize(read_rgb(image.file), (width, height), interpolation=way))
    factors = np.array([width / image.width, height / image.height] * 2, np.float32)
    return replace(image, file=file, width=width, height=height, boxes=image.boxes * factors)


def _tile(image: LabelledImage, x: int, y: int, side: int, folder: Path) -> LabelledImage:
    width, height = min(side, image.width), min(side, image.height)
    file = folder / f"{image.source[:16]}_{image.width}_{x}_{y}_{width}x{height}.png"
    if not file.is_file():
        _write(file, read_rgb(image.file)[y : y + height, x : x + width])
    boxes, inside = clip_boxes(image.boxes, x, y, width, height)
    seen = inside > 0
    return replace(
        image,
        file=file,
        width=width,
        height=height,
        boxes=boxes[seen],
        classes=image.classes[seen],
        ignore=(image.ignore | (inside < LEAST_INSIDE))[seen],
    )


def clip_boxes(
    boxes: np.ndarray, x: int, y: int, width: int, height: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return boxes (`N x 4`) in the pixels of a part of their image, and the share of each inside
    it."""
    size = np.array([width, height, width, height], np.float32)
    moved = boxes - np.array([x, y, x, y], np.float32)
    clipped = np.clip(moved, 0, size)
    area = np.prod(np.maximum(moved[:, 2:] - moved[:, :2], 1e-6), axis=1)
    inside = np.prod(np.maximum(clipped[:, 2:] - clipped[:, :2], 0), axis=1) / area
    return clipped.astype(np.float32), inside


def once(several: Sequence[Detections]) -> Detections:
    """Merge one image's detections from overlapping parts by greedy non-maximum suppression."""
    boxes = np.concatenate([one.boxes for one in several])
    scores = np.concatenate([one.scores for one in several])
    classes = np.concatenate([one.classes for one in several])
    kept = suppress(boxes, scores, classes, _SAME_OBJECT)
    return Detections(boxes[kept], scores[kept], classes[kept])


def suppress(
    boxes: np.ndarray, scores: np.ndarray, classes: np.ndarray, most_overlap: float
) -> np.ndarray:
    """Return the indices of the detections that survive, by descending score: greedy non-maximum
    suppression within each class. most_overlap: maximum intersection over union of two of them."""
    order = np.argsort(-scores, kind="stable")
    areas = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    kept: list[int] = []
    while len(order):
        first, order = order[0], order[1:]
        kept.append(int(first))
        low = np.maximum(boxes[first, :2], boxes[order, :2])
        high = np.minimum(boxes[first, 2:], boxes[order, 2:])
        both = np.prod(np.clip(high - low, 0, None), axis=1)
        overlap = both / np.maximum(areas[first] + areas[order] - both, 1e-9)
        order = order[(overlap <= most_overlap) | (classes[order] != classes[first])]
    return np.array(kept, np.int64)


def _write(file: Path, image: np.ndarray) -> None:
    done, content = cv2.imencode(".png", cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    assert done
    write_bytes(file, content.tobytes())
