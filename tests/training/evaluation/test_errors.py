"""Each kind of error, in images of which it is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from simgen.training.detection import Detections, DetectionSet, LabelledImage
from simgen.training.evaluation.errors import KINDS, detection_kinds, errors

OBJECT = [100, 100, 200, 200]
HALF = [140, 100, 240, 200]  # IoU 0.43 with it
CLOSE = [110, 100, 210, 200]  # IoU 0.82
AWAY = [300, 300, 350, 350]
CAT, DOG = 0, 1


def image(boxes: list[list[int]], kinds: list[int], crowds: list[bool] | None = None):
    ignore = np.array(crowds or [False] * len(boxes), bool)
    array = np.array(boxes, np.float32).reshape(-1, 4)
    return LabelledImage(Path("a.png"), 400, 400, array, np.array(kinds, int), ignore, "", "")


def detections(boxes: list[list[int]], kinds: list[int], scores: list[float] | None = None):
    array = np.array(boxes, np.float32).reshape(-1, 4)
    given = scores or np.linspace(0.9, 0.5, len(boxes))
    return Detections(array, np.array(given, np.float32), np.array(kinds, int))


@pytest.mark.parametrize(
    ("box", "kind", "expected", "missed"),
    [
        (CLOSE, CAT, "correct", 0),
        (CLOSE, DOG, "wrong class", 0),
        (HALF, CAT, "badly placed", 0),
        (HALF, DOG, "class and place", 1),
        (AWAY, CAT, "background", 1),
    ],
)
def test_one_detection_of_one_object(box: list[int], kind: int, expected: str, missed: int) -> None:
    one = image([OBJECT], [CAT])
    truth = DetectionSet("", ("cat", "dog"), (one,), real=True)
    found = detections([box], [kind])
    assert detection_kinds(one, found)[0].tolist() == [expected]
    counted = errors(truth, [found]).counts
    assert counted["missed"] == missed
    assert counted.get(expected, 0) == (expected != "correct")


def test_a_second_detection_is_a_duplicate_and_one_in_a_crowd_is_ignored() -> None:
    one = image([OBJECT, AWAY], [CAT, CAT], [False, True])
    kinds, seen = detection_kinds(one, detections([CLOSE, OBJECT, AWAY], [CAT, CAT, CAT]))
    # The better score is matched first, even if the other fits better.
    assert kinds.tolist() == ["correct", "duplicate", "ignored"]
    assert seen.tolist() == [True, False]


def test_what_an_error_costs_is_what_ap50_gains_without_it() -> None:
    truth = DetectionSet("", ("cat",), (image([OBJECT], [CAT]), image([OBJECT], [CAT])), real=True)
    found = [detections([AWAY, OBJECT], [CAT, CAT], [0.9, 0.8]), detections([], [])]
    costs = errors(truth, found).costs
    # AP50 is 51/101 x 1/2: half of the objects, at half the precision.
    assert costs["background"] == pytest.approx(51 / 101 * 0.5)
    assert costs["missed"] == pytest.approx(0.5 - 51 / 101 * 0.5)
    assert sum(abs(costs[kind]) for kind in set(KINDS) - {"background", "missed"}) == 0


def test_the_threshold_is_that_of_the_best_f1() -> None:
    truth = DetectionSet("", ("cat",), (image([OBJECT], [CAT]),), real=True)
    counted = errors(truth, [detections([OBJECT, AWAY], [CAT, CAT], [0.75, 0.5])])
    assert (counted.threshold, counted.precision, counted.recall) == (0.75, 1, 1)
    assert sum(counted.counts.values()) == 0


def test_without_detections_all_is_missed() -> None:
    truth = DetectionSet("", ("cat",), (image([OBJECT], [CAT]),), real=True)
    counted = errors(truth, [detections([], [])])
    assert counted.counts["missed"] == 1
    assert counted.costs["missed"] == 1
