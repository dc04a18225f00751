"""Ignore regions: what looks like a member of a labelled class and is not labelled as one."""

from __future__ import annotations

import numpy as np

from simgen.labels import masks
from simgen.labels.record import IgnoreRegion
from simgen.labels.view import FrameView

ENVIRONMENT = "environment"
"""What is named as the part where an image of the surroundings is seen."""


def ignore_regions(view: FrameView) -> tuple[IgnoreRegion, ...]:
    """One for each visible part of the stage that is to be ignored, in the order of the parts, then
    one for each class of which the environment shows members."""
    world = view.world
    parts = sorted(set(view.things) & set(world.ignored))
    found = [
        _region(view, code, world.ignored[code], world.surfaces[code - 1].name) for code in parts
    ]
    if len(view.by_code.members(0)):
        found += [_region(view, 0, name, ENVIRONMENT) for name in world.spec.environment.shows]
    return tuple(found)


def _region(view: FrameView, code: int, class_name: str, part: str) -> IgnoreRegion:
    height, width = view.code.shape
    rows, columns = np.divmod(view.by_code.members(code), width)
    pixels = np.sort(columns * height + rows)
    return IgnoreRegion(
        class_id=view.world.spec.classes.index(class_name) + 1,
        class_name=class_name,
        part=part,
        area=len(pixels),
        bbox=masks.bounding_box(pixels, height),
        segmentation=masks.run_lengths(pixels, height, width),
    )
