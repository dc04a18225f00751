"""RawFrame: the arrays that Blender renders, from which all labels are computed."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class RawFrame:
    """The rendered arrays of one frame.

    radiance: `H x W x 3` float32, the light that the camera receives, linear Rec.709; None if no
    image was requested. `simgen.rendering.sensor` converts it to the image.
    distance: `H x W` float64, metres along the ray through the pixel's centre; infinity if the ray
    hits nothing.
    code: `H x W` int32, what the ray hits: 0 nothing, 1..P the stage's parts in their order, P + i
    the object with instance id i.
    passes: `H x W x 3` float32 by name (`albedo`, ...), scene-referred linear values.
    cover: `H x W` float32, 0..1: the share of each pixel that surfaces cover, antialiased; None if
    a stage or the environment is behind the objects. `radiance` is multiplied by it.
    shade: `H x W x 3` float32, the factor by which the objects change the light of an invisible
    floor; None without one.
    radiance_right: like `radiance`, for the right camera of a stereo pair.
    """

    radiance: np.ndarray | None
    distance: np.ndarray
    code: np.ndarray
    passes: dict[str, np.ndarray] = field(default_factory=dict)
    radiance_right: np.ndarray | None = None
    cover: np.ndarray | None = None
    shade: np.ndarray | None = None
