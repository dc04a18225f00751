"""Poses of the camera from files of other tools."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np
import pycolmap
import pytest
from calibrations import write_rig
from cast import SMALL, cast_dataset
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

import simgen
from simgen.config.calibration.trajectories import read_trajectory
from simgen.errors import InputError
from simgen.formats.export import export
from simgen.formats.sources import SimgenSource
from simgen.geometry.lens import lens_of

WORDS = ("scene=flying", "assets.classes=[ball,box]", "objects.count_range=[2,3]")


def around(count: int = 12) -> np.ndarray:
    """Cameras on an arc above the origin that look at a point near it, `P x 4 x 4`: OpenCV axes,
    world with z up."""
    poses = []
    for angle in np.linspace(0.3, 3.9, count):
        eye = np.array([1.2 * np.cos(angle), 1.2 * np.sin(angle), 0.6 + 0.1 * np.sin(3 * angle)])
        forward = np.array([0.05, -0.03, 0.1]) - eye
        forward /= np.linalg.norm(forward)
        right = np.cross(forward, [0, 0, 1])
        right /= np.linalg.norm(right)
        pose = np.eye(4)
        pose[:3, :3] = np.stack([right, np.cross(forward, right), forward], axis=1)
        pose[:3, 3] = eye
        poses.append(pose)
    return np.array(poses)


def quaternion(pose: np.ndarray) -> list[float]:
    """x, y, z, w."""
    return list(Rotation.from_matrix(pose[:3, :3]).as_quat())


def numbers(values: object) -> str:
    return " ".join(repr(float(value)) for value in np.ravel(values))


def written(kind: str, poses: np.ndarray, folder: Path) -> Path:
    """A file of these poses, as the tool's own documents define it."""
    path = folder / f"poses.{kind}"
    if kind == "tum":
        rows = [[n / 30, *pose[:3, 3], *quaternion(pose)] for n, pose in enumerate(poses)]
        path.write_text("# time tx ty tz qx qy qz qw\n" + "\n".join(map(numbers, rows)) + "\n")
    elif kind == "kitti":
        path.write_text("\n".join(numbers(pose[:3]) for pose in poses))
    elif kind == "transforms":
        gl = poses @ np.diag([1, -1, -1, 1])
        frames = [
            {"file_path": f"{n}.png", "transform_matrix": p.tolist()} for n, p in enumerate(gl)
        ]
        path.write_text(json.dumps({"fl_x": 500, "frames": frames}))
    elif kind == "bop":
        inverse = np.linalg.inv(poses)
        path.write_text(json.dumps({
            str(n): {"cam_K": [1.0] * 9, "cam_R_w2c": one[:3, :3].ravel().tolist(),
                     "cam_t_w2c": (1000 * one[:3, 3]).tolist()}
            for n, one in reversed(list(enumerate(inverse)))
        }))  # fmt: skip
    else:
        model = pycolmap.Reconstruction()
        camera = pycolmap.Camera.create_from_model_id(
            1, pycolmap.CameraModelId.PINHOLE, 500.0, 640, 480
        )
        model.add_camera_with_trivial_rig(camera)
        for number in np.random.default_rng(0).permutation(len(poses)):  # names give the order
            to_camera = pycolmap.Rigid3d(np.linalg.inv(poses[number])[:3])
            points = pycolmap.Point2DList([pycolmap.Point2D([1.5, 2.5])] * int(number % 3))
            image = pycolmap.Image(
                name=f"{number:03d} a.png", camera_id=1, image_id=int(number) + 1, points2D=points
            )
            model.add_image_with_trivial_frame(image, to_camera)
        getattr(model, "write_text" if kind == "txt" else "write_binary")(str(folder))
        path = folder / f"images.{kind}"
    return path


@pytest.mark.parametrize("kind", ["tum", "kitti", "transforms", "bop", "txt", "bin"])
def test_every_form_gives_the_same_poses(kind: str, tmp_path: Path) -> None:
    found = read_trajectory(written(kind, around(), tmp_path))
    assert np.abs(found.poses - around()).max() < 1e-9


