"""NeRF exports, read by pycolmap and trimesh, and by first principles."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pycolmap
import pytest
import trimesh

import simgen
from simgen.dataset.sample import Sample
from simgen.errors import InputError
from simgen.formats.export import Options, export
from simgen.formats.pipeline.resizing import Size
from simgen.formats.sources import SimgenSource
from tests.cast import SMALL, cast_dataset

LENSES = {
    "pinhole": ("OPENCV", "PINHOLE", []),
    "brown_conrady": ("OPENCV", "FULL_OPENCV", [-0.11, 0.03, 0.001, -0.002, 0.01]),
    "kannala_brandt": ("OPENCV_FISHEYE", "OPENCV_FISHEYE", [0.02, -0.01, 0.003, 0.001]),
    "equirectangular": ("EQUIRECTANGULAR", None, []),
}
VIEWS = (
    *SMALL,
    "labels=[rgb,depth,objects,ray_distance]",
    "camera.path=views",
    "camera.principal_point=[0.47,0.52]",
    "num_scenes=1",
)


FRAMES = {"pinhole": 9, "brown_conrady": 2, "kannala_brandt": 2, "equirectangular": 2}


@pytest.fixture(scope="session", params=LENSES)
def lens(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="session")
def views(lens: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    words = [f"camera.model={lens}", f"frames_per_scene={FRAMES[lens]}"]
    if LENSES[lens][2]:
        words.append(f"camera.distortion={LENSES[lens][2]}")
    if lens == "equirectangular":
        words += ["camera.principal_point=[0.5,0.5]", "render.height=48"]
    return cast_dataset(tmp_path_factory.mktemp("cast") / lens, *VIEWS, *words)


@pytest.fixture(scope="session")
def nerf(views: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("nerf") / "out"
    (done,) = export(["nerf"], [SimgenSource(simgen.open(views))], out)
    assert not any("move" in remark for remark in done.remarks)
    (scene,) = out.glob("*/000000")
    return scene


def frames(scene: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    content = json.loads((scene / "transforms.json").read_text())
    return content, [{**content, **frame} for frame in content["frames"]]


def world_points(frame: dict[str, Any], scene: Path, pixels: np.ndarray) -> np.ndarray:
    """`n x 3`: what some pixels (`n x 2`, columns and rows) show, by the written depth and camera,
    as nerfstudio reads these."""
    depth = cv2.imread(str(scene / frame["depth_file_path"]), cv2.IMREAD_UNCHANGED)
    assert depth.dtype == np.uint16
    z = depth[pixels[:, 1], pixels[:, 0]] / 1000
    k = np.array([[frame["fl_x"], 0, frame["cx"]], [0, frame["fl_y"], frame["cy"]], [0, 0, 1]])
    at = (pixels + 0.5)[:, None]
    if frame["camera_model"] == "OPENCV_FISHEYE":
        d = np.array([frame[f"k{i}"] for i in (1, 2, 3, 4)])
        flat = cv2.fisheye.undistortPoints(at, k, d)[:, 0]
    else:
        d = np.array([frame.get(name, 0.0) for name in ("k1", "k2", "p1", "p2", "k3")])
        stop = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 100, 1e-12)
        flat = cv2.undistortPoints(at, k, d, None, None, None, stop)[:, 0]
    # OpenGL's axes: y up, z backward.
    there = np.column_stack([flat[:, 0] * z, -flat[:, 1] * z, -z, np.ones(len(z))])
    return (there @ np.array(frame["transform_matrix"]).T)[:, :3]


@pytest.mark.corpus(1)
def test_pixels_lie_where_the_dataset_has_them(nerf: Path, views: Path, lens: str) -> None:
    content, found = frames(nerf)
    assert content["camera_model"] == LENSES[lens][0]
    samples = list(simgen.open(views))
    assert len(found) == len(samples) == FRAMES[lens]
    for frame, sample in zip(found, samples, strict=True):
        assert (nerf / frame["file_path"]).is_file()
        assert (frame["w"], frame["h"]) == (sample.camera.width, sample.camera.height)
        if lens == "equirectangular":
            check_panorama(frame, sample)
            continue
        rows, columns = np.nonzero(np.isfinite(sample.depth) & (sample.depth > 0))
        found_points = world_points(frame, nerf, np.column_stack([columns, rows]))
        distance = sample.ray_distance[rows, columns]
        rays = sample.camera.rays()[rows, columns] * distance[:, None]
        pose = sample.camera.cam_to_world
        expected = rays @ pose[:3, :3].T + pose[:3, 3]
        # Depth has steps of a millimetre.
        assert np.linalg.norm(found_points - expected, axis=1).max() < 0.002


def check_panorama(frame: dict[str, Any], sample: Sample) -> None:
    """Directions as nerfstudio makes them of a panorama's pixels."""
    x, y = np.meshgrid(np.arange(frame["w"]) + 0.5, np.arange(frame["h"]) + 0.5)
    theta = -np.pi * (x - frame["cx"]) / frame["fl_x"]
    phi = np.pi * (0.5 + (y - frame["cy"]) / frame["fl_y"])
    directions = np.stack(
        [-np.sin(theta) * np.sin(phi), np.cos(phi), -np.cos(theta) * np.sin(phi)], axis=-1
    )
    turn = np.array(frame["transform_matrix"])[:3, :3]
    expected = sample.camera.rays() @ sample.camera.cam_to_world[:3, :3].T
    np.testing.assert_allclose(directions @ turn.T, expected, atol=1e-6)


