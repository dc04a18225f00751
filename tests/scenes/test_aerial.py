from itertools import pairwise

import numpy as np
import pytest

from scenes import checks
from simgen.scenery.plots import PAVEMENT, district
from simgen.spec import to_plain
from simgen.stages import load_stage

NAME = "aerial"
STAGE = load_stage(NAME)
SCENES = range(6)


@pytest.mark.parametrize("scene", SCENES)
def test_plots_are_flat_and_free(scene: int) -> None:
    checks.supports_are_solid_and_free(NAME, scene, tolerance=1e-3)


@pytest.mark.parametrize("scene", SCENES)
def test_there_is_room_for_houses_and_for_cars(scene: int) -> None:
    supports = STAGE.supports(checks.drawn(NAME, scene))
    gardens = [s for s in supports if s.tags == ("garden",)]
    yards = [s for s in supports if s.tags == ("vehicle",)]
    assert len(gardens) >= 2
    assert yards
    assert set(supports) == {*gardens, *yards}
    assert max(min(s.half_size) for s in gardens) > 8.0
    assert all(min(s.half_size) >= 4.0 for s in yards)


@pytest.mark.parametrize("scene", SCENES)
def test_roads_stay_free(scene: int) -> None:
    spec = checks.drawn(NAME, scene)
    plan = district(int(spec.params["layout_seed"]), 900.0, spec.params["block"])
    for support in STAGE.supports(spec):
        for axis, roads in enumerate((plan.roads_x, plan.roads_y)):
            for at, wide in roads:
                away = abs(support.centre[axis] - at) - support.half_size[axis]
                assert away >= wide / 2 + PAVEMENT


@pytest.mark.parametrize("scene", SCENES)
def test_plots_do_not_overlap_and_lie_within_blocks(scene: int) -> None:
    spec = checks.drawn(NAME, scene)
    plan = district(int(spec.params["layout_seed"]), 900.0, spec.params["block"])
    for group in (plan.plots, plan.blocks):
        low = np.array([plot.low for plot in group])
        high = np.array([plot.high for plot in group])
        assert (high > low).all()
        apart = np.maximum(low[:, None] - high[None], low[None] - high[:, None]).max(axis=2)
        np.fill_diagonal(apart, 1.0)
        assert apart.min() > -1e-9
    for plot in plan.plots:
        inside = [
            (np.array(plot.low) >= np.array(block.low) + PAVEMENT - 1e-9).all()
            and (np.array(plot.high) <= np.array(block.high) - PAVEMENT + 1e-9).all()
            for block in plan.blocks
        ]
        assert sum(inside) == 1
    for roads in (plan.roads_x, plan.roads_y):
        assert all(b[0] - a[0] > 30.0 for a, b in pairwise(roads))


@pytest.mark.parametrize("scene", range(2))
def test_ground_is_closed_and_faces_outward(scene: int) -> None:
    for part in checks.built(NAME, scene):
        if part.stuff != "vegetation" and part.name != "marks":
            checks.is_closed_and_outward(part.mesh)


@pytest.mark.parametrize("scene", SCENES)
def test_all_slots_have_materials_and_parts_names_of_their_own(scene: int) -> None:
    checks.slots_have_materials(NAME, scene)
    checks.parts_have_own_names(NAME, scene)


def test_a_stage_follows_from_its_spec_alone() -> None:
    checks.same_bytes(NAME, 1)
    assert {type(value) for value in checks.drawn(NAME, 1).params.values()} == {float}
    assert to_plain(checks.drawn(NAME, 1)) != to_plain(checks.drawn(NAME, 2))


def test_all_kinds_of_stuff_appear_and_no_others() -> None:
    assert checks.stuff_in_use(NAME, range(4)) == set(STAGE.STUFF)


@pytest.mark.parametrize("scene", SCENES)
def test_meshes_are_shared(scene: int) -> None:
    """Hundreds of hedges and bushes, few meshes."""
    parts = checks.built(NAME, scene)
    meshes = {id(part.mesh): part.mesh for part in parts}
    assert len(parts) > 5 * len(meshes)
    assert sum(len(mesh.faces) for mesh in meshes.values()) < 80_000


def test_grow_leaves_the_plots_and_widens_the_ground() -> None:
    spec = checks.drawn(NAME, 0)
    grown = STAGE.grow(spec, 30.0, 400.0)
    assert STAGE.supports(grown) == STAGE.supports(spec)
    assert grown.params["ground"] > 2 * 400.0
    assert STAGE.room(spec) is None
