"""Calibration files: what other tools' own code does with them, and what is refused."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pycolmap
import pytest
from calibrations import CAMCHAIN, FISHEYE
from hypothesis import given
from hypothesis import strategies as st

import simgen
from simgen.config import check
from simgen.config.calibration import Calibration, read_calibration
from simgen.config.calibration.documents import parse
from simgen.errors import InputError
from simgen.geometry.lens import lens_of
from simgen.spec.scene import LensSpec

K = np.array([[458.654, 0, 367.215], [0, 457.296, 248.375], [0, 0, 1]])
SIZE = 752, 480
RADTAN = (-0.28340811, 0.07395907, 0.00019359, 1.76187114e-05)
NOWHERE = np.zeros(3)


def points() -> np.ndarray:
    rng = np.random.default_rng(3)
    return np.column_stack([rng.uniform(-0.7, 0.7, (200, 2)), np.ones(200)]) * 3.0


def pixels(found: Calibration) -> np.ndarray:
    """What simgen's lens makes of the points, in its own coordinates."""
    return found.lens(found.width or SIZE[0], found.height or SIZE[1]).project(points())


def by_opencv(distortion: Any = None, matrix: np.ndarray = K) -> np.ndarray:
    distortion = None if distortion is None else np.array(distortion, float)
    shown = cv2.projectPoints(points()[:, None], NOWHERE, NOWHERE, matrix, distortion)[0]
    return shown[:, 0] + 0.5


def by_fisheye(distortion: Any, matrix: np.ndarray) -> np.ndarray:
    shown = cv2.fisheye.projectPoints(
        points()[:, None], NOWHERE, NOWHERE, matrix, np.array(distortion, float)
    )[0]
    return shown[:, 0] + 0.5


