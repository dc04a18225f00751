"""What a depth camera measures, beside exact depth."""

from __future__ import annotations

import numpy as np

from simgen.labels import depth_stereo, depth_tof
from simgen.labels.depth_light import exact
from simgen.labels.drawing.colours import colour_depth
from simgen.labels.label import Codec, pixel_label
from simgen.labels.stereo import hidden_from
from simgen.labels.view import FrameView
from simgen.spec.rng import stream

MILLIMETRES = 1000.0
"""Per metre."""


@pixel_label(
    "depth as a depth camera measures it, millimetres",
    Codec.MILLIMETRES,
    in_all=False,
    draw=colour_depth,
    note="black: missing",
    hub=("depth-estimation",),
    on_pages=True,
)
def sensor_depth(view: FrameView) -> np.ndarray:
    """`H x W` uint16: measured depth along the optical axis, millimetres; 0 where nothing is
    measured."""
    spec = view.world.spec
    camera = spec.depth_camera
    assert camera is not None
    rng, seen = stream(spec.seed, spec.index, "depth_camera", view.frame), exact(view)
    kept = rng.random(seen.depth.shape) >= camera.dropout
    if camera.kind == "stereo":
        hidden = hidden_from(view, camera.baseline)
        metres = depth_stereo.measure(camera, seen, hidden, view.lens.fx, rng)
    else:
        metres = depth_tof.measure(camera, seen, view.rays[..., 2], rng)
    # A camera knows what it measured, not what is there.
    with np.errstate(invalid="ignore"):
        kept &= (metres >= camera.min_range) & (metres <= camera.max_range)
    return np.rint(np.where(kept, metres, 0.0) * MILLIMETRES).astype(np.uint16)
