"""Lamps, skies and worlds as Cycles renders them, against radiometry; and what the camera makes of
each kind of light."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import OpenEXR
import pytest
from miniature import camera, spec, thing
from solids import ball, box

from simgen.assets.hdris import find_hdris
from simgen.assets.textures import Pictures
from simgen.config import NAMES, Config
from simgen.config.draws import Draws
from simgen.errors import AssetError
from simgen.rendering.sensor import develop, expose
from simgen.sampling.randomizers.lighting import draw_light
from simgen.sampling.randomizers.sky import clear_irradiance
from simgen.spec.frame import RawFrame
from simgen.spec.scene import (
    CameraSpec,
    EnvironmentSpec,
    LensSpec,
    LightSpec,
    MaterialSpec,
    SceneSpec,
    SensorSpec,
    SkySpec,
)
from simgen.stages.stage import StagePart

pytestmark = pytest.mark.render

LENS = LensSpec(36, 36)
DARK = EnvironmentSpec("plain", 0.0)
GREY = 0.5
PAPER = MaterialSpec("plastic", (GREY,) * 3, (GREY,) * 3, 1.0)
LUMA = np.array([0.2126, 0.7152, 0.0722])


def looking(eye: tuple[float, float, float], at: tuple[float, float, float]) -> CameraSpec:
    ahead = np.subtract(at, eye) / np.linalg.norm(np.subtract(at, eye))
    up = (0.0, 1.0, 0.0) if abs(ahead[2]) > 0.99 else (0.0, 0.0, 1.0)
    right = np.cross(ahead, up) / np.linalg.norm(np.cross(ahead, up))
    pose = np.eye(4)
    pose[:3, :3] = np.stack([right, np.cross(ahead, right), ahead], axis=1)
    pose[:3, 3] = eye
    rows = tuple(tuple(map(float, row)) for row in pose)
    return CameraSpec(rows, LENS)  # type: ignore[arg-type]


def shoot(
    made: SceneSpec, stage: list[StagePart], folder: Path, pictures: Pictures | None = None
) -> RawFrame:
    from simgen.rendering.blender.make import Machine, render_frames

    machine = Machine(folder, device="cpu", pictures=pictures or Pictures())
    meshes = [ball(0.1), box(0.15, 0.1, 0.2)][: len(made.objects)]
    (raw,) = render_frames(made, meshes, stage, machine, ["radiance"])
    return raw


def lit_paper(
    environment: EnvironmentSpec, lights: tuple[LightSpec, ...], folder: Path
) -> np.ndarray:
    """Irradiance, `3`, of a level sheet in the origin, from its radiance by Lambert's law."""
    made = spec([], [looking((0, 0, 1.0), (0, 0, 0))], width=8, height=8, samples=512)
    made = replace(made, environment=environment, lights=lights)
    paper = StagePart("paper", box(1, 1, 0.01), (0, 0, -0.005), materials={"body": PAPER})
    return shoot(made, [paper], folder).radiance[3:5, 3:5].mean(axis=(0, 1)) * np.pi / GREY


AT, RED = (0.0, 0.0, 0.0), (1.0, 0.5, 0.25)
LAMPS = {
    "area": (LightSpec("area", (0, 0, 2.0), AT, RED, 10.0, 0.5), 10 / (np.pi * (4 + 0.0625))),
    "rectangle": (
        LightSpec("rectangle", (0, 0, 2.0), AT, RED, 10.0, 0.6, 0.3),
        10 / (np.pi * 4 + 0.18),
    ),
    "point": (LightSpec("point", (0, 0, 2.0), AT, RED, 10.0, 0.05), 10 / (4 * np.pi * 4)),
    "sun": (LightSpec("sun", (0, 0, 9.0), AT, RED, 3.0, 0.01), 3.0),
}


@pytest.mark.parametrize("kind", LAMPS)
def test_lamps_give_the_light_that_is_reckoned(kind: str, tmp_path: Path) -> None:
    lamp, expected = LAMPS[kind]
    found = lit_paper(DARK, (lamp,), tmp_path)
    # A rough dielectric is not quite Lambert's paper.
    assert found == pytest.approx(expected * np.array(RED), rel=0.12)


