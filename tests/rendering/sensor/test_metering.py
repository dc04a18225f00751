"""What is exposed how."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from miniature import camera, spec

from simgen.rendering.sensor import Developer, develop, expose, meter
from simgen.rendering.sensor.metering import DIM, TARGET, balance
from simgen.spec.frame import RawFrame
from simgen.spec.rng import stream
from simgen.spec.scene import LensSpec, SensorSpec

SENSOR = SensorSpec()


def scene(level: float, seed: int = 0) -> np.ndarray:
    """Things of all reflectances under the same light: 60 x 80 pixels in patches."""
    patches = stream(seed, "patches").uniform(0.05, 0.9, (6, 8, 3))
    return np.kron(patches, np.ones((10, 10, 1))).astype(np.float32) * level


@pytest.mark.parametrize("level", [0.2, 1.0, 30.0, 1e4])
def test_lit_scenes_come_out_alike(level: float) -> None:
    light = scene(level)
    assert meter(light, SENSOR) * level == pytest.approx(meter(scene(1.0), SENSOR), rel=1e-3)
    image = develop(light, SENSOR, expose(light, SENSOR), 0)
    assert 80 < np.median(image) < 150
    assert (image.max(axis=-1) >= 254).mean() < 0.02


def test_a_plane_is_brought_to_the_target() -> None:
    assert meter(np.full((30, 40, 3), 0.5, np.float32), SENSOR) == pytest.approx(TARGET / 0.5)


def test_dim_scenes_are_brightened_part_way() -> None:
    levels = [1.0, 0.1, 0.01, 0.001]
    shown = [np.median(develop(scene(x), SENSOR, expose(scene(x), SENSOR), 0)) for x in levels]
    assert shown == sorted(shown, reverse=True)
    assert 20 < shown[-1] < 0.7 * shown[0]
    dark = np.full((30, 40, 3), DIM / 16, np.float32)
    # Four stops below, of which it gets back a share.
    for share in (0.0, 0.65, 1.0):
        sensor = replace(SENSOR, dark_adaptation=share)
        assert np.log2(meter(dark, sensor) / (TARGET / DIM)) == pytest.approx(share * 4)


def test_lamps_glints_and_holes_do_not_count() -> None:
    light = scene(1.0)
    with_lamp = light.copy()
    with_lamp[:4, :8] = 1e5
    with_lamp[-6:, :4] = 0.0
    assert meter(with_lamp, SENSOR) == pytest.approx(meter(light, SENSOR), rel=0.1)


def test_bright_planes_are_kept_within_reason() -> None:
    light = scene(0.3)
    light[:20] = 2.0  # a sunlit wall, a third of the picture, bright but not hopeless
    image = develop(light, SENSOR, expose(light, SENSOR), 0)
    assert (image.max(axis=-1) >= 254).mean() < 0.02
    light[:20] = 1e3  # a window at noon: it may burn out, the room must not go black
    image = develop(light, SENSOR, expose(light, SENSOR), 0)
    assert np.median(image[20:]) > 25


def test_exposure_is_in_stops() -> None:
    light = scene(1.0)
    brighter = meter(light, replace(SENSOR, exposure=1.5)) / meter(light, SENSOR)
    assert brighter == pytest.approx(2**1.5)
    assert meter(light, SensorSpec(metering="fixed", exposure=-2.0)) == 0.25


@pytest.mark.parametrize("value", [0.0, np.nan, np.inf, -1.0, 1e-30])
def test_without_light_there_is_still_a_number(value: float) -> None:
    gain = meter(np.full((8, 8, 3), value, np.float32), SENSOR)
    assert np.isfinite(gain)
    assert 0 < gain <= 1e4


def raw(left: np.ndarray | None, right: np.ndarray | None = None) -> RawFrame:
    shape = (60, 80)
    return RawFrame(left, np.ones(shape), np.ones(shape, np.int32), {}, right)


def developer(frame_rate: float, sensor: SensorSpec = SENSOR) -> Developer:
    return Developer(spec([], [camera(LensSpec(36, 36))], sensor=sensor, frame_rate=frame_rate))


def test_sequences_keep_their_first_exposure_and_views_do_not() -> None:
    frames = [raw(scene(1.0)), raw(scene(4.0))]
    film, views = developer(24.0), developer(0.0)
    filmed = [film.develop(frame, number) for number, frame in enumerate(frames)]
    viewed = [views.develop(frame, number) for number, frame in enumerate(frames)]
    assert filmed[0].exposure_stops == filmed[1].exposure_stops == viewed[0].exposure_stops
    assert viewed[1].exposure_stops == pytest.approx(viewed[0].exposure_stops - 2)
    assert filmed[1].rgb is not None
    assert filmed[1].rgb.mean() > filmed[0].rgb.mean() + 20  # type: ignore[union-attr]


def test_the_right_picture_has_the_lefts_exposure() -> None:
    pair = developer(0.0).develop(raw(scene(1.0), scene(0.25)), 0)
    assert pair.rgb is not None
    assert pair.rgb_right is not None
    assert pair.rgb_right.mean() < pair.rgb.mean() - 20
    assert pair.exposure_stops == developer(0.0).develop(raw(scene(1.0)), 0).exposure_stops
    alone = developer(0.0).develop(raw(None, scene(0.25)), 0)
    assert alone.rgb is None
    assert alone.rgb_right is not None
    nothing = developer(0.0).develop(raw(None), 0)
    assert nothing.rgb is None
    assert nothing.exposure_stops == 0.0


CAST = np.array([1.6, 1.0, 0.5], np.float32)


def grey_patches(rng: np.random.Generator) -> np.ndarray:
    """A picture of grey surfaces, `24 x 32 x 3`."""
    return np.repeat(rng.uniform(0.05, 0.6, (24, 32, 1)), 3, axis=2).astype(np.float32)


@pytest.mark.parametrize("strength", [0.0, 0.4, 1.0])
def test_a_colour_cast_is_removed_by_its_strength(strength: float) -> None:
    light = grey_patches(np.random.default_rng(0)) * CAST
    left = np.array(balance(light, strength)) * CAST
    np.testing.assert_allclose(left / left[1], CAST ** (1 - strength), rtol=1e-5)


def test_lamps_and_darkness_do_not_set_the_white_balance() -> None:
    light = grey_patches(np.random.default_rng(0))
    light[:2, :4] = (50.0, 20.0, 1.0)
    light[10:] = 0.0
    np.testing.assert_allclose(balance(light, 1.0), 1.0, rtol=1e-6)
    assert balance(np.zeros((4, 4, 3), np.float32), 1.0) == (1.0, 1.0, 1.0)


def test_a_sequence_keeps_the_white_balance_of_its_first_frame() -> None:
    sensor = replace(SENSOR, auto_white_balance=1.0)
    light = grey_patches(np.random.default_rng(0)) * CAST
    image = develop(light, sensor, expose(light, sensor), 0).astype(int)
    assert np.ptp(image, axis=2).max() <= 1
    film = developer(24.0, sensor)
    first, second = (film.develop(raw(one), n) for n, one in enumerate((light, light / CAST)))
    assert first.rgb is not None
    assert second.rgb is not None
    assert np.ptp(first.rgb.astype(int), axis=2).max() <= 1
    assert np.median(second.rgb[..., 2]) > np.median(second.rgb[..., 0]) + 20
