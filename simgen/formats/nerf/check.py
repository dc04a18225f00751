"""Views of scenes for NeRF and Gaussian splatting: transforms.json, COLMAP's text models, depth.

https://docs.nerf.studio/quickstart/data_conventions.html, https://colmap.github.io/format.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import trimesh

from simgen.dataset.remote import AnyPath
from simgen.errors import InputError
from simgen.formats.findings import At, Finding, finding
from simgen.formats.nerf.check_colmap import Image, Model, model_in, model_of
from simgen.formats.nerf.check_views import Intrinsics, View, views_of
from simgen.formats.reading import images
from simgen.formats.reading.json_file import is_number, read_json
from simgen.formats.reading.text_file import named
from simgen.formats.validate import pictures
from simgen.formats.validate.kind import Kind, Part, Work, subsample
from simgen.formats.validate.seen import Seen
from simgen.geometry.transforms import invert_rigid, transform

_LARGEST = 256_000_000
_PLACES = ("", "*/", "*/*/")
_FILES = ("transforms.json", "transforms_*.json")
_MOST_POINTS = 20_000
_TO_OPENCV = np.diag([1.0, -1.0, -1.0, 1.0])
_VIEWS = 50
_FEWEST = 100
"""Minimum number of points for a comparison."""
_TURNED, _PART = 0.01, 0.01


def looks_like(path: AnyPath) -> bool:
    if not isinstance(path, Path):
        return False
    if path.is_file():
        return path.name.startswith("transforms") and path.suffix == ".json"
    return any(True for _ in _scenes(path))


def _scenes(path: Path) -> Iterator[Path]:
    """Yield the folders of scenes, possibly with repetitions."""
    for place in _PLACES:
        for name in (*_FILES, "sparse/0/images.txt", "sparse/images.txt"):
            for file in path.glob(place + name):
                yield file.parents[name.count("/")]


def work(path: AnyPath, sample: int) -> Work:
    if not isinstance(path, Path) or not looks_like(path):
        raise InputError(
            f"{path}: not a NeRF dataset; expected folders with transforms.json or "
            "sparse/0/images.txt"
        )
    root = path.parent if path.is_file() else path
    scenes = [root] if path.is_file() else sorted(set(_scenes(path)))
    parts = [
        Part(check_scene, (root, scene), _views_in(scene)) for scene in subsample(scenes, sample)
    ]
    total = sum(part.size for part in parts)
    return Work(Seen(), parts, total, lambda seen: [*pictures.duplicates(seen.pictures)])


def _views_in(scene: Path) -> int:
    """Estimate the number of a scene's views."""
    folder = scene / "images"
    return max(sum(1 for _ in folder.iterdir()), 1) if folder.is_dir() else 1


def check_scene(root: Path, scene: Path) -> Seen:
    seen = Seen()
    split = scene.parent.name if scene.parent != root and scene != root else ""
    place = model_in(scene)
    model = Model() if place is None else model_of(root, scene, place, seen.findings)
    images_txt = "" if place is None else named(place / "images.txt", root)
    files = sorted({file for name in _FILES for file in scene.glob(name)})
    for file in files:
        name = named(file, root)
        plain, found = read_json(file, name)
        seen.findings += found
        if plain is None:
            continue
        views = views_of(scene, name, plain, seen.findings)
        of_file = file.stem.removeprefix("transforms").strip("_") or split
        depths = list(_pictures(root, scene, views, of_file, seen))
        if not isinstance(plain, dict):
            continue
        points, found = _points(scene, At(name, "ply_file_path"), plain.get("ply_file_path"))
        seen.findings += found
        if plain.get("camera_model") != "EQUIRECTANGULAR":
            points = points if len(points) else model.points
            turned = [*_axes(name, views, images_txt, model, points)]
            seen.findings += turned
            if not turned:  # wrong axes also violate these rules
                seen.findings += _agreement(images_txt, views, model)
                seen.findings += _depth_unit(name, depths, points)
    if not files:
        seen.findings += _axes("", [], images_txt, model, model.points)
        for image in sorted(_images_of(scene, model)):
            seen.add(pictures.look(image, named(image, root), split))
    return seen


