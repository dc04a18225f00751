"""Detections matched to objects by COCO's rules, with pycocotools."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from simgen.training.detection import Detections, DetectionSet
from simgen.training.evaluation.scores import SIZES, Matches, Ranking

MOST = 100
"""Detections of an image and a class that are looked at, the best ones."""


def matches(truth: DetectionSet, found: Sequence[Detections]) -> Matches:
    """The detections in each image of a test set, in its order, matched to its objects.

    COCO's rules: IoU 0.5 to 0.95 in steps of 0.05, all objects and those of each size, regions to
    be ignored as crowds. The area of an object is that of its box.
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
    """After `evaluate`, before `accumulate`. Its ids are places counted from 1: to COCOeval, an
    object with the id 0 is no match."""
    objects = [
        _annotation(image, box, kind, {"iscrowd": int(ignored)})
        for image, one in enumerate(truth.images)
        for box, kind, ignored in zip(one.boxes, one.classes, one.ignore, strict=True)
    ]
    detections = [
        _annotation(image, box, kind, {"iscrowd": 0, "score": float(score)})
        for image, one in enumerate(found)
        for box, kind, score in zip(one.boxes, one.classes, one.scores, strict=True)
    ]
    with contextlib.redirect_stdout(io.StringIO()):  # pycocotools prints how far it is
        evaluation = COCOeval(_coco(truth, objects), _coco(truth, detections), "bbox")
        evaluation.params.maxDets = [1, 10, MOST]
        evaluation.evaluate()
    return evaluation


def _annotation(image: int, box: np.ndarray, kind: int, rest: dict[str, Any]) -> dict[str, Any]:
    x1, y1, x2, y2 = (float(value) for value in box)
    width, height = x2 - x1, y2 - y1
    return {
        "image_id": image + 1,
        "category_id": int(kind) + 1,
        "bbox": [x1, y1, width, height],
        "area": width * height,
        **rest,
    }


def _coco(truth: DetectionSet, annotations: list[dict[str, Any]]) -> COCO:
    coco = COCO()
    coco.dataset = {
        "images": [{"id": place + 1} for place in range(len(truth.images))],
        "categories": [{"id": i + 1, "name": name} for i, name in enumerate(truth.classes)],
        "annotations": [one | {"id": i + 1} for i, one in enumerate(annotations)],
    }
    coco.createIndex()
    return coco


def _ranking(cells: list[dict[str, Any] | None], images: int, thresholds: int) -> Ranking:
    """cells: of one class and size, for each image what `COCOeval.evaluateImg` returns."""
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
