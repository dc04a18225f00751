"""The image, and that of the right camera of a stereo pair."""

from __future__ import annotations

import numpy as np

from simgen.labels.inputs import FrameInputs
from simgen.labels.label import Codec, Label, png


def rgb(inputs: FrameInputs) -> np.ndarray | None:
    """`H x W x 3` uint8, sRGB display values."""
    return inputs.developed.rgb


def rgb_right(inputs: FrameInputs) -> np.ndarray | None:
    """`H x W x 3` uint8: the image of the right camera of a stereo pair."""
    return inputs.developed.rgb_right


def _as_it_is(image: np.ndarray) -> np.ndarray:
    return image


RGB = Label[np.ndarray](
    "rgb",
    "image, 8-bit sRGB",
    png("rgb", Codec.RGB),
    rgb,
    passes=("radiance",),
    presets=("detection", "pose", "flow"),
    draw=_as_it_is,
)
RGB_RIGHT = Label[np.ndarray](
    "rgb_right",
    "image of the right camera of a stereo pair, 8-bit sRGB",
    png("rgb_right", Codec.RGB),
    rgb_right,
    passes=("radiance_right",),
    stereo=True,
    draw=_as_it_is,
)
