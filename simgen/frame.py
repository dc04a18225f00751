"""RawFrame: what leaves Blender, and all that the labels are made from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class RawFrame:
    """What Blender rendered of one frame.

    rgb: `H x W x 3` uint8, sRGB display values, or None when no image was asked for.
    depth: `H x W` float32, planar z in metres, 1e10 where there is nothing.
    index: `H x W` float32, object index: the instance id, 0 for stage and background.
    """

    rgb: np.ndarray | None
    depth: np.ndarray
    index: np.ndarray
