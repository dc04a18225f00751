"""Panoptic ids and segments against the codes of analytic scenes."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from labels.scenes import made, moving

from simgen.labels.panoptic import panoptic, segments

FLOOR, WALL = 1, 2
"""Places in the spec's stuff; 0 is the background."""


def test_every_pixel_has_the_id_of_its_thing_or_stuff() -> None:
    scene = moving()
    view = scene.view(1)
    image, found = made(panoptic, view), segments(view)
    _, code = scene.sight(1)
    # Codes: sky, floor, wall, three objects. Ids: objects 1..3, then background, floor, wall.
    expected = np.array([4, 5, 6, 1, 2, 3])[code].reshape(60, 80)
    assert image.dtype == np.uint32
    assert np.array_equal(image, expected)
    assert [s.id for s in found] == [1, 2, 3, 4, 5, 6]
    assert [s.is_thing for s in found] == [True, True, True, False, False, False]
    # Two classes of things, then background, floor and wall.
    assert [s.category_id for s in found] == [1, 2, 1, 3, 4, 5]


def test_segments_describe_their_pixels() -> None:
    scene = moving()
    view = scene.view(0)
    image, found = made(panoptic, view), segments(view)
    assert sum(s.area for s in found) == image.size
    for segment in found:
        rows, columns = np.nonzero(image == segment.id)
        assert segment.area == len(rows)
        left, top, width, height = segment.bbox
        assert (left, top) == (columns.min(), rows.min())
        assert (left + width - 1, top + height - 1) == (columns.max(), rows.max())


def test_parts_of_the_same_stuff_are_one_segment() -> None:
    scene = moving()
    floor, wall = scene.stage
    stage = (floor, dataclasses.replace(wall, stuff="floor"))
    view = scene.view(1)
    view.world.stage = stage
    image, found = made(panoptic, view), segments(view)
    _, code = scene.sight(1)
    both = np.isin(code, (1, 2)).reshape(60, 80)
    assert np.array_equal(image == 5, both)
    assert [s.area for s in found if s.id == 5] == [both.sum()]


def test_stuff_that_the_spec_does_not_name_is_an_error() -> None:
    scene = moving()
    floor, wall = scene.stage
    view = scene.view(0)
    view.world.stage = (floor, dataclasses.replace(wall, stuff="lava"))
    with pytest.raises(ValueError, match=r"part1.*'lava'.*floor, wall"):
        made(panoptic, view)
