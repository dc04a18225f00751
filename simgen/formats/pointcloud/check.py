"""Checks of point clouds with a `pointclouds.json`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from simgen.dataset.remote import AnyPath
from simgen.errors import InputError
from simgen.formats.findings import At, Finding
from simgen.formats.pointcloud.files import LIST, read_points
from simgen.formats.reading.json_file import is_number, read_bounded, read_json
from simgen.formats.validate.kind import Kind, Work, parts_of, subsample
from simgen.formats.validate.seen import Seen
from simgen.labels import IGNORE

_LARGEST = 2_000_000_000
_RIGID = 1e-5

Row = tuple[str, int]
"""Name of a file, and its number of points."""


def looks_like(path: AnyPath) -> bool:
    return isinstance(path, Path) and (path / LIST).is_file()


def work(path: AnyPath, sample: int) -> Work:
    if not looks_like(path) or not isinstance(path, Path):
        raise InputError(f"{path}: no point clouds; expected {LIST}")
    plain, findings = read_json(path / LIST, LIST)
    first = Seen(findings)
    if findings:
        return Work(first)
    classes, rows = _listed(plain, first)
    chosen = subsample(rows, sample)
    return Work(first, parts_of(check_files, (path, classes), chosen), len(chosen))


def _listed(plain: Any, seen: Seen) -> tuple[int, list[Row]]:
    """Return the number of classes, and the rows without defects."""
    plain = plain if isinstance(plain, dict) else {}
    classes, files = plain.get("classes"), plain.get("files")
    if not isinstance(files, list) or not files:
        seen.report("pointcloud/list", LIST, "files", files, "a list of files")
        return 0, []
    if not isinstance(classes, list) or not all(isinstance(name, str) for name in classes):
        seen.report("pointcloud/list", LIST, "classes", classes, "a list of names")
        classes = []
    rows = []
    for number, entry in enumerate(files):
        wrong = _wrong(entry)
        if wrong:
            seen.report("pointcloud/list", LIST, f"files[{number}]", *wrong)
        else:
            rows.append((entry["file"], entry["points"]))
    return len(classes), rows


def _wrong(entry: Any) -> tuple[object, str] | None:
    """Return what was found in an entry and expected, or None."""
    if not isinstance(entry, dict):
        return entry, "a file with its poses"
    name, count = entry.get("file"), entry.get("points")
    if not isinstance(name, str) or name.startswith("/") or ".." in name.split("/"):
        return name, "the name of a file within the folder"
    if not isinstance(entry.get("split"), str):
        return entry.get("split"), "the name of a split"
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        return count, "a number of points"
    for key in ("sensor_to_camera", "sensor_to_world"):
        if not _is_rigid(entry.get(key)):
            return f"{key} {entry.get(key)}", "a rigid 4 x 4 matrix"
    return None


def _is_rigid(rows: Any) -> bool:
    if not isinstance(rows, list) or len(rows) != 4:
        return False
    if not all(
        isinstance(row, list) and len(row) == 4 and all(map(is_number, row)) for row in rows
    ):
        return False
    pose = np.array(rows, float)
    turn = pose[:3, :3]
    straight = np.abs(turn @ turn.T - np.eye(3)).max() < _RIGID and np.linalg.det(turn) > 0
    return bool(straight and (pose[3] == [0, 0, 0, 1]).all())


def check_files(root: Path, classes: int, rows: Sequence[Row]) -> Seen:
    """Check some files. classes: number of classes."""
    seen = Seen(images=len(rows))
    for name, count in rows:
        seen.findings += _file(root, name, count, classes)
    return seen


def _file(root: Path, name: str, count: int, classes: int) -> Iterator[Finding]:
    content, at = read_bounded(root / name, name, _LARGEST), At(name)
    if isinstance(content, Finding):
        yield content
        return
    try:
        points = read_points(content)
    except ValueError as problem:
        yield at("pointcloud/file", str(problem), "binary PLY or PCD")
        return
    kinds = points.dtype.names or ()
    if not all(axis in kinds and points.dtype[axis].kind == "f" for axis in "xyz"):
        yield at("pointcloud/file", f"fields {', '.join(kinds)}", "x, y, z of floats")
        return
    if len(points) != count:
        yield at("pointcloud/file", f"{len(points)} points", f"{count}, as in {LIST}")
    if not all(np.isfinite(points[axis]).all() for axis in "xyz"):
        yield at("pointcloud/points", "coordinates that are not finite", "metres")
    if "intensity" in kinds and len(points):
        low, high = points["intensity"].min(), points["intensity"].max()
        if not (low >= 0 and high <= 1):
            yield at("pointcloud/points", f"intensities from {low:g} to {high:g}", "0..1")
    if "label" in kinds:
        ids = points["label"]
        unknown = ids[((ids < 0) | (ids > classes)) & (ids != IGNORE)]
        if len(unknown):
            yield at("pointcloud/labels", f"{unknown[0]}", f"0 to {classes}, or {IGNORE}")


KIND = Kind("pointcloud", looks_like, work)
