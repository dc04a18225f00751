"""Where objects are put: apart, in rows, stacked, in the air, on the support that fits them."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from simgen.config import Config
from simgen.config.draws import Draws
from simgen.errors import InputError
from simgen.geometry.mesh import MeshData
from simgen.geometry.transforms import pose_matrix, transform
from simgen.sampling.placement.bodies import Body
from simgen.sampling.placement.initial_poses import Arrangement
from simgen.sampling.placement.place import TaggedBody, obstacles, place
from simgen.sampling.placement.simulation import settle
from simgen.spec.rng import stream
from simgen.stages.stage import StagePart, Support

TABLE = Support((0.6, 0.5), round=False)


def box(x: float, y: float, z: float, initial_pose: str = "upright") -> Body:
    return Body((corners(x, y, z),), density=700.0, friction=0.5, initial_pose=initial_pose)


def corners(x: float, y: float, z: float) -> np.ndarray:
    return np.array(list(itertools.product((-x / 2, x / 2), (-y / 2, y / 2), (0, z))))


def block(name: str, size: tuple[float, float, float], at: tuple[float, float, float]) -> StagePart:
    """A stage part to bump into; its triangles do not matter here."""
    points = corners(*size)
    mesh = MeshData(
        points,
        np.array([[0, 1, 2]], np.int32),
        np.zeros((1, 3, 2), np.float32),
        np.zeros(1, np.int32),
        ("slot",),
        pieces=(points,),
    )
    return StagePart(name, mesh, at)


def boxes_of(bodies: list[Body], rests) -> list[np.ndarray]:  # type: ignore[no-untyped-def]
    """`2 x 3` world boxes of those that found a place."""
    found = []
    for body, rest in zip(bodies, rests, strict=True):
        if rest is not None:
            points = transform(pose_matrix(rest.position, rest.rotation), body.pieces[0])
            found.append(np.stack([points.min(axis=0), points.max(axis=0)]))
    return found


def gap(one: np.ndarray, other: np.ndarray) -> float:
    """Distance of two boxes along the axis on which they are farthest apart; < 0 if they meet."""
    return float(np.maximum(one[0] - other[1], other[0] - one[1]).max())


@pytest.mark.parametrize("method", ["scatter", "grid"])
@pytest.mark.parametrize("seed", range(3))
def test_what_is_put_down_stands_apart_on_the_table(method: str, seed: int) -> None:
    rng = stream(seed, "sizes")
    bodies = [box(*rng.uniform(0.04, 0.12, 3)) for _ in range(9)]
    arrangement = Arrangement(1.0, 6.0, method, gap=0.02)
    found = boxes_of(bodies, settle(bodies, TABLE, arrangement, stream(seed, "put")))
    assert len(found) == 9
    for each in found:
        assert each[0, 2] == pytest.approx(0, abs=1e-3)
        assert (np.abs(each[:, :2]) <= np.array(TABLE.half_size) + 1e-3).all()
    for one, other in itertools.combinations(found, 2):
        assert gap(one, other) > 0.019


NIGHTSTAND = Support((0.23, 0.11), round=False)


def test_gaps_give_way_where_there_is_too_little_room() -> None:
    """A wish for gaps wider than the support must not leave it empty."""
    bodies = [box(0.06, 0.06, 0.1) for _ in range(6)]
    arrangement = Arrangement(0.5, 6.0, "scatter", gap=0.36)
    lamp = corners(0.12, 0.12, 0.4) + np.array([0.17, 0.05, 0.0])
    found = boxes_of(bodies, settle(bodies, NIGHTSTAND, arrangement, stream(0, "full"), (lamp,)))
    assert len(found) == 6
    for one, other in itertools.combinations([*found, np.array([lamp.min(0), lamp.max(0)])], 2):
        assert gap(one, other) > 0
    few = boxes_of(bodies[:2], settle(bodies[:2], NIGHTSTAND, arrangement, stream(0, "few")))
    assert gap(*few) > 0.15, "as wide as there is room for"


@pytest.mark.parametrize("scale", [0.01, 0.1, 1.0, 8.0])
@pytest.mark.parametrize("initial_pose", ["upright", "side"])
def test_what_stands_alone_stands_on_the_ground_at_any_size(
    scale: float, initial_pose: str
) -> None:
    """A tree sinks in by millimetres while a thimble does by a micrometre; neither is seen to."""
    bodies = [box(0.5 * scale, 0.4 * scale, size * scale, initial_pose) for size in (0.8, 1.0, 1.2)]
    ground = Support((5 * scale, 5 * scale), round=False)
    arrangement = Arrangement(1.0, 6.0, "scatter", gap=0.1 * scale)
    found = boxes_of(bodies, settle(bodies, ground, arrangement, stream(0, "size", str(scale))))
    assert len(found) == 3
    assert [each[0, 2] for each in found] == pytest.approx([0.0] * 3, abs=1e-6 * scale)


def test_stacks_are_higher_than_one_thing() -> None:
    bodies = [box(0.12, 0.1, 0.02) for _ in range(8)]
    found = boxes_of(
        bodies, settle(bodies, TABLE, Arrangement(1.0, 6.0, "stack"), stream(1, "stack"))
    )
    assert len(found) >= 7
    on_top = [each for each in found if each[0, 2] > 0.015]
    assert len(on_top) >= 4
    for each in on_top:
        below = [other for other in found if abs(each[0, 2] - other[1, 2]) < 2e-3]
        assert any(gap(each[:, :2], other[:, :2]) < 0 for other in below), "it lies on something"


@pytest.mark.parametrize(
    ("initial_pose", "up"), [("side", 0.0), ("upside_down", -1.0), ("upright", 1.0)]
)
def test_bodies_are_held_as_asked(initial_pose: str, up: float) -> None:
    body = box(0.1, 0.1, 0.1, initial_pose)
    (rest,) = settle([body], TABLE, Arrangement(1.0, 6.0, "scatter"), stream(0, "held"))
    assert rest is not None
    rotation = pose_matrix(rest.position, rest.rotation)[:3, :3]
    assert rotation[2, 2] == pytest.approx(up, abs=0.02)


def test_things_stay_between_the_walls_of_a_bin() -> None:
    walls = [
        block("left", (0.02, 0.4, 0.2), (-0.21, 0, 1.0)),
        block("right", (0.02, 0.4, 0.2), (0.21, 0, 1.0)),
        block("front", (0.44, 0.02, 0.2), (0, -0.21, 1.0)),
        block("back", (0.44, 0.02, 0.2), (0, 0.21, 1.0)),
        block("floor", (0.4, 0.4, 0.02), (0, 0, 0.98)),
    ]
    inside = Support((0.2, 0.2), round=False, centre=(0.0, 0.0, 1.0))
    around = obstacles(walls, inside)
    assert len(around) == 4, "the floor is the support itself"
    bodies = [box(0.08, 0.06, 0.05, "tumbled") for _ in range(14)]
    arrangement = Arrangement(1.6, 6.0)
    rests = settle(bodies, inside, arrangement, stream(0, "bin"), around)
    found = boxes_of(bodies, rests)
    assert len(found) >= 12
    for each in found:
        assert (np.abs(each[:, :2]) < 0.2 + 2e-3).all()
        assert each[0, 2] > 1.0 - 1e-3
    without = boxes_of(bodies, settle(bodies, inside, arrangement, stream(0, "bin")))
    assert max(np.abs(each[:, :2]).max() for each in without) > 0.21, (
        "the walls are what holds them"
    )


def draws(**settings: object) -> Draws:
    config = Config()
    for key, value in settings.items():
        setattr(config.placement, key, value)
    return Draws(config, 0)


def test_each_thing_goes_where_its_class_belongs() -> None:
    floor = Support((3.0, 3.0), round=False, tags=("furniture",))
    desk = Support((0.5, 0.5), round=False, centre=(1.0, 1.0, 0.7), tags=("tabletop",))
    things = [TaggedBody(box(0.5, 0.5, 0.8), ("furniture",))] * 3
    things += [TaggedBody(box(0.05, 0.05, 0.1), ("tabletop", "toy"))] * 3
    paths = place(draws(methods=["scatter"]), things, [floor, desk], [])
    heights = [path[0].position[2] for path in paths if path is not None]
    assert heights == pytest.approx([0, 0, 0, 0.7, 0.7, 0.7], abs=2e-3)
    for path in paths[3:]:
        assert path is not None
        assert (np.abs(path[0].position[:2] - 1.0) < 0.5).all()


LANE = Support((20.0, 1.3), False, (0.0, 3.0, -0.1), tags=("vehicle",), headings=(0.0,))
YARD = Support((20.0, 6.0), False, tags=("vehicle",))


def vehicles(count: int, initial_pose: str = "upright") -> list[TaggedBody]:
    return [TaggedBody(box(1.8, 4.2, 1.5, initial_pose), ("vehicle",))] * count


def fronts(paths) -> np.ndarray:  # type: ignore[no-untyped-def]
    """Where -y of each thing points in the plane, radians from x."""
    turns = [pose_matrix(path[0].position, path[0].rotation) for path in paths if path is not None]
    return np.array([np.arctan2(-turn[1, 1], -turn[0, 1]) for turn in turns])


def test_structured_things_stand_in_their_lane_and_follow_it() -> None:
    config = {"methods": ["scatter"], "structured": 1.0, "gap_range": 0.5}
    paths = place(draws(**config), vehicles(5), [LANE, YARD], [])
    places = np.array([path[0].position for path in paths if path is not None])
    assert len(places) == 5
    assert places[:, 2] == pytest.approx(-0.1, abs=1e-3)
    assert (np.abs(places[:, 1] - 3.0) < 0.4).all()
    assert np.ptp(places[:, 0]) > 15, "all along it, not in a heap"
    assert np.abs(fronts(paths)).max() < np.radians(6)
    assert len(set(fronts(paths))) == 5


def test_who_may_point_either_way_does() -> None:
    kerb = replace(LANE, headings=(0.0, np.pi))
    config = {"methods": ["scatter"], "structured": 1.0, "gap_range": 0.2}
    ways = np.cos(fronts(place(draws(**config), vehicles(6), [kerb], [])))
    assert (np.abs(ways) > 0.99).all()
    assert set(np.sign(ways)) == {-1.0, 1.0}


def test_what_points_away_from_a_wall_has_its_back_to_it() -> None:
    strip = Support((2.0, 0.5), False, tags=("vehicle",), headings=(-np.pi / 2,))
    things = [TaggedBody(box(0.9, 0.6, 1.8), ("vehicle",))] * 3
    config = {"methods": ["scatter"], "structured": 1.0, "gap_range": 0.02}
    paths = place(draws(**config), things, [strip], [])
    found = boxes_of([thing.body for thing in things], [path and path[0] for path in paths])
    assert len(found) == 3
    assert [each[1, 1] for each in found] == pytest.approx([0.5] * 3, abs=2e-3)
    assert np.abs(fronts(paths) + np.pi / 2).max() < np.radians(6)


def test_a_place_for_one_takes_one_at_its_centre_and_only_what_it_names() -> None:
    table = Support((1.0, 0.5), False)
    fork, spoon = (
        Support((0.03, 0.12), False, (x, -0.2, 0.0), tags=(name,), headings=(np.pi,), single=True)
        for x, name in ((-0.2, "fork"), (0.2, "spoon"))
    )
    things = [TaggedBody(box(0.2, 0.02, 0.01), (name,)) for name in ("fork", "fork", "spoon")]
    config = {"methods": ["scatter"], "structured": 1.0, "gap_range": 0.02}
    paths = place(draws(**config), things, [table, fork, spoon], [])
    places = np.array([path[0].position for path in paths if path is not None])
    assert len(places) == 3
    in_setting = [n for n in range(3) if abs(abs(places[n, 0]) - 0.2) < 0.01]
    assert in_setting in ([0, 2], [1, 2]), places
    assert places[in_setting, 1] == pytest.approx(-0.2, abs=0.015)
    assert places[in_setting[0], 0] < 0 < places[2, 0]
    assert np.cos(fronts(paths)[in_setting]) == pytest.approx(-1.0, abs=0.01)


@pytest.mark.parametrize(("names", "height"), [(("plate", "cake"), 0.02), (("cake",), 0.0)])
def test_what_falls_onto_an_object_lies_on_it_or_on_the_table(
    names: tuple[str, ...], height: float
) -> None:
    table = Support((1.0, 0.5), False)
    plate = Support((0.15, 0.15), False, tags=("plate",), headings=(0.0,), single=True)
    cake = replace(plate, half_size=(0.08, 0.08), tags=("cake",), drop=0.03)
    bodies = {"plate": box(0.2, 0.2, 0.02), "cake": box(0.06, 0.05, 0.05)}
    things = [TaggedBody(bodies[name], (name,)) for name in names]
    config = {"methods": ["scatter"], "structured": 1.0, "gap_range": 0.02}
    path = place(draws(**config), things, [table, cake, plate], [])[-1]
    assert path is not None
    assert path[0].position == pytest.approx([0.0, 0.0, height], abs=0.02)
    assert path[0].position[2] == pytest.approx(height, abs=1e-3)


def test_where_rows_are_full_things_stand_elsewhere() -> None:
    short = replace(LANE, half_size=(4.0, 1.3))
    config = {"methods": ["scatter"], "structured": 1.0, "gap_range": 0.2, "spread": 4.0}
    paths = place(draws(**config), vehicles(6), [YARD, short], [])
    heights = [path[0].position[2] for path in paths if path is not None]
    assert len(heights) == 6
    assert 1 <= sum(height < -0.05 for height in heights) <= 3


def test_loose_things_keep_clear_of_those_in_rows() -> None:
    level = replace(LANE, centre=(0.0, 3.0, 0.0))
    config = {"methods": ["scatter"], "structured": 0.5, "gap_range": 0.1, "spread": 4.0}
    paths = place(draws(**config), vehicles(12), [YARD, level], [])
    bodies = [thing.body for thing in vehicles(12)]
    found = boxes_of(bodies, [path and path[0] for path in paths])
    along = np.abs(np.sin(fronts(paths))) < 0.12
    assert 2 <= along.sum() < len(found)
    for one, other in itertools.combinations(found, 2):
        assert gap(one, other) > -1e-3


def test_nothing_is_structured_where_that_is_not_asked_for_or_it_is_not_upright() -> None:
    paths = place(draws(methods=["scatter"], structured=0.0), vehicles(4), [LANE, YARD], [])
    assert all(path is None or path[0].position[2] > -0.05 for path in paths)
    tumbled = place(
        draws(methods=["scatter"], structured=1.0), vehicles(4, "side"), [LANE, YARD], []
    )
    assert all(path is None or path[0].position[2] > -0.05 for path in tumbled)


def test_what_does_not_fit_under_a_shelf_is_not_there() -> None:
    board = Support((0.4, 0.2), round=False, clear=0.25)
    things = [TaggedBody(box(0.1, 0.1, 0.4), ()), TaggedBody(box(0.1, 0.1, 0.2), ())]
    tall, low = place(draws(methods=["drop"]), things, [board], [])
    assert tall is None
    assert low is not None
    assert low[0].position[2] == pytest.approx(0, abs=1e-3)


def test_what_floats_is_in_the_air_and_in_nothing_else() -> None:
    things = [TaggedBody(box(0.1, 0.08, 0.12), ())] * 12
    paths = place(draws(methods=["float"]), things, [], [])
    centres = []
    for path in paths:
        assert path is not None
        points = transform(
            pose_matrix(path[0].position, path[0].rotation), corners(0.1, 0.08, 0.12)
        )
        centres.append((points.min(axis=0) + points.max(axis=0)) / 2)
    size = np.linalg.norm([0.1, 0.08, 0.12])
    for one, other in itertools.combinations(centres, 2):
        assert np.linalg.norm(one - other) > 0.6 * size
    assert np.ptp(centres, axis=0).min() > size, "in all three directions"


def test_nothing_falls_where_there_is_nothing_to_fall_on() -> None:
    falling = draws()
    falling.config.motion.objects = "physics"
    with pytest.raises(InputError, match="no support for falling objects"):
        place(falling, [TaggedBody(box(0.1, 0.1, 0.1), ())], [], [])


def test_what_is_filmed_falls_from_where_its_method_puts_it() -> None:
    """Scattered things start apart, at one height; dropped ones one above the other."""
    things = [TaggedBody(box(0.1, 0.1, 0.1), ("rooted",))] * 6
    spans = {}
    for method in ("scatter", "drop"):
        falling = draws(methods=[method], gap_range=[0.05, 0.05], spread=0.3)
        falling.config.motion.objects, falling.config.frames_per_scene = "physics", 20
        paths = [path for path in place(falling, things, [TABLE], []) if path is not None]
        starts, ends = (np.array([path[n].position for path in paths]) for n in (0, -1))
        assert (ends[:, 2] < starts[:, 2]).all(), "rooted or not, it falls"
        spans[method] = float(np.ptp(starts[:, 2]))
    assert spans["scatter"] < 0.01 < 0.1 < spans["drop"]


def tree(offset: float) -> Body:
    """A crown on a trunk, four times as high as it is wide at its foot, and out of balance."""
    trunk, crown = corners(0.3, 0.3, 3.0), corners(4.0, 4.0, 3.0) + np.array([offset, 0.0, 3.0])
    return Body((trunk, crown), density=100.0, friction=0.6)


@pytest.mark.parametrize("method", ["scatter", "grid"])
def test_what_is_rooted_stands_where_it_was_put(method: str) -> None:
    garden = Support((20.0, 20.0), round=False, centre=(3.0, -2.0, 1.0))
    for tags, upright in ((("garden", "rooted"), True), (("garden",), False)):
        things = [TaggedBody(tree(0.4), tags)] * 4
        paths = place(draws(methods=[method], gap_range=[0.5, 0.5]), things, [garden], [])
        ups = [
            pose_matrix(path[0].position, path[0].rotation)[2, 2] > 1 - 1e-9
            for path in paths if path is not None
        ]  # fmt: skip
        assert ups == [upright] * 4
        if upright:
            heights = [path[0].position[2] for path in paths if path is not None]
            assert heights == pytest.approx([1.0] * 4, abs=1e-4)


@pytest.mark.parametrize("method", ["scatter", "grid", "drop", "stack"])
def test_people_stand_where_they_were_put_whatever_else_falls(method: str) -> None:
    """Bodies 1.75 m tall and out of balance, among boxes that may fall on them."""
    legs, trunk = corners(0.1, 0.1, 0.9), corners(0.5, 0.5, 0.85) + np.array([0.15, 0.0, 0.9])
    person = Body((legs, trunk), density=985.0, friction=0.6)
    for tags, upright in ((("person", "standing"), True), (("person",), False)):
        things = [TaggedBody(box(0.3, 0.3, 0.2, "tumbled"), ("box",))] * 4
        things += [TaggedBody(person, tags)] * 2
        floor = Support((4.0, 4.0), round=False, centre=(1.0, 0.0, 0.5))
        paths = place(draws(methods=[method]), things, [floor], [])
        found = [path[-1] for path in paths[4:] if path is not None]
        assert len(found) == 2
        ups = [pose_matrix(one.position, one.rotation)[2, 2] > 1 - 1e-8 for one in found]
        assert ups == [upright] * 2
        if upright:
            assert [one.position[2] for one in found] == pytest.approx([0.5] * 2, abs=1e-3)


def test_crowns_touch_and_trunks_do_not() -> None:
    """Trees that are 4 m across, in a garden where whole crowns have no room; houses keep off."""
    garden = Support((8.0, 8.0), round=False)
    counts = {}
    for tags in (("rooted", "crown"), ("rooted",)):
        things = [TaggedBody(tree(0.0), tags)] * 14
        paths = place(draws(methods=["scatter"], gap_range=[0.0, 0.0]), things, [garden], [])
        at = [path[0].position[:2] for path in paths if path is not None]
        gaps = [np.linalg.norm(one - other) for one, other in itertools.combinations(at, 2)]
        counts[tags] = len(at)
        assert min(gaps) > (1.9 if "crown" in tags else 3.9)
    assert counts["rooted", "crown"] > 1.3 * counts["rooted",]


def test_nothing_else_reaches_into_a_crown() -> None:
    garden = Support((8.0, 8.0), round=False)
    house = TaggedBody(box(3.0, 3.0, 5.0), ("rooted",))
    things = [TaggedBody(tree(0.0), ("rooted", "crown"))] * 4 + [house] * 4
    paths = place(draws(methods=["scatter"], gap_range=[0.0, 0.0]), things, [garden], [])
    at = [None if path is None else path[0].position[:2] for path in paths]
    for one, other in itertools.product(at[:4], at[4:]):
        if one is not None and other is not None:
            assert np.abs(one - other).max() > 3.4


def test_things_are_shared_out_by_the_room_that_is_left() -> None:
    places = [Support((0.2, 0.2), False, centre=(float(n), 0.0, 0.5)) for n in range(4)]
    things = [TaggedBody(box(0.12, 0.12, 0.05), ()) for _ in range(12)]
    paths = place(draws(methods=["scatter"], gap_range=[0.01, 0.01]), things, places, [])
    assert None not in paths
    where = [round(path[0].position[0]) for path in paths if path is not None]
    assert [where.count(n) for n in range(4)] == [3, 3, 3, 3]
