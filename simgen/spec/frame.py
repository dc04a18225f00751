"""RawFrame: what Blender returns, from which all labels are made."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class RawFrame:
    """What Blender rendered of one frame.

    radiance: `H x W x 3` float32, the light that the camera sees, linear Rec.709; None when no
    image was asked for. `simgen.rendering.sensor` makes the picture of it.
    distance: `H x W` float64, metres along the ray through the pixel's centre; infinity where it
    meets nothing.
    code: `H x W` int32, which thing it meets: 0 nothing, 1..P the stage's parts in their order,
    P + i the object with instance id i.
    passes: `H x W x 3` float32 by name (`albedo`, ...), scene-referred linear values.
    radiance_right: like radiance, of the right camera of a stereo pair.
    """

    radiance: np.ndarray | None
    distance: np.ndarray
    code: np.ndarray
    passes: dict[str, np.ndarray] = field(default_factory=dict)
    radiance_right: np.ndarray | None = None
