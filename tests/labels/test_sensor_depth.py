"""The label `sensor_depth`: against formulas, on scenes whose answers are formulas."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from cast import SMALL, cast_dataset
from config.test_config import refuse
from hypothesis import given, settings
from hypothesis import strategies as st

import simgen
from simgen.config import check
from simgen.config.depth_camera import DepthCameraConfig
from simgen.errors import InputError
from simgen.labels import depth_stereo, depth_tof
from simgen.labels.depth_light import Exact
from simgen.labels.registry import LABELS, drawable, presets
from simgen.labels.sensor_depth import sensor_depth
from simgen.resources import resource
from simgen.sampling.depth_camera import depth_camera_spec
from simgen.spec.rng import stream
from simgen.spec.scene import DepthCameraSpec, MaterialSpec, WeatherSpec, dumps, loads
from tests.labels.scenes import Box, Place, Scene, made, moving, still

QUIET = {
    "disparity_noise": 0.0, "lateral_noise": 0.0, "signal_noise": 0.0, "window": 1,
    "range_noise": 0.0, "blur": 0.0, "subpixel": 1024, "min_range": 0.1, "max_range": 60.0,
    "detection_range": 50.0,
}  # fmt: skip
"""A camera that measures exactly, but for its baseline."""


def camera(**changes: object) -> DepthCameraSpec:
    """A camera without faults, but for the changes."""
    return depth_camera_spec(DepthCameraConfig(**{**QUIET, **changes}))  # type: ignore[arg-type]


def looking(boxes: tuple[Box, ...], **more: object) -> Scene:
    """A camera at the origin that looks along z, x to the right and y down."""
    return Scene(boxes, (np.eye(4),), **more)  # type: ignore[arg-type]


def wall(z: float) -> Box:
    return Box((50.0, 50.0, 0.5), (Place((0.0, 0.0, z + 0.5)),), stuff="wall")


def measured(scene: Scene, made_by: DepthCameraSpec, **changes: object) -> np.ndarray:
    """Measured depth, metres; NaN where it is missing."""
    view = scene.view(0, scene.world(depth_camera=made_by, **changes))
    found = made(sensor_depth, view)
    assert found.dtype == np.uint16
    return np.where(found, found / 1000, np.nan)


def plane(z: float, side: int = 300, light: float = 1.0) -> Exact:
    """A wall that faces the camera, far from its edges."""
    full = np.full((side, side), z)
    return Exact(full, full, np.full((side, side), light))


def stereo(made_by: DepthCameraSpec, seen: Exact, focal: float = 580.0) -> np.ndarray:
    hidden = np.zeros(seen.depth.shape, bool)
    return depth_stereo.measure(made_by, seen, hidden, focal, stream(1, "test"))


def tof(made_by: DepthCameraSpec, seen: Exact) -> np.ndarray:
    return depth_tof.measure(made_by, seen, np.ones(seen.depth.shape), stream(1, "test"))


# ---- Stereo


@pytest.mark.parametrize("z", [1.0, 2.0, 4.0])
def test_the_noise_of_stereo_grows_with_the_square_of_depth(z: float) -> None:
    """sigma_z = z^2 / (f b) sigma_d, with the numbers of Khoshelham and Elberink."""
    found = stereo(camera(disparity_noise=0.06, baseline=0.075), plane(z))
    assert np.isfinite(found).all()
    assert np.std(found) == pytest.approx(z**2 / (580 * 0.075) * 0.06, rel=0.03)
    assert np.mean(found) == pytest.approx(z, rel=1e-3)


@pytest.mark.parametrize("window", [1, 5, 9])
def test_noise_extends_over_the_window(window: int) -> None:
    """Windows n pixels apart share 1 - n / window of their pixels; the spread stays."""
    found = stereo(camera(disparity_noise=0.01, window=window), plane(1.0, 900))
    off = (580 * 0.075 / found - 580 * 0.075) / 0.01
    assert np.std(off) == pytest.approx(1, rel=0.05)
    for step in (1, 3, 9):
        shared = np.mean(off[:, step:] * off[:, :-step])
        assert shared == pytest.approx(max(1 - step / window, 0), abs=0.06)


def test_disparity_comes_in_steps() -> None:
    """A slope has as many depths as there are steps, and each is f b n / k."""
    slope = np.tile(np.linspace(2.0, 3.0, 4000), (2, 1))
    found = stereo(camera(subpixel=8), Exact(slope, slope, np.ones_like(slope)))
    steps = 580 * 0.075 * 8 / found
    np.testing.assert_allclose(steps, np.rint(steps), atol=1e-9)
    low, high = 580 * 0.075 * 8 / 3, 580 * 0.075 * 8 / 2
    assert len(np.unique(found)) == round(high) - round(low) + 1
    # Half a step of 1/8 pixel, in depth.
    assert np.abs(found - slope).max() <= 3.0**2 / (580 * 0.075) / 16 * 1.01


@pytest.mark.parametrize("baseline", [0.08, -0.08])
def test_the_shadow_is_as_wide_as_the_difference_of_disparities(baseline: float) -> None:
    """b f (1/z1 - 1/z2) pixels, on the side away from the second viewpoint; and the second image's
    border is missing."""
    box = Box((0.15, 0.2, 0.05), (Place((0.0, 0.0, 1.05)),))
    scene = looking((wall(2.5), box), width=400, height=40)
    found = measured(scene, camera(baseline=baseline))[20]
    exact = scene.sight(0)[0].reshape(40, 400)[20] * scene.rays().reshape(40, 400, 3)[20, :, 2]
    if baseline < 0:
        found, exact = found[::-1], exact[::-1]
    first = int(np.flatnonzero(exact < 2)[0])
    shadow = 0.08 * 400 * (1 / 1.0 - 1 / 2.5)
    border = 0.08 * 400 / 2.5
    missing = np.flatnonzero(np.isnan(found))
    in_shadow = missing[missing > 200 * 0.2]
    assert in_shadow.tolist() == list(range(first - len(in_shadow), first))
    assert len(in_shadow) == pytest.approx(shadow, abs=1)
    assert len(missing) - len(in_shadow) == pytest.approx(border, abs=1)
    kept = np.isfinite(found)
    np.testing.assert_allclose(found[kept], exact[kept], atol=0.01)


@pytest.mark.parametrize("window", [5, 9, 15])
def test_near_surfaces_grow_by_part_of_the_window(window: int) -> None:
    """A straight edge moves by as much as lets a quarter of the window be enough."""
    depth = np.full((60, 200), 3.0)
    depth[:, 100:] = 1.0
    found = stereo(camera(window=window), Exact(depth, depth, np.ones_like(depth)))
    grown = int((found[30] < 2).sum()) - 100
    assert grown == window // 2 + 1 - int(np.ceil(np.ceil(0.25 * window**2) / window))
    assert grown > 0
    np.testing.assert_allclose(np.unique(np.round(found, 2)), [1.0, 3.0])


def test_a_wire_thinner_than_a_quarter_of_the_window_is_not_seen() -> None:
    depth = np.full((60, 100), 3.0)
    depth[:, 50:52] = 1.0
    seen = Exact(depth, depth, np.ones_like(depth))
    assert (stereo(camera(window=5), seen)[30] < 2).sum() > 2
    # The window in front of which it hangs still takes the wire's own pixels.
    assert (stereo(camera(window=15), seen)[30] < 2).sum() == 2


def test_lateral_noise_frays_edges_and_nothing_else() -> None:
    depth = np.full((200, 200), 3.0)
    depth[:, 100:] = 1.0
    found = stereo(camera(lateral_noise=0.7), Exact(depth, depth, np.ones_like(depth)))
    wrong = np.abs(found - depth) > 0.1
    assert wrong[:, 98:102].mean() > 0.1
    assert not wrong[:, :95].any()
    assert not wrong[:, 105:].any()


# ---- Time of flight


@pytest.mark.parametrize(("z", "light", "ambient"), [(2.0, 1.0, 0.0), (2.0, 0.1, 0.05)])
def test_the_noise_of_tof_depends_on_the_light(z: float, light: float, ambient: float) -> None:
    """sigma = range_noise sqrt(a + ambient) / a."""
    found = tof(camera(kind="tof", range_noise=0.002, ambient=ambient), plane(z, light=light))
    expected = 0.002 * np.sqrt(light + ambient) / light
    assert np.std(found) == pytest.approx(expected, rel=0.02)
    assert np.mean(found) == pytest.approx(z, abs=1e-3)


@pytest.mark.parametrize("z", [1.0, 6.9, 8.0, 16.0])
def test_distances_begin_again_after_the_ambiguity_range(z: float) -> None:
    found = tof(camera(kind="tof", ambiguity_range=7.5), plane(z))
    np.testing.assert_allclose(found, z % 7.5, atol=1e-6)


def test_pixels_fly_between_near_and_far_at_edges_only() -> None:
    depth = np.full((50, 100), 3.0)
    depth[:, 50:] = 1.0
    found = tof(camera(kind="tof", blur=0.6), Exact(depth, depth, 1 / depth**2))
    reach = depth_tof.reach(0.6)
    flying = (found > 1.01) & (found < 2.99)
    assert flying[:, 50 - reach : 50 + reach].any(axis=1).all()
    assert not flying[:, : 50 - reach].any()
    assert not flying[:, 50 + reach :].any()
    assert ((found > 1 - 1e-9) & (found < 3 + 1e-9)).all()
    sharp = tof(camera(kind="tof", blur=0.0), Exact(depth, depth, 1 / depth**2))
    np.testing.assert_allclose(sharp, depth, atol=1e-9)


@settings(max_examples=30, deadline=None)
@given(near=st.floats(0.3, 3), gap=st.floats(0.01, 3), bright=st.floats(0.05, 20))
def test_a_mixture_lies_between_its_parts(near: float, gap: float, bright: float) -> None:
    """For any two surfaces less than half of the ambiguity range apart."""
    depth = np.full((5, 12), near + gap)
    depth[:, 6:] = near
    light = np.where(depth == near, bright, 1.0)
    found = tof(camera(kind="tof", blur=1.0, detection_range=1000), Exact(depth, depth, light))
    assert (found >= near - 1e-9).all()
    assert (found <= near + gap + 1e-9).all()


# ---- Both


@pytest.mark.parametrize("kind", ["stereo", "tof"])
def test_a_camera_without_faults_measures_exact_depth(kind: str) -> None:
    scene = still()
    found = measured(scene, camera(kind=kind, baseline=0.001, ambiguity_range=100.0))
    exact = made(LABELS["depth"], scene.view(0))
    there = np.isfinite(found)
    assert (~np.isfinite(exact) <= ~there).all()
    assert there[np.isfinite(exact)].mean() > 0.95
    slack = 0.002 if kind == "tof" else 0.01 * exact[there] ** 2 + 0.002
    assert (np.abs(found[there] - exact[there]) <= slack).all()


@pytest.mark.parametrize("kind", ["stereo", "tof"])
def test_what_returns_no_light_is_missing(kind: str) -> None:
    """Glass, a mirror and black plastic at 45 degrees; beside them white matt surfaces."""
    grey = (0.8, 0.8, 0.8)
    matt = MaterialSpec("plastic", grey, grey, 1.0)
    finishes = (
        matt,
        replace(matt, transmission=1.0, roughness=0.02),
        replace(matt, metallic=1.0, roughness=0.05),
        MaterialSpec("plastic", (0.0,) * 3, (0.0,) * 3, 0.3),
    )
    boxes = tuple(
        Box((0.15, 0.2, 0.2), (Place((-0.6 + 0.4 * n, 0.0, 2.0), (1, 0, 0), np.pi / 4),))
        for n in range(4)
    )
    materials = tuple({"body": finish} for finish in finishes)
    scene = looking(boxes, materials=materials, width=160)
    found = measured(scene, camera(kind=kind, detection_range=4.0))
    code = scene.sight(0)[1].reshape(found.shape)
    seen = [np.isfinite(found[code == number]).mean() for number in range(1, 5)]
    assert seen[0] > 0.85
    assert seen[1:] == [0, 0, 0]


def test_half_of_the_pixels_are_missing_at_the_detection_range() -> None:
    def share(light: float, kind: str) -> float:
        noisy = camera(
            kind=kind, detection_range=4.0, signal_noise=0.3, range_noise=0.001, ambient=0.05,
            window=9, lateral_noise=0.5,
        )  # fmt: skip
        measure = stereo if kind == "stereo" else tof
        return float(np.isfinite(measure(noisy, plane(2.0, light=light))).mean())

    for kind in ("stereo", "tof"):
        assert share(0.1 / 4.0**2, kind) == pytest.approx(0.5, abs=0.05)
        assert share(0.4 / 4.0**2, kind) == 1
        assert share(0.02 / 4.0**2, kind) == 0


@pytest.mark.parametrize("kind", ["stereo", "tof"])
def test_range_fog_and_dropout(kind: str) -> None:
    scene = looking((wall(2.0),))
    inner = (slice(None), slice(20, 60))
    assert np.isfinite(measured(scene, camera(kind=kind))[inner]).all()
    assert np.isnan(measured(scene, camera(kind=kind, max_range=1.9))).all()
    assert np.isnan(measured(scene, camera(kind=kind, min_range=2.1))).all()
    near = camera(kind=kind, detection_range=3.0)
    assert np.isfinite(measured(scene, near)[inner]).all()
    assert np.isnan(measured(scene, near, weather=WeatherSpec(extinction=1.0))).all()
    lost = np.isnan(measured(scene, camera(kind=kind, dropout=0.3))[inner]).mean()
    assert lost == pytest.approx(0.3, abs=0.04)


def test_nothing_is_measured_where_nothing_is() -> None:
    scene = looking((Box((0.1, 0.1, 0.1), (Place((0.0, 0.0, 1.1)),)),))
    for kind in ("stereo", "tof"):
        found = measured(scene, camera(kind=kind, blur=0.5, window=9, lateral_noise=0.5))
        assert np.isfinite(found).any()
        assert np.isnan(found[:15]).all()


# ---- Asked for, stored, read


COARSE = (*SMALL, "num_scenes=1", "frames_per_scene=2", "seed=2")


@pytest.mark.parametrize("kind", ["structured_light", "tof"])
def test_a_dataset_of_each_kind(kind: str, tmp_path: Path) -> None:
    """Stored, read, drawn; the same again; and no other label changes with it."""
    plain = cast_dataset(tmp_path / "plain", *COARSE, "labels=[rgb,depth,instances]")
    words = (*COARSE, "labels=[rgb,depth,instances,sensor_depth]", f"depth_camera={kind}")
    folder, again = cast_dataset(tmp_path / "d", *words), cast_dataset(tmp_path / "again", *words)
    files = sorted(p.relative_to(folder) for p in (folder / "scenes").rglob("*") if p.is_file())
    for name in files:
        content = (folder / name).read_bytes()
        assert content == (again / name).read_bytes()
        if name.name != "spec.json" and "sensor_depth" not in name.name:
            assert content == (plain / name).read_bytes()
    assert "depth_camera" not in json.loads((plain / "scenes/000000/spec.json").read_text())

    frames = [sample.sensor_depth for sample in simgen.open(folder)]
    assert all(image.dtype == np.uint16 and image.any() for image in frames)
    assert (frames[0] != frames[1]).any()
    sample = simgen.open(folder)[0]
    assert "sensor_depth" in drawable(sample.labels)
    picture = LABELS["sensor_depth"].picture(sample)
    assert picture is not None
    assert picture.shape == sample.rgb.shape
    there = sample.sensor_depth > 0
    error = np.abs(sample.sensor_depth / 1000 - sample.depth)[there]
    assert np.median(error) < 0.05


@pytest.mark.parametrize("kind", ["stereo", "tof"])
def test_a_frame_does_not_depend_on_what_was_made_before(kind: str) -> None:
    """Whichever worker makes it; but each frame has its own noise."""
    noisy = camera(kind=kind, disparity_noise=0.1, range_noise=0.01)
    scene = moving()
    world = scene.world(depth_camera=noisy)
    after = [made(sensor_depth, scene.view(frame, world)) for frame in range(3)]
    alone = made(sensor_depth, scene.view(2, scene.world(depth_camera=noisy)))
    np.testing.assert_array_equal(after[2], alone)
    rests = replace(still(), cameras=(still().cameras[0],) * 2)
    first, second = (
        made(sensor_depth, rests.view(frame, rests.world(depth_camera=noisy))) for frame in (0, 1)
    )
    assert (first != second).mean() > 0.3


def test_no_preset_asks_for_it() -> None:
    assert all("sensor_depth" not in names for names in presets().values())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["depth_camera.kind=sonar"], "depth_camera.kind=sonar: expected one of stereo, tof"),
        (["depth_camera.window=4"], "depth_camera.window=4: expected an odd number"),
        (["depth_camera.baseline=0"], "depth_camera.baseline=0.0: expected at least 0.001 m"),
        (["depth_camera.max_range=0.3"], "depth_camera.min_range=0.4: expected less than"),
        (["depth_camera.max_range=70"], "depth_camera.max_range=70.0: expected a number"),
        (["depth_camera.subpixel=0"], "depth_camera.subpixel=0: expected a number from 1"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(words: list[str], said: str) -> None:
    assert said in refuse(*words)


def test_cameras_of_the_configs_can_be_made() -> None:
    found = {}
    for name in sorted(path.stem for path in resource("configs/depth_camera").glob("*.yaml")):
        config = simgen.load_config([f"depth_camera={name}"])
        check(config)
        found[name] = depth_camera_spec(config.depth_camera).kind
    assert found == {"active_stereo": "stereo", "structured_light": "stereo", "tof": "tof"}


def test_it_needs_a_pinhole(tmp_path: Path) -> None:
    words = (*SMALL, "camera.model=kannala_brandt", "labels=[sensor_depth]")
    with pytest.raises(InputError, match=r"'sensor_depth' needs camera\.model=pinhole"):
        cast_dataset(tmp_path / "d", *words)


def test_a_spec_keeps_its_depth_camera() -> None:
    spec = replace(still().spec(), depth_camera=camera(kind="tof"))
    assert loads(dumps(spec)) == spec
