import numpy as np
import pytest

from scenes import checks
from simgen.spec import to_plain
from simgen.stages import load_stage

NAME = "shelf"
STAGE = load_stage(NAME)
SCENES = range(6)


@pytest.mark.parametrize("scene", SCENES)
def test_supports_are_solid_ground_with_free_space_above(scene: int) -> None:
    checks.supports_are_solid_and_free(NAME, scene, tolerance=5e-4)


@pytest.mark.parametrize("scene", SCENES)
def test_parts_are_closed_and_face_outward_and_their_pieces_fit(scene: int) -> None:
    for part in checks.built(NAME, scene):
        checks.is_closed_and_outward(part.mesh)
        checks.pieces_match(part.mesh, tolerance=0.06)


@pytest.mark.parametrize("scene", SCENES)
def test_all_slots_have_materials_and_parts_names_of_their_own(scene: int) -> None:
    checks.slots_have_materials(NAME, scene)
    checks.parts_have_own_names(NAME, scene)


def test_a_stage_follows_from_its_spec_alone() -> None:
    checks.same_bytes(NAME, 1)
    assert {type(value) for value in checks.drawn(NAME, 1).params.values()} == {float}
    assert to_plain(checks.drawn(NAME, 1)) != to_plain(checks.drawn(NAME, 2))


def test_all_kinds_of_stuff_appear_and_no_others() -> None:
    assert checks.stuff_in_use(NAME, range(24)) == set(STAGE.STUFF)


@pytest.mark.parametrize("scene", SCENES)
def test_cameras_and_lamps_are_before_the_shelf_and_inside_the_room(scene: int) -> None:
    checks.room_is_free(NAME, scene)
    spec = checks.drawn(NAME, scene)
    low, high = checks.whole(checks.built(NAME, scene)).bounds
    room = STAGE.room(spec)
    assert room is not None
    assert room.low[1] > spec.params["depth"] / 2
    assert (np.array(room.low) > low).all()
    assert (np.array(room.high) < high).all()
    for place in STAGE.lamps(spec):
        if place.kind == "ceiling":
            assert room.low[0] < place.position[0] < room.high[0]
            assert -spec.params["base"] < place.position[2] < high[2]


@pytest.mark.parametrize("scene", SCENES)
def test_boards_lie_above_each_other_with_the_clear_height_between(scene: int) -> None:
    supports = STAGE.supports(checks.drawn(NAME, scene))
    assert 2 <= len(supports) <= 4
    heights = [support.centre[2] for support in supports]
    assert heights[0] == 0.0
    for low, high, support in zip(heights, heights[1:], supports, strict=False):
        assert 0.15 < support.clear < high - low


@pytest.mark.parametrize("scene", SCENES)
def test_grow_widens_the_shelf_within_reason_and_makes_room_for_cameras(scene: int) -> None:
    spec = checks.drawn(NAME, scene)
    assert STAGE.grow(spec, 0.1, 1.0) == spec
    grown = STAGE.grow(spec, 5.0, 4.0)
    assert 2.0 < grown.params["width"] < 3.0
    assert grown.params["depth"] < 1.0
    room = STAGE.room(grown)
    assert room is not None
    assert room.high[1] >= 4.0
