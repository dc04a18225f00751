"""Views of a scene for NeRF and Gaussian splatting: nerfstudio's transforms.json, a COLMAP model.

https://docs.nerf.studio/quickstart/data_conventions.html; https://colmap.github.io/format.html.

train/000000/transforms.json     cameras; `train` is the scene's split
train/000000/images/frame_00001.png
train/000000/depth/frame_00001.png   uint16: millimetres along the optical axis, 0: none
train/000000/points.ply          coloured surface points
train/000000/sparse/0/           cameras.txt, images.txt, points3D.txt

Poses in transforms.json are camera to world in OpenGL's axes: x right, y up, z backward. Poses in
the COLMAP model are world to camera in OpenCV's axes, quaternions (w, x, y, z). In both, the origin
of pixel coordinates is the corner of the top left pixel. Every eighth image, starting with the
first, is a test image, as in Gaussian splatting.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import trimesh

from simgen.dataset.sample import Sample
from simgen.errors import InputError
from simgen.formats.items import Item
from simgen.formats.output.rasters import png, quantized
from simgen.formats.output.target import Target
from simgen.formats.pipeline.scenes import by_scene, scene_name
from simgen.formats.plan import Plan
from simgen.formats.registry import Format
from simgen.geometry.transforms import invert_rigid, quaternion_from_rotation, transform
from simgen.labels.record import CameraRecord

_MODELS = {
    "pinhole": "OPENCV",
    "brown_conrady": "OPENCV",
    "kannala_brandt": "OPENCV_FISHEYE",
    "equirectangular": "EQUIRECTANGULAR",
}
_COEFFICIENTS = {
    "pinhole": (),
    "brown_conrady": ("k1", "k2", "p1", "p2", "k3"),
    "kannala_brandt": ("k1", "k2", "k3", "k4"),
    "equirectangular": (),
}
_COLMAP = {
    "pinhole": ("PINHOLE", 0),
    "brown_conrady": ("FULL_OPENCV", 8),
    "kannala_brandt": ("OPENCV_FISHEYE", 4),
}
"""COLMAP's name of each lens, and its number of coefficients, in OpenCV's order."""
_INTRINSICS = ("w", "h", "fl_x", "fl_y", "cx", "cy", "k1", "k2", "k3", "k4", "p1", "p2")
_TO_OPENGL = np.diag([1.0, -1.0, -1.0, 1.0])
_MILLIMETRES = 1000.0
_POINTS = 100_000
"""Maximum number of points of a scene, from all its images."""
_TEST_EVERY = 8
_NEAREST = 1e-3
"""Minimum depth of a point in metres; omits points beside and behind a fisheye camera."""


@dataclass
class _Scene:
    """The tables of a scene that is being written; holds no images."""

    folder: str
    model: str
    frames: list[dict[str, Any]] = field(default_factory=list)
    cameras: dict[str, int] = field(default_factory=dict)
    images: list[str] = field(default_factory=list)
    points: list[np.ndarray] = field(default_factory=list)
    colours: list[np.ndarray] = field(default_factory=list)
    poses: list[dict[int, np.ndarray]] = field(default_factory=list)
    """Poses of objects by instance id, in the first and the last frame."""


@dataclass
class _Remarks:
    moving: int = 0
    single: int = 0
    no_colmap: set[str] = field(default_factory=set)

    def lines(self, labels: frozenset[str]) -> list[str]:
        found = []
        if self.moving:
            found.append(
                f"{self.moving} scenes have moving objects, but most methods assume a static "
                "scene; generate with camera.path=views, which shows a single moment"
            )
        if self.single:
            found.append(
                f"{self.single} scenes have a single image, too few for reconstruction; generate "
                "with frames_per_scene=30 or more"
            )
        if "depth" not in labels:
            found.append("no initial points: the dataset lacks the label depth")
        found += [f"no COLMAP model: COLMAP has no {m} cameras" for m in sorted(self.no_colmap)]
        return found


@contextmanager
def _write(target: Target, plan: Plan) -> Iterator[Callable[[Item], None]]:
    remarks = _Remarks()

    def begin(item: Item) -> _Scene:
        model = item.frame.camera.lens.model
        if model not in _MODELS:
            raise InputError(
                f"{item.name}: the format 'nerf' cannot store camera.model={model}; generate the "
                f"dataset with one of {', '.join(_MODELS)}"
            )
        return _Scene(f"{item.split}/{scene_name(item)}", _MODELS[model])

    with by_scene(begin, lambda scene: _finish(target, scene, remarks)) as scene_of:

        def add(item: Item) -> None:
            _add(target, plan, scene_of(item), item, remarks)

        yield add
    target.remarks.extend(remarks.lines(plan.labels))


def _add(target: Target, plan: Plan, scene: _Scene, item: Item, remarks: _Remarks) -> None:
    sample, camera = item.frame, item.frame.camera
    name = f"frame_{sample.frame + 1:05d}"
    file = name + item.picture.suffix
    target.picture(f"{scene.folder}/images/{name}", item.picture)
    frame = {"file_path": f"images/{file}", **_intrinsics(item), "transform_matrix": _pose(camera)}
    if "depth" in plan.labels:
        depth = png(quantized(sample.depth, _MILLIMETRES))
        target.write(f"{scene.folder}/depth/{name}.png", depth)
        frame["depth_file_path"] = f"depth/{name}.png"
        points, colours = _surface(sample, item.picture.pixels(), _POINTS // sample.frames)
        scene.points.append(points)
        scene.colours.append(colours)
    scene.frames.append(frame)
    if camera.lens.model in _COLMAP:
        line = _camera_line(camera)
        number = scene.cameras.setdefault(line, len(scene.cameras) + 1)
        scene.images.append(_image_lines(len(scene.images) + 1, camera, number, file))
    else:
        remarks.no_colmap.add(camera.lens.model)
    if "objects" in plan.labels:
        poses = {entry.instance_id: entry.object_to_world for entry in sample.objects}
        scene.poses = [*scene.poses[:1], poses]


def _pose(camera: CameraRecord) -> list[list[float]]:
    pose: list[list[float]] = (camera.cam_to_world @ _TO_OPENGL).tolist()
    return pose


def _intrinsics(item: Item) -> dict[str, Any]:
    camera = item.frame.camera
    model, k = camera.lens.model, camera.K
    names = _COEFFICIENTS[model]
    if any(camera.lens.coefficients[len(names) :]):
        raise InputError(
            f"{item.name}: transforms.json cannot store the distortion coefficients k4 to k6; "
            "generate the dataset with a camera.distortion of only k1, k2, p1, p2, k3"
        )
    # nerfstudio measures the directions of a panorama in half turns, not in radians.
    unit = np.pi if model == "equirectangular" else 1.0
    plain = {"w": camera.width, "h": camera.height}
    plain |= {"fl_x": unit * k[0, 0], "fl_y": unit * k[1, 1], "cx": k[0, 2], "cy": k[1, 2]}
    return plain | dict(zip(names, camera.lens.coefficients, strict=False))


def _surface(sample: Sample, pixels: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return at most `count` visible surface points in world axes, and their colours."""
    depth = sample.depth.ravel()
    there = np.flatnonzero(np.isfinite(depth) & (depth > _NEAREST))
    # Regular steps are deterministic and cover the image evenly.
    chosen = there[np.linspace(0, len(there) - 1, min(count, len(there))).astype(int)]
    rays = sample.camera.rays().reshape(-1, 3)[chosen]
    in_camera = rays * (depth[chosen] / rays[:, 2])[:, None]
    good = np.isfinite(in_camera).all(axis=1)
    points = transform(sample.camera.cam_to_world, in_camera[good])
    return points, pixels.reshape(-1, 3)[chosen][good]


