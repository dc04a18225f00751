"""The statistics of `scripts/measure_sensor.py`, on images whose answer is known."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from simgen.rendering.sensor.tone import compress

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scripts"))
from measure_sensor import blockiness, noise, slope

pytestmark = pytest.mark.render  # the script imports Blender


def test_noise_is_that_of_a_plane() -> None:
    v, u = np.mgrid[:256, :256]
    plane = (0.2 * u + 0.1 * v).astype(np.float32)
    assert noise(plane) < 1e-3
    for sigma in (1.0, 4.0):
        found = noise(plane + np.random.default_rng(0).normal(0, sigma, plane.shape).astype("f4"))
        assert found == pytest.approx(sigma, rel=0.2)  # the calmest blocks: a little below


def test_the_slope_of_white_noise_is_none_and_blur_makes_it_steep() -> None:
    white = np.random.default_rng(1).normal(100, 10, (256, 256)).astype(np.float32)
    assert slope(white) == pytest.approx(0.0, abs=0.2)
    assert slope(np.cumsum(white - white.mean(), axis=1)) < -0.5


def test_jpeg_leaves_steps_at_its_blocks() -> None:
    v, u = np.mgrid[:128, :128]
    waves = 120 + 80 * np.sin(u / 7.3 + v / 11.9)
    image = np.repeat(waves[..., None], 3, axis=2).astype(np.uint8)
    clean, coded = (i[..., 1].astype(np.float32) for i in (image, compress(image, 30)))
    assert blockiness(clean) == pytest.approx(1.0, abs=0.1)
    assert blockiness(coded) > 1.1
