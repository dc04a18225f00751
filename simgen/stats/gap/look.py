"""One image on its way through the measures: what several of them need is computed once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simgen.dataset.adaptation.measured import centre_luma, luma_of
from simgen.stats.gap.pictures import thumbnail

_SMALL, _TINY = 128, 64
"""Pixels of the longer side. So small, no blur, noise or compression that matters is left."""
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""ITU-R BT.601."""
FLOOR = 0.02
"""Added to what is divided by, display values 0..1, so that even areas give no large numbers."""


@dataclass(frozen=True)
class Look:
    """An image at the scale at which sets are compared.

    rgb: `H x W x 3` uint8. native: as the file has it, for what belongs to the file. quantisation:
    as in `Pixels`.
    """

    rgb: np.ndarray
    native: np.ndarray
    quantisation: float

    @cached_property
    def luma(self) -> np.ndarray:
        """`H x W` float32, 0..255."""
        return luma_of(self.rgb)

    @cached_property
    def native_luma(self) -> np.ndarray:
        """The middle of the file's pixels, at most 1024 x 1024, float32, 0..255."""
        return centre_luma(self.native)

    @cached_property
    def small(self) -> np.ndarray:
        """`h x w x 3` float32, 0..1: at most 128 pixels."""
        return thumbnail(self.rgb, _SMALL).astype(np.float32) / 255

    @cached_property
    def small_luma(self) -> np.ndarray:
        """`h x w` float32, 0..1."""
        return self.small @ _LUMA

    @cached_property
    def tiny_luma(self) -> np.ndarray:
        """At most 64 pixels, float32, 0..1."""
        return thumbnail(self.rgb, _TINY).astype(np.float32) @ _LUMA / 255

    @cached_property
    def means(self) -> np.ndarray:
        """Of R', G' and B', 0..1."""
        return self.small.reshape(-1, 3).mean(axis=0).astype(np.float64)

    @cached_property
    def contrast(self) -> float:
        """Standard deviation of luma, 0..0.5."""
        return float(self.small_luma.std())

    @cached_property
    def neutral(self) -> np.ndarray:
        """`h x w x 3` float32: without the cast of colour, all channels of one mean."""
        grey = float(self.means @ _LUMA)
        return self.small * ((grey + FLOOR) / (self.means + FLOOR)).astype(np.float32)

    @cached_property
    def chroma(self) -> float:
        """How far colours without the cast are from grey, root mean square, 0..1."""
        off = self.neutral - (self.neutral @ _LUMA)[..., None]
        return float(np.sqrt((off**2).mean()))
