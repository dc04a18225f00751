import numpy as np
import pytest

from scenes import checks
from simgen.spec import to_plain
from simgen.stages import load_stage

NAME = "flying"
STAGE = load_stage(NAME)
SCENES = range(6)


def test_nothing_carries_the_objects() -> None:
    assert STAGE.supports(checks.drawn(NAME, 0)) == ()
    assert STAGE.room(checks.drawn(NAME, 0)) is None


def test_the_backdrop_surrounds_the_scene_and_faces_inward() -> None:
    seen = set()
    for scene in range(20):
        spec = STAGE.grow(checks.drawn(NAME, scene), 1.0, 6.0)
        parts = STAGE.build(spec)
        seen.add((len(parts), spec.params["box"]))
        for part in parts:
            assert part.backdrop
            assert part.mesh.pieces == ()
            solid = checks.in_world(part)
            assert solid.is_watertight
            assert solid.volume < 0.0
            # All of it is farther away than any camera.
            assert np.linalg.norm(solid.vertices, axis=1).min() > 6.0
            assert np.linalg.norm(solid.triangles_center, axis=1).min() > 6.0
    assert {count for count, _ in seen} == {0, 1}
    assert {shape for count, shape in seen if count} == {0.0, 1.0}


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
