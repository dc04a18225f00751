"""The camera after its lens, against its formulas."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from simgen.geometry.color import srgb_to_linear
from simgen.rendering.sensor import Exposure, develop, optics, photosites, tone
from simgen.spec.rng import stream
from simgen.spec.scene import SensorSpec

CLEAN = SensorSpec(metering="fixed")
ALL = SensorSpec(
    metering="fixed", exposure=0.5, white_balance=(1.1, 1.0, 0.9), vignetting=0.3,
    chromatic_aberration=0.002, blur=0.6, full_well=5000.0, read_noise=2.0, bayer=True,
    sharpening=0.8, contrast=1.1, saturation=1.1, jpeg_quality=80, seed=3,
)  # fmt: skip
EFFECTS = {
    "white_balance": (1.1, 1.0, 0.9), "vignetting": 0.3, "chromatic_aberration": 0.01,
    "blur": 0.8, "full_well": 3000.0, "bayer": True, "sharpening": 0.8, "contrast": 1.2,
    "saturation": 0.7, "jpeg_quality": 60,
}  # fmt: skip


def flat(value: float, height: int = 48, width: int = 64) -> np.ndarray:
    return np.full((height, width, 3), value, np.float32)


def scenery(height: int = 49, width: int = 67) -> np.ndarray:
    """Smooth colours of sides that are no even numbers."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    waves = [0.5 + 0.45 * np.sin(x / (4 + i) + i) * np.cos(y / (5 + i)) for i in range(3)]
    return np.stack(waves, axis=-1).astype(np.float32)


def test_middle_grey_stays_what_it_is() -> None:
    assert (develop(flat(0.18), CLEAN, Exposure(1.0), 0) == 118).all()
    assert (develop(flat(0.045), CLEAN, Exposure(4.0), 0) == 118).all()


@pytest.mark.parametrize("contrast", [0.5, 0.85, 1.0, 1.2, 2.0])
def test_the_curve_rises_through_grey_to_white(contrast: float) -> None:
    light = np.geomspace(1e-5, tone.WHITE, 500).astype(np.float32)
    shown = tone.curve(light, contrast)
    assert (np.diff(shown) > 0).all()
    assert shown[-1] == pytest.approx(1.0, abs=1e-4)
    assert tone.curve(np.float32(0.18), contrast) == pytest.approx(0.18, rel=1e-4)
    low, high = tone.curve(np.array([0.18 / 1.01, 0.18 * 1.01], np.float32), contrast)
    slope = np.log(high / low) / np.log(1.01**2)
    assert slope == pytest.approx(1.35 * contrast, rel=0.01)
    assert tone.curve(np.float32(100.0), contrast) == 1.0


def test_a_neutral_camera_is_monotone_and_keeps_grey_grey() -> None:
    ramp = np.repeat(np.geomspace(1e-4, 8.0, 256, dtype=np.float32)[None, :, None], 3, axis=2)
    shown = develop(ramp, CLEAN, Exposure(1.0), 0)[0].astype(int)
    assert (shown[:, 0] == shown[:, 1]).all()
    assert (shown[:, 1] == shown[:, 2]).all()
    assert (np.diff(shown[:, 0]) >= 0).all()
    assert shown[0, 0] <= 1
    assert shown[-1, 0] == 255
    assert max(after - before for before, after in pairwise(shown[:, 0])) <= 6, "no steps"


@pytest.mark.parametrize("gain", [0.1, 1.0, 4.0])
def test_hues_do_not_turn(gain: float) -> None:
    """Hue is the place of the middle colour between the other two."""
    light = stream(1, "hues").uniform(0.02, 1.0, (20, 20, 3)).astype(np.float32)
    shown = tone.render(light * gain, 1.0)
    before, after = np.sort(light, axis=-1), np.sort(shown, axis=-1)
    clear = (after[..., 2] - after[..., 0] > 0.02) & (after[..., 2] < 1.0)
    place = [(c[..., 1] - c[..., 0]) / (c[..., 2] - c[..., 0]) for c in (before, after)]
    assert clear.sum() > 50
    assert np.abs(place[0] - place[1])[clear].max() < 1e-3
    assert (np.argsort(light, axis=-1)[clear] == np.argsort(shown, axis=-1)[clear]).all()


def test_encoding_is_srgbs() -> None:
    values = np.linspace(0, 1, 1000, dtype=np.float32)
    assert srgb_to_linear(tone.encode(values)) == pytest.approx(values, abs=1e-5)


def test_corners_lose_what_was_asked_for() -> None:
    lit = optics.vignette(flat(1.0, 601, 801), 0.4)[..., 0]
    assert lit[300, 400] == pytest.approx(1.0, abs=1e-5)
    corners = lit[[0, 0, -1, -1], [0, -1, 0, -1]]
    assert corners == pytest.approx([0.6] * 4, abs=2e-3)
    # At half the diagonal, of cos^4: 1 / (1 + tan^2 / 4)^2 where 1 / (1 + tan^2)^2 is 0.6.
    tan2 = 0.6**-0.5 - 1
    assert lit[150, 200] == pytest.approx((1 + tan2 / 4) ** -2, abs=2e-3)
    assert np.isfinite(optics.vignette(flat(1.0), 1.0)).all()


def test_red_and_blue_move_and_green_stays() -> None:
    light = flat(0.1, 61, 401)
    light[:, 300:] = 1.0
    moved = optics.aberrate(light, 0.04)
    assert (moved[..., 1] == light[..., 1]).all()
    edge = 300 - 0.5  # in pixels from the first one's middle; the image's middle is at 200
    expected = {0: 200 + (edge - 200) * 1.02, 2: 200 + (edge - 200) * 0.98}
    for channel, there in expected.items():
        row = moved[30, :, channel]
        found = np.interp(0.55, row[250:350], np.arange(250, 350))
        assert found == pytest.approx(there, abs=0.1)


