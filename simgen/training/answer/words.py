"""The results of a study in sentences that claim no more than the numbers support."""

from __future__ import annotations

import math

from simgen.training.answer.findings import ArmFindings, Findings
from simgen.training.answer.predictors import LEAST, smallest_p
from simgen.training.evaluation.intervals import LEVEL, Difference, Interval

_FEW_UNITS = 10
_NONE = "-"


def conclusions(found: Findings) -> list[str]:
    """Describe how each arm compares with the reference, and with its own results on synthetic
    images."""
    sentences = [
        _comparison(one.arm.name, found.study.reference, one.difference)
        for one in found.arms
        if one.difference is not None
    ]
    gap = _gap(found.best)
    return [*sentences, gap] if gap else sentences


def remarks(found: Findings) -> list[str]:
    """List caveats for readers of the intervals."""
    units = found.study.real.units
    counts = [len(one.arm.replicates) for one in found.arms]
    sentences = ["Intervals are 95 % confidence intervals."]
    compared = sum(one.difference is not None for one in found.arms)
    if compared > 1:
        sentences.append(
            f"Those of differences are wider, by Holm's procedure: at most 5 % of studies report "
            f"any false difference among the {compared} comparisons."
        )
    if max(counts) == 1:
        sentences.append(
            "With one replicate, they cover only the choice of test images; another training may "
            "differ by more. Use at least 3 replicates."
        )
    elif min(counts) == 1:
        alone = [one.arm.name for one in found.arms if len(one.arm.replicates) == 1]
        sentences.append(
            f"They cover the spread between replicates and the choice of test images, but for "
            f"{_listed(alone)}, with one replicate, only the choice of test images."
        )
    else:
        sentences.append("They cover the spread between replicates and the choice of test images.")
    if units.kind == "images":
        sentences.append(
            "All test images are in one group, so they are treated as independent; if they are "
            "not, the intervals are too narrow."
        )
    elif units.count < _FEW_UNITS:
        sentences.append(
            f"The test images are in only {units.count} groups, which makes the intervals wide."
        )
    return sentences


def gap_sentences(found: Findings) -> list[str]:
    """Describe which gap measures predict AP50; empty if no arm has a gap."""
    count = len(found.ranked)
    if not count:
        return []
    if count < LEAST:
        return [
            f"Only {count} arms train on equally many images; a ranking needs at least {LEAST} "
            "with different synthetic images."
        ]
    measures = len(found.predictors)
    named = [one.measure for one in found.predictors if one.predicts]
    if named:
        return [
            f"Over {count} arms, a smaller gap in {_listed(named)} coincided with a higher AP50, "
            f"significantly after correction for all {measures} measures."
        ]
    words = f"Over {count} arms, no measure of the gap predicts AP50 significantly."
    if smallest_p(count, measures) >= 1 - LEVEL:
        words += (
            f" With {measures} measures and so few arms, even a perfect ranking would not be "
            "significant."
        )
    return [words]


def spanned(one: Interval | Difference, *, sign: bool = False) -> str:
    """Format as `0.412 (0.350 to 0.474)`, or as a dash if there is no value."""
    if math.isnan(one.mean):
        return _NONE
    return f"{number(one.mean, sign=sign)} ({number(one.low)} to {number(one.high)})"


def number(value: float, *, sign: bool = False) -> str:
    """Format with three decimals; zero has no sign."""
    if math.isnan(value):
        return _NONE
    text = f"{value:+.3f}" if sign else f"{value:.3f}"
    return "0.000" if text in ("-0.000", "+0.000") else text


def duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min" if seconds < 3600 else f"{seconds / 3600:.1f} h"


def _comparison(name: str, reference: str, one: Difference) -> str:
    if math.isnan(one.mean):
        return f"'{name}' cannot be compared with '{reference}': the test images have no objects."
    if not one.distinct:
        return (
            f"The difference in AP50 between '{name}' and '{reference}', {spanned(one)}, is not "
            "significant."
        )
    better, size = ("better", 1) if one.mean > 0 else ("worse", -1)
    low, high = sorted((size * one.low, size * one.high))
    return (
        f"'{name}' is {better} than '{reference}' by {number(size * one.mean)} AP50 "
        f"({number(low)} to {number(high)})."
    )


def _gap(best: ArmFindings) -> str:
    """Describe the gap of the arm that does best on real images."""
    if math.isnan(best.synthetic) or math.isnan(best.ap50.mean):
        return ""
    gap = best.synthetic - best.ap50.mean
    compared = f"{number(abs(gap))} {'lower' if gap >= 0 else 'higher'}"
    return (
        f"'{best.arm.name}' reaches AP50 {number(best.synthetic)} on held-out synthetic images and "
        f"{number(best.ap50.mean)} on real ones, {compared}."
    )


def _listed(names: list[str]) -> str:
    quoted = [f"'{name}'" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
