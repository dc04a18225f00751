"""Checks of KITTI: objects, calibration, LiDAR, depth, disparity and flow.

https://www.cvlibs.net/datasets/kitti/eval_object.php
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from simgen.dataset.remote import AnyPath
from simgen.errors import InputError
from simgen.formats.findings import At, Finding, finding
from simgen.formats.items import SUFFIXES
from simgen.formats.kitti.boxes import wrapped
from simgen.formats.reading import images
from simgen.formats.reading.json_file import read_bounded
from simgen.formats.reading.text_file import floats, named, read_text
from simgen.formats.validate import pictures
from simgen.formats.validate.kind import Kind, Work, parts_of, subsample
from simgen.formats.validate.seen import Seen

_ENOUGH_BOXES = 10
_MATRICES = {"P0": 12, "P1": 12, "P2": 12, "P3": 12, "R0_rect": 9, "Tr_velo_to_cam": 12}
_GREY = ("depth_2", "disp_occ_0", "disp_noc_0")
_FLOW = ("flow_occ", "flow_noc")
_LARGEST_SCAN = 512_000_000


def looks_like(path: AnyPath) -> bool:
    if not isinstance(path, Path):
        return False
    folders = ("label_2", "calib", *_GREY, *_FLOW)
    return any((path / "training" / name).is_dir() for name in folders)


def work(path: AnyPath, sample: int) -> Work:
    if not looks_like(path) or not isinstance(path, Path):
        raise InputError(f"{path}: not KITTI; expected training/ with label_2, calib or flow_occ")
    first = Seen()
    images = pictures_of(path / "training" / "image_2")
    split_of = _sets(path, {image.stem.split("_")[0] for image in images}, first)
    rows = [(image, split_of.get(image.stem.split("_")[0], "")) for image in images]
    chosen = subsample(rows, sample)
    return Work(first, parts_of(check_images, (path,), chosen), len(chosen), _last)


def _last(seen: Seen) -> list[Finding]:
    found = [*pictures.duplicates(seen.pictures)]
    if len(seen.facts) >= _ENOUGH_BOXES and np.median(seen.facts) < 0.3:
        text = f"a median of {np.median(seen.facts):.2f}"
        found.append(finding("kitti/box-3d", "training/label_2", "", text, "above 0.3"))
    return found


def pictures_of(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)


def _sets(root: Path, names: set[str], seen: Seen) -> dict[str, str]:
    split_of: dict[str, str] = {}
    for split in ("train", "val", "test"):
        path = root / "ImageSets" / f"{split}.txt"
        if not path.is_file():
            continue
        text = read_text(path, named(path, root), seen.findings.append, may_be_empty=True) or ""
        for number, name in enumerate(text.split(), start=1):
            place = f"line {number}"
            if name not in names:
                seen.report(
                    "kitti/image-set", named(path, root), place, f"{name!r}", "an image's name"
                )
            elif split_of.setdefault(name, split) != split:
                other = f"{name}, also in {split_of[name]}"
                seen.report("kitti/shared-name", named(path, root), place, other, "one split")
    return split_of


def check_images(root: Path, rows: Sequence[tuple[Path, str]]) -> Seen:
    """Check images. rows: each image with its split."""
    seen = Seen()
    training = root / "training"
    for image, split in rows:
        looked = pictures.look(image, named(image, root), split)
        if image.stem.endswith("_11"):
            looked.pictures.clear()  # the next flow pair may begin with the same image
        seen.add(looked)
        size = images.size_in(image)
        if size is None:
            continue
        number = image.stem.split("_")[0]
        calib = training / "calib" / f"{number}.txt"
        has_cameras = calib.parent.is_dir()
        camera = _calib(calib, named(calib, root), seen) if has_cameras else None
        label = training / "label_2" / f"{number}.txt"
        if label.parent.is_dir():
            _label(label, named(label, root), size, camera, seen)
        points = training / "velodyne" / f"{number}.bin"
        if points.parent.is_dir():
            seen.findings += _velodyne(points, named(points, root))
        for folder in (*_GREY, *_FLOW):
            path = training / folder / f"{image.stem}.png"
            if path.is_file():
                seen.findings += _png(path, named(path, root), size, folder in _FLOW)
    return seen


def _calib(path: Path, name: str, seen: Seen) -> np.ndarray | None:
    """Check a calibration file; return P2, `3 x 4`, or None if the file is invalid."""
    text = read_text(path, name, seen.findings.append)
    if text is None:
        return None
    found = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    matrices = {key: floats(value.split()) for key, value in found.items()}
    # Files of the scene flow benchmark use other keys.
    wanted = {key: count for key, count in _MATRICES.items() if key in found or key[0] == "P"}
    if "R0_rect" not in found and "R_rect" not in found and "P_rect_02" not in found:
        wanted["R0_rect"] = 9
    for key, count in wanted.items():
        values = matrices.get(key)
        if values is None or len(values) != count:
            seen.report("kitti/calib", name, key, "missing or invalid", f"{count} numbers")
            return None
    return np.array(matrices["P2"]).reshape(3, 4)


def _velodyne(path: Path, name: str) -> Iterator[Finding]:
    content, at = read_bounded(path, name, _LARGEST_SCAN), At(name)
    if isinstance(content, Finding):
        yield content
        return
    if len(content) % 16:
        yield at("kitti/velodyne", f"{len(content)} bytes", "16 bytes for each point")
        return
    points = np.frombuffer(content, "<f4").reshape(-1, 4)
    if not np.isfinite(points[:, :3]).all():
        yield at("kitti/velodyne", "coordinates that are not finite", "metres")
    elif not ((points[:, 3] >= 0) & (points[:, 3] <= 1)).all():
        found = f"intensities from {points[:, 3].min():g} to {points[:, 3].max():g}"
        yield at("kitti/velodyne", found, "0..1")


def _label(
    path: Path, name: str, size: tuple[int, int], camera: np.ndarray | None, seen: Seen
) -> None:
    wrong: list[Finding] = []
    text = read_text(path, name, wrong.append, may_be_empty=True) or ""
    for item in wrong:
        seen.report("file/missing", name, "", item.found, "a label file, possibly empty")
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split()
        values = floats(words[1:])
        at = At(name, f"line {number}")
        if len(words) not in (15, 16) or values is None:
            seen.findings.append(at("kitti/label", f"{len(words)} columns", "15 columns"))
        elif words[0] != "DontCare":
            seen.per_class[words[0]] += 1
            seen.findings += _row(at, values, size)
            overlap = _overlap(values, camera)
            seen.facts += [] if overlap is None else [overlap]


def _row(at: At, v: list[float], size: tuple[int, int]) -> Iterator[Finding]:
    if not (-1 <= v[0] <= 1 and v[1] in (-1, 0, 1, 2, 3)):
        found = f"truncated {v[0]:g}, occluded {v[1]:g}"
        yield at("kitti/label", found, "0..1 and 0, 1, 2, 3")
    left, top, right, bottom = v[3:7]
    outside = min(left, top) < -1 or right > size[0] or bottom > size[1]
    if outside or right < left or bottom < top:
        yield at("kitti/bbox", v[3:7], f"two corners within {size[0]} x {size[1]}")
    angles = (v[2], v[13])
    if min(v[7:10]) <= 0 or any(abs(angle) > np.pi + 0.01 for angle in angles):
        yield at("kitti/dimensions", [*v[7:10], *angles], "above 0, angles within -pi..pi")
        return
    alpha = v[13] - float(np.arctan2(v[10], v[12]))
    if abs(wrapped(alpha - v[2])) > 0.2:
        yield at("kitti/alpha", f"alpha {v[2]:.2f}", f"{alpha:.2f}")


def _overlap(v: list[float], camera: np.ndarray | None) -> float | None:
    """Return the intersection over union of the 2D box and the projected 3D box.

    None for truncated or occluded objects, and without a camera.
    """
    if camera is None or v[0] > 0 or v[1] != 0 or min(v[7:10]) <= 0:
        return None
    height, width, length = v[7:10]
    x = np.array([1, 1, -1, -1, 1, 1, -1, -1]) * length / 2
    z = np.array([1, -1, -1, 1, 1, -1, -1, 1]) * width / 2
    y = np.array([0, 0, 0, 0, -1, -1, -1, -1]) * height
    cos, sin = np.cos(v[13]), np.sin(v[13])
    points = np.stack([cos * x + sin * z, y, cos * z - sin * x]) + np.array(v[10:13])[:, None]
    u, w, depth = camera @ np.vstack([points, np.ones(8)])
    if depth.min() <= 0.05:
        return None
    u, w = u / depth, w / depth
    wide = min(u.max(), v[5]) - max(u.min(), v[3])
    tall = min(w.max(), v[6]) - max(w.min(), v[4])
    shared = max(wide, 0.0) * max(tall, 0.0)
    both = (np.ptp(u) * np.ptp(w)) + (v[5] - v[3]) * (v[6] - v[4]) - shared
    return float(shared / both) if both > 0 else None


def _png(path: Path, name: str, size: tuple[int, int], flow: bool) -> Iterator[Finding]:
    shape = (size[1], size[0], 3) if flow else (size[1], size[0])
    image = images.read_exactly(path, name, "kitti/png", shape, np.uint16)
    if isinstance(image, Finding):
        yield image
    elif flow and image[..., 0].max() > 1:
        yield finding("kitti/png", name, "", f"blue up to {image[..., 0].max()}", "0 or 1")


KIND = Kind("kitti", looks_like, work)