def test_blur_spreads_a_point_as_wide_as_asked() -> None:
    light = flat(0.0, 41, 41)
    light[20, 20] = 100.0
    spread = optics.blur(light, 1.5)[..., 0]
    y, x = np.mgrid[0:41, 0:41] - 20
    assert spread.sum() == pytest.approx(100.0, rel=1e-4)
    assert np.sqrt((spread * x**2).sum() / spread.sum()) == pytest.approx(1.5, rel=0.03)
    assert np.sqrt((spread * y**2).sum() / spread.sum()) == pytest.approx(1.5, rel=0.03)


@pytest.mark.parametrize(
    ("level", "full_well", "read"), [(0.5, 1000, 3), (0.02, 400, 6), (1, 50, 0)]
)
def test_noise_has_the_variance_of_shots_and_readout(
    level: float, full_well: float, read: float
) -> None:
    light = np.full((400, 400), level, np.float32)
    counted = photosites.expose(light, full_well, read, stream(0, "noise")) * full_well
    mean = level * full_well
    assert counted.mean() == pytest.approx(mean, abs=4 * np.sqrt((mean + read**2) / 160_000))
    assert counted.var() == pytest.approx(mean + read**2, rel=0.02)


def test_noise_has_the_lights_brightness_in_the_picture() -> None:
    noisy = replace(CLEAN, full_well=2000.0, read_noise=2.0)
    for sensor in (noisy, replace(noisy, bayer=True)):
        image = develop(flat(0.18, 200, 200), sensor, Exposure(1.0), 0)
        assert image.mean() == pytest.approx(118, abs=1.0)
        assert image.std() > 2


def test_bayer_gives_back_what_is_smooth() -> None:
    light = scenery(60, 80)
    again = photosites.demosaic(photosites.mosaic(light))
    assert np.abs(again - light)[3:-3, 3:-3].max() < 0.08
    for channel in range(3):
        only = flat(0.0, 20, 20)
        only[..., channel] = 0.5
        again = photosites.demosaic(photosites.mosaic(only))
        assert again[2:-2, 2:-2, channel] == pytest.approx(0.5, abs=2e-3), "colours keep places"
        assert np.abs(again[2:-2, 2:-2].sum(axis=-1) - 0.5).max() < 4e-3


def test_bayer_does_not_move_the_picture() -> None:
    light = flat(0.0, 41, 41)
    light[20, 20] = light[20, 21] = light[21, 20] = light[21, 21] = 1.0
    again = photosites.demosaic(photosites.mosaic(light)).sum(axis=-1)
    y, x = np.mgrid[0:41, 0:41]
    for axis in (x, y):
        assert (again * axis).sum() / again.sum() == pytest.approx(20.5, abs=0.3)


def test_sharpening_steepens_edges_and_leaves_planes() -> None:
    light = flat(0.1)
    light[:, 32:] = 0.4
    plain, sharp = (
        develop(light, replace(CLEAN, sharpening=s), Exposure(1.0), 0) for s in (0.0, 1.0)
    )
    assert (plain[:, :20] == sharp[:, :20]).all()
    assert (plain[:, 44:] == sharp[:, 44:]).all()
    steps = [int(image[20, 32, 0]) - int(image[20, 31, 0]) for image in (plain, sharp)]
    assert steps[1] > steps[0] + 10


def test_saturation_keeps_luminance() -> None:
    shown = stream(2).uniform(0.3, 0.6, (10, 10, 3)).astype(np.float32)
    luma = np.array([0.2126, 0.7152, 0.0722], np.float32)
    for factor in (0.0, 0.7, 1.2):
        assert tone.saturate(shown, factor) @ luma == pytest.approx(shown @ luma, abs=1e-5)
    assert np.ptp(tone.saturate(shown, 0.0), axis=-1).max() < 1e-6


@pytest.mark.parametrize("name", EFFECTS)
def test_every_effect_shows_and_keeps_the_size(name: str) -> None:
    light = scenery()
    clean = develop(light, CLEAN, Exposure(1.0), 0)
    image = develop(light, replace(CLEAN, **{name: EFFECTS[name]}), Exposure(1.0), 0)
    assert image.shape == clean.shape == light.shape
    assert image.dtype == np.uint8
    assert (image != clean).any()
    assert np.abs(image.astype(int) - clean).mean() < 60, "it is still the same picture"


def test_noise_depends_on_seed_frame_and_eye_alone() -> None:
    light = scenery()
    one = develop(light, ALL, Exposure(1.0), 4)
    assert (develop(light.copy(), ALL, Exposure(1.0), 4) == one).all()
    for other in (
        develop(light, ALL, Exposure(1.0), 5),
        develop(light, ALL, Exposure(1.0), 4, eye=1),
        develop(light, replace(ALL, seed=4), Exposure(1.0), 4),
    ):
        assert (other != one).any()


def test_light_is_not_changed_and_may_be_broken() -> None:
    light = scenery()
    light[3, 4], light[5, 6], light[7, 8] = np.nan, np.inf, -1.0
    before = light.copy()
    for sensor in (CLEAN, ALL):
        image = develop(light, sensor, Exposure(1.0), 0)
        assert image.shape == light.shape
    assert np.array_equal(light, before, equal_nan=True)
    assert (develop(light, CLEAN, Exposure(1.0), 0)[7, 8] == 0).all()
    assert (develop(light, CLEAN, Exposure(1.0), 0)[5, 6] == 255).all()
