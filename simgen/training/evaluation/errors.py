"""Kinds of errors at IoU 0.5, after TIDE: Bolya et al., ECCV 2020 (arXiv:2008.08115)."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, replace

import numpy as np
from pycocotools import mask as coco_mask

from simgen.training.detection import Detections, DetectionSet, LabelledImage
from simgen.training.evaluation.matching import MOST
from simgen.training.evaluation.scores import Ranking, interpolated

KINDS = {
    "missed": "objects that nothing found, not even in the wrong place or of the wrong class",
    "wrong class": "IoU of at least 0.5 with an object of another class",
    "badly placed": "IoU of 0.1 to 0.5 with an object of its class",
    "class and place": "IoU of 0.1 to 0.5 with an object of another class",
    "duplicate": "IoU of at least 0.5 with an object that a better detection has found",
    "background": "IoU below 0.1 with all objects",
}
_FOREGROUND, _BACKGROUND = 0.5, 0.1
_CORRECT, _IGNORED = "correct", "ignored"


@dataclass(frozen=True)
class Errors:
    """The errors of one detector on one test set.

    threshold: the score with the best F1 over all classes. precision, recall, counts: of detections
    with at least that score. correct: the number of correct ones among them. costs: gain in AP50 if
    all errors of a kind were fixed, at all scores. Keys are those of `KINDS`.
    """

    threshold: float
    precision: float
    recall: float
    correct: int
    counts: dict[str, int]
    costs: dict[str, float]


@dataclass(frozen=True)
class _Found:
    """The N detections of all images. kinds: of `KINDS`, "correct" or "ignored". targets: index of
    the object that each one matches or nearly matches, or -1."""

    scores: np.ndarray
    classes: np.ndarray
    kinds: np.ndarray
    targets: np.ndarray


def errors(
    truth: DetectionSet, found: Sequence[Detections], threshold: float | None = None
) -> Errors:
    """Classify the errors of a detector. found: the detections in each image of the test set, in
    its order. threshold: replaces the score with the best F1."""
    objects = np.concatenate(
        [np.zeros(0, np.int64), *(one.classes[~one.ignore] for one in truth.images)]
    )
    parts, first = [], 0
    for image, one in zip(truth.images, found, strict=True):
        parts.append(_judge(image, _chosen(one, _best(one)), first))
        first += int(np.count_nonzero(~image.ignore))
    judged = _Found(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("scores", "classes", "kinds", "targets")
        )
    )
    threshold = _best_threshold(judged, len(objects)) if threshold is None else threshold
    kept = _where(judged, judged.scores >= threshold)
    correct = int(np.count_nonzero(kept.kinds == _CORRECT))
    counts = {kind: int(np.count_nonzero(kept.kinds == kind)) for kind in KINDS}
    counts["missed"] = int(np.count_nonzero(_missed(kept, len(objects))))
    reported = correct + sum(counts.values()) - counts["missed"]
    return Errors(
        threshold=threshold,
        precision=correct / max(1, reported),
        recall=correct / max(1, len(objects)),
        correct=correct,
        counts=counts,
        costs=_costs(judged, objects, len(truth.classes)),
    )


def detection_kinds(image: LabelledImage, found: Detections) -> tuple[np.ndarray, np.ndarray]:
    """Classify the detections of one image: the kind of each, "correct", "ignored" or one of
    `KINDS`, N str, by descending score; and which objects are found correctly, bool per object."""
    judged = _judge(image, _chosen(found, _best(found)), 0)
    seen = np.zeros(len(image.boxes), bool)
    seen[np.flatnonzero(~image.ignore)[judged.targets[judged.kinds == _CORRECT]]] = True
    return judged.kinds, seen


def judgements(
    image: LabelledImage,
    found: Detections,
    overlaps: Callable[[np.ndarray], np.ndarray] | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Match the detections of one image with its objects.

    overlaps: of other shapes than the boxes; takes indices of N detections and returns their
    overlaps with the M objects of the image, `N x M`: the IoU, or with ignore regions the share of
    the detection inside.
    Returns the indices of the detections by descending score, without those beyond COCO's maximum;
    the kind of each, as `detection_kinds` does; and the index of the object in `image` that each
    one matches or nearly matches, or -1. As better detections choose first, those above any score
    keep their matches without the rest.
    """
    best = _best(found)
    given = None if overlaps is None else overlaps(best)
    judged = _judge(image, _chosen(found, best), 0, given)
    places = np.append(np.flatnonzero(~image.ignore), -1)
    return best, judged.kinds, places[judged.targets]


def _best(found: Detections) -> np.ndarray:
    """Return the indices of detections by descending score, without those beyond COCO's maximum per
    class."""
    order = np.argsort(-found.scores, kind="mergesort")
    classes = found.classes[order]
    ranks = np.zeros(len(order), np.int64)
    for kind in np.unique(classes):
        ranks[classes == kind] = np.arange(np.count_nonzero(classes == kind))
    return order[ranks < MOST]


def _chosen(found: Detections, order: np.ndarray) -> Detections:
    return Detections(found.boxes[order], found.scores[order], found.classes[order])


