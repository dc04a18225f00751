"""Average precision and recall from matched detections, for any weighting of the test images."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

MEASURES = ("ap50", "ap", "ar")
"""AP at IoU 0.5; AP and AR averaged over IoU 0.5 to 0.95. At most 100 detections per image."""
SIZES = ("all", "small", "medium", "large")
"""COCO's: an area below 32², between, and above 96² pixels."""
RECALLS = np.linspace(0.0, 1.0, 101)


@dataclass(frozen=True)
class Ranking:
    """The N detections of one class, by descending score, at T IoU thresholds.

    images: N int64, indices of the images. scores: N float64. hits: `T x N` bool, whether one
    matches an object. counted: `T x N` bool, False for those that COCO ignores. truths: float64 per
    image, the number of objects. Detections that affect neither AP nor AR may be omitted: those
    after the last hit, and those ignored at all thresholds.
    """

    images: np.ndarray
    scores: np.ndarray
    hits: np.ndarray
    counted: np.ndarray
    truths: np.ndarray

    @cached_property
    def steps(self) -> np.ndarray:
        """Return the indices of detections that hit at any threshold, int64. The best precision at
        or above a given recall is always reached at one of them."""
        return np.flatnonzero(self.hits.any(axis=0))

    @cached_property
    def partly_ignored(self) -> np.ndarray:
        """Return the indices of the few detections that are ignored at some thresholds, int64."""
        return np.flatnonzero(~self.counted.all(axis=0))


@dataclass(frozen=True)
class Scores:
    """Measures of one detector on one test set.

    values: float64, `measures x (1 + classes) x sizes` in the order of `MEASURES` and `SIZES`;
    index 0 of the second axis is the average over classes. NaN where there are no objects.
    """

    classes: tuple[str, ...]
    values: np.ndarray

    @property
    def ap50(self) -> float:
        return float(self.values[0, 0, 0])

    @property
    def ap(self) -> float:
        return float(self.values[1, 0, 0])

    @property
    def ar(self) -> float:
        return float(self.values[2, 0, 0])

    def per_class(self, measure: str = "ap50") -> dict[str, float]:
        row = self.values[MEASURES.index(measure), 1:, 0]
        return dict(zip(self.classes, row.tolist(), strict=True))

    def per_size(self, measure: str = "ap50") -> dict[str, float]:
        row = self.values[MEASURES.index(measure), 0, 1:]
        return dict(zip(SIZES[1:], row.tolist(), strict=True))


@dataclass(frozen=True)
class Matches:
    """A detector's detections on a test set, matched with its objects.

    rankings: for each class, for each of `SIZES`. image_count: of the test set.
    """

    classes: tuple[str, ...]
    rankings: tuple[tuple[Ranking, ...], ...]
    image_count: int

    def scores(self, weights: np.ndarray | None = None) -> Scores:
        """Compute COCO's measures, like `COCOeval.accumulate`.

        weights: float64 per image, at least 0; an image of weight 2 counts as two copies. None
        weights all images equally.
        """
        weights = np.ones(self.image_count) if weights is None else weights
        values = np.full((len(MEASURES), 1 + len(self.classes), len(SIZES)), np.nan)
        for place, sizes in enumerate(self.rankings, start=1):
            for size, ranking in enumerate(sizes):
                precision, recall = interpolated(ranking, weights)
                values[:, place, size] = precision[0].mean(), precision.mean(), recall.mean()
        found = ~np.isnan(values[:, 1:])
        with np.errstate(invalid="ignore"):
            values[:, 0] = np.nansum(values[:, 1:], axis=1) / found.sum(axis=1)
        return Scores(self.classes, values)

    def precision_recall(self) -> dict[str, np.ndarray]:
        """Return the precision of each class with objects: 101 float64, IoU 0.5, at `RECALLS`."""
        weights = np.ones(self.image_count)
        return {
            name: interpolated(sizes[0], weights)[0][0]
            for name, sizes in zip(self.classes, self.rankings, strict=True)
            if sizes[0].truths.any()
        }


def interpolated(ranking: Ranking, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return precision at `RECALLS`, `T x 101`, each the maximum at that or a higher recall; and
    the recall of all detections, T. NaN without objects. weights: of the images."""
    thresholds = len(ranking.hits)
    total = float(weights @ ranking.truths)
    if total <= 0:
        return np.full((thresholds, len(RECALLS)), np.nan), np.full(thresholds, np.nan)
    steps, partly = ranking.steps, ranking.partly_ignored
    if not len(steps):
        return np.zeros((thresholds, len(RECALLS))), np.zeros(thresholds)
    weight = weights[ranking.images]
    hits = np.cumsum(ranking.hits[:, steps] * weight[steps], axis=1)
    ignored = np.zeros((thresholds, len(partly) + 1))
    np.cumsum(~ranking.counted[:, partly] * weight[partly], axis=1, out=ignored[:, 1:])
    counted = np.cumsum(weight)[steps] - ignored[:, np.searchsorted(partly, steps, side="right")]
    precision = hits / (counted + np.spacing(1))
    best = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    best = np.concatenate([best, np.zeros((thresholds, 1))], axis=1)
    recall = hits / total
    places = np.array([np.searchsorted(row, RECALLS, side="left") for row in recall])
    return np.take_along_axis(best, places, axis=1), recall[:, -1]
