"""Deformations keep what their formulas promise; poses and shapes are those of the frame."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
import trimesh
from hypothesis import given
from hypothesis import strategies as st

from simgen.geometry import motion
from simgen.geometry.motion import KINDS, placed_at, points_at, pose_at, shape_at
from simgen.geometry.transforms import pose_matrix, transform
from simgen.spec.scene import AssetRef, DeformationSpec, ObjectSpec, PoseSpec

MESH = trimesh.creation.box((0.2, 0.1, 0.4)).subdivide().subdivide()
POINTS = np.array(MESH.vertices) + [0.3, -0.1, 0.25]
"""A box whose middle is not above the origin and whose foot is at z = 0.05."""
FOOT = np.array([0.3, -0.1, 0.05])
TALL = 0.4

amplitudes = st.floats(-0.8, 0.8)
moments = st.floats(0, 10)


def how(kind: str, amplitude: float, frequency: float = 0.7, phase: float = 0.4) -> DeformationSpec:
    return DeformationSpec(kind, amplitude, frequency, phase)


def wave(amplitude: float, seconds: float) -> float:
    return float(amplitude * np.sin(2 * np.pi * 0.7 * seconds + 0.4))


def bounds(points: np.ndarray) -> np.ndarray:
    return np.stack([points.min(axis=0), points.max(axis=0)])


def deformed(points: np.ndarray, how: DeformationSpec, seconds: float) -> np.ndarray:
    return motion.deformed(points, bounds(points), how, seconds)


def item(**values) -> ObjectSpec:  # type: ignore[no-untyped-def]
    still = ObjectSpec(
        1, "box", 1, AssetRef("parametric", "box"), 2.0, (1.0, 2.0, 3.0), (1.0, 0.0, 0.0, 0.0), {}
    )
    return replace(still, **values)


@pytest.mark.parametrize("kind", KINDS)
@given(amplitudes, moments)
def test_the_foot_stays_unless_it_gets_thicker(kind: str, amplitude: float, seconds: float) -> None:
    foot = np.isclose(POINTS[:, 2], FOOT[2])
    assert foot.sum() > 4
    after = deformed(POINTS, how(kind, amplitude), seconds)[foot]
    assert after[:, 2] == pytest.approx(FOOT[2]), "it never leaves the table"
    if kind != "squash":
        assert after == pytest.approx(POINTS[foot])
    assert after.mean(axis=0) == pytest.approx(FOOT)


@given(amplitudes, moments)
def test_a_twist_keeps_heights_and_radii(amplitude: float, seconds: float) -> None:
    before, after = POINTS - FOOT, deformed(POINTS, how("twist", amplitude), seconds) - FOOT
    assert after[:, 2] == pytest.approx(before[:, 2])
    assert np.hypot(*after[:, :2].T) == pytest.approx(np.hypot(*before[:, :2].T))
    turned = np.angle((after[:, 0] + 1j * after[:, 1]) / (before[:, 0] + 1j * before[:, 1] + 1e-12))
    off_axis = np.hypot(*before[:, :2].T) > 1e-6
    expected = wave(amplitude, seconds) * before[:, 2] / TALL
    assert turned[off_axis] == pytest.approx(expected[off_axis], abs=1e-6)


@given(st.floats(-0.3, 0.3), moments)
def test_a_squash_keeps_the_volume(amplitude: float, seconds: float) -> None:
    after = deformed(POINTS, how("squash", amplitude), seconds)
    solid = trimesh.Trimesh(after, MESH.faces, process=False)
    assert solid.volume == pytest.approx(0.2 * 0.1 * 0.4)
    assert np.ptp(after[:, 2]) == pytest.approx(TALL * (1 + wave(amplitude, seconds)))


@given(amplitudes, moments)
def test_a_bend_leans_the_spine_and_keeps_distances_to_the_foot(
    amplitude: float, seconds: float
) -> None:
    before, after = POINTS - FOOT, deformed(POINTS, how("bend", amplitude), seconds) - FOOT
    assert np.linalg.norm(after, axis=1) == pytest.approx(np.linalg.norm(before, axis=1))
    assert after[:, 1] == pytest.approx(before[:, 1])
    top = np.array([[0.0, 0.0, TALL]]) + FOOT
    spine = np.concatenate([POINTS, top])
    tip = deformed(spine, how("bend", amplitude), seconds)[-1] - FOOT
    lean = wave(amplitude, seconds)
    assert tip == pytest.approx([TALL * np.sin(lean), 0, TALL * np.cos(lean)], abs=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_a_deformation_comes_round_and_is_nothing_at_its_zero(kind: str) -> None:
    shape = how(kind, 0.3, frequency=0.5, phase=0.0)
    assert deformed(POINTS, shape, 0.0) == pytest.approx(POINTS)
    assert deformed(POINTS, shape, 1.0) == pytest.approx(POINTS)
    assert deformed(POINTS, shape, 2.3) == pytest.approx(deformed(POINTS, shape, 0.3))
    assert np.abs(deformed(POINTS, shape, 0.5) - POINTS).max() > 0.01


def test_an_unknown_kind_is_an_error() -> None:
    with pytest.raises(ValueError, match="'melt': expected one of twist, bend, squash"):
        deformed(POINTS, how("melt", 0.1), 0.0)


def test_a_flat_shape_deforms_without_nan() -> None:
    flat = POINTS * [1, 1, 0]
    assert all(np.isfinite(deformed(flat, how(kind, 0.3), 0.4)).all() for kind in KINDS)


def test_the_pose_is_that_of_the_frame() -> None:
    half = np.sqrt(0.5)
    turned = PoseSpec((0.0, 0.0, 1.0), (half, 0.0, 0.0, half))
    moving = item(trajectory=(PoseSpec((1.0, 2.0, 3.0), (1.0, 0.0, 0.0, 0.0)), turned))
    assert pose_at(moving, 0) == pytest.approx(pose_at(item(), 7))
    x = np.array([[1.0, 0.0, 0.0]])
    assert transform(pose_at(moving, 1), x) == pytest.approx(np.array([[0.0, 1.0, 1.0]]))
    assert placed_at(moving, x, 1, 24.0) == pytest.approx(np.array([[0.0, 2.0, 1.0]]))


def test_the_shape_is_deformed_first_and_scaled_afterwards() -> None:
    shape = how("bend", 0.3)
    soft = item(deformation=shape)
    assert shape_at(item(), POINTS, 5, 24.0) == pytest.approx(2 * POINTS)
    expected = 2 * deformed(POINTS, shape, 6 / 24)
    assert shape_at(soft, POINTS, 6, 24.0) == pytest.approx(expected)
    assert shape_at(soft, POINTS, 12, 48.0) == pytest.approx(expected), "time counts, not frames"
    pose = pose_matrix(soft.position, soft.rotation)
    assert placed_at(soft, POINTS, 6, 24.0) == pytest.approx(transform(pose, expected))
    # Views of one moment: always that of frame 0.
    assert shape_at(soft, POINTS, 3, 0.0) == pytest.approx(2 * deformed(POINTS, shape, 0.0))


def test_single_points_go_along_with_the_shape() -> None:
    soft = item(deformation=how("twist", 0.4))
    some = POINTS[3:5]
    expected = shape_at(soft, POINTS, 9, 24.0)[3:5]
    assert points_at(soft, some, bounds(POINTS), 9, 24.0) == pytest.approx(expected)


def test_a_shape_deforms_alike_wherever_it_lies() -> None:
    corners = np.array(list(itertools.product((0, 1), (0, 1), (0, 1))), float)
    moved = corners + [3, 4, 5]
    for kind in KINDS:
        shape = how(kind, 0.3)
        assert deformed(moved, shape, 0.3) == pytest.approx(
            deformed(corners, shape, 0.3) + [3, 4, 5]
        )
