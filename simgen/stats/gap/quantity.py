"""Compared quantities as plain data: their values in both sets, in several variants."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Sample:
    """Values of one set.

    values: `n` float64, of images or objects, NaN if missing; or `n x B`, counts or shares of B
    categories. images: `n` int64, index of the image that each value belongs to.
    """

    values: np.ndarray
    images: np.ndarray

    @property
    def is_shares(self) -> bool:
        return self.values.ndim == 2

    @property
    def known(self) -> int:
        """Return the number of values that are not NaN."""
        return len(self.values) if self.is_shares else int(np.isfinite(self.values).sum())

    @property
    def median(self) -> float:
        """Return the median; NaN for shares, or without values."""
        if self.is_shares or not self.known:
            return float("nan")
        return float(np.nanmedian(self.values))


@dataclass(frozen=True)
class Variant:
    """One reading of a quantity in both sets.

    id: such as `noise at equal objects`. step: the smallest difference that matters, in the unit of
    the values; 0 for shares.
    """

    id: str
    synthetic: Sample
    real: Sample
    step: float

    @property
    def comparable(self) -> bool:
        """Return whether at least half of each set, and at least three, have values."""
        return all(
            side.known >= max(3, len(side.values) // 2) for side in (self.synthetic, self.real)
        )


@dataclass(frozen=True)
class Quantity:
    """A compared quantity. Its distance is the smallest one of its variants.

    kind: `content` or `appearance`. unit: of the first variant, which is displayed. kinds: names of
    the columns of shares. octaves_of: for logarithms to base 2, the unit of their argument and the
    offset that was added to it.
    """

    id: str
    title: str
    kind: str
    unit: str
    about: str
    variants: tuple[Variant, ...]
    kinds: tuple[str, ...] = ()
    octaves_of: tuple[str, float] | None = None
