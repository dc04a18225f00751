"""The arms of a study with confidence intervals, compared with the reference arm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simgen.training.answer.predictors import LEAST, Predictor, predictors, ranked_arms
from simgen.training.answer.study import Arm, Example, Study
from simgen.training.detection import Detections, DetectionSet
from simgen.training.evaluation.errors import KINDS, detection_kinds
from simgen.training.evaluation.intervals import (
    Difference,
    Interval,
    Measured,
    differences,
    interval,
    measure,
)
from simgen.training.evaluation.scores import SIZES


@dataclass(frozen=True)
class ArmFindings:
    """The scores of an arm on the real test images, as intervals.

    values: AP50 of each replicate. per_class, per_size: AP50. synthetic: AP50 on held-out synthetic
    images, averaged over replicates, or NaN. difference: in AP50 to the reference; None for the
    reference itself. error_counts, error_costs: averages over replicates, by kind. curve: precision
    at IoU 0.5 for 101 recalls, averaged over classes and replicates. images, real_images: averages
    over replicates, rounded.
    """

    arm: Arm
    images: int
    real_images: int
    values: tuple[float, ...]
    ap50: Interval
    ap: Interval
    ar: Interval
    per_class: dict[str, Interval]
    per_size: dict[str, Interval]
    synthetic: float
    difference: Difference | None
    error_counts: dict[str, float]
    error_costs: dict[str, float]
    curve: np.ndarray

    @property
    def seconds(self) -> float:
        """Return the time spent on generation and training, summed over replicates."""
        return sum(one.generate_seconds + one.train_seconds for one in self.arm.replicates)


@dataclass(frozen=True)
class Findings:
    """The findings of a study.

    arms: in the study's order. ranked: names of the arms over which gap measures are correlated
    with AP50. predictors: the correlations; empty for fewer than `predictors.LEAST` arms.
    """

    study: Study
    arms: tuple[ArmFindings, ...]
    ranked: tuple[str, ...] = ()
    predictors: tuple[Predictor, ...] = ()

    @property
    def reference(self) -> ArmFindings:
        return next(one for one in self.arms if one.arm.name == self.study.reference)

    @property
    def best(self) -> ArmFindings:
        """Return the arm with the highest AP50."""
        return max(self.arms, key=lambda one: np.nan_to_num(one.ap50.mean))


def compare(study: Study) -> Findings:
    """Compute all scores with their intervals. Takes seconds per arm."""
    measured = {
        arm.name: measure([one.matches for one in arm.replicates], study.real.units)
        for arm in study.arms
    }
    scores = {name: one.of() for name, one in measured.items()}
    found = differences(scores, study.reference)
    arms = tuple(_findings(arm, measured[arm.name], found.get(arm.name)) for arm in study.arms)
    ranked = ranked_arms(study.arms)
    names = tuple(arm.name for arm in ranked)
    return Findings(study, arms, names, predictors(ranked, scores) if len(names) >= LEAST else ())


def choose_examples(
    truth: DetectionSet, found: Sequence[Detections], threshold: float, count: int = 4
) -> tuple[tuple[Example, ...], tuple[Example, ...]]:
    """Select the test images with the best and the worst F1 at a score `threshold`, among those
    with objects; ties are broken in favour of more objects."""
    ranked = []
    for place, (image, one) in enumerate(zip(truth.images, found, strict=True)):
        kept = one.scores >= threshold
        shown = Detections(one.boxes[kept], one.scores[kept], one.classes[kept])
        kinds, seen = detection_kinds(image, shown)
        objects = int(np.count_nonzero(~image.ignore))
        if objects:
            f1 = 2 * int(seen.sum()) / (objects + int(np.count_nonzero(kinds != "ignored")))
            ranked.append((f1, objects, place, Example(image.file.name, image, shown)))
    count = min(count, len(ranked) // 2)
    best = sorted(ranked, key=lambda one: (-one[0], -one[1], one[2]))[:count]
    worst = sorted(ranked, key=lambda one: (one[0], -one[1], one[2]))[:count]
    return tuple(one[3] for one in best), tuple(one[3] for one in worst)


def _findings(arm: Arm, measured: Measured, difference: Difference | None) -> ArmFindings:
    replicates = arm.replicates
    synthetic = [one.synthetic.ap50 for one in replicates if one.synthetic is not None]
    curves = [curve for one in replicates for curve in one.matches.precision_recall().values()]
    return ArmFindings(
        arm=arm,
        images=round(np.mean([one.images for one in replicates])),
        real_images=round(np.mean([one.real_images for one in replicates])),
        values=tuple(measured.of().values.tolist()),
        ap50=interval(measured.of("ap50")),
        ap=interval(measured.of("ap")),
        ar=interval(measured.of("ar")),
        per_class={name: interval(measured.of("ap50", name)) for name in measured.classes},
        per_size={size: interval(measured.of("ap50", size=size)) for size in SIZES[1:]},
        synthetic=float(np.mean(synthetic)) if synthetic else np.nan,
        difference=difference,
        error_counts=_mean_by_kind([one.errors.counts for one in replicates]),
        error_costs=_mean_by_kind([one.errors.costs for one in replicates]),
        curve=np.mean(curves, axis=0) if curves else np.full(101, np.nan),
    )


def _mean_by_kind(found: Sequence[dict[str, int]] | Sequence[dict[str, float]]) -> dict[str, float]:
    return {kind: float(np.mean([one[kind] for one in found])) for kind in KINDS}