def _judge(
    image: LabelledImage, found: Detections, first: int, given: np.ndarray | None = None
) -> _Found:
    """Classify the detections of one image. found: by descending score. first: global index of the
    image's first object. given: overlaps; by default those of boxes."""
    real = ~image.ignore
    every = box_overlaps(image, found.boxes) if given is None else given
    overlaps, crowds = every[:, real], every[:, ~real]
    same = found.classes[:, None] == image.classes[real][None]
    same_crowd = found.classes[:, None] == image.classes[~real][None]
    taken = np.zeros(overlaps.shape[1], bool)
    kinds, targets = [], []
    for row in range(len(found.scores)):
        own = np.where(same[row], overlaps[row], 0.0)
        other = np.where(same[row], 0.0, overlaps[row])
        free = np.where(taken, 0.0, own)
        target = -1
        if free.max(initial=0.0) >= _FOREGROUND:
            # Like COCOeval: among ties the last one.
            kind, target = _CORRECT, len(free) - 1 - int(free[::-1].argmax())
            taken[target] = True
        elif (crowds[row] * same_crowd[row]).max(initial=0.0) >= _FOREGROUND:
            kind = _IGNORED
        elif own.max(initial=0.0) >= _FOREGROUND:
            kind = "duplicate"
        elif own.max(initial=0.0) >= _BACKGROUND:
            kind, target = "badly placed", int(own.argmax())
        elif other.max(initial=0.0) >= _FOREGROUND:
            kind, target = "wrong class", int(other.argmax())
        else:
            near = other.max(initial=0.0) >= _BACKGROUND
            kind = "class and place" if near else "background"
        kinds.append(kind)
        targets.append(target if target < 0 else first + target)
    return _Found(
        found.scores.astype(np.float64),
        found.classes,
        np.array(kinds, dtype=np.str_),
        np.array(targets, np.int64),
    )


def box_overlaps(image: LabelledImage, found: np.ndarray) -> np.ndarray:
    """Return the overlaps of N boxes, `[x1, y1, x2, y2]`, with the M objects of an image, `N x M`
    float64: the IoU, or with ignore regions the share of the box inside."""
    if not len(found) or not len(image.boxes):
        return np.zeros((len(found), len(image.boxes)))
    sides = [one.astype(np.float64).reshape(-1, 4) for one in (found, image.boxes)]
    for one in sides:
        one[:, 2:] -= one[:, :2]
    return np.asarray(coco_mask.iou(*sides, image.ignore.astype(int).tolist()))


def _best_threshold(judged: _Found, objects: int) -> float:
    """Return the score with the best F1; 0 if nothing is correct."""
    counted = _where(judged, judged.kinds != _IGNORED)
    if not np.any(counted.kinds == _CORRECT):
        return 0.0
    hits = np.cumsum(counted.kinds == _CORRECT)
    f1 = 2 * hits / (np.arange(1, len(hits) + 1) + objects)
    # Detections with equal scores pass a threshold together.
    ends = np.append(counted.scores[1:] != counted.scores[:-1], True)
    return float(counted.scores[np.where(ends, f1, 0.0).argmax()])


def _where(judged: _Found, chosen: np.ndarray) -> _Found:
    """Select detections, by descending score."""
    places = np.flatnonzero(chosen)
    places = places[np.argsort(-judged.scores[places], kind="mergesort")]
    return _Found(
        judged.scores[places], judged.classes[places], judged.kinds[places], judged.targets[places]
    )


def _missed(judged: _Found, objects: int) -> np.ndarray:
    """Return, per object, whether no detection finds it even if its box or class were corrected."""
    missed = np.ones(objects, bool)
    missed[judged.targets[judged.targets >= 0]] = False
    return missed


def _costs(judged: _Found, objects: np.ndarray, classes: int) -> dict[str, float]:
    everything = _where(judged, judged.kinds != _IGNORED)
    now = _ap50(everything, objects, classes)
    costs = {}
    for kind in KINDS:
        if kind == "missed":
            left = objects[~_missed(everything, len(objects))]
            better = _ap50(everything, left, classes, found=set(objects.tolist()))
        else:
            better = _ap50(_repaired(everything, kind, objects), objects, classes)
        costs[kind] = better - now
    return costs


def _repaired(judged: _Found, kind: str, objects: np.ndarray) -> _Found:
    """Fix all detections of one kind: the best one for each object that is not found otherwise
    becomes correct, the rest are dropped."""
    open_objects = np.ones(len(objects), bool)
    open_objects[judged.targets[judged.kinds == _CORRECT]] = False
    kinds, classes = judged.kinds.astype(object), judged.classes.copy()
    for place in np.flatnonzero(judged.kinds == kind):
        target = judged.targets[place]
        kinds[place] = _IGNORED
        if target >= 0 and open_objects[target]:
            open_objects[target] = False
            kinds[place], classes[place] = _CORRECT, objects[target]
    repaired = replace(judged, kinds=kinds, classes=classes)
    return _where(repaired, kinds != _IGNORED)


def _ap50(
    judged: _Found, objects: np.ndarray, classes: int, found: Set[int] = frozenset()
) -> float:
    """Return AP at IoU 0.5, averaged over classes with objects; 0 without any. found: classes that
    count as found when no objects are left."""
    values: list[float] = []
    for kind in range(classes):
        total = np.count_nonzero(objects == kind)
        own = judged.classes == kind
        hits = (judged.kinds[own] == _CORRECT)[None]
        if total:
            images = np.zeros(hits.shape[1], np.int64)
            ranking = Ranking(
                images, judged.scores[own], hits, np.ones_like(hits), np.array([float(total)])
            )
            values.append(float(interpolated(ranking, np.ones(1))[0].mean()))
        elif kind in found:
            values.append(1.0)
    return float(np.mean(values)) if values else 0.0
