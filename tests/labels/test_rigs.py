"""Rigs: one camera's points lie where the others show them, and labels are each camera's own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pycolmap
import pytest
from agreement import check_everything
from agreement import scenes as oracles
from calibrations import CAMCHAIN, MIXED, write_rig
from cast import SMALL, cast_dataset
from conftest import TINY, Generate
from oracle import Oracle

import simgen
from simgen.config import check
from simgen.errors import InputError
from simgen.formats.export import export
from simgen.formats.findings import Finding
from simgen.formats.sources import SimgenSource
from simgen.formats.validate.detect import detect
from simgen.formats.validate.run import validate
from simgen.geometry.lens import lens_of
from simgen.viewer.records import read_scene

MOVING = (
    "labels=[all,lidar]", "lidar.azimuth_step_deg=1.5", "camera.path=orbit",
    "motion.objects=keyframed", "motion.deform_probability=0.4",
)  # fmt: skip


@pytest.fixture(scope="session")
def moving(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three frames in time of each camera."""
    folder = tmp_path_factory.mktemp("moving_rig")
    words = [word for word in SMALL if not word.startswith("render.")]
    more = ("num_scenes=1", "frames_per_scene=9", *MOVING)
    return cast_dataset(folder / "data", *words, *more, f"camera.rig={write_rig(folder)}")


def landed(oracle: Oracle, here: simgen.Sample, there: simgen.Sample) -> tuple[np.ndarray, float]:
    """Follow the points that a camera shows to another camera of the same moment.

    Returns by how many pixels of the first camera each visible point misses the surface that the
    ray of the other camera meets, and the share of them that have the other's instance id there.
    """
    depth = np.where(np.isfinite(here.depth), here.depth, np.nan).reshape(-1, 1)
    rays = here.camera.rays().reshape(-1, 3)
    points = rays * (depth / rays[:, 2:])
    pose = here.camera.cam_to_world
    world = points @ pose[:3, :3].T + pose[:3, 3]
    eye = oracle.eye(there.frame)  # OpenCV's projection, not simgen's
    pixels = eye.project(np.nan_to_num(eye.towards(world), nan=-1.0))
    inside = eye.sees(pixels)
    ways = world[inside] - eye.centre
    _, far = oracle.moment(there.frame).first(eye.centre, ways)
    seen = np.abs(far - 1) < 1e-3  # nothing in between
    met = eye.centre + far[seen, None] * ways[seen]
    back = oracle.eye(here.frame)
    u, v = np.meshgrid(np.arange(back.width) + 0.5, np.arange(back.height) + 0.5)
    own = np.stack([u.ravel(), v.ravel()], axis=1)[inside][seen]
    off = np.linalg.norm(back.project(back.towards(met)) - own, axis=1)
    x, y = np.floor(pixels[inside][seen]).astype(int).T
    x, y = np.minimum(x, eye.width - 1), np.minimum(y, eye.height - 1)
    same = there.instances[y, x] == here.instances.reshape(-1)[inside][seen]
    return off, float(same.mean()) if len(same) else 1.0


def errors(folder: Path) -> list[Finding]:
    found = validate(folder, detect(folder), processes=1).findings
    return [one for one in found if one.severity == "error"]


def check_landing(folder: Path) -> int:
    count = 0
    for oracle, samples in oracles(simgen.open(folder)):
        for here in samples:
            for there in samples:
                one, other = here.camera.rig, there.camera.rig
                assert one is not None
                assert other is not None
                if one.moment != other.moment or one.camera == other.camera:
                    continue
                off, same = landed(oracle, here, there)
                assert off.max(initial=0) < 0.05
                assert same > 0.9  # but for pixels at the edges of objects
                count += len(off)
    return count


def test_points_of_one_camera_lie_on_the_same_surface_in_the_others(rig_folder: Path) -> None:
    assert check_landing(rig_folder) > 2000


def test_every_frame_tells_its_camera(rig_folder: Path) -> None:
    dataset = simgen.open(rig_folder)
    assert dataset.manifest.frames_per_scene == 6
    sizes = {"front": (120, 90), "below": (160, 160), "wide": (94, 60)}
    models = {"front": "pinhole", "below": "kannala_brandt", "wide": "brown_conrady"}
    bodies: dict[tuple[int, int], np.ndarray] = {}
    for sample in dataset:
        camera, rig = sample.camera, sample.camera.rig
        assert rig is not None
        assert (rig.camera, rig.moment, rig.moments) == (*divmod(sample.frame, 2), 2)
        assert (camera.width, camera.height) == sizes[rig.name]
        assert camera.lens.model == models[rig.name]
        assert sample.rgb.shape[:2] == sample.depth.shape == (camera.height, camera.width)
        assert np.allclose(rig.rig_to_world @ rig.cam_to_rig, camera.cam_to_world, atol=1e-12)
        body = bodies.setdefault((sample.scene, rig.moment), rig.rig_to_world)
        assert np.allclose(body, rig.rig_to_world, atol=1e-9)
    assert len(bodies) == 4
    assert not np.allclose(bodies[0, 0], bodies[0, 1])
    # OpenCV's numbers of the file, half a pixel from simgen's.
    below = next(s.camera for s in dataset if s.camera.rig and s.camera.rig.name == "below")
    assert np.allclose(below.K[:2, 2], [80.2, 80.8])


