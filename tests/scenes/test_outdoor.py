from itertools import pairwise

import numpy as np
import pytest
import trimesh

from scenes import checks
from simgen.geometry.solids import to_mesh
from simgen.resources.scenes.parts import houses, vegetation
from simgen.sampling.randomizers.materials import GROUND_KINDS
from simgen.spec import parameters
from simgen.stages.registry import load_stage
from simgen.stages.stage import StagePart, Support

NAME = "outdoor"
STAGE = load_stage(NAME)
SCENES = (0, 1, 2, 5, 6, 10)
"""Every kind of site among them."""


def test_plants_and_houses_are_closed_and_face_outward() -> None:
    rng = np.random.default_rng(0)
    grown = [
        [vegetation.tufts(np.zeros((3, 2)), 0.1, 5, rng)],
        vegetation.bush(0.5, 0.8, 0.1, rng),
        vegetation.hedge(1.0, 1.0, 0.5, 0.15, rng),
        vegetation.far_tree(9.0, rng),
        vegetation.fallen(np.zeros((2, 2)), 0.06, rng),
        *houses.house(9.0, 3, rng),
    ]
    for solids in grown:
        for solid in solids:
            whole = trimesh.Trimesh(solid.vertices, solid.faces, process=False)
            assert whole.is_watertight
            assert whole.is_winding_consistent
            assert whole.volume > 0.0
        low, _ = to_mesh(solids).bounds()
        assert low[2] > -0.15


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.corpus(2)
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
@pytest.mark.corpus(1)
def test_grow_makes_room_for_pile_and_cameras(scene: int) -> None:
    spec = checks.drawn(NAME, scene)
    assert checks.fitted(spec, 0.1, 1.0).params["width"] == spec.params["width"]
    grown = checks.fitted(spec, 4.0, 12.0)
    (support, *_) = checks.build(grown).supports
    assert min(support.half_size) > 4.0
    for part in checks.build(grown).parts:
        vertices = checks.in_world(part).vertices
        tall = vertices[vertices[:, 2] > 0.4]
        if len(tall):
            assert np.linalg.norm(tall[:, :2], axis=1).min() > 11.0, part.name


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.corpus(3)
def test_no_plant_stands_in_a_house(scene: int) -> None:
    parts = checks.built(NAME, scene)
    buildings = [checks.in_world(part).bounds for part in parts if part.stuff == "building"]
    for part in parts:
        if part.stuff == "tree" or part.name.startswith("bush"):
            x, y, _ = part.position
            for low, high in buildings:
                assert not (low[0] < x < high[0] and low[1] < y < high[1]), part.name


@pytest.mark.parametrize("scene", range(60))
def test_what_covers_much_ground_is_no_floor(scene: int) -> None:
    """A deck of boards is as long as decks are, however many things stand about."""
    spec = checks.drawn(NAME, scene)
    for grown in (spec, checks.fitted(spec, 3.5, 12.0), checks.fitted(spec, 20.0, 60.0)):
        place = parameters.read(STAGE.params, grown.params)
        kind = grown.materials[place.site if place.site != "lane" else "road"].kind
        assert kind in GROUND_KINDS or max(place.width, place.depth) < 9.2, kind


def test_there_are_decks_of_boards() -> None:
    kinds = {checks.drawn(NAME, scene).materials["terrace"].kind for scene in range(60)}
    assert "floorboards" in kinds


def test_sites_and_sizes_vary() -> None:
    specs = [checks.drawn(NAME, scene).params for scene in range(120)]
    places = [parameters.read(STAGE.params, stored) for stored in specs]
    assert {p.site for p in places} == {"pavement", "lane", "lawn", "terrace", "square"}
    assert all(2.5 <= p.width <= 5.0 for p in places)
    assert len({p.layout_seed for p in places}) == 120


def test_cameras_may_be_anywhere_above_the_ground() -> None:
    assert checks.content(NAME, 0).room is None
    assert checks.content(NAME, 0).lamps == ()


@pytest.mark.exhaustive
def test_cars_have_their_road_and_street_furniture_its_pavement() -> None:
    sites = set()
    for scene in range(24):
        spec = checks.drawn(NAME, scene)
        content = checks.content(NAME, scene)
        lanes = [s for s in content.supports if "vehicle" in s.tags]
        pavements = [s for s in content.supports if "street" in s.tags]
        roads = [part for part in content.parts if part.stuff == "road" and "road" in part.name]
        sites.add((content.supports[0].name, len(lanes), len(pavements)))
        for support in (*lanes, *pavements):
            below = [part for part in content.parts if _carries(part, support)]
            assert below, (scene, support.name)
            stuff = {part.stuff for part in below}
            assert stuff <= ({"road"} if support in lanes else {"path"}), spec.params
        for support in pavements:
            towards = np.sin(support.headings[0])
            assert towards * support.centre[1] < 0, "towards the road, in the middle"
        assert bool(lanes) == bool(roads)
    assert {("lane", 1, 2), ("pavement", 1, 0), ("lawn", 0, 0)} <= sites


def _carries(part: StagePart, support: Support) -> bool:
    """Whether the top of a part of the ground is below the whole middle line of a support."""
    points = part.mesh.vertices + np.array(part.position)
    low, high = points.min(axis=0), points.max(axis=0)
    x, y, z = support.centre
    inside = low[0] < x - support.half_size[0] and high[0] > x + support.half_size[0]
    across = low[1] < y - support.half_size[1] and high[1] > y + support.half_size[1]
    return bool(inside and across and abs(high[2] - z) < 1e-3)