def test_scenes_take_the_poses_as_they_are_in_turn(tmp_path: Path) -> None:
    path = written("tum", around(), tmp_path)
    config = simgen.load_config([
        *WORDS, f"camera.poses={path}", "camera.poses_frame=world", "frames_per_scene=5",
    ])  # fmt: skip
    for scene, first in ((0, 0), (1, 5), (2, 0)):  # two poses are left over
        spec = simgen.sample_scene(config, scene)
        found = np.array([camera.cam_to_world for camera in spec.cameras])
        assert np.abs(found - around()[first : first + 5]).max() < 1e-9
        assert spec.frame_rate == 0


@pytest.mark.parametrize(
    ("scale", "seed", "shift"), [(0.02, 1, (3.0, -40.0, 7.0)), (70.0, 2, (0.0, 900.0, 10.0))]
)
def test_another_world_is_undone(
    scale: float, seed: int, shift: tuple[float, ...], tmp_path: Path
) -> None:
    """Turned, moved and scaled poses give the cameras of the original ones, but for the direction
    from which the scene is seen."""
    turn = Rotation.random(random_state=seed).as_matrix()
    other = around().copy()
    other[:, :3, :3] = turn @ other[:, :3, :3]
    other[:, :3, 3] = scale * (other[:, :3, 3] @ turn.T) + shift
    specs = []
    for poses in (around(), other):
        path = written("kitti", poses, tmp_path)
        config = simgen.load_config([*WORDS, f"camera.poses={path}", "frames_per_scene=12"])
        specs.append(simgen.sample_scene(config, 0))
    one, two = (np.array([c.cam_to_world for c in spec.cameras]) for spec in specs)
    assert specs[0].objects == specs[1].objects
    between = two[:, :3, :3] @ np.swapaxes(one[:, :3, :3], 1, 2)
    assert np.allclose(between, between[0], atol=1e-6)
    assert np.allclose(between[0] @ [0, 0, 1], [0, 0, 1], atol=1e-6)  # about the vertical
    assert np.allclose(two[:, 2, 3], one[:, 2, 3], atol=1e-5)
    # The objects fill the image, as without a file.
    lens = lens_of(specs[0].cameras[0].lens, 640, 480)
    middle = np.mean([item.position for item in specs[0].objects], axis=0)
    for pose in one:
        pixel = lens.project((middle - pose[:3, 3]) @ pose[:3, :3])
        assert lens.contains(pixel)


def test_metric_poses_keep_their_distances(tmp_path: Path) -> None:
    path = written("tum", around(), tmp_path)
    config = simgen.load_config([
        *WORDS, f"camera.poses={path}", "camera.poses_frame=metric", "camera.path=file",
        "frames_per_scene=12",
    ])  # fmt: skip
    spec = simgen.sample_scene(config, 0)
    assert spec.frame_rate == 24
    found = np.array([camera.cam_to_world for camera in spec.cameras])
    steps = np.linalg.norm(np.diff(found[:, :3, 3], axis=0), axis=1)
    assert np.allclose(steps, np.linalg.norm(np.diff(around()[:, :3, 3], axis=0), axis=1))


def test_a_file_has_the_poses_of_the_rig(tmp_path: Path) -> None:
    path = written("tum", around(), tmp_path)
    config = simgen.load_config([
        *WORDS, f"camera.rig={write_rig(tmp_path)}", f"camera.poses={path}",
        "camera.poses_frame=world", "frames_per_scene=6",
    ])  # fmt: skip
    spec = simgen.sample_scene(config, 0)
    for frame, camera in enumerate(spec.cameras):
        one = spec.rig_camera(frame)
        assert one is not None
        body = np.array(camera.cam_to_world) @ np.linalg.inv(one.cam_to_rig)
        assert np.allclose(body, around()[spec.moment(frame)], atol=1e-9)


