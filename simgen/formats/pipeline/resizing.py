"""Resizing of images and of all labels in pixels.

Masks, ids and values are sampled from the nearest original pixel, never interpolated. Boxes are
derived from the new masks, and parts thinner than a new pixel may vanish. Visibility fractions do
not change.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from pycocotools import mask as coco_mask

from simgen.dataset.sample import Sample
from simgen.errors import InputError
from simgen.formats.items import RLE, Annotation, ImageKeypoint, Item, scaled
from simgen.labels import masks
from simgen.labels.label import FrameArrays, Label, Recorded
from simgen.labels.record import (
    CameraRecord,
    FrameRecord,
    IgnoreRegion,
    ObjectRecord,
    Order,
    Segment,
)
from simgen.labels.tracks import Tracks

_LARGEST = 16384


@dataclass(frozen=True)
class Size:
    """A target size: `640x480` for exactly that size, `640` for a longest side of at most that."""

    width: int
    height: int
    longest: bool = False

    @classmethod
    def read(cls, text: str) -> Size:
        """Parse a size. Raises `InputError`."""
        found = re.fullmatch(r"(\d+)(?:x(\d+))?", text)
        sides = [int(side) for side in found.groups() if side] if found else []
        if not sides or not all(1 <= side <= _LARGEST for side in sides):
            raise InputError(
                f"--resize {text}: expected width and height such as 640x480, or the longest side "
                f"such as 640, from 1 to {_LARGEST}"
            )
        return cls(sides[0], sides[-1], len(sides) == 1)

    def of(self, width: int, height: int) -> tuple[int, int]:
        """Return the new width and height of an image."""
        if not self.longest:
            return self.width, self.height
        factor = min(1.0, self.width / max(width, height))
        return max(1, round(width * factor)), max(1, round(height * factor))


def resized(item: Item, size: Size) -> Item:
    """Return an item resized, or unchanged if it has that size already."""
    width, height = size.of(item.width, item.height)
    if (width, height) == (item.width, item.height):
        return item
    grid = Grid(item.width, item.height, width, height)
    return replace(
        item,
        picture=replace(item.picture, width=width, height=height, resized=True),
        annotations=tuple(_annotation(entry, grid) for entry in item.annotations),
        sample=None if item.sample is None else ResizedSample(item.sample, grid),
    )


@dataclass(frozen=True)
class Grid:
    """The mapping from the pixels of a resized image to those of its original."""

    old_width: int
    old_height: int
    width: int
    height: int

    @property
    def factors(self) -> np.ndarray:
        """Return the number of new pixels per old pixel in x and y, `2`."""
        return np.array([self.width / self.old_width, self.height / self.old_height])

    def nearest(self, image: np.ndarray) -> np.ndarray:
        """Resample an image by the old pixel at the centre of each new one."""
        rows = ((np.arange(self.height) + 0.5) * self.old_height / self.height).astype(int)
        columns = ((np.arange(self.width) + 0.5) * self.old_width / self.width).astype(int)
        return np.ascontiguousarray(image[rows[:, None], columns])

    def mask(self, pixels: np.ndarray) -> RLE | None:
        """Return a mask; None without pixels. pixels: as returned by `pixels`."""
        return masks.run_lengths(pixels, self.height, self.width) if len(pixels) else None

    def boxes(self, pixels: np.ndarray) -> dict[str, Any]:
        """Return the bounding boxes of pixels by field name; None without pixels."""
        return {
            "bbox": masks.bounding_box(pixels, self.height) if len(pixels) else None,
            "oriented_box": masks.oriented_box(pixels, self.height) if len(pixels) else None,
        }

    def pixels(self, rle: RLE | None) -> np.ndarray:
        """Return the pixels of a resized mask in the form of `simgen.labels.masks`."""
        if rle is None:
            return np.zeros(0, int)
        return np.flatnonzero(self.nearest(coco_mask.decode(rle)).T)

    def box(self, box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        x, y, w, h = (np.array(box).reshape(2, 2) * self.factors).reshape(4).tolist()
        return x, y, w, h


def _annotation(entry: Annotation, grid: Grid) -> Annotation:
    keypoints = entry.keypoints
    entry = replace(
        entry,
        keypoints=None if keypoints is None else tuple(_keypoint(mark, grid) for mark in keypoints),
        amodal_bbox=None if entry.amodal_bbox is None else grid.box(entry.amodal_bbox),
        record=None if entry.record is None else _record(entry.record, grid),
    )
    if entry.mask is not None:
        pixels = grid.pixels(entry.mask)
        return replace(
            entry,
            mask=grid.mask(pixels),
            area=len(pixels),
            **grid.boxes(pixels),
        )
    if entry.bbox is None:
        return entry
    turned = entry.oriented_box
    return replace(
        entry,
        bbox=grid.box(entry.bbox),
        oriented_box=None if turned is None else turned * grid.factors,
        area=entry.area * float(grid.factors.prod()),
    )


def _keypoint(mark: ImageKeypoint, grid: Grid) -> ImageKeypoint:
    x, y = (np.array([mark.x, mark.y]) * grid.factors).tolist()
    return replace(mark, x=x, y=y)


def _record(item: ObjectRecord, grid: Grid) -> ObjectRecord:
    pixels = grid.pixels(item.segmentation)
    points = item.keypoints
    return replace(
        item,
        corners=item.corners * grid.factors,
        visible_pixels=len(pixels),
        segmentation=grid.mask(pixels),
        amodal_bbox=None if item.amodal_bbox is None else grid.box(item.amodal_bbox),
        amodal_segmentation=grid.mask(grid.pixels(item.amodal_segmentation)),
        keypoints=None
        if points is None
        else tuple(replace(point, pixel=point.pixel * grid.factors) for point in points),
        **grid.boxes(pixels),
    )


class ResizedSample(Sample):
    """A frame in another size. `path` still returns the original's files."""

    def __init__(self, original: Sample, grid: Grid) -> None:
        super().__init__(
            original.folder, original.scene, original.frame, original.frames, original.labels,
            original.split,
        )  # fmt: skip
        self._original = original
        self._grid = grid

    @cached_property
    def record(self) -> FrameRecord:
        found, objects = self._original.record, self._original.record.objects
        return replace(
            found,
            camera=_camera(found.camera, self._grid),
            objects=None if objects is None else tuple(_record(o, self._grid) for o in objects),
            occlusion_order=self._orders(found.occlusion_order),
            ignore_regions=tuple(self._regions(found.ignore_regions)),
        )

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """See `Sample.segments`. Segments without a remaining pixel are absent."""
        by_id = masks.visible_pixels(self.panoptic)
        return tuple(
            replace(
                segment,
                area=len(by_id[segment.id]),
                bbox=masks.bounding_box(by_id[segment.id], self._grid.height),
            )
            for segment in self._original.segments
            if segment.id in by_id
        )

    def _regions(self, regions: Sequence[IgnoreRegion]) -> Iterator[IgnoreRegion]:
        """Yield the regions with remaining pixels."""
        for region in regions:
            pixels = self._grid.pixels(region.segmentation)
            if len(pixels):
                yield replace(
                    region,
                    area=len(pixels),
                    bbox=masks.bounding_box(pixels, self._grid.height),
                    segmentation=masks.run_lengths(pixels, self._grid.height, self._grid.width),
                )

    def _orders(self, orders: tuple[Order, ...] | None) -> tuple[Order, ...] | None:
        if orders is None:
            return None
        factor = float(self._grid.factors.prod())
        return tuple(replace(o, pixels=max(1, round(o.pixels * factor))) for o in orders)

    def change_of(self, label: str) -> Callable[[np.ndarray], np.ndarray] | None:
        """See `Sample.change_of`."""
        return self._original.change_of(label)

    def load[T](self, label: Label[T]) -> T:
        """See `Sample.load`."""
        if isinstance(label.stored, Recorded):
            return super().load(label)
        found: Any = self._original.load(label)
        if isinstance(found, Tracks):
            found = replace(found, points=(found.points * self._grid.factors).astype(np.float32))
        elif found is not None and not isinstance(label.stored, FrameArrays):
            found = self._image(label, found)
        return found

    def _image(self, label: Label, image: np.ndarray) -> np.ndarray:
        grid = self._grid
        if image.dtype == np.uint8 and image.ndim == 3:
            return scaled(image, grid.width, grid.height)
        chosen = grid.nearest(image)
        if label.unit == "px":
            count = chosen.shape[2] if chosen.ndim == 3 else 1
            chosen = chosen * grid.factors[:count].astype(np.float32)
        return chosen


def _camera(camera: CameraRecord, grid: Grid) -> CameraRecord:
    scale = np.diag([*grid.factors, 1.0])
    return replace(camera, width=grid.width, height=grid.height, K=scale @ camera.K)