def _finish(target: Target, scene: _Scene, remarks: _Remarks) -> None:
    remarks.single += len(scene.frames) == 1
    remarks.moving += _moves(scene)
    points = np.concatenate([np.zeros((0, 3)), *scene.points])
    colours = np.concatenate([np.zeros((0, 3), np.uint8), *scene.colours])
    target.write(f"{scene.folder}/transforms.json", _transforms(scene, len(points) > 0))
    if len(points):
        cloud = trimesh.PointCloud(points, colours).export(file_type="ply")
        assert isinstance(cloud, bytes)
        target.write(f"{scene.folder}/points.ply", cloud)
    if scene.images:
        sparse = f"{scene.folder}/sparse/0"
        cameras = "".join(f"{number} {line}\n" for line, number in scene.cameras.items())
        target.write(f"{sparse}/cameras.txt", cameras)
        target.write(f"{sparse}/images.txt", "".join(scene.images))
        target.write(f"{sparse}/points3D.txt", _points_lines(points, colours))


def _moves(scene: _Scene) -> bool:
    """Return whether an object's pose differs between the first and the last frame."""
    first, last = scene.poses[:1], scene.poses[1:]
    return any(
        not np.array_equal(pose, after[number])
        for before, after in zip(first, last, strict=False)
        for number, pose in before.items()
    )


