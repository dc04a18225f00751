"""What a card says of a dataset, as plain data."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from simgen.dataset.manifest import Manifest
from simgen.report.counting.counts import Counts
from simgen.report.counting.scenes import Amounts

_BINS = 25
"""Of the card's histograms of values from 0 to 1."""


@dataclass(frozen=True)
class Part:
    """An asset that appears in scenes, by others or simgen's own.

    kind: `mesh`, `texture`, `hdri`, `stage`, `class`. scenes: number of scenes that use it.
    licence, author, source: empty where they are not known.
    """

    kind: str
    name: str
    scenes: int
    licence: str = ""
    author: str = ""
    source: str = ""


@dataclass
class Facts:
    """counts: of the images and their objects. scenes: by split. cases: scenes by rare case.
    ignored: ignore regions by class, in all images. unlabelled: furnishings that carry no label by
    the class that they are of, in all scenes. image_size: width and height, pixels."""

    manifest: Manifest
    counts: Counts
    image_size: tuple[int, int]
    scenes: Counter[str] = field(default_factory=Counter)
    cases: Counter[str] = field(default_factory=Counter)
    ignored: Counter[str] = field(default_factory=Counter)
    unlabelled: Counter[str] = field(default_factory=Counter)
    parts: tuple[Part, ...] = ()
    amounts: Amounts = field(default_factory=Amounts)

    @property
    def splits(self) -> tuple[str, ...]:
        return self.counts.splits

    @property
    def classes(self) -> tuple[str, ...]:
        return self.manifest.classes

    def histogram(self, quantity: str) -> np.ndarray:
        """`25`: objects by a quantity that lies between 0 and 1, such as `size`."""
        return self.counts.histograms[quantity].counts.reshape(_BINS, -1).sum(axis=1)
