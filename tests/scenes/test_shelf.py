import numpy as np
import pytest

from scenes import checks

NAME = "shelf"
SCENES = range(6)


@pytest.mark.parametrize("scene", SCENES)
def test_cameras_and_lamps_are_before_the_shelf_and_inside_the_room(scene: int) -> None:
    checks.room_is_free(NAME, scene)
    spec = checks.drawn(NAME, scene)
    low, high = checks.whole(checks.built(NAME, scene)).bounds
    content = checks.content(NAME, scene)
    room = content.room
    assert room is not None
    assert room.low[1] > spec.params["depth"] / 2
    assert (np.array(room.low) > low).all()
    assert (np.array(room.high) < high).all()
    for place in content.lamps:
        if place.kind == "ceiling":
            assert room.low[0] < place.position[0] < room.high[0]
            assert -spec.params["base"] < place.position[2] < high[2]


@pytest.mark.parametrize("scene", SCENES)
def test_boards_lie_above_each_other_with_the_clear_height_between(scene: int) -> None:
    supports = checks.content(NAME, scene).supports
    assert 2 <= len(supports) <= 4
    heights = [support.centre[2] for support in supports]
    assert heights[0] == 0.0
    for low, high, support in zip(heights, heights[1:], supports, strict=False):
        assert 0.15 < support.clear < high - low


@pytest.mark.parametrize("scene", SCENES)
def test_grow_widens_the_shelf_within_reason_and_makes_room_for_cameras(scene: int) -> None:
    spec = checks.drawn(NAME, scene)
    assert checks.fitted(spec, 0.1, 1.0) == spec
    grown = checks.fitted(spec, 5.0, 4.0)
    assert 2.0 < grown.params["width"] < 3.0
    assert grown.params["depth"] < 1.0
    room = checks.build(grown).room
    assert room is not None
    assert room.high[1] >= 4.0