@pytest.mark.parametrize("lens", ["pinhole"], indirect=True, scope="session")
@pytest.mark.exhaustive
def test_two_cameras_see_the_same_world(nerf: Path, views: Path) -> None:
    """What one image shows is, in another that sees it too, at the depth that is written there."""
    _, found = frames(nerf)
    first = found[0]
    rows, columns = np.nonzero(np.isfinite(simgen.open(views)[0].depth))
    points = world_points(first, nerf, np.column_stack([columns, rows]))
    agreed = 0
    for frame in found[1:]:
        to_camera = np.linalg.inv(np.array(frame["transform_matrix"]))
        x, y, z = to_camera[:3, :3] @ points.T + to_camera[:3, 3:]
        u = -frame["fl_x"] * x / z + frame["cx"]
        v = frame["fl_y"] * y / z + frame["cy"]
        depth = cv2.imread(str(nerf / frame["depth_file_path"]), cv2.IMREAD_UNCHANGED) / 1000
        inside = (z < 0) & (u > 0) & (u < frame["w"]) & (v > 0) & (v < frame["h"])
        place = v[inside].astype(int), u[inside].astype(int)
        agreed += (np.abs(depth[place] + z[inside]) < 0.02 * depth[place]).sum()
        # Nothing is seen through a surface: what is not there is hidden by something nearer, but
        # for edges, where a neighbour has to do.
        nearest = cv2.erode(np.where(depth > 0, depth, np.inf), np.ones((3, 3)))
        assert (nearest[place] < -z[inside] * 1.02).all()
    assert agreed > 300


@pytest.mark.exhaustive
def test_colmap_reads_the_model(nerf: Path, views: Path, lens: str) -> None:
    _, model, _ = LENSES[lens]
    if model is None:
        assert not (nerf / "sparse").exists()
        return
    read = pycolmap.Reconstruction(str(nerf / "sparse/0"))
    samples = list(simgen.open(views))
    assert len(read.images) == FRAMES[lens]
    assert {camera.model.name for camera in read.cameras.values()} == {model}
    assert len(read.cameras) == len({sample.camera.K.tobytes() for sample in samples})
    rng = np.random.default_rng(0)
    for image, sample in zip(
        sorted(read.images.values(), key=lambda image: image.image_id), samples, strict=True
    ):
        assert (nerf / "images" / image.name).is_file()
        assert int(Path(image.name).stem.removeprefix("frame_")) == sample.frame + 1
        depth = rng.uniform(0.5, 3, 50)
        x, y = rng.uniform(-0.3, 0.3, (2, 50)) * depth
        in_camera = np.stack([x, y, depth], axis=1)
        pose = sample.camera.cam_to_world
        world = in_camera @ pose[:3, :3].T + pose[:3, 3]
        for point, pixel in zip(world, sample.camera.project(in_camera), strict=True):
            np.testing.assert_allclose(image.project_point(point), pixel, atol=1e-3)


