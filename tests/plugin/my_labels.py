"""Labels of a user's own: an image, and numbers of a frame.

docs/own-label.md shows it, and tests/labels/test_registry.py runs it.
"""

from __future__ import annotations

import numpy as np

from simgen.labels.drawing.colours import colour_depth
from simgen.labels.inputs import FrameInputs
from simgen.labels.label import Label, Recorded, Values, floats, of_view
from simgen.labels.registry import register
from simgen.labels.view import FrameView


def height(view: FrameView) -> np.ndarray:
    """`H x W` float32: z in the world of what a pixel shows, metres; NaN on the background."""
    pose = view.cam_to_world
    z = view.image(view.point_rows) @ pose[2, :3] + pose[2, 3]
    return np.where(view.code > 0, z, np.nan).astype(np.float32)


HEIGHT: Label[np.ndarray] = Label(
    "height",
    "height above z = 0, metres",
    floats("height", "Y"),
    of_view(height),
    values=Values(low=-100, high=100, nan=True),
    draw=colour_depth,
    unit="m",
)


def highest(inputs: FrameInputs) -> float | None:
    """Metres, of what the frame shows; None where it shows nothing."""
    found = height(inputs.view)
    return float(np.nanmax(found)) if np.isfinite(found).any() else None


HIGHEST = Label[float](
    "highest",
    "height of the highest pixel, metres",
    Recorded(lambda record: record.more.get("highest")),
    fields={"highest": highest},
    doc="Metres.",
)


def register_all() -> None:
    """What a module of labels does when it is imported; a function here, so that tests can choose
    when."""
    for label in (HEIGHT, HIGHEST):
        register(label)