def test_the_validator_finds_nothing(rig_folder: Path) -> None:
    assert errors(rig_folder) == []


def test_the_validator_finds_a_wrong_pose(rig_folder: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(rig_folder, data)
    path = data / "scenes/000000/frame_0003.json"
    plain = json.loads(path.read_text())
    plain["camera"]["rig"]["cam_to_rig"][0][3] += 0.01
    path.write_text(json.dumps(plain))
    (found,) = {f.rule for f in validate(data, detect(data), processes=1).findings}
    assert found == "dataset/camera"


def test_a_moving_rig_agrees(moving: Path) -> None:
    assert check_landing(moving) > 500
    assert errors(moving) == []


def test_time_and_flow_are_those_of_each_camera(moving: Path) -> None:
    for sample in simgen.open(moving):
        camera, moment = divmod(sample.frame, 3)
        assert sample.camera.time == pytest.approx(moment / 24)
        assert (sample.flow_forward is None) == (moment == 2)
        assert (sample.flow_backward is None) == (moment == 0)
        assert sample.camera.rig is not None
        assert sample.camera.rig.camera == camera


def test_exports_have_the_camera_of_each_image(rig_folder: Path, tmp_path: Path) -> None:
    dataset = simgen.open(rig_folder)
    samples = {f"{s.scene:06d}_{s.frame:04d}": s for s in dataset}
    export(["coco"], [SimgenSource(dataset)], tmp_path / "coco")
    for file in (tmp_path / "coco/annotations").glob("instances_*.json"):
        for image in json.loads(file.read_text())["images"]:
            rgb = samples[Path(image["file_name"]).stem[-11:]].rgb
            assert (image["height"], image["width"]) == rgb.shape[:2]
    export(["nerf"], [SimgenSource(dataset)], tmp_path / "nerf")
    for scene in dataset.scenes:
        (folder,) = (tmp_path / "nerf").glob(f"*/{scene:06d}")
        model = pycolmap.Reconstruction(folder / "sparse/0")
        assert len(model.cameras) == 3
        names = {i.name: i for i in model.images.values()}
        for sample in (s for s in dataset if s.scene == scene):
            image = names[f"frame_{sample.frame + 1:05d}.png"]
            point = sample.camera.cam_to_world @ [0.02, -0.03, 0.8, 1]
            seen = image.project_point(point[:3])
            assert np.abs(seen - sample.camera.project([0.02, -0.03, 0.8])).max() < 1e-6


def test_a_video_of_each_camera(moving: Path, tmp_path: Path) -> None:
    """Sequences end where the next camera begins."""
    dataset = simgen.open(moving)
    export(["tapvid"], [SimgenSource(dataset)], tmp_path / "tapvid")
    videos = sorted((tmp_path / "tapvid").rglob("*.npz"))
    shapes = [np.load(video)["video"].shape for video in videos]
    assert shapes == [(3, s.camera.height, s.camera.width, 3) for s in list(dataset)[::3]]
    export(["flow"], [SimgenSource(dataset)], tmp_path / "flow")
    assert len(list((tmp_path / "flow").rglob("flow/*/*.flo"))) == 6


def test_the_viewer_shows_the_camera(rig_folder: Path) -> None:
    samples = [s for s in simgen.open(rig_folder) if s.scene == 0]
    _, found = read_scene(samples, {}, "")
    assert [row["camera"] for row in found.frames] == [[s.camera.rig.name] for s in samples]


# ---- From files


def test_kalibr_and_opencv_agree_on_the_second_camera(tmp_path: Path) -> None:
    """A point in the first camera's axes, taken to the second's by the file's own matrix."""
    rig = tmp_path / "camchain.yaml"
    rig.write_text(CAMCHAIN)
    config = simgen.load_config([f"camera.rig={rig}", "frames_per_scene=2", "scene=flying"])
    check(config)
    spec = simgen.sample_scene(config, 0)
    assert [one.name for one in spec.rig] == ["cam0", "cam1"]
    first, second = (np.array(camera.cam_to_world) for camera in spec.cameras)
    point = np.array([0.1, -0.2, 2.0])
    world = first[:3, :3] @ point + first[:3, 3]
    matrix = np.array([
        [0.9999972563, -0.0023175421, 0.0003760010, -0.1100739988],
        [0.0023120691, 0.9998980485, 0.0140898358, -0.0002127766],
        [-0.0004086140, -0.0140889713, 0.9999006631, 0.0008097633],
    ])  # fmt: skip
    k = np.array([[457.587, 0, 379.999], [0, 456.134, 255.238], [0, 0, 1]])
    distortion = np.array([-0.28368365, 0.07451284, -0.00010473, -3.55590700e-05])
    turn, _ = cv2.Rodrigues(matrix[:, :3])
    expected = cv2.projectPoints(point[None], turn, matrix[:, 3], k, distortion)[0].ravel() + 0.5
    local = (world - second[:3, 3]) @ second[:3, :3]
    found = lens_of(spec.cameras[1].lens, 752, 480).project(local)
    assert np.abs(found - expected).max() < 1e-4


def test_with_an_imu_its_axes_are_the_rigs(tmp_path: Path) -> None:
    to_imu = "\n  T_cam_imu: [[0,1,0,0.01],[-1,0,0,0.02],[0,0,1,0.03],[0,0,0,1]]\n  camera_model:"
    rig = tmp_path / "camchain-imucam.yaml"
    rig.write_text(CAMCHAIN.replace("\n  camera_model:", to_imu))
    config = simgen.load_config([f"camera.rig={rig}", "frames_per_scene=2"])
    expected = np.linalg.inv([[0, 1, 0, 0.01], [-1, 0, 0, 0.02], [0, 0, 1, 0.03], [0, 0, 0, 1]])
    for camera in config.camera.cameras:
        assert np.allclose(camera["cam_to_rig"], expected)


def test_sizes_scale_together(tmp_path: Path) -> None:
    config = simgen.load_config(
        [f"camera.rig={write_rig(tmp_path)}", "render.width=60", "frames_per_scene=3"]
    )
    sizes = [(one["width"], one["height"]) for one in config.camera.cameras]
    assert sizes == [(60, 45), (80, 80), (47, 30)]


REFUSED = {
    "no pose": (MIXED.replace("position: [0.05, 0, 0]", ""), r"cameras\[0\]: no pose"),
    "no calibration": (MIXED.replace("calibration: fisheye.yaml", ""), "no calibration"),
    "no file": (MIXED.replace("fisheye.yaml", "lost.yaml"), "lost.yaml: found no such file"),
    "mirror": (MIXED.replace("[0, -1, 0, -0.04]", "[0, 1, 0, -0.04]"), "expected a rotation"),
    "names": (MIXED.replace("name: wide", "name: front"), "two cameras named front"),
    "path": (MIXED.replace("name: wide", "name: ../wide"), "expected letters, digits"),
    "key": (MIXED.replace("position:", "postion:"), "unknown key postion"),
    "size": (MIXED.replace(", width: 120, height: 90", ""), "front: no image size"),
    "unit": (MIXED.replace("0.9961946981", "0.5"), "quaternion of length"),
    "empty": ("cameras: []", "found cameras; expected a Kalibr camchain, or 'cameras'"),
    "chain": (CAMCHAIN.replace("T_cn_cnm1", "T_other"), "cam1: no T_cn_cnm1"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_wrong_with_a_rig_is_named(what: str, tmp_path: Path) -> None:
    text, reason = REFUSED[what]
    with pytest.raises(InputError, match=reason) as caught:
        simgen.load_config([f"camera.rig={write_rig(tmp_path, text)}"])
    assert "\n" not in str(caught.value)


def test_settings_that_do_not_go_with_a_rig(tmp_path: Path) -> None:
    word = f"camera.rig={write_rig(tmp_path)}"
    for words, reason in (
        (["frames_per_scene=4"], "the rig has 3 cameras; set a multiple, such as 3"),
        (["frames_per_scene=3", "camera.stereo_baseline=0.1"], "not used with a rig"),
    ):
        with pytest.raises(InputError, match=reason):
            check(simgen.load_config([word, *words]))
    with pytest.raises(InputError, match="frames_per_scene of at least 6, two for each of the"):
        simgen.load_config([word, "frames_per_scene=3", "labels=[flow_forward]"])


# ---- Rendered


@pytest.mark.render
def test_rendered_cameras_see_one_scene(generate: Generate, tmp_path: Path) -> None:
    """Three lenses and sizes in one Blender scene."""
    words = [word for word in TINY if not word.startswith(("render.width", "render.height"))]
    folder = generate(
        *words, "num_scenes=1", "frames_per_scene=3", "labels=[rgb,depth,instances,objects]",
        "seed=4", f"camera.rig={write_rig(tmp_path)}",
    )  # fmt: skip
    assert check_landing(folder) > 2000
    assert errors(folder) == []


@pytest.mark.render
@pytest.mark.exhaustive
def test_all_labels_of_a_rendered_moving_rig_agree(generate: Generate, tmp_path: Path) -> None:
    words = [word for word in TINY if not word.startswith(("render.width", "render.height"))]
    folder = generate(
        *words, "num_scenes=1", "frames_per_scene=6", *MOVING, "camera.shutter=0.5", "seed=7",
        f"camera.rig={write_rig(tmp_path)}",
    )  # fmt: skip
    tally = check_everything(simgen.open(folder))
    assert tally.looked_at["flow at edges"] > 100
    assert check_landing(folder) > 2000
