"""Fog against its formula, labels that weather leaves as they are, and drops that fall."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import TINY, Generate, content
from miniature import camera, shoot, spec, thing
from solids import box

from simgen.rendering.sensor.rain import add_rain
from simgen.spec.scene import LensSpec, LightSpec, SceneSpec, WeatherSpec
from simgen.stages.stage import StagePart

LENS = LensSpec(36, 36)
SUN = LightSpec("sun", (-1.0, -2.0, 0.0), (0.0, 0.0, 4.0), (1.0, 0.9, 0.8), 3.0, 0.0)
AIR = (0.3, 0.4, 0.5)
WALL = StagePart("wall", box(30, 30, 0.2), (0.0, 0.0, 9.0))


def scene(weather: WeatherSpec) -> SceneSpec:
    """A box in front of a wall, lit without noise. Looks along the world's z."""
    made = spec([thing(1, (0, 0, 4))], [camera(LENS)], samples=16, lights=(SUN,), weather=weather)
    return replace(made, render=replace(made.render, max_bounces=0))


@pytest.mark.render
@pytest.mark.parametrize("extinction", [0.05, 0.5])
def test_fog_leaves_what_the_formula_says(extinction: float, tmp_path: Path) -> None:
    clear, foggy = (
        shoot(scene(weather), [box(1, 1, 1)], tmp_path, [WALL])[0]
        for weather in (WeatherSpec(), WeatherSpec(extinction, AIR))
    )
    assert (clear.code == foggy.code).all()
    assert (clear.distance == foggy.distance).all()
    left = np.exp(-extinction * clear.distance)[..., None]
    assert clear.radiance is not None
    assert foggy.radiance is not None
    expected = left * clear.radiance + (1.0 - left) * np.array(AIR)
    flat = np.abs(np.gradient(clear.distance)).max(axis=0) < 0.1  # no edge within the pixel
    assert flat.mean() > 0.8
    for code in (1, 2):  # the wall and the box
        error = (foggy.radiance - expected)[flat & (clear.code == code)]
        assert np.abs(error.mean(axis=0)).max() < 0.004
        assert np.quantile(np.abs(error), 0.9) < 0.03, "what remains is the path tracer's noise"


@pytest.mark.render
@pytest.mark.parametrize("weather", [WeatherSpec(snow=1.0), WeatherSpec(wetness=1.0)])
def test_only_what_faces_up_is_covered(weather: WeatherSpec, tmp_path: Path) -> None:
    before, after = (
        shoot(scene(each), [box(1, 1, 1)], tmp_path, [WALL])[0] for each in (WeatherSpec(), weather)
    )
    assert before.radiance is not None
    assert after.radiance is not None
    assert (before.code == after.code).all()
    # The wall's and the box's near sides face -z.
    assert np.abs(before.radiance - after.radiance).max() < 0.02


def test_rain_falls_along_gravity_and_grows_with_its_rate() -> None:
    level = np.eye(4)
    level[:3, :3] = [[1, 0, 0], [0, 0, 1], [0, -1, 0]]  # looks along y, up is z
    pose = tuple(tuple(map(float, row)) for row in level)
    light = np.full((240, 320, 3), 0.2, np.float32)
    light[:40] = 1.0
    seen = []
    for rain in (2.0, 40.0):
        made = scene(WeatherSpec(rain=rain, seed=5))
        made = replace(made, cameras=(replace(made.cameras[0], cam_to_world=pose),))
        first, again = (add_rain(light, made, 0, 0) for _ in range(2))
        assert (first == again).all()
        assert (add_rain(light, made, 0, 1) != first).any(), "the other eye sees other drops"
        seen.append(first[40:, :, 1] - light[40:, :, 1])
    few, many = seen
    assert few.min() > -1e-6
    assert many.sum() > 1.5 * few.sum() > 0
    across, down = (np.abs(np.diff(many, axis=axis)).sum() for axis in (1, 0))
    assert across > 2 * down, "streaks are upright"


@pytest.mark.render
def test_labels_do_not_know_the_weather(generate: Generate) -> None:
    words = (*TINY, "scene=outdoor", "num_scenes=1", "seed=6", "lighting.kinds=[sky]")
    dry, wet = (content(generate(*words, f"weather.kinds=[{kind}]")) for kind in ("clear", "rain"))
    labels = [name for name in dry if name.endswith((".instances.png", ".depth.exr"))]
    assert labels
    assert all(dry[name] == wet[name] for name in labels)
    (image,) = (name for name in dry if name.endswith(".rgb.png"))
    assert dry[image] != wet[image]
    stored = json.loads(wet["scenes/000000/spec.json"])
    assert stored["weather"]["rain"] == stored["factors"]["weather.rain_range"][0]
    assert "weather" not in json.loads(dry["scenes/000000/spec.json"]), "as in older datasets"
