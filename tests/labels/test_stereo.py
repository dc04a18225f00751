"""Disparity against f B / z and against rays of a second camera."""

from __future__ import annotations

import numpy as np
from labels.scenes import made, moving, still

from simgen.labels import stereo

BASELINE = 0.15


def test_disparity_is_focal_length_times_baseline_over_depth() -> None:
    scene = still(baseline=BASELINE)
    found = made(stereo.disparity, scene.view(1))
    distance, code = scene.sight(1)
    depth = (distance * scene.rays()[:, 2]).reshape(60, 80)
    expected = np.where(np.isfinite(depth), 80.0 * BASELINE / depth, 0.0)  # 36 mm on 36 mm
    assert found is not None
    assert found.dtype == np.float32
    assert np.allclose(found, expected, rtol=1e-6)
    assert (found.reshape(-1)[code == 0] == 0).all()
    assert found.max() > 3


def test_disparity_leads_to_the_same_point_in_the_right_image() -> None:
    scene = still(baseline=BASELINE)
    found = made(stereo.disparity, scene.view(1))
    right = scene.cameras[1].copy()
    right[:3, 3] += BASELINE * right[:3, 0]
    distance, code = scene.sight(1)
    seen = code > 0
    world = (scene.rays() * np.where(seen, distance, 1)[:, None]) @ scene.cameras[1][:3, :3].T
    points = (world + scene.cameras[1][:3, 3] - right[:3, 3]) @ right[:3, :3]
    moved = scene.centres() - scene.project(points)
    assert found is not None
    assert np.abs(found.reshape(-1) - moved[:, 0])[seen].max() < 1e-4
    assert np.abs(moved[seen, 1]).max() < 1e-9


def test_what_the_right_camera_does_not_see() -> None:
    scene = moving(baseline=BASELINE)
    found = made(stereo.disparity_occlusion, scene.view(2))
    distance, code = scene.sight(2)
    sky, left = code == 0, scene.cameras[2]
    eye = left[:3, 3] + BASELINE * left[:3, 0]
    rays = scene.rays() @ left[:3, :3].T
    points = left[:3, 3] + rays * np.where(sky, 1, distance)[:, None]
    directions = np.where(sky[:, None], rays, points - eye)
    pixels = scene.project(directions @ left[:3, :3])
    expected = scene.hidden(2, eye, directions, sky) | (pixels[:, 0] < 0)
    assert found is not None
    assert (found.reshape(-1) != expected).sum() <= 2
    assert expected.sum() > 50
    assert (~expected).sum() > 1000


def test_one_camera_has_no_disparity() -> None:
    view = still().view(0)
    assert made(stereo.disparity, view) is None
    assert made(stereo.disparity_occlusion, view) is None
