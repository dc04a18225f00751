"""Cameras with distortion, and panoramas: image and labels follow OpenCV's own rays."""

from __future__ import annotations

import numpy as np
import pytest
from agreement import check_everything
from conftest import SEQUENCE, Generate
from oracle import Eye

import simgen

LENSES = {
    "brown_conrady": (
        "camera.model=brown_conrady",
        # k1, k2, p1, p2, k3, k4, k5, k6: the rational model, all coefficients at work
        "camera.distortion=[-0.25,0.08,0.004,-0.003,-0.01,0.06,0.02,0.005]",
        "camera.principal_point=[0.52,0.47]",
        "camera.focal_length_mm_range=[32,34]",
    ),
    "kannala_brandt": (
        "camera.model=kannala_brandt",
        "camera.distortion=[-0.02,0.006,-0.003,0.0005]",
        "camera.pixel_aspect=0.95",
        "camera.focal_length_mm_range=[16,17]",
    ),
    "equirectangular": ("camera.model=equirectangular",),
    "orthographic": (
        "camera.model=orthographic",
        "camera.principal_point=[0.55,0.46]",
        "camera.pixel_aspect=1.1",
    ),
}


@pytest.mark.render
@pytest.mark.parametrize("model", LENSES)
@pytest.mark.exhaustive
def test_labels_of_a_lens(model: str, generate: Generate) -> None:
    folder = generate(
        *SEQUENCE, "seed=7", "camera.path=orbit", "motion.objects=keyframed",
        "motion.deform_probability=0.4", "labels=[all,lidar]", *LENSES[model],
    )  # fmt: skip
    dataset = simgen.open(folder)
    assert {sample.camera.lens.model for sample in dataset} == {model}
    tally = check_everything(dataset)
    assert tally.looked_at["flow at edges"] > 100


@pytest.mark.parametrize("model", ["pinhole", "brown_conrady", "kannala_brandt"])
def test_a_stored_camera_projects_as_opencv_does(model: str) -> None:
    """The recipe of the documentation: OpenCV's functions, half a pixel apart."""
    eye = Eye(camera(model))
    rays = eye.rays[np.isfinite(eye.rays).all(axis=1)]
    assert len(rays) > 0.95 * eye.width * eye.height
    u, v = np.meshgrid(np.arange(eye.width) + 0.5, np.arange(eye.height) + 0.5)
    pixels = np.stack([u.ravel(), v.ravel()], axis=1)[np.isfinite(eye.rays).all(axis=1)]
    assert np.abs(eye.project(rays * 3.0) - pixels).max() < 1e-6


def camera(model: str) -> dict[str, object]:
    """A camera as it stands in a frame's JSON."""
    coefficients = {
        "pinhole": [],
        "brown_conrady": [-0.25, 0.08, 0.004, -0.003, -0.01, 0.06, 0.02, 0.005],
        "kannala_brandt": [-0.02, 0.006, -0.003, 0.0005],
    }[model]
    return {
        "width": 96,
        "height": 72,
        "K": [[80.0, 0.0, 50.0], [0.0, 84.0, 35.0], [0.0, 0.0, 1.0]],
        "cam_to_world": np.eye(4).tolist(),
        "lens": {"model": model, "coefficients": coefficients},
    }


def test_the_oracles_fisheye_is_kannala_brandts_formula() -> None:
    """So that the oracle stands on the published formula and on OpenCV at once."""
    eye = Eye(camera("kannala_brandt"))
    points = np.random.default_rng(0).uniform([-1, -1, 0.3], [1, 1, 1], (50, 3))
    theta = np.arctan2(np.hypot(*points[:, :2].T), points[:, 2])
    k1, k2, k3, k4 = eye.distortion
    bent = theta * (1 + k1 * theta**2 + k2 * theta**4 + k3 * theta**6 + k4 * theta**8)
    phi = np.arctan2(points[:, 1], points[:, 0])
    expected = np.stack([80 * bent * np.cos(phi) + 50, 84 * bent * np.sin(phi) + 35], axis=1)
    assert np.abs(eye.project(points) - expected).max() < 1e-9
