"""The camera of a frame; always stored, since depth and poses cannot be interpreted without it."""

from __future__ import annotations

import numpy as np

from simgen.geometry.transforms import invert_rigid
from simgen.labels.label import Label, Recorded
from simgen.labels.record import CameraRecord, LensRecord, RigRecord
from simgen.labels.view import FrameView


def camera_record(view: FrameView) -> CameraRecord:
    """Return intrinsics, pose and lens of the view's frame."""
    spec = view.world.spec
    lens = spec.cameras[view.frame].lens
    return CameraRecord(
        width=view.lens.width,
        height=view.lens.height,
        K=view.lens.matrix,
        cam_to_world=view.cam_to_world,
        lens=LensRecord(
            model=lens.model,
            focal_length_mm=lens.focal_length_mm,
            sensor_width_mm=lens.sensor_width_mm,
            coefficients=view.lens.coefficients,
            f_stop=lens.f_stop,
            focus_distance=lens.focus_distance,
        ),
        stereo_baseline=spec.stereo_baseline,
        time=spec.moment(view.frame) / spec.frame_rate if spec.frame_rate else 0.0,
        rig=_rig_record(view),
    )


def _rig_record(view: FrameView) -> RigRecord | None:
    spec = view.world.spec
    camera = spec.rig_camera(view.frame)
    if camera is None:
        return None
    cam_to_rig = np.array(camera.cam_to_rig)
    return RigRecord(
        name=camera.name,
        camera=view.frame // spec.moments,
        moment=spec.moment(view.frame),
        moments=spec.moments,
        cam_to_rig=cam_to_rig,
        rig_to_world=view.cam_to_world @ invert_rigid(cam_to_rig),
    )


CAMERA = Label[CameraRecord](
    "camera",
    "intrinsics (pixels), lens, pose (metres)",
    Recorded(lambda record: record.camera),
    fields={"camera": lambda inputs: camera_record(inputs.view)},
    presets=("detection", "pose", "flow"),
    doc="K, pose and lens.",
)