def _images_of(scene: Path, model: Model) -> set[Path]:
    """Return the existing image files of a COLMAP model."""
    names = [image.name for image in model.images.values()]
    found = {folder / name for folder in (scene / "images", scene) for name in names}
    return {path for path in found if path.is_file()}


def _pictures(
    root: Path, scene: Path, views: Sequence[View], split: str, seen: Seen
) -> Iterator[tuple[View, float]]:
    """Check the images. Yield each view with depth, and the median of its depth."""
    for view in views:
        path = scene / view.image
        if not path.is_file():
            continue
        name = named(path, root)
        seen.add(pictures.look(path, name, split, view.size, f"{view.place} of {view.file}"))
        size = view.size or images.size_in(path)
        if view.depth is None or size is None or not view.depth.lower().endswith(".png"):
            continue
        depth = _depth(scene / view.depth, named(scene / view.depth, root), size)
        if isinstance(depth, Finding):
            seen.findings.append(depth)
        elif (depth > 0).any():
            yield view, float(np.median(depth[depth > 0]))


def _depth(path: Path, name: str, size: tuple[int, int]) -> np.ndarray | Finding:
    image = images.read_pixels(path, name)
    if isinstance(image, Finding):
        return image
    if image.shape != size[::-1] or image.dtype != np.uint16:
        found = f"{' x '.join(map(str, image.shape))} {image.dtype}"
        return finding("nerf/depth", name, "", found, f"{size[1]} x {size[0]} uint16")
    return image


