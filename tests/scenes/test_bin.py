import numpy as np
import pytest
import trimesh

from scenes import checks
from simgen.spec import to_plain
from simgen.stages import load_stage

NAME = "bin"
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
def test_walls_stand_all_around_the_support(scene: int) -> None:
    """Level rays from the middle, low above the floor, meet the bin's convex pieces."""
    (support,) = STAGE.supports(checks.drawn(NAME, scene))
    bin_ = next(part for part in checks.built(NAME, scene) if part.stuff == "bin")
    hulls = [trimesh.convex.convex_hull(piece) for piece in bin_.mesh.pieces]
    solid = trimesh.util.concatenate(hulls)
    high = checks.drawn(NAME, scene).params["height"]
    angle = np.linspace(0, 2 * np.pi, 180, endpoint=False)
    away = np.stack([np.cos(angle), np.sin(angle), np.zeros(180)], axis=1)
    met = np.zeros(180, bool)
    for z in np.linspace(0.1, 0.9, 9) * high:
        met |= solid.ray.intersects_any(np.tile([0.0, 0.0, z], (180, 1)), away)
    # Nothing as wide as the angle between two rays falls out between boards.
    assert (met | np.roll(met, 1)).all()
    assert support.half_size[0] > support.half_size[1] > 0.0


@pytest.mark.parametrize("scene", SCENES)
def test_a_pile_makes_the_bin_wider_and_nothing_else_does(scene: int) -> None:
    spec = checks.drawn(NAME, scene)
    assert STAGE.grow(spec, 0.05, 1.0).params["width"] == spec.params["width"]
    grown = STAGE.grow(spec, 0.6, 5.0)
    assert min(grown.params["width"], grown.params["depth"]) >= 1.2
    assert grown.params["floor_size"] / 2 > 5.0
