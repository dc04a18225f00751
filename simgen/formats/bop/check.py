"""BOP: poses of rigid objects. https://github.com/thodan/bop_toolkit/blob/master/docs/bop_datasets_format.md"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import trimesh

from simgen.dataset.remote import AnyPath
from simgen.errors import InputError
from simgen.formats.findings import At, Finding, finding
from simgen.formats.items import SUFFIXES
from simgen.formats.reading import images
from simgen.formats.reading.json_file import is_number, is_whole, numbers, read_json
from simgen.formats.reading.text_file import named
from simgen.formats.validate import pictures
from simgen.formats.validate.kind import Kind, Work, parts_of, subsample
from simgen.formats.validate.seen import Seen
from simgen.geometry.raycast import Caster

_MODELLED_IMAGES = 200
"""Maximum number of images whose poses are compared with models and masks."""
_LARGEST = 256_000_000
"""Maximum size of a model file in bytes."""
_PIXELS = 400
_OFF, _FEW = 0.1, 3
"""Fraction and number of a mask's pixels that may miss the model."""


@dataclass(frozen=True)
class Image:
    """An image's entries in the tables of its scene.

    modelled: whether its poses are compared with the models.
    """

    scene: Path
    key: str
    camera: Any
    poses: list[Any]
    infos: list[Any]
    modelled: bool = False

    @property
    def name(self) -> str:
        return f"{int(self.key):06d}"


def looks_like(path: AnyPath) -> bool:
    return isinstance(path, Path) and bool(_scenes(path))


def _scenes(path: Path) -> list[Path]:
    places = ("scene_gt.json", "*/scene_gt.json", "*/*/scene_gt.json")
    return sorted(file.parent for place in places for file in path.glob(place))


def work(path: AnyPath, sample: int) -> Work:
    if not isinstance(path, Path) or not looks_like(path):
        raise InputError(f"{path}: not a BOP dataset; expected folders with scene_gt.json")
    first = Seen()
    known = _models(path, first.findings)
    rows = [row for scene in _scenes(path) for row in _scene(path, scene, known, first.findings)]
    chosen = subsample(rows, sample)
    modelled = {id(row) for row in subsample(chosen, _MODELLED_IMAGES)}
    chosen = [replace(row, modelled=id(row) in modelled) for row in chosen]
    parts = parts_of(check_images, (path,), chosen)
    return Work(first, parts, len(chosen), lambda seen: [*pictures.duplicates(seen.pictures)])


def _is_id(key: str) -> bool:
    return key.isascii() and key.isdecimal() and len(key) < 10


def _models(root: Path, findings: list[Finding]) -> set[int] | None:
    """Return the ids of all models; None if the dataset has none. Append to `findings`."""
    folder, name = root / "models", "models/models_info.json"
    if not folder.is_dir():
        return None
    plain, found = read_json(root / name, name)
    findings += found
    known = set()
    for key, info in plain.items() if isinstance(plain, dict) else ():
        at = At(name, f"object {key}")
        diameter = info.get("diameter") if isinstance(info, dict) else None
        if not (_is_id(key) and _ply(root, int(key)).is_file() and is_number(diameter)):
            findings.append(at("bop/model", "no PLY or no diameter", "both"))
            continue
        known.add(int(key))
        if diameter < 2:
            findings.append(at("bop/millimetres", f"a diameter of {diameter:g}", "millimetres"))
    return known


def _ply(root: Path, number: int) -> Path:
    return root / "models" / f"obj_{number:06d}.ply"


