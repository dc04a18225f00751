from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import pytest

from scenes import checks
from simgen.resources.scenes import aerial
from simgen.resources.scenes.parts.avenues import avenues
from simgen.resources.scenes.parts.plots import PAVED, PAVEMENT, ROAD, WIDE, District, district
from simgen.resources.scenes.parts.towns import town
from simgen.spec.parameters import read
from simgen.spec.rng import stream
from simgen.stages.stage import Materials, Support

NAME = "aerial"
SCENES = range(6)


def plan_of(scene: int) -> District:
    spec = checks.drawn(NAME, scene)
    params = spec.params
    if params["town"]:
        return town(int(params["layout_seed"]), 900.0, params["block"])
    return district(int(params["layout_seed"]), 900.0, params["block"], WIDE, params["paved"])


def loose(scene: int) -> list[Support]:
    return [s for s in checks.content(NAME, scene).supports if not s.headings]


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.corpus(3)
def test_lanes_and_rows_lie_on_roads_and_car_parks_side_by_side(scene: int) -> None:
    plan = plan_of(scene)
    supports = checks.content(NAME, scene).supports
    rows = [s for s in supports if s.headings]
    streets = [s for s in rows if s.name.startswith("street")]
    assert len(streets) >= 4
    for support in streets:
        assert support.centre[2] == pytest.approx(-ROAD)
        across = int(np.argmin(support.half_size))
        roads = (plan.roads_x, plan.roads_y)[across]
        at, wide = min(roads, key=lambda road: abs(road[0] - support.centre[across]))
        assert abs(support.centre[across] - at) + support.half_size[across] <= wide / 2 + 1e-9
        along = abs(np.sin(support.headings[0])) > 0.5
        assert along == (across == 0), "cars follow the street"
        for other, width in (plan.roads_x, plan.roads_y)[1 - across]:
            away = abs(support.centre[1 - across] - other) - support.half_size[1 - across]
            assert away > width / 2 + 4.0, "crossings stay free"
    yards = [plot for plot in plan.plots if plot.slot == "yard"]
    for support in (s for s in rows if s not in streets):
        inside = [
            (np.abs(np.subtract(support.centre[:2], yard.middle)) + support.half_size
             <= yard.half - aerial.MARGIN + 1e-9).all()
            for yard in yards
        ]  # fmt: skip
        assert sum(inside) == 1
        for heading in support.headings:
            along = (np.cos(heading), np.sin(heading))[int(np.argmax(support.half_size))]
            assert abs(along) < 1e-6, "cars stand across a row of bays"
    for one, other in combinations(rows, 2):
        apart = np.abs(np.subtract(one.centre, other.centre))[:2]
        assert (apart - np.add(one.half_size, other.half_size)).max() > -1e-9


def test_districts_of_older_datasets_are_as_they_were() -> None:
    spec = checks.drawn(NAME, 0)
    added = ("streets", "paved", "tones", "details", "town")
    older = {name: value for name, value in spec.params.items() if name not in added}
    found = checks.build(replace(spec, params=older))
    assert found.supports
    assert not any(s.headings for s in found.supports)
    later = {"bays", "paint", "pole", "median", "perimeter_0", "street_tree_0"}
    assert not later & {part.name for part in found.parts}
    roads = district(int(older["layout_seed"]), 900.0, older["block"]).roads_x
    assert all(5.5 <= wide <= 8.5 for _, wide in roads)


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.corpus(2)
def test_what_stands_in_the_streets_stands_on_pavements(scene: int) -> None:
    plan = plan_of(scene)
    parts = [part for part in checks.content(NAME, scene).parts if part.stuff == "furniture"]
    assert len(parts) >= 3
    for part in parts:
        points = part.mesh.vertices + part.position
        low = points[points[:, 2] < 0.5]  # arms of lamps reach over the road, roofs over gardens
        assert points[:, 2].min() == pytest.approx(-PAVED, abs=0.01), part.name
        inside = np.zeros(len(low), bool)
        for block in plan.blocks:
            away = np.abs(low[:, :2] - block.middle) - block.half
            inside |= (away <= 0.0).all(axis=1) & (away.max(axis=1) >= -PAVEMENT - 0.01)
        assert inside.all(), part.name


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.corpus(2)
def test_zebra_crossings_and_arrows_are_on_roads_and_thin(scene: int) -> None:
    plan = plan_of(scene)
    name = "marks" if checks.drawn(NAME, scene).params["town"] else "paint"
    (part,) = [one for one in checks.content(NAME, scene).parts if one.name == name]
    points = part.mesh.vertices + part.position
    assert -ROAD - 0.02 < points[:, 2].min() < -ROAD < points[:, 2].max() < -ROAD + 0.001
    on = np.zeros(len(points), bool)
    for axis, roads in enumerate((plan.roads_x, plan.roads_y)):
        for at, wide in roads:
            on |= np.abs(points[:, axis] - at) < wide / 2
    assert on.all()


@pytest.mark.parametrize("scene", SCENES)
def test_there_is_room_for_houses_and_for_cars(scene: int) -> None:
    supports = loose(scene)
    gardens = [s for s in supports if s.tags == ("garden",)]
    yards = [s for s in supports if s.tags == ("vehicle",)]
    assert sum(4 * np.prod(s.half_size) for s in gardens) > 300.0
    assert yards
    assert {*supports} == {*gardens, *yards}
    assert max(min(s.half_size) for s in gardens) > 8.0
    assert all(min(s.half_size) >= 4.0 for s in yards)


