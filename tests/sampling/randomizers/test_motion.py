"""Keyframed paths begin where the object lay, are as long as drawn and never sink."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from simgen.config import Config, MotionConfig
from simgen.config.draws import Draws
from simgen.geometry.transforms import pose_matrix, random_rotation, transform
from simgen.sampling.randomizers.motion import (
    AMPLITUDES,
    HERTZ,
    above_table,
    draw_deformation,
    draw_path,
    lowest,
)
from simgen.spec.rng import stream
from simgen.spec.scene import DeformationSpec, PoseSpec

BOX = np.array([[-0.05, -0.03, 0.0], [0.05, 0.03, 0.12]])
CORNERS = np.array(list(itertools.product(*BOX.T)))
SIZE = float(np.linalg.norm(BOX[1] - BOX[0]))

seeds = st.integers(0, 5_000)


def config(travel: float = 0.5, turn: float = 60.0) -> MotionConfig:
    return MotionConfig(probability=1.0, travel_range=[travel, travel], turn_deg_range=[turn, turn])


def path(motion: MotionConfig, start: PoseSpec, frames: int, seed: int) -> tuple[PoseSpec, ...]:
    draws = Draws(Config(seed=seed, frames_per_scene=frames, motion=motion), 0)
    return draw_path(draws, start, BOX, 0)


def deformation(motion: MotionConfig, seed: int) -> DeformationSpec | None:
    return draw_deformation(Draws(Config(seed=seed, motion=motion), 0), 0)


def at_rest(seed: int) -> PoseSpec:
    """A box lying anyhow with its lowest corner on the table."""
    rotation = random_rotation(stream(seed, "rest"))
    low = transform(pose_matrix((0, 0, 0), rotation), CORNERS)[:, 2].min()
    return PoseSpec((0.1, -0.2, -float(low)), rotation)


def centres(poses: tuple[PoseSpec, ...]) -> np.ndarray:
    middle = BOX.mean(axis=0)[None]
    return np.array([transform(pose_matrix(p.position, p.rotation), middle)[0] for p in poses])


def turned(one: PoseSpec, other: PoseSpec) -> float:
    """Degrees between two poses, by scipy."""
    a, b = (Rotation.from_quat(p.rotation, scalar_first=True) for p in (one, other))
    return float(np.degrees((a.inv() * b).magnitude()))


@given(seeds)
def test_a_path_begins_at_rest_and_is_as_long_and_as_turned_as_drawn(seed: int) -> None:
    start = at_rest(seed)
    poses = path(config(), start, 65, seed)
    assert poses[0] == start
    assert len(poses) == 65
    points = centres(poses)
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    assert steps.sum() == pytest.approx(0.5 * SIZE, rel=2e-3)
    assert turned(poses[0], poses[-1]) == pytest.approx(60.0, abs=1e-6)
    # 3 t^2 - 2 t^3 is half way at t = 1/2, and nowhere faster than 3/2 of the mean speed.
    assert steps[:32].sum() == pytest.approx(0.25 * SIZE, rel=1e-2)
    assert steps.max() < 1.51 * 0.5 * SIZE / 64
    assert max(steps[0], steps[-1]) < 0.1 * steps.max()
    assert turned(poses[0], poses[32]) == pytest.approx(30.0, abs=1e-6)
    assert np.diff(points[:, 2]).min() > -1e-12, "it is lifted"


@given(seeds, st.integers(2, 9))
def test_more_frames_divide_the_same_path(seed: int, frames: int) -> None:
    few = path(config(), at_rest(seed), frames, seed)
    many = path(config(), at_rest(seed), 2 * frames - 1, seed)
    assert centres(many[::2]) == pytest.approx(centres(few), abs=1e-12)


def test_quaternions_are_unit_and_keep_their_sign_through_many_turns() -> None:
    poses = path(config(turn=3600.0), at_rest(0), 400, 0)
    rotations = np.array([pose.rotation for pose in poses])
    assert np.linalg.norm(rotations, axis=1) == pytest.approx(1.0)
    assert np.einsum("ni,ni->n", rotations[1:], rotations[:-1]).min() > 0.9


def test_one_frame_is_the_rest() -> None:
    assert path(config(), at_rest(0), 1, 0) == (at_rest(0),)


def test_the_probability_is_how_many_move() -> None:
    some = MotionConfig(probability=0.3)
    moved = [bool(path(some, at_rest(0), 3, seed)) for seed in range(400)]
    assert np.mean(moved) == pytest.approx(0.3, abs=0.08)
    none, all_of_them = MotionConfig(probability=0.0), MotionConfig(probability=1.0)
    assert not any(path(none, at_rest(0), 3, seed) for seed in range(50))
    assert all(path(all_of_them, at_rest(0), 3, seed) for seed in range(50))


@given(seeds, st.floats(0, 1), st.floats(0, 720))
def test_nothing_sinks_and_nothing_is_raised_without_need(
    seed: int, travel: float, turn: float
) -> None:
    poses = path(config(travel, turn), at_rest(seed), 24, seed)
    kept = above_table(poses, lambda frame: CORNERS, 0.0)
    for before, after in zip(poses, kept, strict=True):
        low = transform(pose_matrix(before.position, before.rotation), CORNERS)[:, 2].min()
        now = transform(pose_matrix(after.position, after.rotation), CORNERS)[:, 2].min()
        assert now == pytest.approx(max(low, 0.0), abs=1e-9)
        assert lowest(after, CORNERS) == pytest.approx(now)
        assert after.position[:2] == before.position[:2]
        assert after.rotation == before.rotation


def test_an_object_that_lay_a_hair_too_deep_stays_there() -> None:
    start = PoseSpec((0.0, 0.0, -1e-3), (1.0, 0.0, 0.0, 0.0))
    assert above_table((start,), lambda frame: CORNERS, -1e-3) == (start,)


@given(seeds)
def test_deformations_lie_in_their_ranges(seed: int) -> None:
    how = deformation(MotionConfig(deform_probability=1.0), seed)
    assert how is not None
    low, high = AMPLITUDES[how.kind]
    assert low <= how.amplitude <= high
    assert HERTZ[0] <= how.frequency <= HERTZ[1]
    assert 0 <= how.phase <= 2 * np.pi


def test_deformations_are_as_many_and_of_the_kinds_that_were_asked_for() -> None:
    some = MotionConfig(deform_probability=0.25, deform_kinds=["bend", "twist"])
    drawn = [deformation(some, seed) for seed in range(400)]
    assert np.mean([how is not None for how in drawn]) == pytest.approx(0.25, abs=0.08)
    assert {how.kind for how in drawn if how is not None} == {"bend", "twist"}
    assert all(deformation(MotionConfig(), seed) is None for seed in range(20))
