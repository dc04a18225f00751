"""Scores are those of pycocotools, and weights of images are copies of images."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgen.training.detection import Detections, DetectionSet, LabelledImage
from simgen.training.evaluation.errors import errors
from simgen.training.evaluation.matching import coco_evaluation, matches

CLASSES = ("cat", "dog", "pot")
Study = tuple[DetectionSet, list[Detections]]


def made_up(seed: int, images: int = 6, most: int = 6, classes: int = 3) -> Study:
    """Objects of all sizes, crowds among them, and detections near them, beside them, of the wrong
    class, twice, and with equal scores."""
    rng = np.random.default_rng(seed)
    labelled, found = [], []
    for place in range(images):
        count = int(rng.integers(0, most + 1))
        boxes = random_boxes(rng, count)
        kinds = rng.integers(0, classes, count)
        ignore = rng.random(count) < 0.15
        labelled.append(
            LabelledImage(
                Path(f"{place}.png"), 640, 480, boxes, kinds, ignore, f"street {place // 2}", ""
            )
        )
        near = rng.integers(0, count, int(rng.integers(0, 2 * count + 1))) if count else []
        shifted = boxes[near] + rng.normal(0, 4, (len(near), 4)).astype(np.float32)
        shifted[:, 2:] = np.maximum(shifted[:, 2:], shifted[:, :2] + 1)
        other = random_boxes(rng, int(rng.integers(0, 4)))
        guessed = np.where(rng.random(len(near)) < 0.8, kinds[near], rng.integers(0, classes))
        all_kinds = np.concatenate([guessed, rng.integers(0, classes, len(other))])
        scores = np.round(rng.random(len(all_kinds)), int(rng.integers(1, 4)))
        order = np.argsort(-scores, kind="stable")
        found.append(
            Detections(
                np.concatenate([shifted, other])[order].astype(np.float32),
                scores[order].astype(np.float32),
                all_kinds[order].astype(np.int64),
            )
        )
    return DetectionSet("made up", CLASSES[:classes], tuple(labelled), real=True), found


def random_boxes(rng: np.random.Generator, count: int) -> np.ndarray:
    corners = rng.uniform(0, 300, (count, 2))
    return np.concatenate([corners, corners + rng.uniform(5, 160, (count, 2))], 1).astype(
        np.float32
    )


def coco_stats(truth: DetectionSet, found: list[Detections]) -> np.ndarray:
    evaluation = coco_evaluation(truth, found)
    with contextlib.redirect_stdout(io.StringIO()):
        evaluation.accumulate()
        evaluation.summarize()
    return evaluation.stats


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 8), st.integers(0, 8), st.integers(1, 3))
def test_scores_are_those_of_pycocotools(seed: int, images: int, most: int, classes: int) -> None:
    truth, found = made_up(seed, images, most, classes)
    expected = np.where(coco_stats(truth, found) < 0, np.nan, coco_stats(truth, found))
    scores = matches(truth, found).scores()
    np.testing.assert_allclose([scores.ap, scores.ap50, scores.ar], expected[[0, 1, 8]], atol=1e-9)
    sizes = [*scores.per_size("ap").values(), *scores.per_size("ar").values()]
    np.testing.assert_allclose(sizes, expected[[3, 4, 5, 9, 10, 11]], atol=1e-9)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_a_class_scores_as_if_it_were_alone(seed: int) -> None:
    truth, found = made_up(seed)
    scores = matches(truth, found).scores()
    for place, name in enumerate(CLASSES):
        alone = [only_class(one, place) for one in found]
        expected = matches(truth, alone).scores().per_class("ap")[name]
        np.testing.assert_allclose(scores.per_class("ap")[name], expected, atol=1e-12)


def only_class(found: Detections, place: int) -> Detections:
    own = found.classes == place
    return Detections(found.boxes[own], found.scores[own], found.classes[own])


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.lists(st.integers(0, 3), min_size=5, max_size=5))
def test_a_weight_is_a_number_of_copies(seed: int, weights: list[int]) -> None:
    truth, found = made_up(seed, images=5)
    # Equal scores would be ordered otherwise among copies than in one image.
    rng = np.random.default_rng(seed)
    found = [
        Detections(one.boxes, -np.sort(-rng.random(len(one.scores))), one.classes) for one in found
    ]
    copies = [place for place, count in enumerate(weights) for _ in range(count)]
    repeated = DetectionSet("", CLASSES, tuple(truth.images[i] for i in copies), real=True)
    if not copies:
        return
    expected = matches(repeated, [found[i] for i in copies]).scores().values
    weighted = matches(truth, found).scores(np.array(weights, float)).values
    np.testing.assert_allclose(weighted, expected, atol=1e-9)


def test_nothing_to_find_is_no_score_and_nothing_found_is_zero() -> None:
    nothing = Detections(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, int))
    box = np.array([[10, 10, 50, 50]], np.float32)
    one = LabelledImage(Path("a.png"), 64, 64, box, np.array([1]), np.array([False]), "a", "")
    truth = DetectionSet("one dog", CLASSES, (one,), real=True)
    scores = matches(truth, [nothing]).scores()
    assert (scores.ap50, scores.ap, scores.ar) == (0, 0, 0)
    assert scores.per_class()["dog"] == 0
    assert np.isnan(scores.per_class()["cat"])
    assert np.isnan(scores.per_size()["small"])


def test_precision_and_recall_average_to_ap50() -> None:
    truth, found = made_up(3)
    matched = matches(truth, found)
    curves = matched.precision_recall()
    for name, curve in curves.items():
        assert curve.shape == (101,)
        assert np.all(np.diff(curve) <= 0)
        assert curve.mean() == pytest.approx(matched.scores().per_class()[name])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
@pytest.mark.exhaustive
def test_errors_are_counted_from_the_same_matches(seed: int) -> None:
    """No detection is left when all kinds of errors are put right but those missed: AP50 rises by
    at most what is lacking, and what is correct is what COCO matches at IoU 0.5."""
    truth, found = made_up(seed)
    scores, kinds = matches(truth, found).scores(), errors(truth, found)
    lacking = 1 - scores.ap50
    assert all(-1e-9 <= cost <= lacking + 1e-9 for cost in kinds.costs.values()) or np.isnan(
        lacking
    )
    at_all = errors(truth, found, threshold=0.0)
    rankings = [sizes[0] for sizes in matches(truth, found).rankings]
    assert at_all.correct == sum(int(one.hits[0].sum()) for one in rankings)
