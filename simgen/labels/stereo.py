"""Disparity of a rectified pair: two pinhole cameras, `stereo_baseline` metres apart."""

from __future__ import annotations

import numpy as np

from simgen.labels.drawing.colours import colour_disparity, colour_mask
from simgen.labels.flow import out_of_sight
from simgen.labels.label import Codec, Values, pixel_label
from simgen.labels.view import FrameView

Image = np.ndarray | None
"""None without a second camera."""


@pixel_label(
    "column in the left image minus column in the right one, pixels",
    "Y",
    stereo=True,
    values=Values(),
    draw=colour_disparity,
    unit="px",
    hub=("depth-estimation", "stereo"),
)
def disparity(view: FrameView) -> Image:
    """`H x W` float32, pixels: column in the left image minus column in the right one, equal to
    focal length times baseline divided by depth; 0 for the sky."""
    baseline = view.world.spec.stereo_baseline
    return _disparity(view, baseline).astype(np.float32) if baseline else None


@pixel_label(
    "pixels hidden in the right image",
    Codec.MASK,
    stereo=True,
    draw=colour_mask,
    note="white: hidden or outside in the right image",
)
def disparity_occlusion(view: FrameView) -> Image:
    """`H x W` bool: whether the point that a pixel shows is invisible to the right camera."""
    baseline = view.world.spec.stereo_baseline
    return hidden_from(view, baseline) if baseline else None


def hidden_from(view: FrameView, baseline: float) -> np.ndarray:
    """Return whether the point that a pixel shows is invisible to a camera of the same lens and
    axes, `baseline` metres to the right: `H x W` bool."""
    columns = view.pixels[..., 0] - _disparity(view, baseline)
    inside = (columns >= 0) & (columns <= view.lens.width)
    right = view.cam_to_world.copy()
    right[:3, 3] += baseline * right[:3, 0]
    points = view.point_rows.copy()
    points[0] -= baseline
    sky = view.by_code.members(0)
    points[:, sky] = view.point_rows[:, sky]
    return out_of_sight(view, points, inside, right, view.frame)


def _disparity(view: FrameView, baseline: float) -> np.ndarray:
    # The sky is represented by directions with finite depth, but has no disparity.
    shift = view.lens.fx * baseline / view.point_rows[2]
    shift[view.by_code.members(0)] = 0
    return shift.reshape(view.code.shape)
