"""What is compared, as plain data: the values of a quantity in both sets, in several readings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Sample:
    """Values of one set.

    values: `n` float64, of images or of objects, NaN where there is none; or `n x B`, counts or
    shares of B kinds. images: `n` int64, which image of the set each belongs to.
    """

    values: np.ndarray
    images: np.ndarray

    @property
    def is_shares(self) -> bool:
        return self.values.ndim == 2

    @property
    def known(self) -> int:
        """Values that there are."""
        return len(self.values) if self.is_shares else int(np.isfinite(self.values).sum())

    @property
    def median(self) -> float:
        """NaN of shares, and without values."""
        if self.is_shares or not self.known:
            return float("nan")
        return float(np.nanmedian(self.values))


@dataclass(frozen=True)
class Variant:
    """One reading of a quantity in both sets. id: such as `noise at equal objects`. step: the
    smallest difference that matters, in the unit of the values; 0 for shares."""

    id: str
    synthetic: Sample
    real: Sample
    step: float

    @property
    def comparable(self) -> bool:
        """Whether most of both sets have values, and at least three of each."""
        return all(
            side.known >= max(3, len(side.values) // 2) for side in (self.synthetic, self.real)
        )


@dataclass(frozen=True)
class Quantity:
    """kind: `content` or `appearance`. unit: of the first variant, which is the one that is shown.
    A difference counts as far as all variants have it. kinds: names of the columns of shares.
    octaves_of: where values are logarithms to base 2, of what, and what was added to it before."""

    id: str
    title: str
    kind: str
    unit: str
    about: str
    variants: tuple[Variant, ...]
    kinds: tuple[str, ...] = ()
    octaves_of: tuple[str, float] | None = None
