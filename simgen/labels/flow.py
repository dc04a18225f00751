"""Optical flow, scene flow and occlusion between a frame and the next, or the one before."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simgen.geometry.transforms import transform
from simgen.labels.drawing.colours import colour_flow, colour_mask, colour_scene_flow
from simgen.labels.label import Codec, Label, Values, floats, of_view, png
from simgen.labels.rows import turned
from simgen.labels.view import FrameView
from simgen.labels.world import SAME_SURFACE

Image = np.ndarray | None
"""None for a frame without a neighbour."""


def flow_forward(view: FrameView) -> Image:
    """`H x W x 2` float32, pixels, u right, v down: where each pixel's surface point is in the next
    frame minus where it is now. The sky is infinitely far. NaN where the point has no image then.
    None in the last frame."""
    return _flow(view, view.frame + 1)


def flow_backward(view: FrameView) -> Image:
    """`flow_forward` to the frame before; None in the first frame."""
    return _flow(view, view.frame - 1)


def occlusion_forward(view: FrameView) -> Image:
    """`H x W` bool: whether each pixel's surface point is out of sight in the next frame: hidden by
    anything, outside the frame or without an image. None in the last frame."""
    return _occlusion(view, view.frame + 1)


def occlusion_backward(view: FrameView) -> Image:
    """`occlusion_forward` for the frame before; None in the first frame."""
    return _occlusion(view, view.frame - 1)


def scene_flow_forward(view: FrameView) -> Image:
    """`H x W x 3` float32, metres: where each pixel's surface point is in the next frame, in the
    camera axes of that frame, minus where it is now, in those of this one. NaN where nothing is.
    None in the last frame."""
    return _scene_flow(view, view.frame + 1)


def scene_flow_backward(view: FrameView) -> Image:
    """`scene_flow_forward` to the frame before; None in the first frame."""
    return _scene_flow(view, view.frame - 1)


def _exists(view: FrameView, other: int) -> bool:
    return 0 <= other < len(view.world.spec.cameras)


def _flow(view: FrameView, other: int) -> Image:
    if not _exists(view, other):
        return None
    moved = view.world.lens(other).displacement(view.pixels, view.pixels_at(other))
    return moved.astype(np.float32)


def _scene_flow(view: FrameView, other: int) -> Image:
    if not _exists(view, other):
        return None
    moved = (view.rows_at(other) - view.point_rows).astype(np.float32)
    moved[:, view.by_code.members(0)] = np.nan
    return view.image(moved)


def _occlusion(view: FrameView, other: int) -> Image:
    if not _exists(view, other):
        return None
    inside = view.world.lens(other).contains(view.pixels_at(other))
    return out_of_sight(view, view.rows_at(other), inside, view.world.camera(other), other)


def out_of_sight(
    view: FrameView, points: np.ndarray, inside: np.ndarray, camera: np.ndarray, frame: int
) -> np.ndarray:
    """`H x W` bool: whether a camera does not see a view's points.

    points: `3 x H W` in that camera's axes, for the sky as `Lens.at_infinity` has it. inside:
    `H x W` bool, whether their image lies in its frame. camera: `4 x 4`, camera to world. frame:
    the time at which it looks.
    """
    asked = np.flatnonzero(inside)
    towards = points.astype(np.float32).take(asked, axis=1)
    origins, ways = view.world.lens(frame).sight_lines(towards.T)
    origins, directions = transform(camera, origins), turned(camera[:3, :3], ways.T).T
    sky = view.code.reshape(-1)[asked] == 0
    far = np.where(sky, np.float32(np.inf), np.float32(1 - SAME_SURFACE))
    hidden = ~inside
    hidden.reshape(-1)[asked] = view.world.blocked(frame, origins, directions, far)
    return hidden


_UNITS = {"UV": "px", "RGB": "m", "": ""}


def _label(
    make: Callable[[FrameView], Image],
    about: str,
    channels: str,
    draw: Callable[[np.ndarray], np.ndarray],
    note: str = "",
) -> Label[Image]:
    """make: has the name of the label, which ends with the way that it leads. channels: none for a
    mask."""
    name = make.__name__
    return Label[Image](
        name,
        about,
        floats(name, channels, noisy=True) if channels else png(name, Codec.MASK),
        of_view(make),
        several_frames=True,
        neighbour=1 if name.endswith("_forward") else -1,
        presets=("flow",),
        values=Values(nan=True),
        draw=draw,
        unit=_UNITS[channels],
        note=note,
    )


_AXES = "x, y, z as red, green, blue; grey: no motion"
FLOW_FORWARD = _label(flow_forward, "optical flow to the next frame, pixels", "UV", colour_flow)
FLOW_BACKWARD = _label(flow_backward, "optical flow to the frame before, pixels", "UV", colour_flow)
OCCLUSION_FORWARD = _label(
    occlusion_forward,
    "pixels that are hidden in the next frame",
    "",
    colour_mask,
    "white: hidden or outside in the next frame",
)
OCCLUSION_BACKWARD = _label(
    occlusion_backward,
    "pixels that are hidden in the frame before",
    "",
    colour_mask,
    "white: hidden or outside in the frame before",
)
SCENE_FLOW_FORWARD = _label(
    scene_flow_forward,
    "motion in space to the next frame, metres",
    "RGB",
    colour_scene_flow,
    _AXES,
)
SCENE_FLOW_BACKWARD = _label(
    scene_flow_backward,
    "motion in space to the frame before, metres",
    "RGB",
    colour_scene_flow,
    _AXES,
)
