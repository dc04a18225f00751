"""Where the camera stands, where it looks and through which lens."""

from __future__ import annotations

import numpy as np

from simgen.config import CameraConfig
from simgen.geometry import as_rows, look_at
from simgen.rng import Stream, uniform
from simgen.spec import CameraSpec

_NEAREST = 1.25
"""Least distance from the middle of the pile, in its radii: the camera stays outside of it."""


def draw_camera(
    config: CameraConfig, target: np.ndarray, radius: float, aspect: float, rng: Stream
) -> CameraSpec:
    """A camera that looks at a pile from a random side, from as far as its lens needs.

    target: centre of the pile, `3`, metres. radius: of the sphere about it, metres.
    aspect: the image's height over its width.
    """
    azimuth = np.radians(uniform(rng, config.azimuth_deg_range))
    elevation = np.radians(uniform(rng, config.elevation_deg_range))
    roll = np.radians(uniform(rng, config.roll_deg_range))
    focal = uniform(rng, config.focal_length_mm_range)
    fill = uniform(rng, config.fill_range)
    aim = target + rng.uniform(-0.12, 0.12, 3) * radius
    half_side = config.sensor_width_mm * min(1.0, aspect) / 2
    distance = max(radius * focal / (fill * half_side), _NEAREST * radius)
    direction = np.array(
        [
            np.cos(elevation) * np.cos(azimuth),
            np.cos(elevation) * np.sin(azimuth),
            np.sin(elevation),
        ]
    )
    pose = look_at(aim + distance * direction, aim, float(roll))
    return CameraSpec(as_rows(pose), focal, float(config.sensor_width_mm))
