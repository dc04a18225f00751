"""Selects images that show the differences."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.stats.gap.distances import Groups
from simgen.stats.gap.features import Apart
from simgen.stats.gap.ranking import Difference

_SHOWN = 6
_BESIDE = 4


@dataclass(frozen=True)
class Examples:
    """Indices of images in their sets.

    most_real, least_real: synthetic images, ranked by a classifier that has not seen their group.
    unlike: real images that are farther from every synthetic image than real images are from each
    other, each with a ratio: the distance to the nearest synthetic image, over the median distance
    of real images to the nearest one of another group.
    """

    most_real: tuple[int, ...]
    least_real: tuple[int, ...]
    unlike: tuple[tuple[int, float], ...]


def examples(found: Apart, synthetic: np.ndarray, real: np.ndarray, groups: Groups) -> Examples:
    """Select examples. synthetic, real: vectors of images, `n x D` and `m x D`. groups: of the
    images."""
    margins = found.margins[: len(synthetic)]
    order = np.argsort(-margins, kind="stable")
    shown = min(_SHOWN, max(1, len(order) // 2))
    return Examples(
        tuple(order[:shown].tolist()),
        tuple(order[::-1][:shown].tolist()),
        _unlike(synthetic, real, groups),
    )


def of_difference(row: Difference) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the indices of images that show a difference: the most extreme synthetic images in its
    direction, and the real images closest to their median. Empty for shares."""
    synthetic, real = row.shown.synthetic, row.shown.real
    if synthetic.is_shares or not synthetic.known or not real.known:
        return (), ()
    sign = np.sign(synthetic.median - real.median) or 1.0
    far = np.argsort(np.nan_to_num(-sign * synthetic.values, nan=np.inf), kind="stable")
    middle = np.abs(real.values - real.median)
    near = np.argsort(np.nan_to_num(middle, nan=np.inf), kind="stable")
    return _first(synthetic.images[far]), _first(real.images[near])


def _first(images: np.ndarray) -> tuple[int, ...]:
    """Return the first few distinct images."""
    return tuple(dict.fromkeys(images.tolist()))[:_BESIDE]


def _unlike(
    synthetic: np.ndarray, real: np.ndarray, groups: Groups
) -> tuple[tuple[int, float], ...]:
    scale = np.maximum(np.concatenate([synthetic, real]).std(axis=0), 1e-9)
    to_synthetic = _distances(real / scale, synthetic / scale).min(axis=1)
    among = _distances(real / scale, real / scale)
    among[groups.real[:, None] == groups.real[None]] = np.inf
    nearest = among.min(axis=1)
    usual = float(np.median(nearest[np.isfinite(nearest)])) if np.isfinite(nearest).any() else 0.0
    if usual <= 0:
        return ()
    ratio = to_synthetic / usual
    order = np.argsort(-ratio, kind="stable")[:_SHOWN]
    return tuple((int(place), float(ratio[place])) for place in order if ratio[place] > 1)


def _distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    squares = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1)[None] - 2 * a @ b.T
    return np.sqrt(np.maximum(squares, 0))
