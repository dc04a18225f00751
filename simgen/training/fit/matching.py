"""How near images are to photographs, in each quantity, before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import wasserstein_distance

from simgen.formats.items import Picture
from simgen.stats.gap.appearance import APPEARANCE
from simgen.stats.gap.content import of_content
from simgen.stats.gap.distances import unit
from simgen.stats.gap.quantity import Quantity, Variant
from simgen.stats.gap.sides import Entry, Side
from simgen.training.fit.appearance import Appearances, distances, of_target
from simgen.training.fit.drafts import Frame
from simgen.training.fit.target import Target

_MOVED = ("objects", "size", "classes")
_NOT_MOVED = ("spectrum", "edges")
_FOLLOW = ("aspect", "across", "down", "overlap", "together")
"""Content that follows from the stage and its cameras."""
_VARIATION = 0.4
"""As in `simgen.stats.gap.distances`."""


@dataclass(frozen=True)
class Value:
    """distance: in units of the photographs' spread. median: of the images; NaN of shares."""

    title: str
    unit: str
    distance: float
    median: float
    real: float


@dataclass(frozen=True)
class Match:
    """A quantity, before and after. fitted: whether keys were moved for it."""

    id: str
    fitted: bool
    before: Value
    after: Value

    @property
    def nearer(self) -> bool:
        """By half or more, or near already."""
        return self.after.distance <= max(0.5 * self.before.distance, 0.25)


def content_of(frames: Sequence[Frame], target: Target) -> dict[str, Value]:
    """Of each quantity of boxes; nothing without boxes."""
    if not target.class_map:
        return {}
    return {one.id: _value(one) for one in _quantities(frames, target)}


def content_cost(frames: Sequence[Frame], target: Target) -> float:
    """The sum of the distances of what is moved."""
    return sum(one.distance for name, one in content_of(frames, target).items() if name in _MOVED)


def appearance_of(found: Appearances, target: Target) -> dict[str, Value]:
    real, off = of_target(target), distances(found, target)
    return {
        one.id: Value(one.title, one.unit, off[one.id], found.median(one), real.median(one))
        for one in APPEARANCE
        if one.id in off
    }


def matches(target: Target, before: Mapping[str, Value], after: Mapping[str, Value]) -> list[Match]:
    """Of what was measured both times: what was fitted first, by how far off it was."""
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
    """Frames as a set of images, with the classes that photographs have."""
    picture = Picture(*target.size, Path())
    entries = []
    for frame in frames:
        kept = np.array([name in target.class_map for name in frame.classes], bool)
        names = [target.class_map[name] for name in frame.classes if name in target.class_map]
        entries.append(Entry("", picture, f"scene {frame.scene}", frame.boxes[kept], tuple(names)))
    return Side("", tuple(entries), labelled=True, total=len(entries))


def _value(one: Quantity) -> Value:
    # That as a share of the image, where it is in pixels too.
    variant = one.variants[-1]
    if variant.real.is_shares:
        return Value(one.title, "", _variation(variant), float("nan"), float("nan"))
    ours, theirs = (
        side.values[np.isfinite(side.values)] for side in (variant.synthetic, variant.real)
    )
    if not len(ours) or not len(theirs):
        return Value(one.title, "", float("inf"), float("nan"), float("nan"))
    off = float(wasserstein_distance(ours, theirs)) / unit(variant)
    middles = [_plain(one, side.median) for side in (variant.synthetic, variant.real)]
    words = "of the image's side" if one.id == "size" else ""
    return Value(one.title, words, off, *middles)


def _plain(one: Quantity, median: float) -> float:
    """Out of octaves, where the quantity is in octaves."""
    return 2.0**median - one.octaves_of[1] if one.octaves_of else median


def _variation(variant: Variant) -> float:
    """Total variation, in the unit of the other distances."""
    ours, theirs = (
        side.values.sum(axis=0) / max(1e-9, float(side.values.sum()))
        for side in (variant.synthetic, variant.real)
    )
    return float(np.abs(ours - theirs).sum()) / 2 / _VARIATION
