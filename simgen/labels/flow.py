"""Optical flow, scene flow and occlusion between a frame and the next or previous one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simgen.geometry.transforms import transform
from simgen.labels.drawing.colours import colour_flow, colour_mask, colour_scene_flow
from simgen.labels.inputs import FrameInputs
from simgen.labels.label import Codec, Label, Values, floats, png
from simgen.labels.rows import rotate_rows
from simgen.labels.view import FrameView
from simgen.labels.world import SAME_SURFACE


def _flow(view: FrameView, other: int) -> np.ndarray:
    """`H x W x 2` float32, pixels, u right, v down: the position of each pixel's surface point in
    {} minus its current position. The sky is infinitely far. NaN where the point has no image
    there."""
    shift = view.world.lens(other).displacement(view.pixels, view.pixels_at(other))
    return shift.astype(np.float32)


def _scene_flow(view: FrameView, other: int) -> np.ndarray:
    """`H x W x 3` float32, metres: the position of each pixel's surface point in {}, in the camera
    axes of that frame, minus its current position, in those of this one. NaN on the background."""
    shift = (view.rows_at(other) - view.point_rows).astype(np.float32)
    shift[:, view.by_code.members(0)] = np.nan
    return view.image(shift)


def _occlusion(view: FrameView, other: int) -> np.ndarray:
    """`H x W` bool: whether each pixel's surface point is invisible in {}: hidden, outside the
    frame or without an image."""
    inside = view.world.lens(other).contains(view.pixels_at(other))
    return out_of_sight(view, view.rows_at(other), inside, view.world.camera(other), other)


def out_of_sight(
    view: FrameView, points: np.ndarray, inside: np.ndarray, camera: np.ndarray, frame: int
) -> np.ndarray:
    """Return whether each of a view's points is invisible to a camera, `H x W` bool.

    points: `3 x H W` in that camera's axes, for the sky from `Lens.at_infinity`. inside: `H x W`
    bool, whether their image lies in its frame. camera: `4 x 4`, camera to world. frame: the frame
    whose geometry may hide them.
    """
    asked = np.flatnonzero(inside)
    towards = points.astype(np.float32).take(asked, axis=1)
    origins, ways = view.world.lens(frame).sight_lines(towards.T)
    origins, directions = transform(camera, origins), rotate_rows(camera[:3, :3], ways.T).T
    sky = view.code.reshape(-1)[asked] == 0
    far = np.where(sky, np.float32(np.inf), np.float32(1 - SAME_SURFACE))
    hidden = ~inside
    hidden.reshape(-1)[asked] = view.world.blocked(frame, origins, directions, far)
    return hidden


def _label(
    make: Callable[[FrameView, int], np.ndarray],
    step: int,
    about: str,
    channels: str,
    draw: Callable[[np.ndarray], np.ndarray],
    unit: str = "",
    note: str = "",
    hub: tuple[str, ...] = (),
) -> Label[np.ndarray | None]:
    """Return a label between a frame and its neighbour.

    make: computes the label, given the number of the other frame. step: offset of that frame, which
    texts refer to as `{}`. channels: empty for a mask.
    """
    way, other, end = _WAYS[step]
    name = make.__name__.strip("_") + way

    def made(inputs: FrameInputs) -> np.ndarray | None:
        view = inputs.view
        spec = view.world.spec
        there = 0 <= spec.moment(view.frame) + step < spec.moments
        return make(view, view.frame + step) if there else None

    return Label[np.ndarray | None](
        name,
        about.format(other),
        floats(name, channels, noisy=True) if channels else png(name, Codec.MASK),
        made,
        several_frames=True,
        neighbour=step,
        presets=("flow",),
        values=Values(nan=True),
        draw=draw,
        unit=unit,
        note=note.format(other),
        hub=hub,
        on_pages=make is _flow,
        doc=f"{make.__doc__} None in the {end} frame.".replace("{}", other),
    )


_WAYS = {
    1: ("_forward", "the next frame", "last"),
    -1: ("_backward", "the previous frame", "first"),
}
"""By step: suffix of the label's name, the other frame, and the frame without the label."""
FLOW_FORWARD, FLOW_BACKWARD = (
    _label(
        _flow,
        step,
        "optical flow to {}, pixels",
        "UV",
        colour_flow,
        unit="px",
        hub=("optical-flow",) if step > 0 else (),
    )
    for step in _WAYS
)
OCCLUSION_FORWARD, OCCLUSION_BACKWARD = (
    _label(
        _occlusion,
        step,
        "pixels hidden in {}",
        "",
        colour_mask,
        note="white: hidden or outside in {}",
    )
    for step in _WAYS
)
SCENE_FLOW_FORWARD, SCENE_FLOW_BACKWARD = (
    _label(
        _scene_flow,
        step,
        "3D motion to {}, metres",
        "RGB",
        colour_scene_flow,
        unit="m",
        note="x, y, z as red, green, blue; grey: no motion",
    )
    for step in _WAYS
)
