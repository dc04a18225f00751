from itertools import pairwise

import numpy as np
import pytest

from scenes import checks
from simgen.resources.scenes.parts.plots import PAVEMENT, district

NAME = "aerial"
SCENES = range(6)


@pytest.mark.parametrize("scene", SCENES)
def test_there_is_room_for_houses_and_for_cars(scene: int) -> None:
    supports = checks.content(NAME, scene).supports
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
    for support in checks.content(NAME, scene).supports:
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


@pytest.mark.parametrize("scene", SCENES)
def test_meshes_are_shared(scene: int) -> None:
    """Hundreds of hedges and bushes, few meshes."""
    parts = checks.built(NAME, scene)
    meshes = {id(part.mesh): part.mesh for part in parts}
    assert len(parts) > 5 * len(meshes)
    assert sum(len(mesh.faces) for mesh in meshes.values()) < 80_000


def test_grow_leaves_the_plots_and_widens_the_ground() -> None:
    spec = checks.drawn(NAME, 0)
    grown = checks.fitted(spec, 30.0, 400.0)
    assert checks.build(grown).supports == checks.content(NAME, 0).supports
    assert grown.params["ground"] > 2 * 400.0
    assert checks.content(NAME, 0).room is None