def test_the_cameras_of_a_dataset_are_used_again(stills_folder: Path, tmp_path: Path) -> None:
    """Exported by simgen, and read by it."""
    source = simgen.open(stills_folder)
    export(["nerf"], [SimgenSource(source)], tmp_path)
    samples = [sample for sample in source if sample.scene == 0]
    folder = next(tmp_path.rglob("000000/transforms.json")).parent
    for name in ("transforms.json", "sparse/0/images.txt"):
        found = read_trajectory(folder / name).poses
        expected = np.array([sample.camera.cam_to_world for sample in samples])
        assert np.abs(found - expected).max() < 1e-9


def test_a_dataset_continues_only_with_the_same_poses(tmp_path: Path) -> None:
    path = written("tum", around(), tmp_path)
    word = f"camera.poses={path}"
    root = cast_dataset(tmp_path / "data", *SMALL, "num_scenes=1", "labels=[depth]", word)
    manifest = simgen.open(root).manifest
    assert manifest.folders["camera.poses"] == str(path)
    assert manifest.files_digest


REFUSED = {
    "words": ("a b c", "found a line of 3 words; expected poses by COLMAP"),
    "empty": ("", "found a line of 0 words"),
    "few": ("0 1 2 3 0 0 0 1\n1 2 3", "line 2: 3 numbers; expected 8 as before"),
    "zero": ("0 1 2 3 0 0 0 0", "line 1: quaternion of length 0; expected 1"),
    "nan": ("0 nan 2 3 0 0 0 1", "line 1: found nan; expected a number"),
    "mirror": ("-1 0 0 0 0 1 0 0 0 0 1 0", "line 1: expected a rotation and a translation"),
    "far": ("1 0 0 1e9 0 1 0 0 0 0 1 0", "line 1: expected a rotation and a translation"),
    "bop": ('{"0": {"cam_K": []}}', "image 0: no cam_R_w2c and cam_t_w2c"),
    "json": ('{"a": 1}', "found a; expected poses by COLMAP"),
    "matrix": ('{"frames": [{}]}', "transform_matrix: found None; expected numbers"),
    "binary": ("\x05\0\0\0\0\0\0\0abc", "cut off after 11 bytes"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_wrong_with_poses_is_named(what: str, tmp_path: Path) -> None:
    text, reason = REFUSED[what]
    path = tmp_path / "poses.any"
    path.write_text(text)
    with pytest.raises(InputError, match=reason) as caught:
        read_trajectory(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


@given(st.binary(max_size=300))
def test_any_bytes_are_poses_or_a_line(data: bytes) -> None:
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(data)
        with pytest.raises(InputError) as caught:
            read_trajectory(Path(file.name))
    assert "\n" not in str(caught.value)


def test_settings_that_do_not_go_with_poses(tmp_path: Path) -> None:
    word = f"camera.poses={written('tum', around(), tmp_path)}"
    for words, reason in (
        ([word, "camera.path=orbit"], "camera.path=orbit: camera.poses=.* sets the poses"),
        (["camera.path=file"], "needs camera.poses"),
        ([word, "camera.aim=object"], "camera.aim=object: camera.poses=.* sets the poses"),
        ([word, "camera.model=orthographic"], "does not tell the scale of parallel rays"),
    ):
        with pytest.raises(InputError, match=reason):
            simgen.load_config(words)
    config = simgen.load_config([*WORDS, word, "frames_per_scene=20"])
    with pytest.raises(InputError, match="12 poses; frames_per_scene=20 needs 20 in each scene"):
        simgen.sample_scene(config, 0)


def test_cameras_that_look_at_nothing_in_common_are_named(tmp_path: Path) -> None:
    poses = np.tile(around()[0], (4, 1, 1))
    poses[:, 0, 3] += np.arange(4)
    config = simgen.load_config([*WORDS, f"camera.poses={written('tum', poses, tmp_path)}"])
    with pytest.raises(InputError, match=r"look in parallel.*set camera.poses_frame=world"):
        simgen.sample_scene(config, 0)