@pytest.mark.corpus(1)
def test_points_lie_on_surfaces_with_their_colours(nerf: Path, views: Path, lens: str) -> None:
    cloud = trimesh.load(nerf / "points.ply")
    assert frames(nerf)[0]["ply_file_path"] == "points.ply"
    points, colours = np.asarray(cloud.vertices), np.asarray(cloud.colors)[:, :3]
    assert 50 < len(points) <= 100_000
    meshes = simgen.open(views).meshes(0)
    mesh = trimesh.util.concatenate(
        [trimesh.Trimesh(thing.vertices, thing.faces, process=False) for thing in meshes]
    )
    camera = simgen.open(views)[0].camera.cam_to_world[:3, 3]
    towards = points - camera
    _, rays, _ = mesh.ray.intersects_location(
        np.broadcast_to(camera, points.shape), towards, multiple_hits=False
    )
    assert len(np.unique(rays)) > 0.9 * len(points)
    rgb = {tuple(pixel) for s in simgen.open(views) for pixel in s.rgb.reshape(-1, 3).tolist()}
    assert {tuple(colour) for colour in colours.tolist()} <= rgb
    if LENSES[lens][1]:
        read = pycolmap.Reconstruction(str(nerf / "sparse/0"))
        found = np.array([point.xyz for _, point in sorted(read.points3D.items())])
        np.testing.assert_allclose(found, points, atol=1e-5)
        shown = np.array([point.color for _, point in sorted(read.points3D.items())])
        assert (shown == colours).all()


@pytest.mark.parametrize("lens", ["pinhole"], indirect=True, scope="session")
def test_every_eighth_image_is_for_testing(nerf: Path) -> None:
    content, _ = frames(nerf)
    names = [frame["file_path"] for frame in content["frames"]]
    assert content["test_filenames"] == content["val_filenames"] == [names[0], names[8]]
    assert content["train_filenames"] == names[1:8]


def test_scenes_that_move_are_told(cast_folder: Path, tmp_path: Path) -> None:
    options = Options(size=Size.read("48"), quality=95)
    source = SimgenSource(simgen.open(cast_folder))
    (done,) = export(["nerf"], [source], tmp_path / "out", options)
    assert done.remarks[0].startswith("2 scenes have moving objects")
    scenes = sorted((tmp_path / "out").glob("*/*"))
    assert [scene.name for scene in scenes] == ["000000", "000001"]
    for scene in scenes:
        content, found = frames(scene)
        assert (content["w"], content["h"]) == (48, 36)
        assert found[0]["file_path"] == "images/frame_00001.jpg"
        assert len(content["train_filenames"]) == 2
        assert next(iter(pycolmap.Reconstruction(str(scene / "sparse/0")).images.values()))


def test_what_cannot_be_held_is_refused(tmp_path: Path) -> None:
    words = ["camera.model=brown_conrady", "camera.distortion=[0.1,0,0,0,0,0.02,0,0]"]
    data = cast_dataset(tmp_path / "data", *SMALL, "num_scenes=1", *words)
    with pytest.raises(
        InputError, match=r"transforms\.json cannot store the distortion coefficients k4 to k6"
    ):
        export(["nerf"], [SimgenSource(simgen.open(data))], tmp_path / "out")


@pytest.mark.exhaustive
def test_without_depth_and_with_one_image(stills_folder: Path, tmp_path: Path) -> None:
    source = SimgenSource(simgen.open(stills_folder))
    source.labels = frozenset({"rgb"})
    (done,) = export(["nerf"], [source], tmp_path / "out")
    assert "no initial points: the dataset lacks the label depth" in done.remarks
    content, found = frames(next((tmp_path / "out").glob("*/000000")))
    assert "ply_file_path" not in content
    assert "depth_file_path" not in found[0]
