"""Objects before a photograph: by hand where that is possible, else by what must not change."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simgen.rendering.sensor import Developer, tone
from simgen.rendering.sensor.panorama import panorama_of
from simgen.spec.frame import RawFrame
from simgen.spec.scene import (
    BackgroundSpec,
    CameraSpec,
    EnvironmentSpec,
    LensSpec,
    RenderSpec,
    SceneSpec,
    SensorSpec,
    StageSpec,
)

HEIGHT, WIDTH = 48, 64
ROUGH = SensorSpec(
    white_balance=(1.1, 1.0, 0.9),
    vignetting=0.3,
    chromatic_aberration=0.004,
    blur=0.8,
    full_well=300.0,
    read_noise=5.0,
    bayer=True,
    sharpening=0.5,
    contrast=1.1,
    saturation=0.9,
    jpeg_quality=70,
    seed=3,
)
"""A camera with every imperfection."""


PERFECT = SensorSpec()


def spec(sensor: SensorSpec = PERFECT, kind: str = "photo") -> SceneSpec:
    pose = ((1.0, 0.0, 0.0, 0.0), (0.0, 0.0, 1.0, 0.0), (0.0, -1.0, 0.0, 0.0), (0.0, 0.0, 0.0, 1.0))
    return SceneSpec(
        seed=0,
        index=0,
        classes=("ball",),
        labels=("rgb", "rgba"),
        objects=(),
        stage=StageSpec("flying", {}, {}),
        environment=EnvironmentSpec(kind, 1.0),
        lights=(),
        cameras=(CameraSpec(pose, LensSpec(35.0, 36.0)),),
        render=RenderSpec(WIDTH, HEIGHT, 1, False, 4, 0),
        sensor=sensor,
        background=BackgroundSpec("a.jpg", "0"),
    )


def photograph(low: int = 0, high: int = 256) -> np.ndarray:
    return np.random.default_rng(1).integers(low, high, (HEIGHT, WIDTH, 3)).astype(np.uint8)


def raw(cover: np.ndarray, light: float = 0.18, shade: np.ndarray | None = None) -> RawFrame:
    """A grey object. light: its radiance."""
    radiance = np.repeat((light * cover)[..., None], 3, axis=-1).astype(np.float32)
    nothing = np.zeros((HEIGHT, WIDTH), np.int32)
    far = np.full((HEIGHT, WIDTH), np.inf)
    return RawFrame(radiance, far, nothing, cover=cover.astype(np.float32), shade=shade)


def square() -> np.ndarray:
    cover = np.zeros((HEIGHT, WIDTH))
    cover[10:30, 20:44] = 1.0
    return cover


def develop(
    frame: RawFrame, picture: np.ndarray | None, scene: SceneSpec
) -> tuple[np.ndarray, np.ndarray]:
    found = Developer(scene, picture).develop(frame, 0)
    assert found.rgb is not None
    assert found.rgba is not None
    return found.rgb, found.rgba


@pytest.mark.parametrize("contrast", [0.8, 1.0, 1.3])
def test_the_tone_curve_is_undone(contrast: float) -> None:
    shown = tone.decode(photograph())
    again = tone.render(tone.undo(shown, contrast), contrast)
    np.testing.assert_allclose(again, shown, atol=2e-5)
    white = tone.undo(np.ones((1, 1, 3), np.float32), contrast)
    assert float(white.max()) == pytest.approx(tone.WHITE, rel=1e-4)


def test_8_bit_values_survive_decoding_and_encoding() -> None:
    values = np.arange(256, dtype=np.uint8)
    np.testing.assert_array_equal(tone.quantise(tone.encode(tone.decode(values))), values)


@pytest.mark.parametrize("sensor", [SensorSpec(), ROUGH])
def test_an_empty_scene_shows_the_photograph_and_nothing_else(sensor: SensorSpec) -> None:
    picture = photograph()
    rgb, rgba = develop(raw(np.zeros((HEIGHT, WIDTH))), picture, spec(sensor))
    np.testing.assert_array_equal(rgb, picture)
    assert not rgba.any()


def test_a_camera_with_imperfections_changes_only_objects_and_their_edges() -> None:
    picture, cover = photograph(), square()
    rgb, rgba = develop(raw(cover), picture, spec(ROUGH))
    near = np.zeros(cover.shape, bool)
    near[4:36, 14:50] = True  # beyond blur and aberration
    np.testing.assert_array_equal(rgb[~near], picture[~near])
    assert not rgba[~near].any()
    inside = rgb[14:26, 26:38].astype(float)
    assert inside.std() > 2  # noise
    np.testing.assert_array_equal(rgb[16:24, 30:36], rgba[16:24, 30:36, :3])
    assert (rgba[16:24, 30:36, 3] == 255).all()


def test_edges_are_mixed_in_linear_light() -> None:
    """Middle grey over black and white, covering a quarter, a half and all of a pixel."""
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    picture[:, WIDTH // 2 :] = 255
    cover = np.zeros((HEIGHT, WIDTH))
    shares = (0.25, 0.5, 1.0)
    for row, share in enumerate(shares):
        cover[row] = share
    rgb, rgba = develop(raw(cover), picture, spec())
    for row, share in enumerate(shares):
        for column, behind in ((0, 0.0), (WIDTH - 1, 1.0)):
            mixed = 0.18 * share + behind * (1.0 - share)
            expected = 255 * (1.055 * mixed ** (1 / 2.4) - 0.055)
            np.testing.assert_allclose(rgb[row, column], expected, atol=1.5)
        # The colour on its own is that of the object, whatever its share.
        np.testing.assert_allclose(rgba[row, :, :3], 118, atol=1)
        np.testing.assert_allclose(rgba[row, :, 3], 255 * share, atol=0.5)
    assert (rgb[len(shares) :] == picture[len(shares) :]).all()


def test_shade_darkens_the_light_of_the_photograph() -> None:
    grey = np.full((HEIGHT, WIDTH, 3), 118, np.uint8)
    shade = np.ones((HEIGHT, WIDTH, 3), np.float32)
    shade[:10] = 0.5
    shade[10:20] = 1.3  # noise, or light reflected by objects
    rgb, _ = develop(raw(np.zeros((HEIGHT, WIDTH)), shade=shade), grey, spec())
    light = np.full((1, 1, 3), 0.18 * 0.5 / 0.98, np.float32)
    expected = tone.quantise(tone.encode(tone.render(light, 1.0)))[0, 0]
    np.testing.assert_allclose(rgb[:10], np.broadcast_to(expected, (10, WIDTH, 3)), atol=1)
    np.testing.assert_array_equal(rgb[10:], grey[10:])


def test_light_from_the_photograph_is_on_its_scale() -> None:
    """A surface with the light of a grey pixel gets the value of that pixel."""
    picture = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    sensor = SensorSpec(contrast=1.2)
    light = float(tone.undo(tone.decode(picture), 1.2)[0, 0, 0])
    rgb, _ = develop(raw(square(), light), picture, spec(sensor))
    np.testing.assert_allclose(rgb, 90, atol=1)
    brighter, _ = develop(raw(square(), light), picture, spec(replace(sensor, exposure=1.0)))
    assert brighter[20, 30, 0] > 110
    assert brighter[0, 0, 0] == 90


@pytest.mark.parametrize("value", [40, 90, 200])
def test_other_light_is_brought_to_the_mean_of_the_photograph(value: int) -> None:
    picture = np.full((HEIGHT, WIDTH, 3), value, np.uint8)
    rgb, _ = develop(raw(square(), 0.003), picture, spec(kind="studio"))
    np.testing.assert_allclose(rgb, value, atol=1)
    fixed = spec(SensorSpec(metering="fixed"), "studio")
    assert develop(raw(square(), 0.18), picture, fixed)[0][20, 30, 0] == 118


def test_without_a_photograph_objects_are_metered_alone_on_black() -> None:
    scene = replace(spec(kind="studio"), background=BackgroundSpec())
    rgb, rgba = develop(raw(square(), 0.7), None, scene)
    assert not rgb[square() == 0].any()
    assert 60 < rgb[20, 30, 0] < 200
    np.testing.assert_array_equal(rgba[..., 3], 255 * square())


def test_the_panorama_has_the_photograph_in_front_and_its_mirror_image_behind() -> None:
    """Sky above, ground below, and a bright window at the left edge of the photograph."""
    picture = np.zeros((60, 90, 3), np.uint8)
    picture[:30], picture[30:] = (60, 90, 160), (60, 90, 40)
    picture[:, :20] = 255
    around = panorama_of(picture, 1.0)
    height, width = around.shape[:2]
    assert width == 2 * height
    # The middle column is in front, a quarter of the width to its left is the photograph's left.
    front, left, right = width // 2, width // 4, 3 * width // 4
    middle = height // 2
    assert around[middle, left].min() > 10 * around[middle, right].max()
    assert around[middle, left].min() > 3 * around[middle, front].max()
    np.testing.assert_allclose(around[:, :left], around[:, left : 2 * left][:, ::-1], rtol=0.02)
    np.testing.assert_allclose(around[middle, 0], around[middle, -1], rtol=0.02)
    assert around[height // 4, right, 2] > around[height // 4, right, 1]
    assert around[3 * height // 4, right, 1] > around[3 * height // 4, right, 2]
    top = around[0]
    np.testing.assert_allclose(top, np.broadcast_to(top.mean(axis=0), top.shape), rtol=0.15)


@pytest.mark.parametrize("value", [0, 30, 128, 255])
def test_a_uniform_photograph_lights_grey_surfaces_to_its_own_value(value: int) -> None:
    picture = np.full((40, 60, 3), value, np.uint8)
    light = tone.undo(tone.decode(picture), 1.0)[0, 0]
    around = panorama_of(picture, 1.0)
    np.testing.assert_allclose(0.3 * around, np.broadcast_to(light, around.shape), 0.02, 1e-6)
