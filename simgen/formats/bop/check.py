"""BOP: poses of rigid objects. https://github.com/thodan/bop_toolkit/blob/master/docs/bop_datasets_format.md"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from simgen.dataset.remote import AnyPath
from simgen.errors import InputError
from simgen.formats.bop import poses as bop_poses
from simgen.formats.findings import At, Finding, finding
from simgen.formats.items import SUFFIXES
from simgen.formats.reading import images
from simgen.formats.reading.json_file import is_number, is_whole, numbers, read_json
from simgen.formats.reading.text_file import named
from simgen.formats.validate import pictures
from simgen.formats.validate.kind import Kind, Part, Work, chunks, evenly
from simgen.formats.validate.seen import Seen

Plain = dict[str, Any]

_IMAGES_A_PART = 16


def looks_like(path: AnyPath) -> bool:
    return isinstance(path, Path) and bool(_scenes(path))


def _scenes(path: Path) -> list[Path]:
    found = [*path.glob("scene_gt.json"), *path.glob("*/scene_gt.json")]
    return sorted(file.parent for file in [*found, *path.glob("*/*/scene_gt.json")])


def work(path: AnyPath, sample: int) -> Work:
    scenes = _scenes(path) if isinstance(path, Path) else []
    if not scenes or not isinstance(path, Path):
        raise InputError(f"{path}: no BOP here; expected folders with scene_gt.json")
    first = Seen()
    known = _models(path, first.findings)
    rows: list[Any] = []
    for scene in scenes:
        rows += _scene(path, scene, known, first.findings)
    chosen = evenly(rows, sample)
    modelled = {(row[0], row[1]) for row in evenly(chosen, bop_poses.IMAGES)}
    parts = [
        Part(
            check_images, (path, some, modelled.intersection((r[0], r[1]) for r in some)), len(some)
        )
        for some in chunks(chosen, _IMAGES_A_PART)
    ]
    return Work(first, parts, len(chosen), lambda seen: [*pictures.twice(seen.pictures)])


def _is_id(key: str) -> bool:
    return key.isascii() and key.isdecimal() and len(key) < 10


def _models(root: Path, findings: list[Finding]) -> set[int] | None:
    """Ids that have a model; None where the dataset comes without."""
    folder = root / "models"
    if not folder.is_dir():
        return None
    plain, found = read_json(folder / "models_info.json", "models/models_info.json")
    findings += found
    known = set()
    for key, info in plain.items() if isinstance(plain, dict) else ():
        place = f"object {key}"
        diameter = info.get("diameter") if isinstance(info, dict) else None
        ply = folder / f"obj_{int(key):06d}.ply" if _is_id(key) else folder
        if not ply.is_file() or not is_number(diameter):
            at = At("models/models_info.json", place)
            findings.append(at("bop/model", "no PLY, or size", "both"))
            continue
        known.add(int(key))
        if diameter is not None and diameter < 2:
            text = f"a diameter of {diameter:g}"
            findings.append(
                finding("bop/millimetres", "models/models_info.json", place, text, "millimetres")
            )
    return known


def _scene(
    root: Path, scene: Path, known: set[int] | None, findings: list[Finding]
) -> Iterator[tuple[Path, str, Plain, list[Any], list[Any]]]:
    """Each image with its camera, poses and infos."""
    tables: list[Plain] = []
    for name in ("scene_camera", "scene_gt", "scene_gt_info"):
        label = named(scene / f"{name}.json", root)
        plain, found = read_json(scene / f"{name}.json", label)
        findings += found
        if not isinstance(plain, dict):
            if not found:
                findings.append(
                    finding("bop/structure", label, "", type(plain).__name__, "an object")
                )
            return
        tables.append(plain)
    cameras, poses, infos = tables
    label = named(scene / "scene_gt.json", root)
    if not cameras.keys() == poses.keys() == infos.keys():
        odd = sorted((cameras.keys() ^ poses.keys()) | (poses.keys() ^ infos.keys()))
        at = At(label)
        findings.append(at("bop/structure", f"images {odd} in some files alone", "in all"))
    distances: list[float] = []
    for key in sorted(cameras.keys() & poses.keys() & infos.keys()):
        place = f"image {key}"
        rows = (poses[key], infos[key])
        if not _is_id(key) or not all(isinstance(row, list) for row in rows):
            wanted = "lists of objects"
            findings.append(finding("bop/structure", label, place, "other than lists", wanted))
        elif len(poses[key]) != len(infos[key]):
            text = f"{len(poses[key])} poses, {len(infos[key])} infos"
            findings.append(finding("bop/structure", label, place, text, "as many"))
        else:
            findings += _poses(label, place, poses[key], known, distances)
            yield scene, key, cameras[key], poses[key], infos[key]
    if distances and np.median(distances) < 20:
        text = f"a median distance of {np.median(distances):.3g}"
        findings.append(finding("bop/millimetres", label, "", text, "millimetres"))


def _poses(
    file: str, place: str, rows: list[Any], known: set[int] | None, distances: list[float]
) -> Iterator[Finding]:
    for number, row in enumerate(rows):
        at = f"{place}, object {number}"
        row = row if isinstance(row, dict) else {}
        turn, shift = numbers(row.get("cam_R_m2c"), 9), numbers(row.get("cam_t_m2c"), 3)
        if turn is None or shift is None:
            yield finding("bop/pose", file, at, "no cam_R_m2c and cam_t_m2c", "9 and 3 numbers")
            continue
        matrix = np.array(turn, np.float64).reshape(3, 3)
        off = np.abs(matrix @ matrix.T - np.eye(3)).max()
        if off > 1e-3 or np.linalg.det(matrix) < 0:
            found = f"cam_R_m2c that is {off:.2g} off a rotation"
            yield finding("bop/pose", file, at, found, "a rotation")
        distances.append(float(np.linalg.norm(shift)))
        model = row.get("obj_id")
        if known is not None and not (is_whole(model) and model in known):
            yield finding("bop/model", file, at, f"obj_id {model!r}", "one with a model")


def check_images(
    root: Path,
    rows: Sequence[tuple[Path, str, Plain, list[Any], list[Any]]],
    modelled: set[tuple[Path, str]],
) -> Seen:
    """Some images. modelled: those whose poses are held against the models."""
    seen, models = Seen(), bop_poses.Models(root)
    for scene, key, camera, poses, infos in rows:
        name = f"{int(key):06d}"
        split = scene.parent.name if scene.parent != root else ""
        found = [path for kind in ("rgb", "gray") for path in scene.glob(f"{kind}/{name}.*")]
        image = next((path for path in found if path.suffix in SUFFIXES), None)
        label = named(scene, root)
        if image is None:
            wanted = f"{label}/rgb/{name}.png"
            seen.findings.append(finding("file/missing", wanted, "", "no image", "an image"))
        else:
            seen.add(pictures.look(image, named(image, root), split))
        camera = camera if isinstance(camera, dict) else {}
        matrix, scale = numbers(camera.get("cam_K"), 9), camera.get("depth_scale", 1)
        if matrix is None or not is_number(scale) or scale <= 0 or min(matrix[0], matrix[4]) <= 0:
            text = f"cam_K {camera.get('cam_K')!r}, depth_scale {scale!r}"
            at = f"image {key}"
            seen.findings.append(
                finding("bop/camera", f"{label}/scene_camera.json", at, text, "numbers")
            )
        elif (scene, key) in modelled:
            seen.findings += bop_poses.reprojected(root, scene, key, matrix, poses, models)
        size = images.size_in(image) if image is not None else None
        for number, (_, info) in enumerate(zip(poses, infos, strict=True)):
            seen.findings += _info(root, scene, f"{name}_{number:06d}.png", info, size)
    return seen


def _info(
    root: Path, scene: Path, mask: str, info: object, size: tuple[int, int] | None
) -> Iterator[Finding]:
    file = named(scene / "scene_gt_info.json", root)
    keys = ("px_count_visib", "px_count_all", "visib_fract")
    counts = numbers([info.get(key) for key in keys] if isinstance(info, dict) else None, 3)
    if not isinstance(info, dict) or counts is None:
        yield finding("bop/gt-info", file, mask, "no counts", ", ".join(keys))
        return
    shown, whole, part = counts
    wanted = shown / whole if whole else 0.0
    if not 0 <= shown <= whole or abs(part - wanted) > 1e-3:
        found = f"visib_fract {part:g} of {shown} and {whole}"
        yield finding("bop/gt-info", file, mask, found, f"{wanted:g}")
    path = scene / "mask_visib" / mask
    if not path.parent.is_dir():
        return
    visible = images.read_pixels(path, named(path, root))
    if isinstance(visible, Finding):
        yield visible
        return
    if size is not None and visible.shape[:2] != (size[1], size[0]):
        yield finding("image/size", named(path, root), "", visible.shape, f"{size[1]} x {size[0]}")
        return
    rows, columns = np.nonzero(visible if visible.ndim == 2 else visible[..., 0])
    if len(rows) != shown:
        yield finding("bop/gt-info", file, mask, f"px_count_visib {shown}", f"{len(rows)} pixels")
    elif len(rows):
        left, top = int(columns.min()), int(rows.min())
        box = [left, top, int(columns.max()) - left, int(rows.max()) - top]
        if info.get("bbox_visib") != box:
            yield finding("bop/gt-info", file, mask, f"bbox_visib {info.get('bbox_visib')!r}", box)
    yield from _whole(root, scene / "mask" / mask, file, visible)


def _whole(root: Path, path: Path, file: str, visible: np.ndarray) -> Iterator[Finding]:
    if not path.is_file():
        return
    whole = images.read_pixels(path, named(path, root))
    if isinstance(whole, Finding):
        yield whole
    elif whole.shape != visible.shape or ((visible > 0) & (whole == 0)).any():
        at = At(file, path.name)
        yield at("bop/gt-info", "visible pixels outside of mask", "mask_visib within mask")


KIND = Kind("bop", "BOP poses", looks_like, work)
