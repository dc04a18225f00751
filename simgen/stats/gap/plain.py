"""A gap as plain data: `gap.json`. docs/gap.md describes its fields."""

from __future__ import annotations

from typing import Any

from simgen.stats.gap.distances import Interval
from simgen.stats.gap.examples import of_difference
from simgen.stats.gap.features import Apart
from simgen.stats.gap.measuring import Measured
from simgen.stats.gap.ranking import Difference
from simgen.stats.gap.report import Gap
from simgen.stats.gap.words import verdict

VERSION = 1


def of_gap(found: Gap) -> dict[str, Any]:
    """Return the content of `gap.json`. Its keys are stable; NaN becomes null on writing."""
    return {
        "version": VERSION,
        "verdict": verdict(found),
        "synthetic": _of_side(found.synthetic),
        "real": _of_side(found.real),
        "classes": None if found.classes is None else sorted(found.classes),
        "differences": [_of_difference(found, row) for row in found.differences],
        "told_apart": [_of_apart(one) for one in found.apart],
        "images": _of_examples(found),
        "left_out": [{"what": what, "why": why} for what, why in found.left_out],
    }


def _of_side(one: Measured) -> dict[str, Any]:
    entries = one.side.entries
    return {
        "name": one.side.name,
        "images": len(entries),
        "of": one.side.total,
        "groups": len({entry.group for entry in entries}),
        "labelled": one.side.labelled,
        "objects": sum(len(entry.boxes) for entry in entries),
        "scales": [
            {"id": scale.id, "words": scale.words, "factor": scale.factor} for scale in one.scales
        ],
    }


def _of_difference(found: Gap, row: Difference) -> dict[str, Any]:
    synthetic, real = of_difference(row)
    return {
        "id": row.quantity.id,
        "title": row.quantity.title,
        "kind": row.quantity.kind,
        "unit": row.unit,
        "distance": row.interval.value,
        "interval": _ends(row.interval),
        "differs": row.interval.differs,
        "synthetic_median": row.medians[0],
        "real_median": row.medians[1],
        "readings": [variant.id for variant in row.quantity.variants],
        "synthetic_images": _names(found.synthetic, synthetic),
        "real_images": _names(found.real, real),
    }


def _of_apart(one: Apart) -> dict[str, Any]:
    return {
        "what": one.what,
        "model": one.model,
        "synthetic": one.counts[0],
        "real": one.counts[1],
        "accuracy": one.accuracy.value,
        "accuracy_interval": _ends(one.accuracy),
        "told_apart": one.told_apart,
        "kid": None if one.kid is None else one.kid.value,
        "kid_interval": None if one.kid is None else _ends(one.kid),
    }


def _of_examples(found: Gap) -> dict[str, Any] | None:
    if found.examples is None:
        return None
    shown = found.examples
    return {
        "most_real": _names(found.synthetic, shown.most_real),
        "least_real": _names(found.synthetic, shown.least_real),
        "unlike_synthetic": [
            {"name": found.real.side.entries[place].name, "times_as_far": ratio}
            for place, ratio in shown.unlike
        ],
    }


def _ends(found: Interval) -> list[float]:
    return [found.low, found.high]


def _names(one: Measured, places: tuple[int, ...]) -> list[str]:
    return [one.side.entries[place].name for place in places]
