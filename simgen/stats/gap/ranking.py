"""Ranks quantities by descending difference.

Many quantities are correlated: noise creates edges, darker images have less contrast, and images
scaled to equal object size look softer if their objects were small. To rank causes before their
effects, each quantity has several readings that are insensitive to other causes, and the smallest
difference counts: over both scales, with and without the part explained by number and size of
objects (removed by a regression within the sets, as in an analysis of covariance).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from simgen.stats.gap.appearance import APPEARANCE
from simgen.stats.gap.content import BY_NUMBER_AND_SIZE, Classes, covariates, of_content
from simgen.stats.gap.distances import Groups, Interval, intervals
from simgen.stats.gap.measuring import Measured
from simgen.stats.gap.quantity import Quantity, Sample, Variant
from simgen.stats.gap.tone import HUES

_ENOUGH = 24
"""Minimum number of images of both sets together for a regression."""
_HUES = "Hues", "Shares of hues without the colour cast, weighted by chroma."


@dataclass(frozen=True)
class Difference:
    """The difference in one quantity.

    medians: of the synthetic and the real set, in plain units rather than octaves; NaN for shares.
    """

    quantity: Quantity
    interval: Interval
    medians: tuple[float, float]

    @property
    def unit(self) -> str:
        """Return the unit of the medians."""
        octaves_of = self.quantity.octaves_of
        return self.quantity.unit if octaves_of is None else octaves_of[0]

    @property
    def shown(self) -> Variant:
        """Return the variant whose values are displayed."""
        return self.quantity.variants[0]


def differences(
    synthetic: Measured, real: Measured, found: Groups, classes: Classes
) -> tuple[list[Difference], list[str]]:
    """Return the differences in all quantities that both sets have, and the titles of quantities
    that cannot be compared. Significant differences come first, then by descending distance."""
    quantities = [*of_appearance(synthetic, real)]
    if synthetic.side.labelled and real.side.labelled:
        content = of_content(synthetic.side, real.side, classes)
        quantities = [*content, *quantities]
        explained = covariates(synthetic.side, classes), covariates(real.side, classes)
        quantities = [
            _without_number_and_size(one, *explained)
            if one.kind == "appearance" or one.id in BY_NUMBER_AND_SIZE
            else one
            for one in quantities
        ]
    usable = [one for one in quantities if any(variant.comparable for variant in one.variants)]
    missing = [one.title for one in quantities if one not in usable]
    rows = [
        Difference(one, interval, _medians(one))
        for one, interval in zip(usable, intervals(usable, found), strict=True)
    ]
    rows.sort(key=lambda row: (not row.interval.differs, -row.interval.value))
    return rows, missing


def of_appearance(synthetic: Measured, real: Measured) -> list[Quantity]:
    """Return each quantity of appearance, in all readings at all scales."""
    found = []
    for one in APPEARANCE:
        count = len(synthetic.scales) if one.scaled else 1
        variants = [
            Variant(
                f"{reading.id} at {synthetic.scales[scale].id}" if one.scaled else reading.id,
                _sample(synthetic.readings[scale][reading.id]),
                _sample(real.readings[scale][reading.id]),
                reading.step,
            )
            for scale in range(count)
            for reading in one.readings
        ]
        found.append(
            Quantity(one.id, one.title, "appearance", one.unit, one.about, tuple(variants))
        )
    variant = Variant("hues", _sample(synthetic.hues), _sample(real.hues), 0.0)
    title, about = _HUES
    kinds = tuple(f"{360 // HUES * place} degrees" for place in range(HUES))
    return [*found, Quantity("hues", title, "appearance", "", about, (variant,), kinds)]


def _medians(one: Quantity) -> tuple[float, float]:
    synthetic, real = one.variants[0].synthetic.median, one.variants[0].real.median
    if one.octaves_of is None:
        return synthetic, real
    _, added = one.octaves_of
    return 2.0**synthetic - added, 2.0**real - added


def _sample(values: np.ndarray) -> Sample:
    return Sample(values, np.arange(len(values)))


def _without_number_and_size(one: Quantity, first: np.ndarray, second: np.ndarray) -> Quantity:
    """Add to each variant another one without the part that the images' covariates explain."""
    more = [_adjusted(variant, first, second) for variant in one.variants]
    return replace(one, variants=(*one.variants, *(v for v in more if v is not None)))


def _adjusted(variant: Variant, first: np.ndarray, second: np.ndarray) -> Variant | None:
    """Return a variant adjusted for covariates, or None with too few values."""
    sides = variant.synthetic, variant.real
    if variant.real.is_shares or len(first) + len(second) < _ENOUGH:
        return None
    inner_x, inner_y = [], []
    for side, explaining in zip(sides, (first, second), strict=True):
        known = np.isfinite(side.values)
        if known.sum() < 3:
            return None
        x, y = explaining[known], side.values[known]
        inner_x.append(x - x.mean(axis=0))
        inner_y.append(y - y.mean())
    slopes, *_ = np.linalg.lstsq(np.concatenate(inner_x), np.concatenate(inner_y), rcond=None)
    middle = np.concatenate([first, second]).mean(axis=0)
    synthetic, real = (
        replace(side, values=side.values - (explaining - middle) @ slopes)
        for side, explaining in zip(sides, (first, second), strict=True)
    )
    return replace(variant, id=f"{variant.id}, objects explained", synthetic=synthetic, real=real)
