"""Whether the cameras of a scene, its points, its COLMAP model and its depth are of one world."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from simgen.formats.findings import At, Finding, finding
from simgen.formats.nerf.check_colmap import Image, Model
from simgen.formats.nerf.check_views import View
from simgen.formats.reading.json_file import is_number
from simgen.formats.validate.kind import evenly
from simgen.geometry.transforms import invert_rigid, transform

TO_OPENCV = np.diag([1.0, -1.0, -1.0, 1.0])
_VIEWS = 50
_FEWEST = 100
"""Points that say something."""
_TURNED, _PART = 0.01, 0.01

Intrinsics = tuple[float, float, float, float]


def axes_findings(
    name: str, views: Sequence[View], model_name: str, model: Model, points: np.ndarray
) -> Iterator[Finding]:
    """points: `n x 3`, in the world of either."""
    stated = [(view.pose, view.intrinsics) for view in views]
    posed = [(pose, k) for pose, k in stated if pose is not None and k is not None]
    views_as = [
        (invert_rigid(pose @ TO_OPENCV), invert_rigid(pose), k) for pose, k in evenly(posed, _VIEWS)
    ]
    images_as = [
        (image.pose, invert_rigid(image.pose), model.cameras[image.camera].intrinsics)
        for image in evenly([*model.images.values()], _VIEWS)
    ]
    for file, cloud, cameras, mistaken in (
        (name, points, views_as, "in OpenCV's axes"),
        (model_name, model.points, images_as, "if poses were from camera to world"),
    ):
        good = sum(len(_before(cloud, to_camera, k)) for to_camera, _, k in cameras)
        other = sum(len(_before(cloud, to_camera, k)) for _, to_camera, k in cameras)
        if 2 * good < other and other >= _FEWEST:
            found = f"{good} points before the cameras"
            yield finding("nerf/axes", file, "", found, f"{other} {mistaken}")


def _before(points: np.ndarray, to_camera: np.ndarray, intrinsics: Intrinsics) -> np.ndarray:
    """Depths of the points that a camera may see: within 45 degrees and in its image, as far as
    that follows from its centre."""
    fx, fy, cx, cy = intrinsics
    x, y, z = transform(to_camera, points).T
    with np.errstate(all="ignore"):
        inside = (np.abs(x / z) <= min(cx / fx, 1.0)) & (np.abs(y / z) <= min(cy / fy, 1.0))
    return np.asarray(z[(z > 0) & inside])


def agreement_findings(name: str, views: Sequence[View], model: Model) -> Iterator[Finding]:
    """name: of images.txt."""
    of_name = {image.name: image for image in model.images.values()}
    pairs = []
    for view in views:
        # Names in images.txt are relative to the folder of the images.
        parts = view.image.removeprefix("./").split("/")
        names = ("/".join(parts[start:]) for start in range(len(parts)))
        image = next((of_name[each] for each in names if each in of_name), None)
        if image is not None and view.pose is not None:
            pairs.append((view, image))
    if pairs:
        yield from _turned(name, pairs)
        yield from _lenses(name, pairs, model)


def _turned(name: str, pairs: Sequence[tuple[View, Image]]) -> Iterator[Finding]:
    here = np.stack([view.pose @ TO_OPENCV for view, _ in pairs if view.pose is not None])
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
        found = f"turned by {turned[worst]:.2g}, moved by {shifted[worst]:.2g}"
        place = f"{pairs[worst][1].name}, and {wrong.sum() - 1} others"
        at = At(name, place)
        yield at("nerf/colmap-agreement", found, f"as {pairs[worst][0].file} has it")


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


def depth_findings(
    name: str, depths: Sequence[tuple[View, float]], points: np.ndarray
) -> Iterator[Finding]:
    """depths: views, each with the median of its depth, in thousandths."""
    ratios = []
    for view, median in evenly(list(depths), _VIEWS):
        if view.pose is None or view.intrinsics is None or not is_number(median):
            continue
        before = _before(points, invert_rigid(view.pose @ TO_OPENCV), view.intrinsics)
        if len(before) >= _FEWEST:
            ratios.append(median / 1000 / float(np.median(before)))
    if ratios and not 1 / 3 < np.median(ratios) < 3:
        found = f"{np.median(ratios):.3g} times the distance of the points"
        yield finding("nerf/depth-unit", name, "depth_file_path", found, "1, of thousandths")
