"""The quantities of content, measured from boxes, and their values."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from simgen.stats.gap.quantity import Quantity, Sample, Variant
from simgen.stats.gap.sides import Entry, Side

_CLASSES = 12
"""Number of most frequent classes whose pairs are counted."""
_MOST_BOXES = 400
"""Maximum number of boxes of an image whose overlaps are measured."""

type Classes = frozenset[str] | None


@dataclass(frozen=True)
class _Counted:
    """A quantity of images or objects.

    readings: pairs of the smallest difference that matters and a function of an image and some of
    its boxes that returns one number, or one per box. octaves_of: as in `Quantity`.
    """

    id: str
    title: str
    unit: str
    about: str
    readings: tuple[tuple[float, Callable[[Entry, np.ndarray], np.ndarray]], ...]
    octaves_of: tuple[str, float] | None = None


def count(entry: Entry, boxes: np.ndarray) -> np.ndarray:
    """Return the number of boxes in octaves, so that 2 and 4 differ as much as 20 and 40."""
    return np.log2(1.0 + np.array([len(boxes)], float))


def side_in_pixels(entry: Entry, boxes: np.ndarray) -> np.ndarray:
    return np.log2(np.maximum(boxes[:, 2] * boxes[:, 3], 1.0)) / 2


def side_in_image(entry: Entry, boxes: np.ndarray) -> np.ndarray:
    return side_in_pixels(entry, boxes) - np.log2(max(1, entry.size[0] * entry.size[1])) / 2


def aspect(entry: Entry, boxes: np.ndarray) -> np.ndarray:
    return np.log2(np.maximum(boxes[:, 2], 0.5) / np.maximum(boxes[:, 3], 0.5))


def across(entry: Entry, boxes: np.ndarray) -> np.ndarray:
    return (boxes[:, 0] + boxes[:, 2] / 2) / entry.size[0]


def down(entry: Entry, boxes: np.ndarray) -> np.ndarray:
    return (boxes[:, 1] + boxes[:, 3] / 2) / entry.size[1]


def overlap(entry: Entry, boxes: np.ndarray) -> np.ndarray:
    """Return the mean over boxes of the largest share that one other box covers."""
    if not len(boxes):
        return np.array([np.nan])
    boxes = boxes[:_MOST_BOXES]
    low, high = boxes[:, :2], boxes[:, :2] + boxes[:, 2:]
    sides = np.minimum(high[:, None], high[None]) - np.maximum(low[:, None], low[None])
    shared = np.clip(sides, 0, None).prod(axis=2)
    np.fill_diagonal(shared, 0)
    area = np.maximum(boxes[:, 2] * boxes[:, 3], 1e-9)
    return np.array([float((shared.max(axis=1) / area).mean())])


_CONTENT = (
    _Counted("objects", "Objects in an image", "octaves of 1 + n",
             "Number of boxes of an image.", ((0.1, count),), ("", 1.0)),
    _Counted("size", "Size of objects", "octaves of pixels",
             "Square root of the box's area, in pixels and relative to the image.",
             ((0.1, side_in_pixels), (0.1, side_in_image)), ("pixels", 0.0)),
    _Counted("aspect", "Aspect of objects", "octaves",
             "Width over height of the box.",
             ((0.1, aspect),), ("", 0.0)),
    _Counted("across", "Position from left to right", "", "Centre of the box: 0 left, 1 right.",
             ((0.03, across),)),
    _Counted("down", "Position from top to bottom", "", "Centre of the box: 0 top, 1 bottom.",
             ((0.03, down),)),
    _Counted("overlap", "Overlap of boxes", "",
             "Share of a box that another one covers. Differences in number and size of objects do "
             "not count.", ((0.02, overlap),)),
)  # fmt: skip
BY_NUMBER_AND_SIZE = ("overlap",)
"""Quantities that depend in part on number and size of objects."""


def of_content(synthetic: Side, real: Side, classes: Classes) -> list[Quantity]:
    """Return all quantities of boxes. classes: of the boxes to compare; other classes only count in
    the shares of classes."""
    found = []
    for one in _CONTENT:
        variants = tuple(
            Variant(
                measure.__name__,
                _sample(synthetic, measure, classes),
                _sample(real, measure, classes),
                step,
            )
            for step, measure in one.readings
        )
        found.append(
            Quantity(
                one.id, one.title, "content", one.unit, one.about, variants,
                octaves_of=one.octaves_of,
            )
        )  # fmt: skip
    return [*found, *_of_classes(synthetic, real)]


def covariates(side: Side, classes: Classes) -> np.ndarray:
    """Return the number of objects of each image, in octaves, and their mean size, in octaves of
    the image's side: `n x 2` float64. Images without objects get the mean size of the others."""
    rows = []
    for entry in side.entries:
        boxes = entry.of(classes)
        size = side_in_image(entry, boxes).mean() if len(boxes) else np.nan
        rows.append((float(count(entry, boxes)[0]), float(size)))
    found = np.array(rows, float).reshape(-1, 2)
    known = np.isfinite(found[:, 1])
    found[~known, 1] = found[known, 1].mean() if known.any() else 0.0
    return found


def _sample(
    side: Side, measure: Callable[[Entry, np.ndarray], np.ndarray], classes: Classes
) -> Sample:
    parts = [measure(entry, entry.of(classes)) for entry in side.entries]
    places = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    return Sample(np.concatenate(parts), places)


def _of_classes(synthetic: Side, real: Side) -> list[Quantity]:
    names = tuple(dict.fromkeys((*real.classes, *synthetic.classes)))
    if len(names) < 2:
        return []
    shares = Variant("classes", _class_counts(synthetic, names), _class_counts(real, names), 0.0)
    found = [
        Quantity(
            "classes", "Shares of classes", "content", "",
            "Share of the objects that belong to each class.", (shares,), names,
        )
    ]  # fmt: skip
    shared = [name for name in names if name in synthetic.classes and name in real.classes]
    pairs = list(itertools.combinations(shared[:_CLASSES], 2))
    if pairs:
        together = Variant("together", _pairs(synthetic, pairs), _pairs(real, pairs), 0.0)
        if together.synthetic.values.any() and together.real.values.any():
            found.append(
                Quantity(
                    "together", "Classes together", "content", "",
                    "Pairs of classes, present in both sets, that occur together in an image.",
                    (together,), tuple(f"{a} and {b}" for a, b in pairs),
                )
            )  # fmt: skip
    return found


def _class_counts(side: Side, names: Sequence[str]) -> Sample:
    places = {name: place for place, name in enumerate(names)}
    values = np.zeros((len(side.entries), len(names)))
    for row, entry in enumerate(side.entries):
        for name in entry.classes:
            values[row, places[name]] += 1
    return Sample(values, np.arange(len(values)))


def _pairs(side: Side, pairs: Sequence[tuple[str, str]]) -> Sample:
    values = np.array(
        [[a in entry.classes and b in entry.classes for a, b in pairs] for entry in side.entries],
        float,
    )
    return Sample(values.reshape(len(side.entries), -1), np.arange(len(side.entries)))
