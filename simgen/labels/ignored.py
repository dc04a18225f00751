"""Ignore regions: what looks like a member of a labelled class and is not labelled as one."""

from __future__ import annotations

import numpy as np

from simgen.labels import masks
from simgen.labels.view import FrameView
from simgen.record import IgnoreRegion


def ignore_regions(view: FrameView) -> tuple[IgnoreRegion, ...]:
    """One for each visible part of the stage that is to be ignored, in the order of the parts."""
    world, (height, width) = view.world, view.code.shape
    found = []
    for code in sorted(set(view.things) & set(world.ignored)):
        rows, columns = np.divmod(view.by_code.members(code), width)
        pixels = np.sort(columns * height + rows)
        found.append(
            IgnoreRegion(
                class_id=world.spec.classes.index(world.ignored[code]) + 1,
                class_name=world.ignored[code],
                part=world.surfaces[code - 1].name,
                area=len(pixels),
                bbox=masks.bounding_box(pixels, height),
                segmentation=masks.run_lengths(pixels, height, width),
            )
        )
    return tuple(found)
