from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from simgen import geometry
from simgen.rng import stream
from simgen.spec import CameraSpec

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


def test_projection_is_opencvs() -> None:
    camera = CameraSpec(geometry.as_rows(np.eye(4)), focal_length_mm=35.0, sensor_width_mm=36.0)
    k = geometry.intrinsics(camera, 640, 480)
    points = np.array([[0.1, -0.2, 1.0], [0.3, 0.1, 2.0]])
    expected, _ = cv2.projectPoints(points, np.zeros(3), np.zeros(3), k, None)
    columns, rows = expected[:, 0, 0] - 0.5, expected[:, 0, 1] - 0.5
    assert geometry.pixel_rays(k, columns, rows) == pytest.approx(points / points[:, 2:], abs=1e-9)
    # A field of view of 36 mm at 35 mm, pixel centres at +0.5.
    assert k[0, 0] == k[1, 1] == pytest.approx(640 * 35 / 36)
    assert (k[0, 2], k[1, 2]) == (320, 240)
