from itertools import pairwise

import numpy as np
import pytest
import trimesh

from scenes import checks
from simgen.randomizers.materials import GROUND_KINDS
from simgen.scenery import houses, vegetation
from simgen.scenery.solids import mesh
from simgen.spec import to_plain
from simgen.stages import load_stage

NAME = "outdoor"
STAGE = load_stage(NAME)
SCENES = (0, 1, 2, 5, 6, 10)
"""Every kind of site among them."""


@pytest.mark.parametrize("scene", SCENES)
def test_the_ground_is_flat_and_free(scene: int) -> None:
    checks.supports_are_solid_and_free(NAME, scene, tolerance=1e-3)


@pytest.mark.parametrize("scene", SCENES)
def test_solid_parts_are_closed_and_face_outward_and_their_pieces_fit(scene: int) -> None:
    for part in checks.built(NAME, scene):
        if part.stuff in ("path", "road", "fence"):
            checks.is_closed_and_outward(part.mesh)
            checks.pieces_match(part.mesh, tolerance=0.03)


def test_plants_and_houses_are_closed_and_face_outward() -> None:
    rng = np.random.default_rng(0)
    grown = [
        [vegetation.tufts(np.zeros((3, 2)), 0.1, 5, rng)],
        vegetation.bush(0.5, 0.8, 0.1, rng),
        vegetation.hedge(1.0, 1.0, 0.5, 0.15, rng),
        vegetation.far_tree(9.0, rng),
        vegetation.fallen(np.zeros((2, 2)), 0.06, rng),
        houses.house(9.0, 3, rng),
    ]
    for solids in grown:
        for solid in solids:
            whole = trimesh.Trimesh(solid.shape.vertices, solid.shape.faces, process=False)
            assert whole.is_watertight
            assert whole.is_winding_consistent
            assert whole.volume > 0.0
        low, _ = mesh(solids).bounds()
        assert low[2] > -0.15


@pytest.mark.parametrize("scene", SCENES)
def test_all_slots_have_materials_and_parts_names_of_their_own(scene: int) -> None:
    checks.slots_have_materials(NAME, scene)
    checks.parts_have_own_names(NAME, scene)


def test_a_stage_follows_from_its_spec_alone() -> None:
    checks.same_bytes(NAME, 1)
    assert {type(value) for value in checks.drawn(NAME, 1).params.values()} == {float}
    assert to_plain(checks.drawn(NAME, 1)) != to_plain(checks.drawn(NAME, 2))


def test_all_kinds_of_stuff_appear_and_no_others() -> None:
    # Houses have their windows in one mesh with them; the name keeps the ids of those after it.
    assert checks.stuff_in_use(NAME, range(12)) == set(STAGE.STUFF) - {"window"}


@pytest.mark.parametrize("scene", SCENES)
def test_bands_of_ground_meet_and_do_not_overlap(scene: int) -> None:
    """Rays from above, kerbs' joints aside, meet ground once within a step's height."""
    ground = [
        part
        for part in checks.built(NAME, scene)
        if part.name.split("_")[0] in ("lawn", "pavement", "path", "terrace", "square", "road")
    ]
    solids = sorted((checks.in_world(part).bounds for part in ground), key=lambda b: b[0][1])
    for (_, one), (other, _) in pairwise(solids):
        gap = other[1] - one[1]
        assert min(abs(gap), abs(gap - 0.13)) < 1e-9  # nothing, or a kerb
    assert all(abs(high[2]) <= 0.11 + 1e-9 for _, high in solids)


@pytest.mark.parametrize("scene", SCENES)
def test_grow_makes_room_for_pile_and_cameras(scene: int) -> None:
    spec = checks.drawn(NAME, scene)
    assert STAGE.grow(spec, 0.1, 1.0).params["width"] == spec.params["width"]
    grown = STAGE.grow(spec, 4.0, 12.0)
    (support,) = STAGE.supports(grown)
    assert min(support.half_size) > 4.0
    for part in STAGE.build(grown):
        vertices = checks.in_world(part).vertices
        tall = vertices[vertices[:, 2] > 0.4]
        if len(tall):
            assert np.linalg.norm(tall[:, :2], axis=1).min() > 11.0, part.name


@pytest.mark.parametrize("scene", SCENES)
def test_no_plant_stands_in_a_house(scene: int) -> None:
    parts = checks.built(NAME, scene)
    buildings = [checks.in_world(part).bounds for part in parts if part.stuff == "building"]
    for part in parts:
        if part.name.split("_")[0] in ("tree", "far", "bush"):
            x, y, _ = part.position
            for low, high in buildings:
                assert not (low[0] < x < high[0] and low[1] < y < high[1]), part.name


@pytest.mark.parametrize("scene", range(60))
def test_what_covers_much_ground_is_no_floor(scene: int) -> None:
    """A deck of boards is as long as decks are, however many things stand about."""
    spec = checks.drawn(NAME, scene)
    for grown in (spec, STAGE.grow(spec, 3.5, 12.0), STAGE.grow(spec, 20.0, 60.0)):
        (support,) = STAGE.supports(grown)
        kind = grown.materials[support.name if support.name != "lane" else "road"].kind
        assert kind in GROUND_KINDS or max(support.half_size) < 4.6, kind


def test_there_are_decks_of_boards() -> None:
    kinds = {checks.drawn(NAME, scene).materials["terrace"].kind for scene in range(60)}
    assert "floorboards" in kinds


def test_sites_and_sizes_vary() -> None:
    specs = [checks.drawn(NAME, scene).params for scene in range(120)]
    assert len({p["site"] for p in specs}) == len(STAGE.SITES)
    assert all(2.5 <= p["width"] <= 5.0 for p in specs)
    assert len({p["layout_seed"] for p in specs}) == 120


def test_cameras_may_be_anywhere_above_the_ground() -> None:
    assert STAGE.room(checks.drawn(NAME, 0)) is None
    assert STAGE.lamps(checks.drawn(NAME, 0)) == ()
