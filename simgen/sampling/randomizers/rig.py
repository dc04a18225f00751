"""The cameras of a rig, from the views that are sampled for its first camera."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from simgen.config.calibration import Calibration, RigCamera
from simgen.geometry.transforms import as_rows, invert_rigid
from simgen.spec.scene import CameraSpec, LensSpec, RigCameraSpec


def rig_cameras(rig: Sequence[RigCamera], first: Sequence[CameraSpec]) -> tuple[CameraSpec, ...]:
    """Return the cameras of all frames, in the order of `SceneSpec.cameras`.

    first: those of the rig's first camera, one per moment; returned as they are without a rig.
    """
    found = list(first)
    for camera in rig[1:]:
        to_first = invert_rigid(rig[0].cam_to_rig) @ camera.cam_to_rig
        found += [
            CameraSpec(
                as_rows(np.array(one.cam_to_world) @ to_first),
                _lens(camera.calibration, one.lens),
            )
            for one in first
        ]
    return tuple(found)


def rig_specs(rig: Sequence[RigCamera]) -> tuple[RigCameraSpec, ...]:
    """Return the cameras of a rig as a spec stores them."""
    return tuple(
        RigCameraSpec(
            one.name, one.calibration.width, one.calibration.height, as_rows(one.cam_to_rig)
        )
        for one in rig
    )


def _lens(calibration: Calibration, drawn: LensSpec) -> LensSpec:
    """Return a calibrated lens with the sensor width, aperture and focus of the first camera's."""
    width, height = calibration.width, calibration.height
    return replace(
        drawn,
        focal_length_mm=calibration.fx * drawn.sensor_width_mm / width,
        model=calibration.model,
        coefficients=calibration.coefficients,
        principal_point=(calibration.cx / width, calibration.cy / height),
        pixel_aspect=calibration.fy / calibration.fx,
    )
