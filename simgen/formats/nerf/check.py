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
from simgen.formats.findings import Finding, finding
from simgen.formats.nerf.check_agreement import agreement_findings, axes_findings, depth_findings
from simgen.formats.nerf.check_colmap import Model, model_in, model_of
from simgen.formats.nerf.check_views import View, views_of
from simgen.formats.reading import images
from simgen.formats.reading.json_file import read_json
from simgen.formats.reading.text_file import named
from simgen.formats.validate import pictures
from simgen.formats.validate.kind import Kind, Part, Work, evenly
from simgen.formats.validate.seen import Seen

_LARGEST = 256_000_000
_PLACES = ("", "*/", "*/*/")
_FILES = ("transforms.json", "transforms_*.json")
_MOST_POINTS = 20_000


def looks_like(path: AnyPath) -> bool:
    if not isinstance(path, Path):
        return False
    if path.is_file():
        return path.name.startswith("transforms") and path.suffix == ".json"
    return any(True for _ in _scenes(path))


def _scenes(path: Path) -> Iterator[Path]:
    """Folders of scenes, some more than once."""
    for place in _PLACES:
        for name in (*_FILES, "sparse/0/images.txt", "sparse/images.txt"):
            for file in path.glob(place + name):
                up = len(Path(name).parts) - 1
                yield file.parents[up]


def work(path: AnyPath, sample: int) -> Work:
    if not isinstance(path, Path) or not looks_like(path):
        raise InputError(
            f"{path}: no views of scenes here; expected folders with transforms.json or "
            "sparse/0/images.txt"
        )
    root = path.parent if path.is_file() else path
    scenes = [root] if path.is_file() else sorted(set(_scenes(path)))
    parts = [Part(check_scene, (root, scene), _views_in(scene)) for scene in evenly(scenes, sample)]
    total = sum(part.size for part in parts)
    return Work(Seen(), parts, total, lambda seen: [*pictures.twice(seen.pictures)])


def _views_in(scene: Path) -> int:
    """About how many views a scene has."""
    folder = scene / "images"
    return max(sum(1 for _ in folder.iterdir()), 1) if folder.is_dir() else 1


def check_scene(root: Path, scene: Path) -> Seen:
    seen = Seen()
    split = scene.parent.name if scene.parent != root and scene != root else ""
    place = model_in(scene)
    model = Model() if place is None else model_of(root, scene, place, seen.findings)
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
        seen.findings += _of_one_world(root, scene, name, plain, views, depths, model)
    if not files:
        seen.findings += axes_findings("", [], _images_txt(root, scene), model, model.points)
        for image in sorted(images_of(scene, model)):
            seen.add(pictures.look(image, named(image, root), split))
    return seen


def images_of(scene: Path, model: Model) -> set[Path]:
    """The images of a COLMAP model that exist."""
    names = [image.name for image in model.images.values()]
    found = {folder / name for folder in (scene / "images", scene) for name in names}
    return {path for path in found if path.is_file()}


def _images_txt(root: Path, scene: Path) -> str:
    place = model_in(scene)
    return "" if place is None else named(place / "images.txt", root)


def _pictures(
    root: Path, scene: Path, views: Sequence[View], split: str, seen: Seen
) -> Iterator[tuple[View, float]]:
    """Look at the images. Gives the median of each one's depth."""
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


def _of_one_world(
    root: Path,
    scene: Path,
    name: str,
    plain: Any,
    views: Sequence[View],
    depths: Sequence[tuple[View, float]],
    model: Model,
) -> Iterator[Finding]:
    points, found = _points(scene, name, plain)
    yield from found
    if not len(points):
        points = model.points
    if plain.get("camera_model") == "EQUIRECTANGULAR" if isinstance(plain, dict) else True:
        return
    images = _images_txt(root, scene)
    turned = list(axes_findings(name, views, images, model, points))
    yield from turned
    if not turned:  # the rest would only say so again
        yield from agreement_findings(images, views, model)
        yield from depth_findings(name, depths, points)


def _points(scene: Path, name: str, plain: Any) -> tuple[np.ndarray, list[Finding]]:
    """Some of the points that transforms.json names, `n x 3`."""
    none = np.zeros((0, 3))
    file = plain.get("ply_file_path") if isinstance(plain, dict) else None
    if file is None:
        return none, []
    path = scene / file if isinstance(file, str) and images.inside(file) else scene / "no such"
    if not path.is_file() or path.stat().st_size > _LARGEST:
        return none, [
            finding(
                "nerf/points", name, "ply_file_path", file, f"a PLY of at most {_LARGEST} bytes"
            )
        ]
    try:
        cloud: Any = trimesh.load(path, file_type="ply", process=False)
        points = np.asarray(cloud.vertices, np.float64).reshape(-1, 3)
    except Exception as problem:  # trimesh raises all kinds for files that are not what they say
        return none, [finding("nerf/points", name, "ply_file_path", str(problem), "a PLY")]
    if not np.isfinite(points).all():
        return none, [
            finding("nerf/points", name, "ply_file_path", "points that are not finite", "numbers")
        ]
    return points[:: max(len(points) // _MOST_POINTS, 1)], []


KIND = Kind("nerf", "views of scenes, transforms.json and COLMAP", looks_like, work)
