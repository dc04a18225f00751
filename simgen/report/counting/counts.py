"""Accumulators of images, the objects visible in them, and the distributions of their values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from simgen.labels.record import CameraRecord, ObjectRecord
from simgen.report.counting.histogram import Axis, Histogram
from simgen.report.counting.quantities import GRID, IMAGE, OBJECT, SPHERE
from simgen.report.counting.sphere import cell, view_direction

_MOST_SIZES = 1000
"""Maximum number of image sizes that are counted separately."""


def _histograms(axes: Sequence[Axis]) -> dict[str, Histogram]:
    return {axis.id: Histogram(axis) for axis in axes}


class Pose(NamedTuple):
    """An object and the camera that sees it."""

    record: ObjectRecord
    camera: CameraRecord


@dataclass(frozen=True)
class VisibleObject:
    """An object with at least one visible pixel in an image.

    bbox: `[x, y, w, h]`, pixels. visibility: visible fraction of its silhouette, 0..1; NaN if
    unknown. pose: None if there is none, or if it should not be counted.
    """

    class_name: str
    bbox: Sequence[float]
    visibility: float = float("nan")
    pose: Pose | None = None


@dataclass
class ClassCounts:
    """Counts of one class. images, objects: by split. histograms: by the ids of
    `quantities.OBJECT`. sphere: `SPHERE`, views per cell."""

    images: Counter[str] = field(default_factory=Counter)
    objects: Counter[str] = field(default_factory=Counter)
    histograms: dict[str, Histogram] = field(default_factory=lambda: _histograms(OBJECT))
    sphere: np.ndarray = field(default_factory=lambda: np.zeros(SPHERE, np.int64))


@dataclass
class Counts:
    """Counts of the images of a dataset.

    classes: in the order of their ids. images: by split. sizes: images by (width, height).
    histograms: of images by the ids of `quantities.IMAGE`, and of all objects by those of
    `quantities.OBJECT`. together: number of images in which two classes are visible, by their
    sorted names. positions: `GRID x GRID`, rows from the top: objects by the centres of their
    boxes.
    """

    classes: tuple[str, ...]
    splits: tuple[str, ...]
    images: Counter[str] = field(default_factory=Counter)
    sizes: Counter[tuple[int, int]] = field(default_factory=Counter)
    histograms: dict[str, Histogram] = field(default_factory=lambda: _histograms((*IMAGE, *OBJECT)))
    by_class: dict[str, ClassCounts] = field(default_factory=dict)
    together: Counter[tuple[str, str]] = field(default_factory=Counter)
    positions: np.ndarray = field(default_factory=lambda: np.zeros((GRID, GRID), np.int64))

    def __post_init__(self) -> None:
        for name in self.classes:
            self.by_class.setdefault(name, ClassCounts())

    @property
    def image_count(self) -> int:
        return self.images.total()

    @property
    def object_count(self) -> int:
        return sum(one.objects.total() for one in self.by_class.values())

    @property
    def sphere(self) -> np.ndarray:
        """Views of all classes per cell, of shape `SPHERE`."""
        return sum((one.sphere for one in self.by_class.values()), np.zeros(SPHERE, np.int64))

    def add(self, split: str, size: tuple[int, int], objects: Sequence[VisibleObject]) -> None:
        """Count an image. size: width and height, pixels."""
        self.images[split] += 1
        if size in self.sizes or len(self.sizes) < _MOST_SIZES:
            self.sizes[size] += 1
        self.histograms["objects"].add(len(objects))
        for item in objects:
            self._add_object(split, size, item)
        names = sorted({item.class_name for item in objects})
        for place, name in enumerate(names):
            self.by_class[name].images[split] += 1
            self.together.update((name, other) for other in names[place + 1 :])

    def _add_object(self, split: str, size: tuple[int, int], item: VisibleObject) -> None:
        of_class = self.by_class.setdefault(item.class_name, ClassCounts())
        of_class.objects[split] += 1
        for name, value in _values(size, item).items():
            self.histograms[name].add(value)
            of_class.histograms[name].add(value)
        x, y, width, height = item.bbox
        column = int((x + width / 2) / size[0] * GRID)
        row = int((y + height / 2) / size[1] * GRID)
        self.positions[min(max(row, 0), GRID - 1), min(max(column, 0), GRID - 1)] += 1
        if item.pose is not None:
            of_class.sphere[cell(view_direction(*item.pose))] += 1


def _values(size: tuple[int, int], item: VisibleObject) -> dict[str, float]:
    """Return an object's values by the ids of `quantities.OBJECT`; NaN if undefined."""
    _, _, width, height = item.bbox
    values = {
        "size": max(width * height / (size[0] * size[1]), 0.0) ** 0.5,
        "aspect": width / height if width > 0 and height > 0 else float("nan"),
        "visibility": item.visibility,
    }
    if item.pose is not None:
        record, camera = item.pose
        _, line_of_sight = camera.sight_lines(record.centre)
        values["truncation"] = record.truncation
        values["occlusion"] = record.occlusion
        values["distance"] = float(np.linalg.norm(line_of_sight))
        values["length"] = float(record.size.max())
    return values
