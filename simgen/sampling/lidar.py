"""The scanner of the label `lidar`: nothing of it is drawn."""

from __future__ import annotations

import numpy as np

from simgen.config.lidar import LidarConfig
from simgen.geometry.transforms import as_vector, quaternion_product
from simgen.spec.scene import LidarSpec, Quaternion


def lidar_spec(lidar: LidarConfig) -> LidarSpec:
    """Return the scanner that a config describes."""
    angles = lidar.elevations_deg
    low, high = lidar.vertical_fov_deg
    if lidar.pattern == "rosette":
        angles = [low, high]
    elif angles is None:
        middle = [(low + high) / 2]
        angles = np.linspace(low, high, lidar.beams).tolist() if lidar.beams > 1 else middle
    width = 360.0 if lidar.pattern == "spinning" else lidar.horizontal_fov_deg
    columns = max(1, round(width / lidar.azimuth_step_deg))
    return LidarSpec(
        pattern=lidar.pattern,
        elevations=tuple(float(np.radians(angle)) for angle in angles),
        width=float(np.radians(width)),
        count=lidar.points if lidar.pattern == "rosette" else columns,
        mount=lidar.mount,
        position=as_vector(lidar.position),
        rotation=_quaternion(*lidar.rotation_deg),
        min_range=float(lidar.min_range),
        max_range=float(lidar.max_range),
        detection_range=float(lidar.detection_range),
        reference_range=float(lidar.reference_range),
        range_noise=float(lidar.range_noise),
        intensity_noise=float(np.sqrt(np.log1p(lidar.intensity_noise**2))),  # of a log-normal
        dropout=float(lidar.dropout),
    )


def _quaternion(roll: float, pitch: float, yaw: float) -> Quaternion:
    """Return the rotation, (w, x, y, z), of degrees about x, then y, then z, axes that stay."""
    found: Quaternion = (1.0, 0.0, 0.0, 0.0)
    for axis, degrees in enumerate((roll, pitch, yaw)):
        half = np.radians(degrees) / 2
        turn = [float(np.cos(half)), 0.0, 0.0, 0.0]
        turn[1 + axis] = float(np.sin(half))
        found = quaternion_product(turn, found)
    return found
