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


@dataclass(frozen=True)
class Amounts:
    """Objects of all scenes, each counted once however many frames its scene has. What a stage puts
    up by itself does not count.

    asked: how many were drawn to be there. placed: how many of them found a place. visible: of how
    many something is seen in a frame; None where no labels tell. refused: assets that the physics
    refused, in whose places others stand.
    """

    asked: int = 0
    placed: int = 0
    visible: int | None = 0
    refused: tuple[str, ...] = ()

    def __add__(self, other: Amounts) -> Amounts:
        unknown = self.visible is None or other.visible is None
        return Amounts(
            self.asked + other.asked,
            self.placed + other.placed,
            None if unknown else (self.visible or 0) + (other.visible or 0),
            tuple(sorted({*self.refused, *other.refused})),
        )

    def __str__(self) -> str:
        seen = "" if self.visible is None else f", {self.visible:,} visible"
        return f"{self.asked:,} asked for, {self.placed:,} placed{seen}"


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
    amounts: Amounts = field(default_factory=Amounts)

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