@pytest.mark.parametrize("scene", SCENES)
def test_roads_stay_free(scene: int) -> None:
    plan = plan_of(scene)
    for support in loose(scene):
        for axis, roads in enumerate((plan.roads_x, plan.roads_y)):
            for at, wide in roads:
                away = abs(support.centre[axis] - at) - support.half_size[axis]
                assert away >= wide / 2 + PAVEMENT


@pytest.mark.parametrize("scene", SCENES)
def test_plots_do_not_overlap_and_lie_within_blocks(scene: int) -> None:
    plan = plan_of(scene)
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
    assert sum(len(mesh.faces) for mesh in meshes.values()) < 100_000


def test_grow_leaves_the_plots_and_widens_the_ground() -> None:
    spec = checks.drawn(NAME, 0)
    grown = checks.fitted(spec, 30.0, 400.0)
    assert checks.build(grown).supports == checks.content(NAME, 0).supports
    assert grown.params["ground"] > 2 * 400.0
    assert checks.content(NAME, 0).room is None


def test_a_town_has_more_yards_and_as_many_houses_have_gardens() -> None:
    plots = {paved: district(7, 900.0, 80.0, WIDE, paved).plots for paved in (0.0, 0.5)}
    yards = {paved: [p.slot for p in found].count("yard") for paved, found in plots.items()}
    assert yards[0.0] == 2
    assert yards[0.5] > 10
    by_distance = sorted(plots[0.5], key=lambda plot: float(np.linalg.norm(plot.middle)))
    assert [plot.slot for plot in by_distance[:6]].count("yard") == 2


def test_grass_from_above_is_duller_than_before_ones_feet_and_roads_are_lighter() -> None:
    spec = checks.drawn(NAME, 0)
    params = read(aerial.District, spec.params)
    near, above = (
        [aerial.materials(replace(params, tones=tones), stream(seed, "test")) for seed in range(20)]
        for tones in (0, 1)
    )

    def saturation(found: Materials) -> float:
        red, green, blue = found["lawn_a"].color_a
        return 1 - min(red, green, blue) / max(red, green, blue)

    assert all(saturation(b) < saturation(a) for a, b in zip(near, above, strict=True))
    grey = [max(found["road"].color_a) for found in above]
    assert min(grey) > 0.07
    assert max(grey) < 0.23


TOWNS = [scene for scene in SCENES if checks.drawn(NAME, scene).params["town"]]


def test_there_are_towns_and_districts_of_gardens() -> None:
    assert 1 <= len(TOWNS) < len(SCENES)


@pytest.mark.parametrize("scene", TOWNS)
def test_lanes_of_a_town_keep_right_and_are_as_wide_as_a_car_needs(scene: int) -> None:
    params = checks.drawn(NAME, scene).params
    for street in avenues(plan_of(scene), int(params["layout_seed"])):
        outer = 2.2 if street.parked else 0.0
        assert street.median + street.lanes * street.lane + outer <= street.half + 1e-9
        assert 2.5 < street.lane < 3.5
        ahead = np.array([np.cos(street.heading(1)), np.sin(street.heading(1))])
        to_the_right = np.array([ahead[1], -ahead[0]])
        assert to_the_right[street.axis] > 0.9
        assert street.incoming(1, -1) == bool(ahead[1 - street.axis] > 0)


@pytest.mark.parametrize("scene", TOWNS)
def test_houses_around_blocks_leave_pavements_and_courtyards_free(scene: int) -> None:
    """All of one block are a region to be ignored where houses are labelled."""
    plan = plan_of(scene)
    parts = [p for p in checks.content(NAME, scene).parts if p.name.startswith("perimeter")]
    assert len(parts) == len(plan.built)
    for part, block in zip(parts, plan.built, strict=True):
        assert (part.class_name, part.crowd, part.stuff) == ("house", True, "building")
        low, high = part.mesh.bounds()
        assert (low[:2] > np.array(block.low) - 0.6).all()
        assert (high[:2] < np.array(block.high) + 0.6).all()
        assert 8.0 < high[2] < 30.0
        (yard,) = [
            plot
            for plot in plan.plots
            if np.allclose(plot.middle, block.middle) and (plot.half < block.half).all()
        ]
        points = part.mesh.vertices[part.mesh.vertices[:, 2] < 3.0]
        assert not (np.abs(points[:, :2] - yard.middle) < yard.half - 0.1).all(axis=1).any()


@pytest.mark.parametrize("scene", TOWNS)
def test_trees_of_streets_stand_on_pavements_or_medians(scene: int) -> None:
    plan = plan_of(scene)
    params = checks.drawn(NAME, scene).params
    streets = avenues(plan, int(params["layout_seed"]))
    parts = [p for p in checks.content(NAME, scene).parts if p.name.startswith("street_tree")]
    for part in parts:
        assert (part.class_name, part.crowd) == ("tree", True)
        x, y, _ = part.position
        paved = any((np.abs(np.array([x, y]) - b.middle) < b.half - 0.5).all() for b in plan.blocks)
        median = any(s.median and (x, y)[s.axis] == pytest.approx(s.at) for s in streets)
        assert paved or median
