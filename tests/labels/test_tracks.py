"""Tracks against the flow of the formulas, and against where the points are."""

from __future__ import annotations

import dataclasses

import numpy as np
from labels.scenes import PANORAMA, Box, Place, Scene, camera, moving, still

from simgen.labels.tracks import Tracker, Tracks
from simgen.labels.view import FrameView


def tracks_of(scene: Scene) -> Tracks:
    world = scene.world()
    tracker = Tracker(world)
    for frame in range(len(scene.cameras)):
        tracker.see(scene.view(frame, world))
    return tracker.tracks()


def test_tracks_are_the_flow_from_the_frame_of_their_query() -> None:
    scene = moving(track_count=100)
    found = tracks_of(scene)
    assert found.points.shape == (100, 3, 2)
    assert found.points.dtype == np.float32
    assert np.bincount(found.query_frame).tolist() == [34, 33, 33]
    pairs = [(frame, other) for frame in range(3) for other in range(3)]
    flows = {pair: scene.flow(*pair) for pair in pairs}
    places = {pair: scene.seen_from(*pair) for pair in pairs}
    codes = [scene.sight(frame)[1] for frame in range(3)]
    for number, frame in enumerate(found.query_frame):
        start = found.points[number, frame]
        column, row = (start - 0.5).astype(int)
        assert (start == (column + 0.5, row + 0.5)).all()
        assert not found.occluded[number, frame]
        shown = codes[frame][row * scene.width + column]
        assert shown > 0
        assert found.instance_id[number] == max(0, shown - scene.stage_count)
        for other in range(3):
            moved = flows[frame, other][row, column]
            assert np.abs(found.points[number, other] - start - moved).max() < 0.01
            point = places[frame, other][row * scene.width + column]
            assert np.abs(found.positions[number, other] - point).max() < 1e-4


def test_tracks_are_hidden_where_the_formulas_say_so() -> None:
    scene = moving(track_count=300)
    found = tracks_of(scene)
    wrong = hidden = 0
    for frame in range(3):
        mine = np.flatnonzero(found.query_frame == frame)
        columns, rows = (found.points[mine, frame] - 0.5).astype(int).T
        for other in {0, 1, 2} - {frame}:
            expected = scene.occlusion(frame, other)[rows, columns]
            wrong += int((found.occluded[mine, other] != expected).sum())
            hidden += int(expected.sum())
    assert wrong <= 2
    assert hidden > 10


def test_rounded_distances_hide_no_point_behind_its_own_surface() -> None:
    """A floor and a wall that a second camera sees nearly edge-on, and Blender's rounding."""
    floor = Box((4.0, 4.0, 0.1), (Place((0.0, 3.0, -0.1)),), stuff="floor")
    wall = Box((0.05, 1.0, 0.6), (Place((1.0, 3.0, 0.6)),))
    eyes = ((0.0, 0.0, 1.0), (0.0, 0.0, 0.01), (0.94, 0.0, 0.5))
    scene = Scene((floor, wall), tuple(map(camera, eyes)), track_count=600)
    world = scene.world()
    tracker, rng = Tracker(world), np.random.default_rng(0)
    for frame in range(3):
        raw = scene.raw(frame)
        rounding = 1 + 3e-6 * rng.standard_normal(raw.distance.shape)
        raw = dataclasses.replace(raw, distance=raw.distance * rounding)
        tracker.see(FrameView(world, raw, frame))
    found = tracker.tracks()
    compared = 0
    for frame, other in [(a, b) for a in range(3) for b in range(3) if a != b]:
        mine = np.flatnonzero(found.query_frame == frame)
        columns, rows = (found.points[mine, frame] - 0.5).astype(int).T
        expected = scene.occlusion(frame, other)[rows, columns]
        compared += int((~expected).sum())
        assert (found.occluded[mine, other] == expected).all()
    assert compared > 300


def test_most_points_lie_on_objects_and_draws_repeat() -> None:
    scene = moving(track_count=120)
    first, second = tracks_of(scene), tracks_of(scene)
    assert (first.instance_id > 0).sum() == 90
    assert np.array_equal(first.points, second.points)
    assert len(np.unique(first.points[first.query_frame == 0, 0], axis=0)) == 40  # no point twice


def test_a_frame_that_shows_little_gives_fewer_points() -> None:
    tiny = Box((0.02, 0.02, 0.02), (Place((0.0, 2.0, 0.0)),))
    scene = Scene((tiny,), (camera((0, 0, 0)), camera((0, 0, 0), 3.0)), track_count=1000)
    found = tracks_of(scene)
    assert len(found.points) == (scene.sight(0)[1] > 0).sum() > 0
    assert np.isnan(found.points[:, 1]).all()  # the second camera looks away
    assert found.occluded[:, 1].all()


def test_nothing_to_follow() -> None:
    box = Box((0.1, 0.1, 0.1), (Place((0.0, -5.0, 0.0)),))
    found = tracks_of(Scene((box,), (camera((0, 0, 0)),) * 2, track_count=10))
    assert found.points.shape == (0, 2, 2)
    assert found.positions.shape == (0, 2, 3)


def test_other_lenses() -> None:
    found = tracks_of(still(PANORAMA, track_count=30))
    assert np.isfinite(found.points).all()
