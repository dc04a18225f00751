"""The image, the image of the right camera of a stereo pair, and the objects cut out."""

from __future__ import annotations

import numpy as np

from simgen.labels.drawing.colours import on_chequers
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
RGBA = Label[np.ndarray](
    "rgba",
    "the objects alone, 8-bit sRGB with alpha",
    png("rgba", Codec.RGBA),
    lambda inputs: inputs.developed.rgba,
    passes=("radiance",),
    in_all=False,
    draw=on_chequers,
    note="chequered: transparent",
    doc="`H x W x 4` uint8: sRGB display values of the objects alone, not multiplied by alpha, and "
    "as alpha the share of the pixel that they cover, antialiased, 0..255; all 0 elsewhere.",
)
