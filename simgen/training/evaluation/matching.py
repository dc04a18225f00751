"""Matches detections with objects by COCO's rules, using pycocotools."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from simgen.training.coco import coco_of, detections_as_annotations
from simgen.training.detection import Detections, DetectionSet
from simgen.training.evaluation.scores import SIZES, Matches, Ranking

MOST = 100
"""Maximum number of detections per image and class."""


def matches(truth: DetectionSet, found: Sequence[Detections]) -> Matches:
    """Match the detections in each image of a test set, in its order, with its objects.

    COCO's rules: IoU 0.5 to 0.95 in steps of 0.05, all objects and those of each size, ignore
    regions as crowds. The area of an object is that of its box.
    """
    evaluation = coco_evaluation(truth, found)
    images = len(truth.images)
    cells = evaluation.evalImgs  # by class, then size, then image
    rankings = [
        _ranking(cells[start : start + images], images, len(evaluation.params.iouThrs))
        for start in range(0, len(cells), images)
    ]
    sizes = len(SIZES)
    by_class = [rankings[i : i + sizes] for i in range(0, len(rankings), sizes)]
    return Matches(truth.classes, tuple(tuple(row) for row in by_class), images)


def coco_evaluation(truth: DetectionSet, found: Sequence[Detections]) -> COCOeval:
    """Return a COCOeval after `evaluate`, before `accumulate`."""
    objects = coco_of(truth)
    detections = objects | {"annotations": detections_as_annotations(found)}
    with contextlib.redirect_stdout(io.StringIO()):  # pycocotools prints its progress
        evaluation = COCOeval(_indexed(objects), _indexed(detections), "bbox")
        evaluation.params.maxDets = [1, 10, MOST]
        evaluation.evaluate()
    return evaluation


def _indexed(tables: dict[str, Any]) -> COCO:
    coco = COCO()
    coco.dataset = tables
    coco.createIndex()
    return coco


def _ranking(cells: list[dict[str, Any] | None], images: int, thresholds: int) -> Ranking:
    """Rank the detections of one class and size. cells: results of `COCOeval.evaluateImg`, one per
    image."""
    truths = np.zeros(images)
    for place, cell in _filled(cells):
        truths[place] = np.count_nonzero(cell["gtIgnore"] == 0)
    counts = [(place, len(cell["dtScores"])) for place, cell in _filled(cells)]
    nothing = np.zeros((thresholds, 0), bool)
    matched = [cell["dtMatches"].astype(bool) for _, cell in _filled(cells)]
    ignored = [cell["dtIgnore"].astype(bool) for _, cell in _filled(cells)]
    scores = np.array([score for _, cell in _filled(cells) for score in cell["dtScores"]])
    order = np.argsort(-scores, kind="mergesort")
    counted = ~np.concatenate([nothing, *ignored], axis=1)[:, order]
    hits = np.concatenate([nothing, *matched], axis=1)[:, order] & counted
    (steps,) = np.nonzero(hits.any(axis=0))
    (kept,) = np.nonzero(counted[:, : steps[-1] + 1 if len(steps) else 0].any(axis=0))
    repeated = np.repeat([place for place, _ in counts], [n for _, n in counts]).astype(np.int64)
    chosen = order[kept]
    return Ranking(repeated[chosen], scores[chosen], hits[:, kept], counted[:, kept], truths)


def _filled(cells: list[dict[str, Any] | None]) -> Iterator[tuple[int, dict[str, Any]]]:
    return ((place, cell) for place, cell in enumerate(cells) if cell is not None)
