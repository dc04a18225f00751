"""Statistics: all that is counted of a dataset, as plain data."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from simgen.counting.histogram import Histogram
from simgen.counting.measures import HUES
from simgen.counting.quantities import GRID, IMAGE, OBJECT, SPHERE


@dataclass
class ClassCounts:
    """Of one class. images, objects: by split, in which some of it is visible. histograms: by the
    ids in `quantities.OBJECT`. sphere: `SPHERE`, views per cell."""

    images: Counter[str] = field(default_factory=Counter)
    objects: Counter[str] = field(default_factory=Counter)
    histograms: dict[str, Histogram] = field(
        default_factory=lambda: {axis.id: Histogram(axis) for axis in OBJECT}
    )
    sphere: np.ndarray = field(default_factory=lambda: np.zeros(SPHERE, np.int64))


@dataclass(frozen=True)
class Pair:
    """Two pictures that look alike. bits: in which their fingerprints differ. same_scene: whether
    they are frames of one scene, which look alike by nature."""

    first: str
    second: str
    bits: int
    same_scene: bool


@dataclass(frozen=True)
class Alike:
    """Near duplicates. near: in how many bits they may differ. same_scene, other: pairs of each
    sort. pairs: some of them, other ones first. complete: whether all were counted."""

    near: int
    same_scene: int
    other: int
    pairs: tuple[Pair, ...]
    complete: bool


@dataclass
class Statistics:
    """Of one dataset.

    name: the last part of its path. kind: `simgen` or `other`. classes: in the order of their ids.
    images: by split. sizes: images by (width, height). histograms: by the ids in
    `quantities.IMAGE`, of images, and in `quantities.OBJECT`, of all objects. together: images in
    which two classes are visible, by their names in order. positions: `GRID x GRID`, rows from the
    top: objects by the middle of their boxes. hues: `HUES` shares that add up to 1. mean_colour:
    R', G', B', 0..1. left_out: what the dataset does not have, and why.
    """

    name: str
    kind: str
    classes: tuple[str, ...]
    splits: tuple[str, ...]
    images: Counter[str] = field(default_factory=Counter)
    sizes: Counter[tuple[int, int]] = field(default_factory=Counter)
    histograms: dict[str, Histogram] = field(
        default_factory=lambda: {axis.id: Histogram(axis) for axis in (*IMAGE, *OBJECT)}
    )
    by_class: dict[str, ClassCounts] = field(default_factory=dict)
    together: Counter[tuple[str, str]] = field(default_factory=Counter)
    positions: np.ndarray = field(default_factory=lambda: np.zeros((GRID, GRID), np.int64))
    hues: np.ndarray = field(default_factory=lambda: np.zeros(HUES))
    mean_colour: tuple[float, float, float] = (0.0, 0.0, 0.0)
    alike: Alike | None = None
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def image_count(self) -> int:
        return sum(self.images.values())

    @property
    def object_count(self) -> int:
        return sum(sum(one.objects.values()) for one in self.by_class.values())

    @property
    def sphere(self) -> np.ndarray:
        """`SPHERE`: views of all classes per cell."""
        return sum((one.sphere for one in self.by_class.values()), np.zeros(SPHERE, np.int64))
