"""The results of checking parts of a dataset, collected until all parts are checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, field
from typing import Any

from simgen.formats.findings import Finding, finding

_TINY = 8.0
"""Side in pixels of the square whose area is the limit for tiny boxes, in the image or in the image
scaled down to `_TRAINED`."""
_TRAINED = 640
"""Usual length in pixels of an image's longer side during the training of detectors."""
_HARDLY = 0.1
"""Visible fraction below which an object is hardly visible."""
_BORDER = 0.5
"""Distance in pixels below which a box touches the border of its image."""


@dataclass
class Census:
    """Counts for the statistics of training.

    images: images with known objects. empty: images without objects. boxes: boxes of objects,
    without ignore regions. tiny, cut: tiny boxes, and boxes that touch the border. known, hardly:
    objects with known visibility, and hardly visible objects.
    """

    images: int = 0
    empty: int = 0
    boxes: int = 0
    tiny: int = 0
    cut: int = 0
    known: int = 0
    hardly: int = 0

    def image(
        self,
        size: tuple[int, int],
        boxes: Sequence[Sequence[float]],
        visible: Iterable[float] = (),
    ) -> None:
        """Count an image.

        size: width and height. boxes: `[x, y, w, h]` in pixels. visible: known visible fractions of
        objects, 0..1.
        """
        width, height = size
        least = _TINY * max(1.0, max(size) / _TRAINED)
        self.images += 1
        self.empty += not boxes
        self.boxes += len(boxes)
        for x, y, w, h in boxes:
            self.tiny += w * h < least**2
            right, bottom = width - x - w, height - y - h
            self.cut += min(x, y, right, bottom) < _BORDER
        shares = list(visible)
        self.known += len(shares)
        self.hardly += sum(share < _HARDLY for share in shares)

    def __add__(self, other: Census) -> Census:
        return Census(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))


@dataclass(frozen=True)
class Picture:
    """An image in the search for duplicates. digest: of its bytes."""

    file: str
    split: str
    digest: str


@dataclass
class Seen:
    """The result of checking a part of a dataset.

    images: number of checked images. per_class: number of objects by class. census: counts, in
    formats that count boxes. facts: the format's data for checks across all parts; picklable and
    small.
    """

    findings: list[Finding] = field(default_factory=list)
    images: int = 0
    pictures: list[Picture] = field(default_factory=list)
    per_class: Counter[str] = field(default_factory=Counter)
    census: Census = field(default_factory=Census)
    facts: list[Any] = field(default_factory=list)

    def report(self, rule: str, file: str, place: str, found: object, expected: object) -> None:
        """Add a finding; the arguments are those of `finding`."""
        self.findings.append(finding(rule, file, place, found, expected))

    def add(self, other: Seen) -> None:
        self.findings += other.findings
        self.images += other.images
        self.pictures += other.pictures
        self.per_class += other.per_class
        self.census += other.census
        self.facts += other.facts
