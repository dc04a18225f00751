"""The image, and the image of the right camera of a stereo pair."""

from __future__ import annotations

import numpy as np

from simgen.labels.label import Codec, Label, png

RGB = Label[np.ndarray](
    "rgb",
    "image, 8-bit sRGB",
    png("rgb", Codec.RGB),
    lambda inputs: inputs.developed.rgb,
    passes=("radiance",),
    presets=("detection", "pose", "flow"),
    draw=np.asarray,
    doc="`H x W x 3` uint8, sRGB display values.",
)
RGB_RIGHT = Label[np.ndarray](
    "rgb_right",
    "image of the right camera of a stereo pair, 8-bit sRGB",
    png("rgb_right", Codec.RGB),
    lambda inputs: inputs.developed.rgb_right,
    passes=("radiance_right",),
    stereo=True,
    draw=np.asarray,
    doc="`H x W x 3` uint8: the image of the right camera of a stereo pair.",
)
