"""What checks of the parts of a dataset found, collected until all are checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, field
from typing import Any

from simgen.formats.findings import Finding, finding

_TINY = 8.0
"""Pixels: side of a square of the area below which a box is tiny, in the image or in one scaled
down to `_TRAINED`."""
_TRAINED = 640
"""Pixels of an image's longer side that detectors are mostly trained at."""
_HARDLY = 0.1
"""Visible part of an object."""
_BORDER = 0.5
"""Pixels between a box and the border of the image that it touches."""


@dataclass
class Census:
    """images: those whose objects are known. empty: without an object. boxes: of objects, regions
    to be ignored are none. tiny, cut: boxes that are tiny, and that touch the border. known,
    hardly: objects of which it is known how visible they are, and those hardly visible."""

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
        """size: width and height. boxes: `[x, y, w, h]` in pixels. visible: parts of objects, 0..1,
        where they are known."""
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
    """What is kept of an image, to be compared with all others. digest: of its bytes."""

    file: str
    split: str
    digest: str


@dataclass
class Seen:
    """The result of checking a part of a dataset.

    images: how many were looked at. per_class: objects. census: of kinds of dataset that count
    boxes. facts: what the kind of dataset compares when all parts are there; picklable and small.
    """

    findings: list[Finding] = field(default_factory=list)
    images: int = 0
    pictures: list[Picture] = field(default_factory=list)
    per_class: Counter[str] = field(default_factory=Counter)
    census: Census = field(default_factory=Census)
    facts: list[Any] = field(default_factory=list)

    def report(self, rule: str, file: str, place: str, found: object, expected: object) -> None:
        """Take in that a rule does not hold; the arguments are those of `finding`."""
        self.findings.append(finding(rule, file, place, found, expected))

    def add(self, other: Seen) -> None:
        self.findings += other.findings
        self.images += other.images
        self.pictures += other.pictures
        self.per_class += other.per_class
        self.census += other.census
        self.facts += other.facts
