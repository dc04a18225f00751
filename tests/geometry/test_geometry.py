from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from simgen.geometry import transforms as geometry
from simgen.spec.rng import stream

seeds = st.integers(0, 10_000)


@given(seeds)
def test_quaternions_and_rotations_are_scipys(seed: int) -> None:
    w, x, y, z = geometry.random_rotation(stream(seed, "rotation"))
    expected = Rotation.from_quat([x, y, z, w]).as_matrix()
    assert geometry.rotation_from_quaternion((w, x, y, z)) == pytest.approx(expected, abs=1e-12)
    back = geometry.quaternion_from_rotation(expected)
    assert abs(np.dot(back, (w, x, y, z))) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("axis", range(3))
def test_half_turns_survive_the_way_to_quaternions(axis: int) -> None:
    turn = np.eye(3)[axis] * np.pi
    matrix = Rotation.from_rotvec(turn).as_matrix()
    quaternion = geometry.quaternion_from_rotation(matrix)
    assert geometry.rotation_from_quaternion(quaternion) == pytest.approx(matrix, abs=1e-12)


@given(seeds)
def test_look_at_puts_the_target_in_the_middle_and_up_on_top(seed: int) -> None:
    rng = stream(seed, "look")
    target = rng.normal(size=3)
    eye = target + rng.normal(size=3) + [2.0, 0.0, 0.0]
    pose = geometry.look_at(eye, target)
    seen = geometry.transform(geometry.invert_rigid(pose), np.array([target, target + [0, 0, 1]]))
    assert seen[0, :2] == pytest.approx([0, 0], abs=1e-9)
    assert seen[0, 2] == pytest.approx(np.linalg.norm(target - eye))
    assert seen[1, 0] == pytest.approx(0, abs=1e-9)
    assert seen[1, 1] < 0, "the camera's y points down, so what is above has a smaller y"
    assert np.linalg.det(pose[:3, :3]) == pytest.approx(1)


def test_look_at_refuses_a_vertical_view() -> None:
    with pytest.raises(ValueError, match="vertical"):
        geometry.look_at([0, 0, 1], [0, 0, 0])


@pytest.mark.parametrize("height", [1.0, -1.0])
@pytest.mark.parametrize("azimuth", [0.0, 0.7, -2.0])
def test_look_at_from_a_side_goes_on_to_the_vertical_view(height: float, azimuth: float) -> None:
    side = np.array([np.cos(azimuth), np.sin(azimuth), 0.0])
    near = geometry.look_at(1e-5 * side + [0.0, 0.0, height], np.zeros(3), 0.3)
    straight = geometry.look_at([0.0, 0.0, height], np.zeros(3), 0.3, azimuth)
    assert straight == pytest.approx(near, abs=3e-5)
    assert straight[:3, 2] == pytest.approx([0.0, 0.0, -height])


@given(seeds)
def test_rotations_about_a_vector_are_scipys(seed: int) -> None:
    vector = stream(seed, "vector").normal(size=3) * stream(seed, "size").choice([1e-9, 1, 3])
    expected = Rotation.from_rotvec(vector).as_matrix()
    assert geometry.rotation_about(vector) == pytest.approx(expected, abs=1e-12)


def test_no_rotation_is_exactly_none() -> None:
    assert (geometry.rotation_about([0, 0, 0]) == np.eye(3)).all()
    assert (geometry.rotation_between([0, 0, 1], [0, 0, 1]) == np.eye(3)).all()


@given(seeds)
def test_the_smallest_rotation_turns_one_vector_onto_the_other(seed: int) -> None:
    rng = stream(seed, "pair")
    one, other = geometry.random_direction(rng), geometry.random_direction(rng)
    assert np.linalg.norm([one, other], axis=1) == pytest.approx(1)
    turn = geometry.rotation_between(one, other)
    assert turn @ one == pytest.approx(other, abs=1e-9)
    angle = Rotation.from_matrix(turn).magnitude()
    assert np.cos(angle) == pytest.approx(one @ other, abs=1e-9), "and by no more than it must"


def test_there_is_no_smallest_rotation_onto_the_opposite() -> None:
    with pytest.raises(ValueError, match="opposite"):
        geometry.rotation_between([0, 0, 1], [0, 0, -1])


@given(seeds)
def test_products_of_quaternions_are_scipys(seed: int) -> None:
    rng = stream(seed, "quaternions")
    a, b = geometry.random_rotation(rng), geometry.random_rotation(rng)
    x, y = (Rotation.from_quat(q, scalar_first=True) for q in (a, b))
    expected = (x * y).as_matrix()
    product = geometry.quaternion_product(a, b)
    assert geometry.rotation_from_quaternion(product) == pytest.approx(expected, abs=1e-12)
