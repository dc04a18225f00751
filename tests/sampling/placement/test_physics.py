"""Bodies whose rest is known, and that nothing returned moves, overlaps or hangs in the air."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from simgen.geometry.transforms import pose_matrix, transform
from simgen.sampling.placement.bodies import Body
from simgen.sampling.placement.crowds import CrowdedWorld
from simgen.sampling.placement.initial_poses import Arrangement
from simgen.sampling.placement.rigid_bodies import RigidWorld
from simgen.sampling.placement.simulation import settle, simulate_fall
from simgen.spec.rng import stream
from simgen.stages.stage import Support

TABLE = Support((0.5, 0.4), round=False)
DROP = Arrangement(spread=1.0, max_seconds=6.0)
CROWD = Arrangement(spread=1.0, max_seconds=6.0, crowd=2)
BATCHES = Arrangement(spread=1.0, max_seconds=6.0, batch=2)


def box(x: float, y: float, z: float, initial_pose: str = "upright") -> Body:
    corners = itertools.product((-x / 2, x / 2), (-y / 2, y / 2), (0, z))
    return Body((np.array(list(corners)),), density=700.0, friction=0.5, initial_pose=initial_pose)


def placed(body: Body, rest) -> np.ndarray:  # type: ignore[no-untyped-def]
    return transform(pose_matrix(rest.position, rest.rotation), np.concatenate(body.pieces))


@pytest.mark.parametrize("size", [0.01, 0.1, 2.0])
def test_a_box_comes_to_rest_flat_on_the_table_at_any_size(size: float) -> None:
    body = box(size, 0.8 * size, 0.5 * size)
    support = Support((5 * size, 5 * size), round=True)
    (rest,) = settle([body], support, DROP, stream(0, "one"))
    assert rest is not None
    corners = np.sort(placed(body, rest)[:, 2])
    assert corners[:4] == pytest.approx(0, abs=2e-3 * size), "four corners on the table"
    assert corners[4:] == pytest.approx(corners[-1], abs=2e-3 * size), "and four above them"


@pytest.mark.parametrize("how", [DROP, CROWD, BATCHES], ids=["few", "crowd", "batches"])
@pytest.mark.parametrize("seed", range(5))
def test_a_pile_lies_on_the_table_and_nothing_overlaps(seed: int, how: Arrangement) -> None:
    rng = stream(seed, "sizes")
    bodies = [box(*rng.uniform(0.04, 0.15, 3), initial_pose="tumbled") for _ in range(10)]
    rests = settle(bodies, TABLE, how, stream(seed, "drop"))
    assert sum(rest is not None for rest in rests) >= 9
    there = [(b, r) for b, r in zip(bodies, rests, strict=True) if r is not None]
    for body, rest in there:
        points = placed(body, rest)
        assert points[:, 2].min() > -1e-3
        assert (np.abs(points[:, :2].mean(axis=0)) < TABLE.half_size).all()
    for (one, a), (other, b) in itertools.combinations(there, 2):
        assert overlap(placed(one, a), placed(other, b)) < 2e-3


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    """How deep two boxes (8 corners each) lie in each other: the separating axis theorem."""
    edges = [box_edges(one), box_edges(other)]
    axes = [*edges[0], *edges[1], *(np.cross(a, b) for a in edges[0] for b in edges[1])]
    depths = []
    for axis in axes:
        length = np.linalg.norm(axis)
        if length > 1e-9:
            p, q = one @ axis / length, other @ axis / length
            depths.append(min(p.max() - q.min(), q.max() - p.min()))
    return float(min(depths))


def box_edges(corners: np.ndarray) -> list[np.ndarray]:
    """The three edge directions, unit length; corners in the order of `box`."""
    edges = [corners[4] - corners[0], corners[2] - corners[0], corners[1] - corners[0]]
    return [edge / np.linalg.norm(edge) for edge in edges]


@pytest.mark.parametrize("crowded", [False, True])
def test_what_slept_on_a_body_falls_when_that_one_is_taken_away(crowded: bool) -> None:
    cubes = [box(0.1, 0.1, 0.1)] * 2
    if crowded:
        world: RigidWorld = CrowdedWorld(cubes, TABLE, 1.0, 1.0, ())
    else:
        world = RigidWorld(cubes, TABLE, 1.0, 1.0, (), crowd=True)
    for i, height in enumerate((0.051, 0.153)):
        world.set_pose(i, np.array([0.0, 0.0, height]), (1, 0, 0, 0))
    world.run(3.0)
    assert world.centre(1)[2] == pytest.approx(0.15, abs=1e-3)
    assert len(world.contacts(1)), "what sleeps touches what it lies on"
    world.remove([0])
    world.run(3.0)
    assert world.centre(1)[2] == pytest.approx(0.05, abs=1e-3)


def disc(radius: float, height: float) -> Body:
    turn = 2 * np.pi * np.arange(14) / 14
    rim = radius * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    corners = [(*at, z) for at in rim for z in (0.0, height)]
    return Body((np.array(corners),), density=700.0, friction=0.5, initial_pose="tumbled")


def test_bodies_are_dropped_again_onto_a_sleeping_heap(caplog: pytest.LogCaptureFixture) -> None:
    rng = stream(0, "sizes")
    bodies = [disc(rng.uniform(0.02, 0.08), rng.uniform(0.005, 0.15)) for _ in range(24)]
    how = Arrangement(spread=1.5, max_seconds=6.0, batch=16)
    rests = settle(bodies, Support((0.3, 0.3), round=True), how, stream(0, "drop"))
    assert sum(rest is not None for rest in rests) >= 16
    assert not caplog.records, "MuJoCo computes all contacts, also those of sleeping bodies"


def test_a_heap_of_many_batches_stays_between_its_walls_and_overlaps_nowhere() -> None:
    rng = stream(0, "heap")
    bodies = [box(*rng.uniform(0.03, 0.07, 3), initial_pose="tumbled") for _ in range(56)]
    tray = Support((0.2, 0.15), round=False)
    walls = [
        np.array(list(itertools.product((x - 0.01, x + 0.01), (y - dy, y + dy), (0.0, 0.4))))
        for x, y, dy in ((-0.22, 0.0, 0.2), (0.22, 0.0, 0.2))
    ]
    walls += [
        np.array(list(itertools.product((-0.22, 0.22), (y - 0.01, y + 0.01), (0.0, 0.4))))
        for y in (-0.17, 0.17)
    ]
    how = Arrangement(spread=0.35, max_seconds=6.0, batch=16)
    rests = settle(bodies, tray, how, stream(0, "drop"), walls)
    assert all(rest is not None for rest in rests)
    corners = [placed(b, r) for b, r in zip(bodies, rests, strict=True)]
    assert np.abs(np.concatenate(corners)[:, 0]).max() < 0.211
    assert np.abs(np.concatenate(corners)[:, 1]).max() < 0.161
    assert np.concatenate(corners)[:, 2].min() > -1e-3
    assert max(overlap(a, b) for a, b in itertools.combinations(corners, 2)) < 1e-3


@pytest.mark.parametrize("how", [DROP, BATCHES], ids=["few", "batches"])
def test_the_same_stream_gives_the_same_pile(how: Arrangement) -> None:
    bodies = [box(0.1, 0.08, 0.05), box(0.05, 0.05, 0.12), box(0.09, 0.02, 0.06)]
    first = settle(bodies, TABLE, how, stream(3, "again"))
    second = settle(bodies, TABLE, how, stream(3, "again"))
    for a, b in zip(first, second, strict=True):
        assert a is not None
        assert b is not None
        assert a.position.tobytes() == b.position.tobytes()
        assert a.rotation == b.rotation


def test_what_finds_no_place_is_given_up() -> None:
    tiny = Support((0.01, 0.01), round=False)
    rests = settle([box(0.1, 0.1, 0.1) for _ in range(6)], tiny, DROP, stream(0, "tiny"))
    assert any(rest is None for rest in rests)


def spaced(size: float) -> tuple[list[Body], Support]:
    bodies = [box(size, size, 0.6 * size), box(0.6 * size, 0.9 * size, 1.4 * size)]
    return bodies, Support((20 * size, 20 * size), round=False)


@pytest.mark.parametrize("size", [0.02, 0.1, 0.7])
@pytest.mark.parametrize("rate", [24.0, 120.0])
def test_filmed_bodies_fall_as_in_a_vacuum_on_earth(size: float, rate: float) -> None:
    """z = z0 - g t^2 / 2 until the first contact, in metres and seconds at every size."""
    bodies, support = spaced(size)
    frames = 3 + int(rate * np.sqrt(size))
    paths = simulate_fall(bodies, support, DROP, frames, rate, stream(0, "film"))
    for body, path in zip(bodies, paths, strict=True):
        assert path is not None
        assert len(path) == frames
        height = placed(body, path[0])[:, 2].min()
        assert height > 0.05 * size, "it hangs in the air at first"
        for number, pose in enumerate(path):
            fallen = 9.81 * (number / rate) ** 2 / 2
            if fallen > 0.8 * height:
                break
            measured = path[0].position[2] - pose.position[2]
            # A semi-implicit step of at most 0.5 ms at 10 cm runs ahead by half of one.
            late = 9.81 * (number / rate) * 5e-4 * np.sqrt(2 * size / 0.1)
            assert measured == pytest.approx(fallen, abs=late + 1e-9)
            assert pose.position[:2] == pytest.approx(path[0].position[:2], abs=1e-9)


def test_gravity_is_right_within_a_per_cent_from_second_differences() -> None:
    bodies, support = spaced(0.3)
    (path, *_) = simulate_fall(bodies, support, DROP, 6, 60.0, stream(2, "film"))
    assert path is not None
    heights = np.array([pose.position[2] for pose in path])
    assert np.diff(heights, n=2)[1:] * 60.0**2 == pytest.approx(-9.81, rel=0.01)


@pytest.mark.parametrize("seed", range(3))
def test_a_film_ends_in_a_pile_on_the_table(seed: int) -> None:
    rng = stream(seed, "sizes")
    bodies = [box(*rng.uniform(0.04, 0.15, 3)) for _ in range(8)]
    paths = simulate_fall(bodies, TABLE, DROP, 72, 24.0, stream(seed, "film"))
    there = [(b, p) for b, p in zip(bodies, paths, strict=True) if p is not None]
    assert len(there) >= 6
    for body, path in there:
        assert all(placed(body, pose)[:, 2].min() > -1e-3 for pose in path)
        last = placed(body, path[-1])
        assert (np.abs(last[:, :2].mean(axis=0)) < TABLE.half_size).all()
        assert np.linalg.norm(path[-1].position - path[-2].position) < 5e-3, "three seconds do"
        rotations = np.array([pose.rotation for pose in path])
        assert np.einsum("ni,ni->n", rotations[1:], rotations[:-1]).min() > 0


def test_the_same_stream_gives_the_same_film() -> None:
    bodies, support = spaced(0.1)
    first = simulate_fall(bodies, support, DROP, 20, 24.0, stream(3, "again"))
    second = simulate_fall(bodies, support, DROP, 20, 24.0, stream(3, "again"))
    for a, b in zip(first, second, strict=True):
        assert a is not None
        assert b is not None
        assert [p.position.tobytes() for p in a] == [p.position.tobytes() for p in b]
        assert [p.rotation for p in a] == [p.rotation for p in b]


def test_more_frames_go_on_with_the_same_film() -> None:
    bodies, support = spaced(0.1)
    short = simulate_fall(bodies, support, DROP, 8, 24.0, stream(3, "again"))
    long = simulate_fall(bodies, support, DROP, 30, 24.0, stream(3, "again"))
    for a, b in zip(short, long, strict=True):
        assert a is not None
        assert b is not None
        assert [p.position.tolist() for p in a] == [p.position.tolist() for p in b[:8]]


def test_what_falls_past_the_table_is_in_no_frame() -> None:
    small = Support((0.12, 0.12), round=False)
    bodies = [box(0.05, 0.05, 0.05) for _ in range(8)]
    paths = simulate_fall(bodies, small, Arrangement(2.0, 6.0), 48, 24.0, stream(1, "small"))
    kept = [path for path in paths if path is not None]
    assert 0 < len(kept) < len(bodies)
    for path in kept:
        centre = placed(bodies[0], path[-1]).mean(axis=0)
        assert (np.abs(centre[:2]) <= 0.12).all()
        assert centre[2] > 0