def _transforms(scene: _Scene, has_points: bool) -> str:
    frames = scene.frames
    names = [frame["file_path"] for frame in frames]
    test = names[::_TEST_EVERY]
    plain: dict[str, Any] = {"camera_model": scene.model, **_shared(frames)}
    plain["frames"] = [
        {key: value for key, value in frame.items() if key not in plain} for frame in frames
    ]
    plain["train_filenames"] = [name for name in names if name not in set(test)] or names
    plain["val_filenames"] = plain["test_filenames"] = test
    if has_points:
        plain["ply_file_path"] = "points.ply"
    return json.dumps(plain, indent=1, allow_nan=False) + "\n"


def _shared(frames: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the intrinsics if they are equal in all frames, otherwise an empty dict."""
    found = [{key: frame[key] for key in frame if key in _INTRINSICS} for frame in frames]
    return found[0] if all(each == found[0] for each in found) else {}


def _camera_line(camera: CameraRecord) -> str:
    """Return a line of cameras.txt without its id."""
    name, count = _COLMAP[camera.lens.model]
    k = camera.K
    coefficients = [*camera.lens.coefficients, *[0.0] * count][:count]
    numbers = [k[0, 0], k[1, 1], k[0, 2], k[1, 2], *coefficients]
    return f"{name} {camera.width} {camera.height} {_words(numbers)}"


def _image_lines(number: int, camera: CameraRecord, camera_number: int, name: str) -> str:
    """Return an image's lines in images.txt, without 2D points.

    number, camera_number: ids, from 1. name: file name of the image.
    """
    pose = invert_rigid(camera.cam_to_world)
    numbers = [*quaternion_from_rotation(pose[:3, :3]), *pose[:3, 3]]
    return f"{number} {_words(numbers)} {camera_number} {name}\n\n"


def _points_lines(points: np.ndarray, colours: np.ndarray) -> str:
    """Return the content of points3D.txt.

    points: `n x 3`, world axes, metres. colours: `n x 3` uint8, RGB.
    """
    return "".join(
        f"{number} {x:.6f} {y:.6f} {z:.6f} {r} {g} {b} 0\n"
        for number, ((x, y, z), (r, g, b)) in enumerate(
            zip(points.tolist(), colours.tolist(), strict=True), start=1
        )
    )


def _words(numbers: Sequence[float]) -> str:
    return " ".join(repr(float(number)) for number in numbers)


NERF = Format(
    "nerf",
    "views of each scene for NeRF and Gaussian splatting: transforms.json and COLMAP",
    frozenset({"rgb"}),
    _write,
)