def _points(scene: Path, at: At, file: object) -> tuple[np.ndarray, list[Finding]]:
    """Return a subset of the points in the PLY named by transforms.json, `n x 3`, and findings."""
    none = np.zeros((0, 3))
    if file is None:
        return none, []
    path = scene / file if isinstance(file, str) and images.inside(file) else scene / "no such"
    if not path.is_file() or path.stat().st_size > _LARGEST:
        return none, [at("nerf/points", file, f"a PLY of at most {_LARGEST} bytes")]
    try:
        cloud: Any = trimesh.load(path, file_type="ply", process=False)
        points = np.asarray(cloud.vertices, np.float64).reshape(-1, 3)
    except Exception as problem:  # trimesh raises many kinds of errors for damaged files
        return none, [at("nerf/points", str(problem), "a PLY")]
    if not np.isfinite(points).all():
        return none, [at("nerf/points", "points that are not finite", "numbers")]
    return points[:: max(len(points) // _MOST_POINTS, 1)], []


def _axes(
    name: str, views: Sequence[View], model_name: str, model: Model, points: np.ndarray
) -> Iterator[Finding]:
    """Check that cameras see more points with the stated axes than with commonly mistaken ones.

    points: `n x 3`, in world axes.
    """
    stated = [(view.pose, view.intrinsics) for view in views]
    posed = [(pose, k) for pose, k in stated if pose is not None and k is not None]
    views_as = [
        (invert_rigid(pose @ _TO_OPENCV), invert_rigid(pose), k)
        for pose, k in subsample(posed, _VIEWS)
    ]
    images_as = [
        (image.pose, invert_rigid(image.pose), model.cameras[image.camera].intrinsics)
        for image in subsample([*model.images.values()], _VIEWS)
    ]
    for file, cloud, cameras, mistaken in (
        (name, points, views_as, "if poses were in OpenCV's axes"),
        (model_name, model.points, images_as, "if poses were camera to world"),
    ):
        good = sum(len(_before(cloud, to_camera, k)) for to_camera, _, k in cameras)
        other = sum(len(_before(cloud, to_camera, k)) for _, to_camera, k in cameras)
        if 2 * good < other and other >= _FEWEST:
            found = f"{good} points visible, {other} {mistaken}"
            yield finding("nerf/axes", file, "", found, "more with the stated axes")


def _before(points: np.ndarray, to_camera: np.ndarray, intrinsics: Intrinsics) -> np.ndarray:
    """Return the depths of the points in a camera's field of view.

    The field of view is estimated from the principal point, and is at most 45 degrees to each side.
    """
    fx, fy, cx, cy = intrinsics
    x, y, z = transform(to_camera, points).T
    with np.errstate(all="ignore"):
        inside = (np.abs(x / z) <= min(cx / fx, 1.0)) & (np.abs(y / z) <= min(cy / fy, 1.0))
    return np.asarray(z[(z > 0) & inside])


def _agreement(name: str, views: Sequence[View], model: Model) -> Iterator[Finding]:
    """Compare the cameras of transforms.json with the COLMAP model's. name: of images.txt."""
    of_name = {image.name: image for image in model.images.values()}
    pairs = []
    for view in views:
        # Names in images.txt are relative to the image folder.
        parts = view.image.removeprefix("./").split("/")
        names = ("/".join(parts[start:]) for start in range(len(parts)))
        image = next((of_name[each] for each in names if each in of_name), None)
        if image is not None and view.pose is not None:
            pairs.append((view, image))
    if pairs:
        yield from _turned(name, pairs)
        yield from _lenses(name, pairs, model)


def _turned(name: str, pairs: Sequence[tuple[View, Image]]) -> Iterator[Finding]:
    here = np.stack([view.pose @ _TO_OPENCV for view, _ in pairs if view.pose is not None])
    there = np.stack([invert_rigid(image.pose) for _, image in pairs])
    here, there = invert_rigid(here[0]) @ here, invert_rigid(there[0]) @ there
    lengths = np.linalg.norm(here[:, :3, 3], axis=1), np.linalg.norm(there[:, :3, 3], axis=1)
    moved = lengths[0] > 1e-6
    scale = float(np.median(lengths[1][moved] / lengths[0][moved])) if moved.any() else 1.0
    # Half the Frobenius norm of the difference of two rotations is at least the sine of half the
    # angle between them.
    turned = np.linalg.norm(here[:, :3, :3] - there[:, :3, :3], axis=(1, 2)) / np.sqrt(2)
    shifted = np.linalg.norm(scale * here[:, :3, 3] - there[:, :3, 3], axis=1)
    wrong = (turned > _TURNED) | (shifted > _PART * lengths[1].max() + 1e-6)
    if wrong.any():
        worst = int(np.argmax(wrong))
        found = f"rotated by {turned[worst]:.2g}, shifted by {shifted[worst]:.2g}"
        at = At(name, f"{pairs[worst][1].name}, and {wrong.sum() - 1} others")
        yield at("nerf/colmap-agreement", found, f"the pose in {pairs[worst][0].file}")


def _lenses(name: str, pairs: Sequence[tuple[View, Image]], model: Model) -> Iterator[Finding]:
    for view, image in pairs:
        camera = model.cameras[image.camera]
        if view.intrinsics is None or view.size is None:
            continue
        here, there = (*view.size, *view.intrinsics), (*camera.size, *camera.intrinsics)
        if not np.allclose(here, there, rtol=0.01, atol=0.5):
            found = [round(value, 2) for value in there]
            at = At(name, image.name)
            yield at("nerf/colmap-agreement", found, [round(value, 2) for value in here])
            return


def _depth_unit(
    name: str, depths: Sequence[tuple[View, float]], points: np.ndarray
) -> Iterator[Finding]:
    """Check the unit of depth images. depths: views with their median depth, in millimetres."""
    ratios = []
    for view, median in subsample(list(depths), _VIEWS):
        if view.pose is None or view.intrinsics is None or not is_number(median):
            continue
        before = _before(points, invert_rigid(view.pose @ _TO_OPENCV), view.intrinsics)
        if len(before) >= _FEWEST:
            ratios.append(median / 1000 / float(np.median(before)))
    if ratios and not 1 / 3 < np.median(ratios) < 3:
        found = f"{np.median(ratios):.3g} times the distance of the points"
        yield finding("nerf/depth-unit", name, "depth_file_path", found, "1, in millimetres")


KIND = Kind("nerf", looks_like, work)