def _scene(
    root: Path, scene: Path, known: set[int] | None, findings: list[Finding]
) -> Iterator[Image]:
    """Yield the images of a scene with camera, poses and infos. Append to `findings`."""
    tables: list[dict[str, Any]] = []
    for file in ("scene_camera", "scene_gt", "scene_gt_info"):
        name = named(scene / f"{file}.json", root)
        plain, found = read_json(scene / f"{file}.json", name)
        findings += found
        if isinstance(plain, dict):
            tables.append(plain)
        elif not found:
            at = At(name)
            findings.append(at("bop/structure", type(plain).__name__, "an object"))
    if len(tables) < 3:
        return
    cameras, poses, infos = tables
    name = named(scene / "scene_gt.json", root)
    if not cameras.keys() == poses.keys() == infos.keys():
        odd = sorted((cameras.keys() ^ poses.keys()) | (poses.keys() ^ infos.keys()))
        text = f"images {odd} in only some of the files"
        findings.append(finding("bop/structure", name, "", text, "all images in all files"))
    distances: list[float] = []
    for key in sorted(cameras.keys() & poses.keys() & infos.keys()):
        at = At(name, f"image {key}")
        if not _is_id(key) or not all(isinstance(row[key], list) for row in (poses, infos)):
            findings.append(at("bop/structure", "entries that are not lists", "lists of objects"))
        elif len(poses[key]) != len(infos[key]):
            text = f"{len(poses[key])} poses, {len(infos[key])} infos"
            findings.append(at("bop/structure", text, "equal counts"))
        else:
            findings += _poses(at, poses[key], known, distances)
            yield Image(scene, key, cameras[key], poses[key], infos[key])
    if distances and np.median(distances) < 20:
        text = f"a median distance of {np.median(distances):.3g}"
        findings.append(finding("bop/millimetres", name, "", text, "millimetres"))


def _pose_of(row: Any) -> tuple[np.ndarray, np.ndarray, Any] | None:
    """Return rotation, `3 x 3`, translation and `obj_id` of an object; None without a pose."""
    row = row if isinstance(row, dict) else {}
    turn, shift = numbers(row.get("cam_R_m2c"), 9), numbers(row.get("cam_t_m2c"), 3)
    if turn is None or shift is None:
        return None
    return np.array(turn, np.float64).reshape(3, 3), np.array(shift), row.get("obj_id")


def _poses(
    at: At, rows: list[Any], known: set[int] | None, distances: list[float]
) -> Iterator[Finding]:
    for number, row in enumerate(rows):
        here, pose = At(at.file, f"{at.place}, object {number}"), _pose_of(row)
        if pose is None:
            yield here("bop/pose", "no valid cam_R_m2c and cam_t_m2c", "9 and 3 numbers")
            continue
        turn, shift, model = pose
        off = np.abs(turn @ turn.T - np.eye(3)).max()
        if off > 1e-3 or np.linalg.det(turn) < 0:
            text = f"cam_R_m2c that differs from a rotation by {off:.2g}"
            yield here("bop/pose", text, "a rotation")
        distances.append(float(np.linalg.norm(shift)))
        if known is not None and not (is_whole(model) and model in known):
            yield here("bop/model", f"obj_id {model!r}", "the id of a model")


def check_images(root: Path, rows: Sequence[Image]) -> Seen:
    seen, caster_of = Seen(), cache(lambda number: _caster(_ply(root, number)))
    for row in rows:
        split = row.scene.parent.name if row.scene.parent != root else ""
        found = [p for kind in ("rgb", "gray") for p in row.scene.glob(f"{kind}/{row.name}.*")]
        image = next((path for path in found if path.suffix in SUFFIXES), None)
        folder = named(row.scene, root)
        if image is None:
            at = At(f"{folder}/rgb/{row.name}.png")
            seen.findings.append(at("file/missing", "no image", "an image"))
        else:
            seen.add(pictures.look(image, named(image, root), split))
        camera = row.camera if isinstance(row.camera, dict) else {}
        k, scale = numbers(camera.get("cam_K"), 9), camera.get("depth_scale", 1)
        good = k is not None and is_number(scale) and scale > 0 and min(k[0], k[4]) > 0
        if not good:
            at = At(f"{folder}/scene_camera.json", f"image {row.key}")
            text = f"cam_K {camera.get('cam_K')!r}, depth_scale {scale!r}"
            seen.findings.append(at("bop/camera", text, "numbers"))
        size = images.size_in(image) if image is not None else None
        for number in range(len(row.poses)):
            mask = f"{row.name}_{number:06d}.png"
            seen.findings += _info(root, row.scene, mask, row.infos[number], size)
            pose = _pose_of(row.poses[number])
            if k and good and row.modelled and pose is not None and is_whole(pose[2]):
                at = At(f"{folder}/scene_gt.json", f"image {row.key}, object {number}")
                path = row.scene / "mask_visib" / mask
                seen.findings += _reprojected(
                    at, path, np.reshape(k, (3, 3)), pose, caster_of(pose[2])
                )
    return seen


