"""Compares two datasets, by quantity and by class, with two complementary distances.

- Wasserstein-1, in the unit of the quantity: how far values have to be moved on average to turn one
  histogram into the other (the earth mover's distance; Rubner et al., 2000). Exact to a bin.
- Jensen-Shannon distance, the square root of the divergence to base 2: 0 for equal histograms, 1
  for disjoint ones (Lin, 1991; Endres and Schindelin, 2003). Small samples always differ:
  `by_chance` is the approximate distance of two such samples of one distribution. The distance has
  no unit, so quantities are sorted by its excess over `by_chance`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.spatial.distance import jensenshannon

from simgen.report.counting.counts import ClassCounts
from simgen.report.counting.histogram import Histogram
from simgen.report.counting.quantities import IMAGE, OBJECT
from simgen.stats.statistics import Statistics

_BINS = 40
"""Maximum number of bins of compared histograms: finer ones differ mostly by sampling noise."""


@dataclass(frozen=True)
class Difference:
    """The difference in one quantity.

    unit: of `wasserstein`. wasserstein, means: None for categories and maps. counts, means: of the
    first and the second dataset.
    """

    id: str
    title: str
    unit: str
    wasserstein: float | None
    jensen_shannon: float
    by_chance: float
    counts: tuple[int, int]
    means: tuple[float, float] | None = None

    @property
    def beyond(self) -> float:
        """Return the excess of the Jensen-Shannon distance over `by_chance`, at least 0."""
        return max(0.0, self.jensen_shannon - self.by_chance)


@dataclass(frozen=True)
class ClassDifference:
    """The differences in one class that both datasets have.

    names, objects, shares: in the first and the second dataset; shares of all objects. quantities:
    those that both have, by descending difference.
    """

    names: tuple[str, str]
    objects: tuple[int, int]
    shares: tuple[float, float]
    quantities: tuple[Difference, ...]

    @property
    def farthest(self) -> float:
        """Return the largest excess of a Jensen-Shannon distance over `by_chance`."""
        return max((quantity.beyond for quantity in self.quantities), default=0.0)


@dataclass(frozen=True)
class Comparison:
    """The differences between two datasets.

    quantities, classes: by descending difference. only_first, only_second: unmatched classes.
    """

    quantities: tuple[Difference, ...]
    classes: tuple[ClassDifference, ...]
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]


def compare(first: Statistics, second: Statistics) -> Comparison:
    """Compare two datasets. Class names are matched ignoring case, and spaces, hyphens and
    underscores are equivalent."""
    found = [*_histograms(first.histograms, second.histograms), *_maps(first, second)]
    matched = matching_names(first.classes, second.classes)
    objects = first.object_count, second.object_count
    if matched and all(objects):
        found.append(_of_classes(first, second, matched))
    classes = [
        _class(first.by_class[a], second.by_class[b], (a, b), objects) for a, b in matched.items()
    ]
    return Comparison(
        tuple(_sorted(found)),
        tuple(sorted(classes, key=lambda one: -one.farthest)),
        tuple(name for name in first.classes if name not in matched),
        tuple(name for name in second.classes if name not in matched.values()),
    )


def matching_names(first: tuple[str, ...], second: tuple[str, ...]) -> dict[str, str]:
    """Map names of `first` to equal names of `second`, each at most once."""
    others: dict[str, str] = {}
    for name in second:
        others.setdefault(_plain(name), name)
    found: dict[str, str] = {}
    for name in first:
        other = others.pop(_plain(name), None)
        if other is not None:
            found[name] = other
    return found


def chance_level(bins: int, first: int, second: int) -> float:
    """Return the approximate Jensen-Shannon distance of two samples of one distribution.

    bins: number of nonempty bins. first, second: sample sizes. It is the root of the expected
    divergence, which is a chi-square variable with `bins - 1` degrees of freedom over 8 ln 2, times
    1/first + 1/second.
    """
    if bins < 2 or not first or not second:
        return 0.0
    return float(min(1.0, np.sqrt((bins - 1) * (1 / first + 1 / second) / (8 * np.log(2)))))


def _histograms(first: dict[str, Histogram], second: dict[str, Histogram]) -> list[Difference]:
    found = []
    for axis in (*IMAGE, *OBJECT):
        a, b = first.get(axis.id), second.get(axis.id)
        if a is None or b is None or not a.count or not b.count:
            continue
        moved = stats.wasserstein_distance(axis.centres, axis.centres, a.counts, b.counts)
        distance, chance = _shape(a.counts, b.counts)
        found.append(
            Difference(
                axis.id, axis.title, axis.unit, float(moved), distance, chance,
                (a.count, b.count), (a.mean, b.mean),
            )
        )  # fmt: skip
    return found


def _maps(first: Statistics, second: Statistics) -> list[Difference]:
    pairs = (
        ("positions", "Positions", first.positions, second.positions),
        ("sphere", "Views of objects", first.sphere, second.sphere),
    )
    found = []
    for name, title, a, b in pairs:
        if a.sum() and b.sum():
            a, b = (_coarse(counts) for counts in (a, b))
            distance, chance = _distance(a.ravel(), b.ravel())
            counts = int(a.sum()), int(b.sum())
            found.append(Difference(name, title, "", None, distance, chance, counts))
    if first.hues.any() and second.hues.any():
        distance = float(jensenshannon(first.hues, second.hues, 2))
        counts = (first.image_count, second.image_count)
        # Pixels of an image are not independent: each image counts as one sample.
        filled = int(np.count_nonzero(first.hues + second.hues))
        chance = chance_level(filled, *counts)
        found.append(Difference("hues", "Hues", "", None, distance, chance, counts))
    return found


def _of_classes(first: Statistics, second: Statistics, matched: dict[str, str]) -> Difference:
    names = [*matched.items()]
    names += [(name, "") for name in first.classes if name not in matched]
    names += [("", name) for name in second.classes if name not in matched.values()]
    nothing = ClassCounts()
    a = np.array([first.by_class.get(name, nothing).objects.total() for name, _ in names])
    b = np.array([second.by_class.get(name, nothing).objects.total() for _, name in names])
    distance, chance = _distance(a, b)
    return Difference(
        "classes", "Shares of classes", "", None, distance, chance, (int(a.sum()), int(b.sum()))
    )


def _class(
    first: ClassCounts, second: ClassCounts, names: tuple[str, str], objects: tuple[int, int]
) -> ClassDifference:
    counts = first.objects.total(), second.objects.total()
    return ClassDifference(
        names,
        counts,
        (counts[0] / max(1, objects[0]), counts[1] / max(1, objects[1])),
        tuple(_sorted(_histograms(first.histograms, second.histograms))),
    )


def _shape(a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    """Return the distance and its chance level over the bins in use, merged to at most `_BINS`."""
    (used,) = np.nonzero(a + b)
    first, last = int(used[0]), int(used[-1]) + 1
    step = -(-(last - first) // _BINS)
    starts = np.arange(first, last, step)
    return _distance(np.add.reduceat(a[:last], starts), np.add.reduceat(b[:last], starts))


def _distance(a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    filled = int(np.count_nonzero(a + b))
    found = jensenshannon(a / a.sum(), b / b.sum(), 2)
    # For equal histograms, rounding may produce the root of a slightly negative number.
    return float(np.nan_to_num(found)), chance_level(filled, int(a.sum()), int(b.sum()))


def _coarse(counts: np.ndarray) -> np.ndarray:
    """Merge blocks of two by two cells."""
    rows, columns = counts.shape
    return counts.reshape(rows // 2, 2, columns // 2, 2).sum(axis=(1, 3))


def _sorted(found: list[Difference]) -> list[Difference]:
    return sorted(found, key=lambda one: (-one.beyond, -one.jensen_shannon))


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", " ", name).strip().casefold()
