"""The camera of a frame; always stored, since depth and poses cannot be interpreted without it."""

from __future__ import annotations

from simgen.labels.label import Label, Recorded
from simgen.labels.record import CameraRecord, LensRecord
from simgen.labels.view import FrameView


def camera_record(view: FrameView) -> CameraRecord:
    """Return intrinsics, pose and lens of the view's frame."""
    spec = view.world.spec
    lens = spec.cameras[view.frame].lens
    return CameraRecord(
        width=spec.render.width,
        height=spec.render.height,
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
        time=view.frame / spec.frame_rate if spec.frame_rate else 0.0,
    )


CAMERA = Label[CameraRecord](
    "camera",
    "intrinsics (pixels), lens, pose (metres)",
    Recorded(lambda record: record.camera),
    fields={"camera": lambda inputs: camera_record(inputs.view)},
    presets=("detection", "pose", "flow"),
    doc="K, pose and lens.",
)