def _caster(path: Path) -> Caster | None:
    """Return a caster of a model; None if its file is missing or damaged, as other rules report."""
    if not path.is_file() or path.stat().st_size > _LARGEST:
        return None
    try:
        mesh = trimesh.load_mesh(path, process=False)
        return Caster(np.asarray(mesh.vertices), np.asarray(mesh.faces))
    except Exception:  # trimesh raises many kinds of errors for damaged files
        return None


def _reprojected(
    at: At, mask: Path, k: np.ndarray, pose: tuple[np.ndarray, np.ndarray, Any], to: Caster | None
) -> Iterator[Finding]:
    """Check that the rays through an object's visible pixels hit its model."""
    visible = images.read_pixels(mask, mask.name) if mask.is_file() else None
    if to is None or visible is None or isinstance(visible, Finding):
        return
    rows, columns = _shown(visible)
    step = 1 + len(rows) // _PIXELS
    pixels = np.stack([columns[::step], rows[::step], np.ones(len(rows[::step]))])
    turn, shift, _ = pose
    hits = to.first(-shift @ turn, (np.linalg.inv(k) @ pixels).T @ turn)
    missed, count = int((hits.triangle < 0).sum()), pixels.shape[1]
    if missed > max(_FEW, _OFF * count):
        found = f"{missed} of {count} pixels of the mask miss the model"
        yield at("bop/reprojection", found, "at most 10 %")


def _shown(mask: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return rows and columns of a mask's pixels."""
    return np.nonzero(mask if mask.ndim == 2 else mask[..., 0])


def _info(
    root: Path, scene: Path, mask: str, info: object, size: tuple[int, int] | None
) -> Iterator[Finding]:
    at = At(named(scene / "scene_gt_info.json", root), mask)
    keys = ("px_count_visib", "px_count_all", "visib_fract")
    counts = numbers([info.get(key) for key in keys] if isinstance(info, dict) else None, 3)
    if not isinstance(info, dict) or counts is None:
        yield at("bop/gt-info", "no counts", ", ".join(keys))
        return
    shown, whole, part = counts
    wanted = shown / whole if whole else 0.0
    if not 0 <= shown <= whole or abs(part - wanted) > 1e-3:
        yield at("bop/gt-info", f"visib_fract {part:g} of {shown} and {whole}", f"{wanted:g}")
    path, silhouette = scene / "mask_visib" / mask, scene / "mask" / mask
    if not path.parent.is_dir():
        return
    name = named(path, root)
    visible = images.read_pixels(path, name)
    if isinstance(visible, Finding):
        yield visible
        return
    if size is not None and visible.shape[:2] != (size[1], size[0]):
        yield finding("image/size", name, "", visible.shape, f"{size[1]} x {size[0]}")
        return
    rows, columns = _shown(visible)
    if len(rows) != shown:
        yield at("bop/gt-info", f"px_count_visib {shown}", f"{len(rows)} pixels")
    elif len(rows):
        left, top = int(columns.min()), int(rows.min())
        box = [left, top, int(columns.max()) - left, int(rows.max()) - top]
        if info.get("bbox_visib") != box:
            yield at("bop/gt-info", f"bbox_visib {info.get('bbox_visib')!r}", box)
    if silhouette.is_file():
        inside = images.read_pixels(silhouette, named(silhouette, root))
        if isinstance(inside, Finding):
            yield inside
        elif inside.shape != visible.shape or ((visible > 0) & (inside == 0)).any():
            yield at("bop/gt-info", "visible pixels outside mask", "mask_visib within mask")


KIND = Kind("bop", looks_like, work)
