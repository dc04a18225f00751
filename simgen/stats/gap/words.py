"""Sentences that describe a gap, for the page and the terminal."""

from __future__ import annotations

import math

from simgen.stats.gap.distances import Interval
from simgen.stats.gap.features import Apart
from simgen.stats.gap.ranking import Difference
from simgen.stats.gap.report import Gap

LIMITS = (
    "A distance shows that two sets differ, not that the difference matters to a detector; simgen "
    "experiment measures that.",
    "Distances are in units of the real set's own spread. A real set from a single street has "
    "little spread, so a large distance from it need not mean a large distance from reality.",
    "A difference that is not significant may still exist: with few images or few groups, only "
    "large differences can be detected.",
    "Correcting the largest difference may reveal others.",
    "KID depends on the network and its input: compare it only with other values on this page.",
)
_WHAT = {
    "measures": "Images, by measures of appearance",
    "images": "Images, by a network",
    "objects": "Cropped objects, by a network",
}


def figure(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.3g}"


def distance(found: Interval) -> str:
    return f"{max(0.0, found.value):.2f} ({max(0.0, found.low):.2f} to {found.high:.2f})"


def per_mille(found: Interval) -> str:
    return f"{1000 * found.value:.3g} ({1000 * found.low:.3g} to {1000 * found.high:.3g})"


def percent(found: Interval) -> str:
    low, value, high = (round(100 * one) for one in (found.low, found.value, found.high))
    return f"{value} % ({low} to {high})"


def named(one: Apart) -> str:
    return _WHAT[one.what]


def verdict(found: Gap) -> str:
    """Summarize the gap in one or two sentences."""
    differ = len(found.beyond_chance)
    told = [one for one in found.apart if one.told_apart]
    count = f"{differ} of {len(found.differences)} quantities differ by more than chance"
    if not differ and not told:
        return f"Not distinguishable: {count}, and no classifier does better than guessing."
    if not told:
        return f"{count}; no classifier tells the images apart." if found.apart else f"{count}."
    best = max(told, key=lambda one: one.accuracy.value)
    return f"{count}. A classifier tells them apart with an accuracy of {percent(best.accuracy)}."


def values(row: Difference) -> str:
    """Format the medians of both sets; empty for shares."""
    if any(map(math.isnan, row.medians)):
        return ""
    unit = f", {row.unit}" if row.unit else ""
    synthetic, real = map(figure, row.medians)
    return f"median {synthetic} in synthetic, {real} in real images{unit}"


def scale(found: Gap) -> str:
    """Describe the scales at which images are compared."""
    parts = [one.words for one in found.synthetic.scales]
    return f"Appearance is compared at {' and at '.join(parts)}; images are never enlarged."
