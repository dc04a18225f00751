"""Transforms from the axes of a mesh file to those of simgen: metres, z up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.errors import AssetError
from simgen.spec.scene import AssetRef

SAME = 1e-3
"""Relative difference below which a mesh has the size that its entry says."""
MOST_STRETCH = 20.0
"""Maximum ratio of the stretch along two axes of a mesh."""


@dataclass(frozen=True)
class ImportTransform:
    """unit: metres in one unit of the file. up: `y`, `z` or `auto`. turn: a rotation of the file's
    own axes before that, nine numbers row by row. size: what the box becomes, metres, z up."""

    unit: float = 1.0
    up: str = "auto"
    turn: tuple[float, ...] = ()
    size: tuple[float, ...] = ()

    @staticmethod
    def of(asset: AssetRef) -> ImportTransform:
        return ImportTransform(asset.unit, asset.up, asset.turn, asset.size)

    def metric(self, points: np.ndarray) -> np.ndarray:
        """`n x 3` points of a file, whose `up` is decided, in metres and z up, unstretched.

        y up becomes z up by (x, y, z) -> (x, -z, y).
        """
        points = points * self.unit
        if self.turn:
            points = points @ np.reshape(self.turn, (3, 3)).T
        if self.up == "z":
            return points
        return np.stack([points[:, 0], -points[:, 2], points[:, 1]], axis=1)

    def stretch(self, low: np.ndarray, high: np.ndarray) -> np.ndarray:
        """Factor along each axis that gives a box its wanted size; 1 along a flat one's thickness.

        Raises `AssetError` where the box is nowhere near that shape: then `turn` is wrong.
        """
        sides = high - low
        if not self.size:
            return np.ones(3)
        flat = sides < 1e-9 * sides.max()
        factors = np.where(flat, 1.0, np.array(self.size) / np.where(flat, 1.0, sides))
        spread = factors[~flat].max() / factors[~flat].min()
        if spread > MOST_STRETCH:
            found = " x ".join(f"{side:.3g}" for side in sides)
            wanted = " x ".join(f"{side:.3g}" for side in self.size)
            raise AssetError(
                f"its box is {found} and its catalogue entry says {wanted} m, expected the same"
                " shape; correct the entry's size, turn or up"
            )
        # Sizes are written with few digits; what they say anyway is no reason to move a vertex.
        return np.ones(3) if np.abs(factors - 1.0).max() < SAME else factors
