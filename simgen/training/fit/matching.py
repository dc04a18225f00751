"""Distances between generated images and photographs, before and after fitting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from simgen.formats.items import Picture
from simgen.stats.gap.appearance import APPEARANCE
from simgen.stats.gap.content import of_content
from simgen.stats.gap.distances import Draws, Groups, beyond_chance, draw, groups
from simgen.stats.gap.quantity import Quantity
from simgen.stats.gap.sides import Entry, Side
from simgen.training.fit.appearance import Appearances, distances, of_target
from simgen.training.fit.drafts import Frame
from simgen.training.fit.target import Target

_MOVED = ("objects", "size", "classes")
_NOT_MOVED = ("spectrum", "edges")
_FOLLOW = ("aspect", "across", "down", "overlap", "together")
"""Content that follows from the stage and its cameras."""


@dataclass(frozen=True)
class Value:
    """A measured quantity.

    distance: in units of the photographs' spread, corrected for chance. median: of the generated
    images. real: median of the photographs. Medians of shares are NaN.
    """

    title: str
    unit: str
    distance: float
    median: float
    real: float


@dataclass(frozen=True)
class Match:
    """A quantity, before and after. fitted: whether keys were adjusted for it."""

    id: str
    fitted: bool
    before: Value
    after: Value

    @property
    def nearer(self) -> bool:
        """Return whether the distance at least halved, or is small."""
        return self.after.distance <= max(0.5 * self.before.distance, 0.25)


def content_of(frames: Sequence[Frame], target: Target) -> dict[str, Value]:
    """Measure each quantity of boxes; empty without boxes."""
    if not target.class_map:
        return {}
    side = _of_classes(target.side, frozenset(target.shares))
    between = groups([f"scene {frame.scene}" for frame in frames], side.groups)
    drawn = draw(between)
    return {one.id: _value(one, between, drawn) for one in _quantities(frames, target)}


def content_cost(frames: Sequence[Frame], target: Target) -> float:
    """Return the sum of the distances of adjusted quantities."""
    return sum(one.distance for name, one in content_of(frames, target).items() if name in _MOVED)


def appearance_of(found: Appearances, target: Target) -> dict[str, Value]:
    real, off = of_target(target), distances(found, target)
    return {
        one.id: Value(one.title, one.unit, off[one.id], found.median(one), real.median(one))
        for one in APPEARANCE
        if one.id in off
    }


def matches(target: Target, before: Mapping[str, Value], after: Mapping[str, Value]) -> list[Match]:
    """Return the quantities measured both times: fitted ones first, by initial distance."""
    found = [
        Match(name, name not in (*_NOT_MOVED, *_FOLLOW), before[name], after[name])
        for name in before
        if name in after
    ]
    return sorted(found, key=lambda one: (not one.fitted, -one.before.distance))


def _quantities(frames: Sequence[Frame], target: Target) -> list[Quantity]:
    classes = frozenset(target.shares)
    return of_content(_side(frames, target), _of_classes(target.side, classes), classes)


def _of_classes(side: Side, classes: frozenset[str]) -> Side:
    entries = tuple(
        Entry(
            one.name,
            one.picture,
            one.group,
            one.of(classes),
            tuple(name for name in one.classes if name in classes),
        )
        for one in side.entries
    )
    return Side(side.name, entries, side.labelled, side.total)


def _side(frames: Sequence[Frame], target: Target) -> Side:
    """Return frames as a set of images, with the photographs' class names."""
    picture = Picture(*target.size, Path())
    entries = []
    for frame in frames:
        kept = np.array([name in target.class_map for name in frame.classes], bool)
        names = [target.class_map[name] for name in frame.classes if name in target.class_map]
        entries.append(Entry("", picture, f"scene {frame.scene}", frame.boxes[kept], tuple(names)))
    return Side("", tuple(entries), labelled=True, total=len(entries))


def _value(one: Quantity, between: Groups, drawn: Draws) -> Value:
    # The variant relative to the image size, if the quantity is also given in pixels.
    variant = one.variants[-1]
    if not variant.real.is_shares and not (variant.synthetic.known and variant.real.known):
        return Value(one.title, "", float("inf"), float("nan"), float("nan"))
    off = beyond_chance(variant, between, drawn)
    middles = [_plain(one, side.median) for side in (variant.synthetic, variant.real)]
    return Value(one.title, "of the image's side" if one.id == "size" else "", off, *middles)


def _plain(one: Quantity, median: float) -> float:
    """Undo the logarithm of quantities in octaves."""
    return 2.0**median - one.octaves_of[1] if one.octaves_of else median
