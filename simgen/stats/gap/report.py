"""`simgen gap`: from two paths to the content of its page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from simgen.errors import InputError
from simgen.stats.gap.content import Classes
from simgen.stats.gap.distances import Groups, groups
from simgen.stats.gap.embeddings import Embedding, NoTorchError, open_embedding
from simgen.stats.gap.examples import Examples, examples
from simgen.stats.gap.features import Apart, Vectors, apart
from simgen.stats.gap.measuring import Crop, Measured, measure
from simgen.stats.gap.ranking import Difference, differences
from simgen.stats.gap.scale import object_side, scales
from simgen.stats.gap.sides import Side, Tell, open_side, with_matching_classes

_LEAST = 4
"""Minimum number of images per set."""
_FEW_GROUPS = 6
_CROP_SIDES = (16, 112)
"""Minimum and maximum side of cropped objects, pixels."""
_MOST_CROPS = 400
"""Maximum number of crops per set, evenly spread."""
_FEW_CROPS = 8
_AS_MEASURES = "measures of appearance"
_NOT_FOR_CLASSIFIERS = ("quantisation",)
"""Excluded since the file format would separate two sets that look the same."""


@dataclass(frozen=True)
class Options:
    """Options of a comparison.

    limit: maximum number of images per set, 0 for all. model: one of `embeddings.KINDS`. group_by:
    a method of `simgen.formats.groups`. renamed: synthetic class to real class. gsd: metres per
    pixel of the synthetic and the real set, if known.
    """

    limit: int = 200
    model: str = "auto"
    group_by: str = "auto"
    renamed: Mapping[str, str] = field(default_factory=dict)
    gsd: tuple[float, float] | None = None


@dataclass(frozen=True)
class Gap:
    """The result of comparing two sets.

    differences: significant ones first, then by descending distance. apart: one per kind of vector,
    those of a network last. classes: present in both sets; content compares only their boxes; None
    for all. left_out: pairs of a quantity that is not compared, and the reason.
    """

    synthetic: Measured
    real: Measured
    differences: tuple[Difference, ...]
    apart: tuple[Apart, ...]
    examples: Examples | None
    classes: Classes
    left_out: tuple[tuple[str, str], ...]

    @property
    def beyond_chance(self) -> tuple[Difference, ...]:
        return tuple(row for row in self.differences if row.interval.differs)


def silent(done: int, total: int) -> None:
    """Ignore progress."""


def compare(
    synthetic: str, real: str, options: Options, tells: tuple[Tell, Tell] = (silent, silent)
) -> Gap:
    """Compare the images at two paths. tells: progress callbacks for reading each. Raises
    `InputError`."""
    first = open_side(synthetic, options.limit, options.group_by, options.renamed)
    second = open_side(real, options.limit, options.group_by, {})
    return compare_sides(first, second, options, tells)


def compare_sides(
    first: Side, second: Side, options: Options, tells: tuple[Tell, Tell] = (silent, silent)
) -> Gap:
    """Compare a synthetic and a real set. Options that select images have no effect here. Raises
    `InputError`."""
    embedding, missing = _embedding(options.model)
    first, second, classes, words = _classes(first, second)
    left_out = [*missing, *words]
    if options.gsd is not None and min(options.gsd) <= 0:
        raise InputError("--metres-per-pixel: expected two lengths above 0")
    both_scales = scales(first, second, classes, options.gsd)
    crop_side = _crop_side(first, second, classes)
    measured = (
        measure(first, both_scales[0], classes, crop_side, tells[0]),
        measure(second, both_scales[1], classes, crop_side, tells[1]),
    )
    for one in measured:
        _check(one.side)
        left_out += [("a file", f"{one.side.name}: {line}") for line in one.side.left_out]
    found = groups(measured[0].side.groups, measured[1].side.groups)
    left_out += _few_groups(measured, found)
    rows, without = differences(*measured, found, classes)
    left_out += [(title.lower(), "too few images have a value") for title in without]
    told, shown, reasons = _told_apart(measured, found, embedding)
    return Gap(*measured, tuple(rows), tuple(told), shown, classes, (*left_out, *reasons))


def _embedding(model: str) -> tuple[Embedding | None, list[tuple[str, str]]]:
    if model == "none":
        return None, [("features of a network", "--model none")]
    try:
        return open_embedding(model), []
    except NoTorchError as error:
        if model != "auto":
            raise
        return None, [("features of a network", str(error))]


def _classes(first: Side, second: Side) -> tuple[Side, Side, Classes, list[tuple[str, str]]]:
    """Rename synthetic classes to the matching real ones; return both sides, their common classes,
    and what is omitted."""
    without = [side.name for side in (first, second) if not side.labelled]
    if without:
        words = f"{' and '.join(without)}: no boxes"
        return first, second, None, [("content", words), ("cropped objects", words)]
    names = with_matching_classes(first, second)
    first = first.renamed(names)
    shared = frozenset(names.values())
    if not shared:
        reason = "no class name occurs in both, so all boxes are compared; set --classes A=B"
        return first, second, None, [("single classes", reason)]
    left_out = []
    for side in (first, second):
        others = [name for name in side.classes if name not in shared]
        if others:
            shown = ", ".join(others[:8]) + (" ..." if len(others) > 8 else "")
            reason = f"only in {side.name}, so they only count in shares of classes: {shown}"
            left_out.append((f"boxes of {len(others)} classes", reason))
    return first, second, shared, left_out


def _crop_side(first: Side, second: Side, classes: Classes) -> int:
    """Return the common side of cropped objects: that of the set with smaller objects."""
    sides = [object_side(side.entries, classes) for side in (first, second)]
    known = [side for side in sides if np.isfinite(side)]
    low, high = _CROP_SIDES
    return int(np.clip(round(min(known, default=low)), low, high))


def _check(side: Side) -> None:
    if len(side.entries) < _LEAST:
        count = len(side.entries)
        raise InputError(
            f"{side.name}: {count} readable images; expected at least {_LEAST}"
            + (f"; {side.left_out[0]}" if side.left_out else "")
        )


def _few_groups(measured: tuple[Measured, Measured], found: Groups) -> list[tuple[str, str]]:
    counts = found.first, found.count - found.first
    return [
        (
            "certainty",
            f"{one.side.name}: only {count} groups of similar images, so intervals are imprecise; "
            "--group-by image treats each image as a group",
        )
        for one, count in zip(measured, counts, strict=True)
        if count < _FEW_GROUPS
    ]


def _told_apart(
    measured: tuple[Measured, Measured], found: Groups, embedding: Embedding | None
) -> tuple[list[Apart], Examples | None, list[tuple[str, str]]]:
    first, second = vectors_of(measured)
    vectors = Vectors(first, second, found)
    if not vectors.enough:
        reason = "a set is a single group of images, so none can be held out for testing"
        return [], None, [("classifiers and KID", reason)]
    told = [apart("measures", _AS_MEASURES, vectors, with_kid=False)]
    reasons: list[tuple[str, str]] = []
    if embedding is not None:
        first, second = (embedding.of(one.thumbnails) for one in measured)
        vectors = Vectors(first, second, found)
        told.append(apart("images", embedding.name, vectors, with_kid=True))
        cut, reason = _of_objects(measured, embedding)
        if cut is None:
            reasons.append(("cropped objects", reason))
        else:
            told.append(apart("objects", embedding.name, cut, with_kid=True))
    of_images = told[min(1, len(told) - 1)]
    shown = examples(of_images, vectors.synthetic, vectors.real, found)
    return told, shown, reasons


def vectors_of(measured: tuple[Measured, Measured]) -> list[np.ndarray]:
    """Return the readings of images as vectors, with missing values replaced by the median."""
    names = [name for name in measured[0].readings[0] if name not in _NOT_FOR_CLASSIFIERS]
    both = [
        np.column_stack([*(one.readings[0][name] for name in names), one.hues]) for one in measured
    ]
    table = np.concatenate(both)
    known = np.isfinite(table)
    middle = np.array(
        [
            np.median(column[flags]) if flags.any() else 0.0
            for column, flags in zip(table.T, known.T, strict=True)
        ]
    )
    return [np.where(np.isfinite(one), one, middle) for one in both]


def _of_objects(
    measured: tuple[Measured, Measured], embedding: Embedding
) -> tuple[Vectors | None, str]:
    crops = [_fewer(one.crops) for one in measured]
    if min(map(len, crops)) < _FEW_CROPS:
        return None, f"a set has fewer than {_FEW_CROPS} objects that are large enough"
    names = [
        [one.side.entries[crop.image].group for crop in found]
        for one, found in zip(measured, crops, strict=True)
    ]
    first, second = (embedding.of([crop.rgb for crop in found]) for found in crops)
    vectors = Vectors(first, second, groups(names[0], names[1]))
    return (vectors, "") if vectors.enough else (None, "all objects of a set are in one group")


def _fewer(crops: tuple[Crop, ...]) -> list[Crop]:
    if len(crops) <= _MOST_CROPS:
        return list(crops)
    places = np.linspace(0, len(crops) - 1, _MOST_CROPS).round().astype(int)
    return [crops[place] for place in places]