def test_a_rectangles_width_is_level(tmp_path: Path) -> None:
    """A wide window lights a level strip of the wall that it faces closely."""
    window = LightSpec("rectangle", (0, 0.15, 1.0), (0, 5.0, 1.0), (1, 1, 1), 10.0, 1.6, 0.1)
    made = spec([], [looking((0, -3, 1.0), (0, 0.5, 1.0))], width=31, height=31, samples=64)
    wall = StagePart("wall", box(4, 0.1, 4), (0, 0.45, 1.0), materials={"body": PAPER})
    made = replace(made, environment=DARK, lights=(window,))
    light = shoot(made, [wall], tmp_path).radiance.sum(axis=-1)
    assert light[15, 10] > 3 * light[10, 15]
    assert light[15, 20] > 3 * light[20, 15]


def test_plain_surrounds_have_their_radiance(tmp_path: Path) -> None:
    made = spec([], [looking((0, 0, 1), (0, 1, 2))], width=8, height=8)
    made = replace(made, environment=EnvironmentSpec("plain", 0.3, (1.0, 0.5, 2.0)))
    radiance = shoot(made, [], tmp_path).radiance
    assert radiance == pytest.approx(np.broadcast_to([0.3, 0.15, 0.6], (8, 8, 3)), rel=1e-4)


def sky(**more: object) -> EnvironmentSpec:
    given = {"sun_elevation": 0.6, "sun_azimuth": 2.0, "sun_strength": 1.0, "air": 1.0,
             "aerosol": 1.0, "ozone": 1.0, **more}  # fmt: skip
    return EnvironmentSpec("sky", 0.1, sky=SkySpec(**given))  # type: ignore[arg-type]


@pytest.mark.parametrize("azimuth", [0.0, 2.0, 4.5])
@pytest.mark.corpus(1)
def test_the_sun_stands_where_the_spec_says(azimuth: float, tmp_path: Path) -> None:
    elevation = 0.6
    level = np.cos(elevation)
    toward = (level * np.cos(azimuth), level * np.sin(azimuth), np.sin(elevation))
    views = [looking((0, 0, 0), toward), looking((0, 0, 0), tuple(-np.array(toward) * (1, 1, -1)))]
    brightest = []
    for view in views:
        made = spec([], [view], width=65, height=65)
        made = replace(made, environment=sky(sun_azimuth=azimuth))
        brightest.append(shoot(made, [], tmp_path).radiance.sum(axis=-1))
    row, column = np.unravel_index(brightest[0].argmax(), (65, 65))
    assert abs(row - 32) <= 1
    assert abs(column - 32) <= 1
    assert brightest[0].max() > 1000 * brightest[1].max()


@pytest.mark.parametrize("elevation", [0.2, 1.0])
@pytest.mark.corpus(1)
def test_clear_skies_give_the_fitted_irradiance(elevation: float, tmp_path: Path) -> None:
    for strength, parts in ((0.0, (0.0, 1.0)), (1.0, (1.0, 1.0))):
        found = lit_paper(sky(sun_elevation=elevation, sun_strength=strength), (), tmp_path) @ LUMA
        assert found / 0.1 == pytest.approx(np.dot(parts, clear_irradiance(elevation)), rel=0.2)


def test_clouds_are_a_white_dome_over_the_ground(tmp_path: Path) -> None:
    cloudy = sky(sun_strength=0.0, clouds=1.0, cloud_radiance=9.0, ground=(3.0, 2.0, 1.0))
    assert lit_paper(cloudy, (), tmp_path) == pytest.approx([0.9 * np.pi * 7 / 9] * 3, rel=0.12)
    made = spec([], [looking((0, 0, 1), (0, 1, -3))], width=8, height=8)
    down = shoot(replace(made, environment=cloudy), [], tmp_path).radiance
    assert down == pytest.approx(np.broadcast_to([0.3, 0.2, 0.1], (8, 8, 3)), rel=1e-3)


