import numpy as np
import pytest

from scenes import checks
from simgen.spec import to_plain
from simgen.stages import load_stage

NAME = "tabletop"
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
def test_table_and_chairs_stand_on_the_floor(scene: int) -> None:
    height = checks.drawn(NAME, scene).params["height"]
    assert 0.68 <= height <= 0.78
    for part in checks.built(NAME, scene):
        low, high = checks.in_world(part).bounds
        if part.name == "floor":
            assert high[2] == pytest.approx(-height)
        elif part.stuff in ("furniture", "plant", "lamp", "table") and part.class_name != "book":
            assert low[2] == pytest.approx(-height, abs=1e-6)


@pytest.mark.parametrize("scene", SCENES)
def test_grow_makes_room_for_pile_and_cameras_and_changes_nothing_that_has_room(scene: int) -> None:
    spec = checks.drawn(NAME, scene)
    assert STAGE.grow(spec, 0.1, 1.0).params["width"] == spec.params["width"]
    grown = STAGE.grow(spec, 1.5, 6.0)
    assert min(grown.params["width"], grown.params["depth"]) > 2.0 * 1.5
    for part in STAGE.build(grown):
        solid = checks.in_world(part)
        own = part.stuff in ("floor", "table", "cloth") or part.name.startswith("chair")
        # Where cameras are, there is nothing but the table and its chairs.
        assert own or np.linalg.norm(solid.vertices[:, :2], axis=1).min() > 6.0, part.name


def test_draws_vary() -> None:
    specs = [checks.drawn(NAME, scene).params for scene in range(200)]
    assert 0.5 < np.mean([p["walls"] for p in specs]) < 0.8
    assert 0.2 < np.mean([p["round"] for p in specs]) < 0.4
    assert {p["legs"] for p in specs} == {0.0, 1.0, 2.0, 3.0}
    assert all(0.9 <= p["width"] <= 1.6 for p in specs)
