"""The depth camera of the label `sensor_depth`: nothing of it is drawn."""

from __future__ import annotations

import numpy as np

from simgen.config.depth_camera import DepthCameraConfig
from simgen.spec.scene import DepthCameraSpec


def depth_camera_spec(camera: DepthCameraConfig) -> DepthCameraSpec:
    """Return the depth camera that a config describes."""
    return DepthCameraSpec(
        kind=camera.kind,
        min_range=float(camera.min_range),
        max_range=float(camera.max_range),
        detection_range=float(camera.detection_range),
        dropout=float(camera.dropout),
        baseline=float(camera.baseline),
        subpixel=camera.subpixel,
        disparity_noise=float(camera.disparity_noise),
        window=camera.window,
        lateral_noise=float(camera.lateral_noise),
        signal_noise=float(np.sqrt(np.log1p(camera.signal_noise**2))),  # of a log-normal
        ambiguity_range=float(camera.ambiguity_range),
        range_noise=float(camera.range_noise),
        ambient=float(camera.ambient),
        blur=float(camera.blur),
    )
