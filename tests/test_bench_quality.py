"""The measures of `scripts/bench_quality.py` against values worked out by hand, and its scenes."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scripts"))

from bench_quality import psnr, ssim
from quality_scenes import SCENES, Size

from simgen.spec.scene import SceneSpec, dumps


def flat(value: int) -> np.ndarray:
    return np.full((24, 32, 3), value, dtype=np.uint8)


def noise(seed: int) -> np.ndarray:
    grey = np.random.default_rng(seed).integers(0, 256, (24, 32, 1), dtype=np.uint8)
    return np.repeat(grey, 3, axis=2)


def test_an_image_is_like_itself() -> None:
    assert psnr(noise(0), noise(0)) == float("inf")
    assert ssim(noise(0), noise(0)) == pytest.approx(1.0)


def test_psnr_of_a_known_error() -> None:
    assert psnr(flat(100), flat(110)) == pytest.approx(20.0 * np.log10(255.0 / 10.0))


def test_ssim_of_flat_images_compares_their_brightness_alone() -> None:
    c1 = (0.01 * 255.0) ** 2
    expected = (2.0 * 60.0 * 90.0 + c1) / (60.0**2 + 90.0**2 + c1)
    assert ssim(flat(60), flat(90)) == pytest.approx(expected, abs=1e-6)


def test_ssim_of_a_negative_is_below_nothing() -> None:
    assert ssim(255 - noise(0), noise(0)) < -0.9
    assert abs(ssim(noise(1), noise(0))) < 0.2


@pytest.mark.parametrize("name", SCENES)
def test_the_scenes_depend_on_their_size_alone(name: str) -> None:
    made = SCENES[name](Size(32, 24, 8))
    assert isinstance(made, SceneSpec)
    assert (made.render.width, made.render.height) == (32, 24)
    assert dumps(made) == dumps(SCENES[name](Size(32, 24, 16)))
    ids = [item.instance_id for item in made.objects]
    assert ids == list(range(1, len(ids) + 1))