def test_a_users_world_is_normalised_turned_and_checked(tmp_path: Path) -> None:
    folder = tmp_path / "worlds"
    folder.mkdir()
    pixels = np.full((64, 128, 3), 0.5, np.float32)
    pixels[:, 60:68, 0] = 4.0  # red stands where longitude is 0 in the image's middle
    planes = {name: np.ascontiguousarray(pixels[..., i]) for i, name in enumerate("RGB")}
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    with OpenEXR.File(header, planes) as file:
        file.write(str(folder / "a.exr"))
    config = Config()
    config.lighting.kinds, config.lighting.hdris = ["hdri"], []
    config.lighting.tint_range = 0.0
    config.lighting.area_count_range, config.lighting.sun_probability = 0, 0.0
    world, _ = draw_light(Draws(config, 0), find_hdris(folder), (), (0, 0, 0), 0.3)
    around = LensSpec(36, 36, "equirectangular")
    seen = []
    for turn in (0.0, np.pi / 2):
        made = spec([], [replace(looking((0, 0, 0), (1, 0, 0)), lens=around)], width=128, height=64)
        made = replace(made, environment=replace(world, rotation=turn))
        radiance = shoot(made, [], tmp_path, Pictures(hdris=folder)).radiance
        rows = np.sin((np.arange(64) + 0.5) / 64 * np.pi)
        mean = np.average((radiance @ LUMA).mean(axis=1), weights=rows)
        assert mean == pytest.approx(world.strength, rel=0.01)
        seen.append(int(radiance[32, :, 0].argmax()))
    assert abs(abs(seen[1] - seen[0]) - 32) <= 5, "a quarter of the circle"
    with pytest.raises(AssetError, match="SHA-256"):
        shoot(
            replace(made, environment=replace(world, hdri_sha256="0" * 64)),
            [], tmp_path, Pictures(hdris=folder),
        )  # fmt: skip


@pytest.mark.parametrize("kind", [k for k in NAMES["lighting.kinds"].names if k != "photo"])
@pytest.mark.exhaustive
def test_pictures_of_all_kinds_are_neither_black_nor_burnt_out(kind: str, tmp_path: Path) -> None:
    config = Config()
    config.lighting.kinds = [kind]
    table = MaterialSpec("plastic", (0.3, 0.2, 0.12), (0.1,) * 3, 0.6)
    stage = [StagePart("table", box(1.4, 1.4, 0.02), (0, 0, -0.01), materials={"body": table})]
    things = [thing(1, (0, 0, 0.1)), thing(2, (0.2, 0.1, 0.1))]
    medians = []
    for scene in range(3):
        environment, lights = draw_light(Draws(config, scene), None, (), (0, 0, 0.1), 0.25)
        made = spec(
            things, [looking((0.3, -0.9, 0.6), (0, 0, 0.1))], width=48, height=36, samples=8
        )
        raw = shoot(replace(made, environment=environment, lights=lights), stage, tmp_path)
        image = develop(raw.radiance, SensorSpec(), expose(raw.radiance, SensorSpec()), 0)
        medians.append(np.median(image))
        assert (image.min(axis=-1) >= 254).mean() < 0.02
    low, high = (12, 90) if kind == "night" else (55, 150)
    assert low < min(medians)
    assert max(medians) < high


def test_unknown_kinds_are_refused() -> None:
    from simgen.rendering.blender.lighting import build_environment, build_lights

    with pytest.raises(ValueError, match="environment kind 'fog': expected"):
        build_environment(EnvironmentSpec("fog", 1.0))
    with pytest.raises(ValueError, match="light kind 'spot': expected"):
        build_lights([LightSpec("spot", AT, AT, RED, 1.0, 1.0)])


def test_cameras_stand_where_they_look() -> None:
    """Of this file's own helper."""
    assert np.allclose(looking((0, 0, 0), (0, 1, 0)).cam_to_world[0][:3], (1, 0, 0))
    assert camera(LENS).lens == LENS
