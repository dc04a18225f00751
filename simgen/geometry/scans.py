"""Directions of a laser scanner's pulses, in its axes: x forward, y left, z up.

Azimuth is counted from x to the left, elevation upwards: a direction is (cos e cos a, cos e sin a,
sin e).
"""

from __future__ import annotations

import numpy as np

from simgen.spec.scene import LidarSpec

_GOLDEN = (np.sqrt(5) - 1) / 2
_PETALS = 6 + _GOLDEN
"""Petals that a rosette draws in a turn. As the number is irrational, no turn repeats another."""
_TURNS = 24
"""Turns of a rosette in a frame."""


def directions(lidar: LidarSpec, frame: int) -> np.ndarray:
    """Return the unit directions of a frame's pulses, `n x 3`, in the order of the rows and columns
    of `grid`, or in time for a rosette."""
    if lidar.pattern == "rosette":
        azimuth, elevation = _rosette(lidar, frame)
    else:
        azimuth = np.tile(_columns(lidar), len(lidar.elevations))
        # The first row is the highest, as in images.
        elevation = np.repeat(np.sort(lidar.elevations)[::-1], lidar.count)
    flat = np.cos(elevation)
    return np.stack([flat * np.cos(azimuth), flat * np.sin(azimuth), np.sin(elevation)], axis=1)


def grid(lidar: LidarSpec) -> tuple[int, int]:
    """Return the rows and columns of a scan; a rosette is a single row."""
    return (1 if lidar.pattern == "rosette" else len(lidar.elevations), lidar.count)


def _columns(lidar: LidarSpec) -> np.ndarray:
    """Return the azimuth of each column, from left to right; those of a spinning scanner begin and
    end behind it."""
    steps = (np.arange(lidar.count) + 0.5) / lidar.count
    return lidar.width * (0.5 - steps)


def _rosette(lidar: LidarSpec, frame: int) -> tuple[np.ndarray, np.ndarray]:
    """Return azimuths and elevations along a rose curve, r = cos(k t), stretched to the field of
    view. Frames go on where the one before ended."""
    turn = 2 * np.pi * _TURNS * (frame + np.arange(lidar.count) / lidar.count)
    radius = np.cos(_PETALS * turn)
    low, high = lidar.elevations
    azimuth = lidar.width / 2 * radius * np.cos(turn)
    return azimuth, (low + high) / 2 + (high - low) / 2 * radius * np.sin(turn)
