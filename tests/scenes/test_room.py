import numpy as np
import pytest

from scenes import checks
from simgen.spec import to_plain
from simgen.stages import load_stage

NAME = "room"
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
def test_cameras_are_in_free_space_and_lamps_inside_the_walls(scene: int) -> None:
    checks.room_is_free(NAME, scene)
    spec = checks.drawn(NAME, scene)
    parts = {part.name: part for part in checks.built(NAME, scene)}
    low, high = (checks.in_world(parts["floor"]).bounds[k] for k in (0, 1))
    top = checks.in_world(parts["ceiling"]).bounds[0, 2]
    for place in STAGE.lamps(spec):
        inside = (np.array(place.position[:2]) > low[:2]) & (
            np.array(place.position[:2]) < high[:2]
        )
        assert inside.all() == (place.kind != "window")
        assert high[2] < place.position[2] < top


def test_the_room_is_closed_but_for_its_windows() -> None:
    """Rays from the middle of the free space all meet something, or leave through a window."""
    for scene in SCENES:
        spec = checks.drawn(NAME, scene)
        room = STAGE.room(spec)
        assert room is not None
        eye = (np.array(room.low) + np.array(room.high)) / 2
        away = np.random.default_rng(scene).normal(size=(4000, 3))
        away /= np.linalg.norm(away, axis=1)[:, None]
        solid = checks.whole(checks.built(NAME, scene))
        lost = away[~solid.ray.intersects_any(np.tile(eye, (4000, 1)), away)]
        windows = [place for place in STAGE.lamps(spec) if place.kind == "window"]
        assert windows
        for ray in lost:
            assert any(_passes(eye, ray, place) for place in windows)


def _passes(eye: np.ndarray, ray: np.ndarray, place: object) -> bool:
    """Whether a ray goes through the rectangle of a window, in its upright plane."""
    middle = np.array(place.position)
    axis = int(np.argmax(np.abs(middle - np.array(place.target))[:2]))
    distance = (middle[axis] - eye[axis]) / ray[axis]
    # The place is 2 cm behind the wall: what leaves the opening aslant is a little beside it there.
    off = np.abs(eye + distance * ray - middle) - 0.1
    return distance > 0 and off[1 - axis] <= place.width / 2 and off[2] <= place.height / 2


@pytest.mark.parametrize("scene", SCENES)
def test_grow_makes_room_for_a_pile(scene: int) -> None:
    spec = checks.drawn(NAME, scene)
    assert STAGE.grow(spec, 0.2, 1.0) == spec
    (floor, *_) = STAGE.supports(STAGE.grow(spec, 2.0, 1.0))
    assert min(floor.half_size) >= 2.0
    assert floor.centre == (0.0, 0.0, 0.0)
