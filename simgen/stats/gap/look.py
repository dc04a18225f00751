"""An image with derived arrays, computed once and shared by several measurements."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simgen.dataset.adaptation.measured import centre_luma, luma_of
from simgen.stats.gap.pictures import thumbnail

_SMALL, _TINY = 128, 64
"""Longer side of thumbnails, pixels: so small that blur, noise and compression vanish."""
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""ITU-R BT.601."""
FLOOR = 0.02
"""Added to denominators (display values 0..1), so that flat areas do not yield large quotients."""


@dataclass(frozen=True)
class Look:
    """An image at the scale at which sets are compared.

    rgb: `H x W x 3` uint8. native: at the file's own resolution, for properties of the file.
    quantisation: as in `Pixels`.
    """

    rgb: np.ndarray
    native: np.ndarray
    quantisation: float

    @cached_property
    def luma(self) -> np.ndarray:
        """Return luma, `H x W` float32, 0..255."""
        return luma_of(self.rgb)

    @cached_property
    def native_luma(self) -> np.ndarray:
        """Return luma of the central pixels of the file, at most 1024 x 1024 float32, 0..255."""
        return centre_luma(self.native)

    @cached_property
    def small(self) -> np.ndarray:
        """Return a thumbnail, `h x w x 3` float32, 0..1, with sides of at most 128 pixels."""
        return thumbnail(self.rgb, _SMALL).astype(np.float32) / 255

    @cached_property
    def small_luma(self) -> np.ndarray:
        """Return luma of `small`, `h x w` float32, 0..1."""
        return self.small @ _LUMA

    @cached_property
    def tiny_luma(self) -> np.ndarray:
        """Return luma of a thumbnail with sides of at most 64 pixels, float32, 0..1."""
        return thumbnail(self.rgb, _TINY).astype(np.float32) @ _LUMA / 255

    @cached_property
    def means(self) -> np.ndarray:
        """Return the means of R', G' and B', 0..1."""
        return self.small.reshape(-1, 3).mean(axis=0).astype(np.float64)

    @cached_property
    def contrast(self) -> float:
        """Return the standard deviation of luma, 0..0.5."""
        return float(self.small_luma.std())

    @cached_property
    def neutral(self) -> np.ndarray:
        """Return `small` without its colour cast, `h x w x 3` float32: all channels have the same
        mean."""
        grey = float(self.means @ _LUMA)
        return self.small * ((grey + FLOOR) / (self.means + FLOOR)).astype(np.float32)

    @cached_property
    def chroma(self) -> float:
        """Return the root mean square distance of cast-free colours from grey, 0..1."""
        off = self.neutral - (self.neutral @ _LUMA)[..., None]
        return float(np.sqrt((off**2).mean()))