def written(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize("suffix", ["yaml", "yml", "xml", "json"])
@pytest.mark.parametrize("count", [0, 4, 5, 8, 14])
def test_opencv(suffix: str, count: int, tmp_path: Path) -> None:
    distortion = np.zeros(count)
    distortion[:8] = [*RADTAN, 0.01, 0.02, 0.003, 0.001][:count]
    path = tmp_path / f"camera.{suffix}"
    storage = cv2.FileStorage(str(path), cv2.FILE_STORAGE_WRITE)
    storage.write("calibration_time", "Tue 24 Nov 2026 03:44:10 PM")
    storage.write("image_width", SIZE[0])
    storage.write("image_height", SIZE[1])
    storage.write("camera_matrix", K)
    if count:
        storage.write("distortion_coefficients", distortion[:, None])
    storage.release()
    found = read_calibration(path)
    assert (found.width, found.height) == SIZE
    expected = by_opencv(distortion[:8] if count else None)
    assert np.abs(pixels(found) - expected).max() < 1e-9
    if suffix == "yml":  # as older versions begin
        old = path.read_text().replace("%YAML 1.2", "%YAML:1.0")
        assert old.startswith("%YAML:1.0")
        assert read_calibration(written(tmp_path, "old.yml", old)) == found


def test_ros(tmp_path: Path) -> None:
    found = read_calibration(written(tmp_path, "info.yaml", FISHEYE))
    matrix = np.array([[89.7, 0, 79.7], [0, 89.7, 80.3], [0, 0, 1]])
    assert (found.name, found.model) == ("below", "kannala_brandt")
    expected = by_fisheye([-0.0157, 0.0017, -0.0088, 0.0037], matrix)
    assert np.abs(pixels(found) - expected).max() < 1e-9
    message = {  # as `ros2 topic echo` prints it
        "header": {"frame_id": "camera"}, "height": SIZE[1], "width": SIZE[0],
        "distortion_model": "plumb_bob", "d": [*RADTAN, 0.0], "k": K.ravel().tolist(),
        "r": np.eye(3).ravel().tolist(), "p": [1.0] * 12, "binning_x": 0, "binning_y": 0,
        "roi": {"x_offset": 0, "y_offset": 0, "height": 0, "width": 0, "do_rectify": False},
    }  # fmt: skip
    found = read_calibration(written(tmp_path, "message.yaml", json.dumps(message)))
    assert np.abs(pixels(found) - by_opencv(RADTAN)).max() < 1e-9
    message["binning_x"] = 2
    with pytest.raises(InputError, match="binning_x 2: expected the full image"):
        read_calibration(written(tmp_path, "message.yaml", json.dumps(message)))


def test_kalibr(tmp_path: Path) -> None:
    alone = CAMCHAIN[: CAMCHAIN.index("cam1:")]
    found = read_calibration(written(tmp_path, "camchain.yaml", alone))
    assert (found.name, found.width, found.height) == ("cam0", *SIZE)
    assert np.abs(pixels(found) - by_opencv(RADTAN)).max() < 1e-9
    with pytest.raises(InputError, match=r"2 different cameras; camera.calibration takes one"):
        read_calibration(written(tmp_path, "camchain.yaml", CAMCHAIN))


@pytest.mark.parametrize("name", [
    "SIMPLE_PINHOLE", "PINHOLE", "SIMPLE_RADIAL", "RADIAL", "OPENCV", "FULL_OPENCV",
    "OPENCV_FISHEYE", "SIMPLE_RADIAL_FISHEYE", "RADIAL_FISHEYE",
])  # fmt: skip
@pytest.mark.parametrize("suffix", ["txt", "bin"])
def test_colmap(name: str, suffix: str, tmp_path: Path) -> None:
    camera = pycolmap.Camera.create_from_model_id(
        7, getattr(pycolmap.CameraModelId, name), 460.0, *SIZE
    )
    focal = 1 if name.startswith(("SIMPLE", "RADIAL")) else 2
    parameters = np.array(camera.params)
    parameters[focal : focal + 2] += [3.3, -4.1]
    more = len(parameters) - focal - 2
    parameters[focal + 2 :] = [-0.05, 0.01, 0.002, 0.001, 0.003, 0.01, 0.002, 0.0005][:more]
    camera.params = parameters
    model = pycolmap.Reconstruction()
    model.add_camera(camera)
    getattr(model, "write_text" if suffix == "txt" else "write_binary")(str(tmp_path))
    found = read_calibration(tmp_path / f"cameras.{suffix}")
    expected = np.array([camera.img_from_cam(point) for point in points()])
    assert np.abs(pixels(found) - expected).max() < 1e-6


def test_transforms(tmp_path: Path) -> None:
    plain = {"camera_model": "OPENCV", "w": 752, "h": 480, "fl_x": 458.654, "fl_y": 457.296,
             "cx": 367.715, "cy": 248.875, "frames": [{"file_path": "a.png"}]}  # fmt: skip
    plain |= dict(zip(("k1", "k2", "p1", "p2"), RADTAN, strict=True))
    found = read_calibration(written(tmp_path, "transforms.json", json.dumps(plain)))
    assert np.abs(pixels(found) - by_opencv(RADTAN)).max() < 1e-9
    blender = {"camera_angle_x": 0.6911112, "w": 800, "h": 800, "frames": []}
    found = read_calibration(written(tmp_path, "blender.json", json.dumps(blender)))
    assert found.fx == pytest.approx(1111.111, abs=1e-3)  # as instant-ngp gives it
    assert (found.cx, found.cy) == (400, 400)


def test_bop(tmp_path: Path) -> None:
    one = {"cx": 367.215, "cy": 248.375, "depth_scale": 0.1, "fx": 458.654, "fy": 457.296,
           "height": 480, "width": 752}  # fmt: skip
    found = read_calibration(written(tmp_path, "camera.json", json.dumps(one)))
    assert np.abs(pixels(found) - by_opencv()).max() < 1e-9
    images = {str(n): {"cam_K": K.ravel().tolist(), "depth_scale": 1.0} for n in range(3)}
    many = read_calibration(written(tmp_path, "scene_camera.json", json.dumps(images)))
    assert (many.width, many.height, many.fx, many.cx) == (0, 0, found.fx, found.cx)
    images["2"]["cam_K"] = (2 * K).ravel().tolist()
    with pytest.raises(InputError, match=r"camera matrix|different cam_K"):
        read_calibration(written(tmp_path, "scene_camera.json", json.dumps(images)))


PINHOLE = "camera_matrix: [500, 0, 320, 0, 500, 240, 0, 0, 1]\n"
REFUSED = {
    "thin prism": (PINHOLE + "D: [0, 0, 0, 0, 0, 0, 0, 0, 0.1, 0, 0, 0]", "thin prism or tilt"),
    "skew": ("camera_matrix: [500, 2, 320, 0, 500, 240, 0, 0, 1]", "without skew"),
    "omni": (CAMCHAIN[: CAMCHAIN.index("cam1:")].replace("pinhole", "omni"),
             "cam0: camera_model omni with distortion_model radtan, which simgen has no lens"),
    "model": (PINHOLE + "distortion_model: unified", "distortion model unified, which"),
    "nan": (PINHOLE.replace("320", ".nan"), "camera matrix: found nan; expected a number"),
    "short": ("camera_matrix: [500, 0, 320]", "camera matrix: found 3 numbers; expected 9"),
    "negative": (PINHOLE.replace("500", "-500"), "fx -500: expected pixels above 0"),
    "colmap": ("1 THIN_PRISM_FISHEYE 640 480" + " 1" * 12, "THIN_PRISM_FISHEYE, which simgen"),
    "nothing": ("a: 1\nb: 2", "found a, b; expected a calibration by OpenCV"),
    "list": ("- 1", "content: found .1.; expected names with values"),
    "binary": (b"\xff\xfe\x00\x01", "binary; expected YAML"),
    "cut off": (struct.pack("<QiiQQ", 2, 1, 1, 640, 480), "cut off after 32 bytes"),
    "code": ("!!python/object/apply:os.system ['touch harmed']", "not valid YAML"),
    "entity": ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "a document type or entity"),
    "aliases": (
        "a: &a [" + "1," * 999 + "]\ncamera_matrix: [" + "*a," * 999 + "]",
        "camera matrix: more than 1000 numbers",
    ),
    "order": (PINHOLE + "image_width: 640\nimage_height: 480\nD: [0, 0, 900, 900]",
              "the image's centre has no ray"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_used_is_named(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    content, reason = REFUSED[what]
    path = written(tmp_path, "camera.any", content)
    with pytest.raises(InputError, match=reason) as caught:
        read_calibration(path)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(f"{path}: ")
    assert not (tmp_path / "harmed").exists()


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = written(tmp_path, "camera.yaml", b"#" * 16_000_001)
    with pytest.raises(InputError, match="16000001 bytes; expected at most 16000000"):
        read_calibration(path)
    with pytest.raises(InputError, match="found no such file"):
        read_calibration(tmp_path / "missing.yaml")


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_data_or_a_line(data: bytes) -> None:
    caught = None
    try:
        parse(data)
    except ValueError as error:
        caught = str(error)
    assert caught is None or "\n" not in caught


# ---- As a config


def euroc(folder: Path) -> Path:
    plain = {"image_width": 752, "image_height": 480, "camera_matrix": K.ravel().tolist(),
             "distortion_coefficients": RADTAN}  # fmt: skip
    return written(folder, "euroc.json", json.dumps(plain))


def test_the_config_gets_the_numbers(tmp_path: Path) -> None:
    config = simgen.load_config([f"camera.calibration={euroc(tmp_path)}"])
    check(config)
    assert (config.render.width, config.render.height) == SIZE
    assert config.camera.calibration is None  # nothing depends on the file any more
    spec = simgen.sample_scene(config, 0)
    lens = lens_of(spec.cameras[0].lens, *SIZE)
    assert np.abs(lens.project(points()) - by_opencv(RADTAN)).max() < 1e-9


def test_a_size_of_the_same_shape_scales_it(tmp_path: Path) -> None:
    half = simgen.load_config([f"camera.calibration={euroc(tmp_path)}", "render.width=376"])
    assert (half.render.width, half.render.height) == (376, 240)
    drawn = LensSpec(
        half.camera.focal_length_mm_range[0], half.camera.sensor_width_mm, half.camera.model,
        tuple(half.camera.distortion), (*half.camera.principal_point,), half.camera.pixel_aspect,
    )  # fmt: skip
    shown = lens_of(drawn, 376, 240).project(points())
    assert np.abs(2 * shown - by_opencv(RADTAN)).max() < 1e-9
    for size, reason in (
        (["render.width=400", "render.height=400"], "images of 752 x 480 pixels; set a size of"),
        (["render.width=100"], "not a whole number of pixels"),
    ):
        with pytest.raises(InputError, match=reason):
            simgen.load_config([f"camera.calibration={euroc(tmp_path)}", *size])


def test_what_the_file_sets_cannot_be_set_beside_it(tmp_path: Path) -> None:
    word = f"camera.calibration={euroc(tmp_path)}"
    with pytest.raises(InputError, match=r"camera.model=pinhole: camera.calibration=.* sets this"):
        simgen.load_config([word, "camera.model=pinhole"])
    # What a stage or an experiment sets gives way.
    assert simgen.load_config([word, "scene=aerial"]).render.width == 752
    config = simgen.load_config([word, "experiment=fisheye"])
    assert config.camera.model == "brown_conrady"
    with pytest.raises(InputError, match=r"camera.rig=.* contains the calibration of each camera"):
        simgen.load_config([word, "camera.rig=rig.yaml"])
