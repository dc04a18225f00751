"""The label `lidar`: against formulas, and an independent ray caster."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import trimesh
from agreement import scenes as oracles
from cast import SMALL, cast_dataset
from config.test_config import refuse
from scipy.spatial.transform import Rotation

import simgen
from simgen.commands import generate as hydra_app
from simgen.config import Config, check
from simgen.config.lidar import LidarConfig
from simgen.errors import InputError
from simgen.geometry.scans import directions, grid
from simgen.labels.lidar import LIDAR, LidarScan, scan, scanner_pose
from simgen.labels.registry import LABELS, drawable, presets
from simgen.labels.returns import finish_of, measure
from simgen.sampling.lidar import lidar_spec
from simgen.spec.rng import stream
from simgen.spec.scene import LidarSpec, MaterialSpec, WeatherSpec, dumps, loads
from tests.labels.scenes import Scene, camera, mesh, moving, still

COARSE = ("lidar.azimuth_step_deg=2", "lidar.beams=16", "lidar.vertical_fov_deg=[-60,20]")
"""A scan of 2,880 pulses."""


def lidar(**changes: object) -> LidarSpec:
    """A scanner with few pulses and without noise."""
    config = LidarConfig(azimuth_step_deg=1.0, vertical_fov_deg=[-40.0, 10.0], range_noise=0.0)
    for name, value in changes.items():
        setattr(config, name, value)
    return lidar_spec(config)


def scanned(scene: Scene, scanner: LidarSpec, frame: int = 0, **changes: object) -> LidarScan:
    """The scan of a scene of boxes."""
    world = scene.world(lidar=scanner, **changes)
    view = SimpleNamespace(world=world, frame=frame, instances=np.zeros(0, np.uint16))
    return LidarScan(**scan(SimpleNamespace(view=view)))  # type: ignore[arg-type]


# ---- Where the pulses go


@pytest.mark.parametrize("pattern", ["spinning", "raster", "rosette"])
def test_pulses_fill_the_field_of_view(pattern: str) -> None:
    scanner = lidar(pattern=pattern, horizontal_fov_deg=60.0, beams=26, points=9000)
    rays = directions(scanner, 0)
    rows, columns = grid(scanner)
    assert (
        len(rays) == rows * columns == {"spinning": 9360, "raster": 1560, "rosette": 9000}[pattern]
    )
    np.testing.assert_allclose(np.linalg.norm(rays, axis=1), 1, atol=1e-12)
    azimuth = np.degrees(np.arctan2(rays[:, 1], rays[:, 0]))
    elevation = np.degrees(np.arcsin(rays[:, 2]))
    half = 180 if pattern == "spinning" else 30
    assert half - 2 < azimuth.max() <= half
    assert -half <= azimuth.min() < -half + 2
    assert 8 < elevation.max() <= 10 + 1e-9
    assert -40 - 1e-9 <= elevation.min() < -38
    # No large hole: every cell of 10 x 10 degrees within the ellipse of a rosette has pulses.
    cells = np.histogram2d(azimuth, elevation, [6, 5], [[-30, 30], [-40, 10.01]])[0]
    assert cells[1:-1, 1:-1].min() > 0


def test_rows_go_down_and_columns_to_the_right() -> None:
    scanner = lidar(beams=3)
    rays = directions(scanner, 0).reshape(*grid(scanner), 3)
    assert (np.diff(rays[:, 180, 2]) < 0).all()
    middle = np.degrees(np.arctan2(rays[0, :, 1], rays[0, :, 0]))
    np.testing.assert_allclose(np.diff(middle), -1)
    named = lidar(elevations_deg=[-10.0, 5.0, 0.0])
    found = directions(named, 0).reshape(*grid(named), 3)[:, 0, 2]
    np.testing.assert_allclose(np.degrees(np.arcsin(found)), [5, 0, -10])


def test_a_rosette_draws_another_curve_in_each_frame_and_a_raster_does_not() -> None:
    rosette, raster = lidar(pattern="rosette"), lidar(pattern="raster")
    assert np.abs(directions(rosette, 0) - directions(rosette, 1)).max() > 0.1
    np.testing.assert_array_equal(directions(raster, 0), directions(raster, 1))


# ---- What they meet


def test_the_ground_is_a_plane() -> None:
    """Level, 1.5 m above it: z = -1.5 wherever a pulse comes down on it."""
    scene = replace(still(), boxes=still().boxes[:1], cameras=(camera((0, 3, 1.5), 0.3, 0.5),))
    found = scanned(scene, lidar(mount="level"))
    top = found.exact_points[:, 2]
    assert len(top) > 1000
    np.testing.assert_allclose(top, -1.5, atol=1e-5)
    np.testing.assert_allclose(found.points, found.exact_points, atol=1e-4)
    assert set(found.instance_id) == {0}


def test_a_sphere_has_its_radius() -> None:
    ball = trimesh.creation.icosphere(5, 0.6)
    scene = replace(
        still(), boxes=still().boxes[2:3], cameras=(camera((0, 0, 1)),),
        meshes=(mesh(ball.vertices, ball.faces),),
    )  # fmt: skip
    scene = replace(scene, boxes=(replace(scene.boxes[0], scale=1.0),))
    found = scanned(scene, lidar(azimuth_step_deg=0.5, beams=64))
    middle = np.linalg.inv(found.lidar_to_camera) @ np.linalg.inv(scene.cameras[0]) @ [
        *scene.boxes[0].places[0].position, 1.0,
    ]  # fmt: skip
    away = np.linalg.norm(found.exact_points - middle[:3], axis=1)
    assert len(away) > 300
    # The faces of an icosphere lie inside of its sphere by less than this.
    assert away.max() <= 0.6 + 1e-6
    assert away.min() >= 0.6 * (1 - 5e-4)


@pytest.mark.parametrize("mount", ["camera", "level", "world"])
@pytest.mark.parametrize("frame", [1, 2])
def test_boxes_are_where_slabs_say(mount: str, frame: int) -> None:
    """Moving, turning and squashed boxes: range and id of every pulse."""
    scene = moving()
    scanner = lidar(mount=mount, position=[0.1, -0.2, 0.9], rotation_deg=[3.0, 12.0, 80.0])
    found = scanned(scene, scanner, frame)
    pose = scene.cameras[frame] @ found.lidar_to_camera
    rays = directions(scanner, frame) @ pose[:3, :3].T
    ways = np.array([box.meets(frame, pose[:3, 3], rays) for box in scene.boxes])
    expected = np.full(len(rays), np.inf)
    expected[found.pulse] = found.exact_range
    off = ~np.isclose(expected, ways.min(axis=0), rtol=0, atol=1e-4)
    assert off.mean() < 1e-3  # pulses along an edge
    codes = np.maximum(ways.argmin(axis=0) + 1 - scene.stage_count, 0)
    agree = ~off[found.pulse]
    np.testing.assert_array_equal(found.instance_id[agree], codes[found.pulse][agree])
    assert len(set(found.instance_id)) >= 3
    classes = np.array([0, 1, 2, 1])
    np.testing.assert_array_equal(found.class_id, classes[found.instance_id])


def test_mounts() -> None:
    """Fixed to the camera, upright beside it, or at one place in the world."""
    scene = moving()
    poses = {}
    for mount in ("camera", "level", "world"):
        scanner = lidar(mount=mount, position=[0.5, 0.0, 0.2])
        world = scene.world(lidar=scanner)
        poses[mount] = [scanner_pose(world, frame) for frame in range(3)]
    for frame, eye in enumerate(scene.cameras):
        fixed, level = poses["camera"][frame], poses["level"][frame]
        np.testing.assert_allclose(fixed[:3, 0], eye[:3, 2], atol=1e-12)
        np.testing.assert_allclose(fixed[:3, 2], -eye[:3, 1], atol=1e-12)
        np.testing.assert_allclose(fixed[:3, 3], (eye @ [0, -0.2, 0.5, 1])[:3], atol=1e-12)
        np.testing.assert_allclose(level[:3, 2], [0, 0, 1], atol=1e-12)
        np.testing.assert_allclose(level[2, 3], eye[2, 3] + 0.2, atol=1e-12)
        assert np.linalg.det(level[:3, :3]) == pytest.approx(1)
        assert level[:2, 0] @ eye[:2, 2] > 0
        np.testing.assert_allclose(poses["world"][frame][:3], np.eye(4)[:3] + [
            [0, 0, 0, 0.5], [0, 0, 0, 0], [0, 0, 0, 0.2],
        ])  # fmt: skip


def test_roll_pitch_and_yaw() -> None:
    """Degrees about fixed x, y and z, in this order: as SciPy has them in small letters."""

    def turned(*degrees: float) -> np.ndarray:
        scanner = lidar(mount="world", rotation_deg=list(degrees))
        return scanner_pose(still().world(lidar=scanner), 0)[:3, :3]

    np.testing.assert_allclose(turned(0, 90, 0)[:, 0], [0, 0, -1], atol=1e-9)  # looks down
    np.testing.assert_allclose(turned(0, 0, 90)[:, 0], [0, 1, 0], atol=1e-9)  # to the left
    expected = Rotation.from_euler("xyz", [10, 20, 30], degrees=True).as_matrix()
    np.testing.assert_allclose(turned(10, 20, 30), expected, atol=1e-9)


def test_a_level_scanner_below_a_vertical_camera_faces_where_its_image_has_its_top() -> None:
    down = np.eye(4)
    down[:3, :3] = [[1, 0, 0], [0, -1, 0], [0, 0, -1]]  # right: x, up in the image: y
    scene = replace(still(), cameras=(down,))
    world = scene.world(lidar=lidar(mount="level"))
    np.testing.assert_allclose(scanner_pose(world, 0)[:3, 0], [0, 1, 0], atol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize(
    "stage", ["tabletop", pytest.param("outdoor", marks=pytest.mark.exhaustive)]
)
def test_a_scan_agrees_with_another_ray_caster(stage: str, tmp_path: Path) -> None:
    """On real stages with real meshes: ranges within 1 mm and equal ids, but for edges."""
    words = (
        f"scene={stage}", "labels=[lidar,objects]", "num_scenes=1", "frames_per_scene=2", "seed=4",
        "camera.path=orbit", "motion.objects=keyframed", "motion.deform_probability=0.5",
        "render.width=32", "render.height=24", *COARSE,
    )  # fmt: skip
    dataset = simgen.open(cast_dataset(tmp_path / "d", *words))
    for oracle, samples in oracles(dataset):
        for sample in samples:
            _check_scan(sample, oracle)


def _check_scan(sample: simgen.Sample, oracle: object) -> None:
    found, moment = sample.lidar, oracle.moment(sample.frame)  # type: ignore[attr-defined]
    pose = sample.camera.pose @ found.lidar_to_camera
    rays = found.exact_points.astype(float) @ pose[:3, :3].T
    rays /= np.linalg.norm(rays, axis=1, keepdims=True)
    face, away = moment.first(pose[:3, 3], rays)
    normals = moment.normals[face] / np.linalg.norm(moment.normals[face], axis=1, keepdims=True)
    grazing = np.abs((normals * rays).sum(axis=1)) < 0.02
    parts = len(oracle._stage)  # type: ignore[attr-defined]
    ids = np.maximum(moment.part[face] - parts, 0)
    off = (np.abs(away - found.exact_range) > 1e-3) | (ids != found.instance_id) | (face < 0)
    assert (off & ~grazing).mean() < 1e-3
    assert len(set(found.instance_id)) > 2
    assert len(found.range) > 500


# ---- What comes back


def test_ranges_have_the_noise_that_was_asked_for() -> None:
    scanner, away = lidar(range_noise=0.03), np.full(40_000, 10.0)
    found = measure(scanner, np.full(40_000, 0.5), away, 0.0, stream(1, "test"))
    assert np.isfinite(found.range).all()
    assert np.std(found.range) == pytest.approx(0.03, rel=0.02)
    assert np.mean(found.range) == pytest.approx(10, abs=1e-3)
    assert np.std(found.intensity) / np.mean(found.intensity) == pytest.approx(0.1, rel=0.03)


def test_half_of_the_pulses_return_at_the_detection_range() -> None:
    scanner, count = lidar(detection_range=50.0), 20_000

    def share(reflected: float, away: float, extinction: float = 0.0) -> float:
        pulses = np.full(count, reflected), np.full(count, away)
        found = measure(scanner, *pulses, extinction, stream(1, "test"))
        return float(np.isfinite(found.range).mean())

    assert share(0.1, 50.0) == pytest.approx(0.5, abs=0.02)
    assert share(0.1, 25.0) == 1
    assert share(0.1, 100.0) == 0
    # Four times as bright, seen twice as far; three times as much light is lost in fog.
    assert share(0.4, 100.0) == pytest.approx(0.5, abs=0.02)
    assert share(0.3, 50.0, np.log(3) / 100) == pytest.approx(0.5, abs=0.02)
    assert share(1.0, 120.5) == 0
    assert share(1.0, 0.05) == 0


def test_returns_are_lost_at_random() -> None:
    scanner = lidar(dropout=0.3)
    found = measure(scanner, np.full(20_000, 1.0), np.full(20_000, 5.0), 0.0, stream(2, "test"))
    missing = np.isnan(found.range)
    assert missing.mean() == pytest.approx(0.3, abs=0.01)
    assert (found.intensity[missing] == 0).all()


def test_intensity_falls_beyond_the_reference_range() -> None:
    scanner = lidar(reference_range=20.0, detection_range=1000.0, intensity_noise=0.0)
    away = np.array([1.0, 20.0, 40.0, 80.0])
    found = measure(scanner, np.full(4, 0.4), away, 0.0, stream(3, "test"))
    np.testing.assert_allclose(found.intensity, [0.4, 0.4, 0.1, 0.025], rtol=1e-5)


def material(**changes: object) -> MaterialSpec:
    grey = (0.5, 0.5, 0.5)
    return replace(MaterialSpec("plastic", grey, grey, 0.8), **changes)  # type: ignore[arg-type]


def test_matt_surfaces_follow_the_cosine() -> None:
    cosine = np.array([1.0, 0.7, 0.3, 0.05])
    matt = finish_of(material(roughness=1.0)).reflected(cosine)
    np.testing.assert_allclose(matt, 0.5 * cosine, atol=0.011)


def test_metal_returns_light_along_its_normal_alone_and_glass_hardly_any() -> None:
    cosine = np.cos(np.radians([0, 5, 45]))
    metal = finish_of(material(metallic=1.0, roughness=0.3)).reflected(cosine)
    assert metal[0] > 10
    assert metal[2] < 0.02
    glass = finish_of(material(transmission=1.0, roughness=0.02)).reflected(cosine)
    assert glass[0] > 1
    assert glass[2] < 1e-5


@pytest.mark.parametrize("roughness", [0.2, 0.5, 1.0])
def test_the_glossy_part_is_that_of_walter_and_others(roughness: float) -> None:
    """Their equations 33 and 34, in tangents, as a BRDF seen from where the light comes from."""
    angle = np.linspace(0, 1.55, 400)
    alpha, tangent, cosine = roughness**2, np.tan(angle), np.cos(angle)
    facets = alpha**2 / (np.pi * cosine**4 * (alpha**2 + tangent**2) ** 2)
    shadowing = (2 / (1 + np.sqrt(1 + alpha**2 * tangent**2))) ** 2
    expected = np.pi * 0.04 * facets * shadowing / (4 * cosine**2) * cosine
    black = material(color_a=(0.0,) * 3, color_b=(0.0,) * 3, roughness=roughness)
    np.testing.assert_allclose(finish_of(black).reflected(cosine), expected, rtol=1e-6)


def test_fog_and_darkness_take_returns_away() -> None:
    scene = still()
    plain = scanned(scene, lidar(detection_range=3.0))
    fog = scanned(scene, lidar(detection_range=3.0), weather=WeatherSpec(extinction=0.3))
    np.testing.assert_array_equal(plain.exact_points, fog.exact_points)
    assert 0 < fog.returned.sum() < 0.8 * plain.returned.sum()
    seen = fog.returned & plain.returned
    expected = plain.intensity[seen] * np.exp(-0.6 * plain.exact_range[seen])
    bright = plain.intensity[seen] < 1
    np.testing.assert_allclose(fog.intensity[seen][bright], expected[bright], rtol=1e-5)


# ---- Asked for, stored, read


def test_a_label_of_its_own_scanner(tmp_path: Path) -> None:
    """Stored, read, drawn; and no other label changes with it."""
    words = (*SMALL, "num_scenes=1", "frames_per_scene=2", "seed=2", *COARSE)
    plain = cast_dataset(tmp_path / "plain", *words, "labels=[rgb,objects]")
    folder = cast_dataset(tmp_path / "d", *words, "labels=[rgb,objects,lidar]")
    again = cast_dataset(tmp_path / "again", *words, "labels=[rgb,objects,lidar]")
    names = sorted(path.name for path in (folder / "scenes/000000").iterdir())
    assert "frame_0001.lidar.npz" in names
    for name in names:
        content = (folder / "scenes/000000" / name).read_bytes()
        assert content == (again / "scenes/000000" / name).read_bytes()
        if name != "spec.json" and "lidar" not in name:
            assert content == (plain / "scenes/000000" / name).read_bytes()
    spec = json.loads((plain / "scenes/000000/spec.json").read_text())
    assert "lidar" not in spec

    sample = simgen.open(folder)[1]
    found = sample.lidar
    assert isinstance(found, LidarScan)
    assert sample.path("lidar").name == "frame_0001.lidar.npz"
    assert np.isfinite(found.exact_points).all()
    image = found.image(found.exact_range)
    assert image.shape == (16, 180)
    assert np.nanmin(image) == found.exact_range.min()
    assert (found.beam == found.pulse // 180).all()
    assert np.isfinite(found.returns.points).all()
    assert "lidar" in drawable(sample.labels)
    picture = LABELS["lidar"].picture(sample)
    assert picture is not None
    assert picture.shape == sample.rgb.shape
    with pytest.raises(InputError, match="has no 'lidar'"):
        _ = simgen.open(plain)[0].lidar


def test_no_preset_asks_for_it() -> None:
    assert LIDAR.in_all is False
    assert all("lidar" not in names for names in presets().values())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["lidar.position=[0,1]"], "lidar.position=[0.0, 1.0]: expected three numbers of metres"),
        (["lidar.rotation_deg=[0,400,0]"], "lidar.rotation_deg=[0.0, 400.0, 0.0]: expected roll"),
        (["lidar.elevations_deg=[]"], "lidar.elevations_deg=[]: expected degrees from -90 to 90"),
        (["lidar.elevations_deg=[91]"], "lidar.elevations_deg=[91.0]: expected degrees"),
        (["lidar.min_range=9", "lidar.max_range=3"], "lidar.min_range=9.0: expected less than"),
        (["lidar.azimuth_step_deg=0.001"], "lidar.azimuth_step_deg=0.001: makes more than"),
        (["lidar.pattern=flower"], "lidar.pattern=flower: expected one of spinning, raster"),
        (["lidar.beams=0"], "lidar.beams=0: expected a number from 1"),
        (["lidar.vertical_fov_deg=[10,-10]"], "lidar.vertical_fov_deg=[10.0, -10.0]: min is"),
        (["lidar.dropout=1.5"], "lidar.dropout=1.5: expected a number"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(words: list[str], said: str) -> None:
    assert said in refuse(*words)


def test_a_spec_keeps_its_scanner() -> None:
    spec = replace(still().spec(), lidar=lidar(pattern="rosette"))
    found = loads(dumps(spec))
    assert found == spec


def test_scanners_of_the_docs_can_be_made() -> None:
    """Each row of settings, up to the number of its pulses."""
    page = (Path(__file__).resolve().parents[2] / "docs/lidar.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| [^|`]+ \| `(lidar\.[^`]+)` \|$", page, re.MULTILINE)
    assert len(rows) == 6
    for row in rows:
        found: list[LidarSpec] = []

        def task(config: Config, _: Path, found: list[LidarSpec] = found) -> int:
            check(config)
            found.append(lidar_spec(config.lidar))
            return 0

        assert hydra_app.run(row.split(), task) == 0
        rays = directions(found[0], 0)
        assert 15_000 < len(rays) < 150_000
