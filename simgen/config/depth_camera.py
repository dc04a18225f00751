"""The `depth_camera` keys."""

from __future__ import annotations

from dataclasses import dataclass

from simgen.config.keys import key
from simgen.errors import InputError

KINDS = ("stereo", "tof")
_FARTHEST = 65.535
"""Metres that 16 bits of millimetres reach."""
_SHORTEST_BASELINE = 0.001


@dataclass
class DepthCameraConfig:
    """The depth camera of the label `sensor_depth`. Without that label nothing here has an
    effect."""

    kind: str = key(
        "stereo",
        "How it measures: stereo (structured light, or a pair of cameras with a projector) or tof "
        "(time of flight).",
        one_of=KINDS,
    )
    min_range: float = key(
        0.4, "Metres, along the axis, below which nothing is measured.", at_least=0.0, at_most=4.0
    )
    max_range: float = key(
        5.0, "Metres beyond which nothing is measured.", at_least=0.01, at_most=_FARTHEST
    )
    detection_range: float = key(
        4.0,
        "Metres at which a surface that reflects 10 % and faces the camera is missing in half of "
        "the pixels. Darker, transparent and grazing surfaces are missing nearer, brighter ones "
        "farther away.",
        at_least=0.01,
        at_most=1000.0,
    )
    dropout: float = key(
        0.0,
        "Share of the pixels that are missing for no reason of the scene.",
        at_least=0.0,
        at_most=1.0,
    )
    baseline: float = key(
        0.075,
        "Of stereo: metres by which the projector or second camera is to the right of the camera; "
        "negative to its left.",
        at_least=-10.0,
        at_most=10.0,
    )
    subpixel: int = key(
        8, "Of stereo: steps of disparity in a pixel of the image.", at_least=1, at_most=1024
    )
    disparity_noise: float = key(
        0.06, "Of stereo: standard deviation of disparity, pixels.", at_least=0.0, at_most=10.0
    )
    window: int = key(
        9,
        "Of stereo: side of the square that is matched, pixels, odd. Nearer surfaces grow by about "
        "a quarter of it, and noise extends over it.",
        at_least=1,
        at_most=31,
    )
    lateral_noise: float = key(
        0.5,
        "Of stereo: standard deviation of the place in the image that a pixel measures, pixels.",
        at_least=0.0,
        at_most=5.0,
    )
    signal_noise: float = key(
        0.3,
        "Of stereo: relative standard deviation of the light that decides whether a pixel is "
        "measured.",
        at_least=0.0,
        at_most=2.0,
    )
    ambiguity_range: float = key(
        7.5,
        "Of tof: metres after which measured distances begin again at 0; the speed of light "
        "divided by twice the modulation frequency.",
        at_least=0.1,
        at_most=1000.0,
    )
    range_noise: float = key(
        0.001,
        "Of tof: standard deviation of the distance of a white matt surface 1 m away in the dark, "
        "metres.",
        at_least=0.0,
        at_most=1.0,
    )
    ambient: float = key(
        0.05,
        "Of tof: other light, relative to the camera's own that returns from such a surface.",
        at_least=0.0,
        at_most=1000.0,
    )
    blur: float = key(
        0.5,
        "Of tof: standard deviation of the lens's blur, pixels, which mixes near and far at edges.",
        at_least=0.0,
        at_most=5.0,
    )


def check_depth_camera(camera: DepthCameraConfig) -> None:
    """Raise `InputError`, one line, for values that do not fit together."""
    if camera.min_range >= camera.max_range:
        raise InputError(
            f"depth_camera.min_range={camera.min_range}: expected less than "
            f"depth_camera.max_range={camera.max_range}"
        )
    if camera.window % 2 == 0:
        raise InputError(f"depth_camera.window={camera.window}: expected an odd number of pixels")
    if abs(camera.baseline) < _SHORTEST_BASELINE:
        raise InputError(
            f"depth_camera.baseline={camera.baseline}: expected at least "
            f"{_SHORTEST_BASELINE} m to the right, or to the left (negative)"
        )
