"""What a card says of a dataset, as plain data."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from simgen.store.manifest import Manifest

GRID = 24
"""Cells along each side of the map of positions."""
SIZES = 25
"""Bins of the relative size of objects, 0..1."""


@dataclass(frozen=True)
class Part:
    """Something made by others, or by simgen, that scenes were made of.

    kind: `mesh`, `texture`, `hdri`, `stage`, `class`. scenes: in which it is. licence, author,
    source: empty where they are not known.
    """

    kind: str
    name: str
    scenes: int
    licence: str = ""
    author: str = ""
    source: str = ""


@dataclass
class Facts:
    """Counted in one pass over the numbers of a dataset.

    images, objects: by split and class, in which something of it is visible. split_images,
    split_scenes: by split. cases: scenes by rare case. sizes: `SIZES`, objects by the square root
    of their box's part of the image. positions: `GRID x GRID`, rows from the top: objects by the
    middle of their boxes. visibility: `SIZES`, objects by their visible part. ignored: ignore
    regions by class, in all images. unlabelled: parts of stages by the class that they are of and
    carry no label of, in all scenes.
    """

    manifest: Manifest
    splits: tuple[str, ...]
    images: Counter[tuple[str, str]] = field(default_factory=Counter)
    objects: Counter[tuple[str, str]] = field(default_factory=Counter)
    split_images: Counter[str] = field(default_factory=Counter)
    split_scenes: Counter[str] = field(default_factory=Counter)
    cases: Counter[str] = field(default_factory=Counter)
    sizes: np.ndarray = field(default_factory=lambda: np.zeros(SIZES, np.int64))
    positions: np.ndarray = field(default_factory=lambda: np.zeros((GRID, GRID), np.int64))
    visibility: np.ndarray = field(default_factory=lambda: np.zeros(SIZES, np.int64))
    ignored: Counter[str] = field(default_factory=Counter)
    unlabelled: Counter[str] = field(default_factory=Counter)
    parts: tuple[Part, ...] = ()
    image_size: tuple[int, int] = (0, 0)

    @property
    def image_count(self) -> int:
        return sum(self.split_images.values())

    @property
    def scene_count(self) -> int:
        return sum(self.split_scenes.values())

    @property
    def classes(self) -> tuple[str, ...]:
        return self.manifest.classes

    def of_class(self, name: str) -> int:
        """Objects of a class, in all splits."""
        return sum(self.objects[split, name] for split in self.splits)
