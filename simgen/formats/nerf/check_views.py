"""The cameras in transforms.json of nerfstudio, instant-ngp and the Blender NeRF datasets.

https://docs.nerf.studio/quickstart/data_conventions.html. Poses are camera to world in OpenGL's
axes: x right, y up, z backward.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from simgen.formats.findings import At, Finding, finding
from simgen.formats.reading import images
from simgen.formats.reading.json_file import is_number, numbers

Plain = dict[str, Any]
Intrinsics = tuple[float, float, float, float]
"""fx, fy, cx, cy in pixels."""

_DISTORTION = ("k1", "k2", "k3", "k4", "p1", "p2")
_KEYS = ("w", "h", "fl_x", "fl_y", "cx", "cy", "camera_angle_x", "camera_angle_y", *_DISTORTION)
_RIGID = 1e-3
_LONGEST = 100_000
"""Maximum width and height in pixels."""


@dataclass(frozen=True)
class View:
    """A view of a scene; missing or invalid values are None.

    place: position in its file. image, depth: paths relative to the scene's folder. pose: camera to
    world, OpenGL's axes. size: stated width and height. intrinsics: fx, fy, cx, cy in pixels.
    """

    file: str
    place: str
    image: str
    pose: np.ndarray | None
    size: tuple[int, int] | None
    intrinsics: Intrinsics | None
    depth: str | None


def views_of(folder: Path, name: str, plain: Any, findings: list[Finding]) -> list[View]:
    """Return the views of a transforms.json. name: of the file. plain: its parsed content."""
    frames = plain.get("frames") if isinstance(plain, dict) else None
    if not isinstance(frames, list) or not frames:
        found = type(plain if frames is None else frames).__name__
        findings.append(finding("nerf/structure", name, "frames", found, "a list of frames"))
        return []
    findings += _intrinsics_findings(name, "", plain)
    views: list[View] = []
    known: set[str] = set()
    for number, frame in enumerate(frames):
        place = f"frame {number}"
        image = frame.get("file_path") if isinstance(frame, dict) else None
        if not isinstance(image, str) or not images.inside(image) or image in known:
            again = isinstance(image, str) and image in known
            found = f"duplicate path {image!r}" if again else repr(image)
            at = At(name, place)
            findings.append(at("nerf/structure", found, "a unique relative path"))
            continue
        known.add(image)
        views.append(_view(folder, name, place, {**plain, **frame}, findings))
        if not frame.keys().isdisjoint(_KEYS):
            findings += _intrinsics_findings(name, place, frame)
    findings += _splits(name, plain, known)
    return views


def _view(folder: Path, name: str, place: str, frame: Plain, findings: list[Finding]) -> View:
    pose, wrong = _pose(frame.get("transform_matrix"))
    if wrong:
        findings.append(finding("nerf/pose", name, place, wrong, "a rotation and a translation"))
    image: str = frame["file_path"]
    # The Blender NeRF datasets omit the suffix.
    there = [each for each in (image, f"{image}.png") if (folder / each).is_file()]
    path = there[0] if there else None
    if path is None:
        findings.append(finding("file/missing", name, place, f"no {image}", "an image"))
    depth = frame.get("depth_file_path")
    if depth is not None and not (
        isinstance(depth, str) and images.inside(depth) and (folder / depth).is_file()
    ):
        findings.append(finding("file/missing", name, place, f"no {depth!r}", "a depth image"))
        depth = None
    size = _size(frame)
    stored = images.size_in(folder / path) if size is None and path is not None else size
    return View(name, place, path or image, pose, size, _intrinsics(frame, stored), depth)


def _pose(value: object) -> tuple[np.ndarray | None, str]:
    """Return a pose, `4 x 4` float64, and an empty text; or None and the defect."""
    rows = [numbers(row, 4) for row in value] if isinstance(value, list) else []
    if len(rows) not in (3, 4) or any(row is None for row in rows):
        return None, "not a 4 x 4 matrix of numbers"
    matrix = np.array([*rows, [0, 0, 0, 1]][:4], np.float64)
    turn = matrix[:3, :3]
    if np.abs(matrix[3] - [0, 0, 0, 1]).max() > _RIGID:
        return None, f"a last row of {matrix[3].tolist()}"
    off = np.abs(turn @ turn.T - np.eye(3)).max()
    if off > _RIGID:
        return None, f"a matrix that differs from a rotation by {off:.2g}"
    if np.linalg.det(turn) < 0:
        return None, "a reflection: its determinant is -1"
    return matrix, ""


def _size(plain: Plain) -> tuple[int, int] | None:
    pair = numbers([plain.get("w"), plain.get("h")])
    if pair is None or not all(0 < side < _LONGEST for side in pair):
        return None
    return int(pair[0]), int(pair[1])


def _intrinsics(plain: Plain, size: tuple[int, int] | None) -> Intrinsics | None:
    """Return fx, fy, cx, cy; None if invalid. cx, cy default to the image's centre."""
    if size is None:
        return None
    focal, angle = numbers([plain.get("fl_x")]), numbers([plain.get("camera_angle_x")])
    if focal is None and angle is not None and 0 < angle[0] < math.pi:
        focal = [size[0] / 2 / math.tan(angle[0] / 2)]
    if focal is None:
        return None
    rest = [plain.get("fl_y", focal[0]), plain.get("cx", size[0] / 2), plain.get("cy", size[1] / 2)]
    found = numbers([*focal, *rest])
    if found is None or min(found[:2]) <= 0:
        return None
    fx, fy, cx, cy = found
    return (fx, fy, cx, cy) if 0 <= cx <= size[0] and 0 <= cy <= size[1] else None


def _intrinsics_findings(name: str, place: str, plain: Plain) -> Iterator[Finding]:
    wrong = _wrong_number(plain)
    if wrong:
        found = f"{wrong} {plain.get(wrong)!r}"
        yield finding("nerf/intrinsics", name, place, found, "a valid number")
        return
    for side, focal, angle in (("w", "fl_x", "camera_angle_x"), ("h", "fl_y", "camera_angle_y")):
        if not {side, focal, angle} <= plain.keys() or _is_panorama(plain):
            continue
        wanted = 2 * math.atan(plain[side] / (2 * plain[focal]))
        if abs(plain[angle] - wanted) > 0.01 * wanted:
            at = At(name, f"{place} {angle}".strip())
            yield at("nerf/camera-angle", f"{plain[angle]:g}", f"{wanted:g}")


def _is_panorama(plain: Plain) -> bool:
    return plain.get("camera_model") == "EQUIRECTANGULAR"


def _wrong_number(plain: Plain) -> str:
    """Return the key of the first invalid intrinsic, or an empty text. Missing keys are valid."""
    for key in _KEYS:
        value, side = plain.get(key, 1), plain.get({"cx": "w", "cy": "h"}.get(key, ""))
        good = is_number(value)
        if good and key in ("w", "h"):
            good = not value % 1 and 0 < value < _LONGEST
        elif good and key in ("fl_x", "fl_y"):
            good = value > 0
        elif good and is_number(side):
            good = 0 <= value <= side
        if not good and key in plain:
            return key
    return ""


def _splits(name: str, plain: Plain, known: set[str]) -> Iterator[Finding]:
    lists = {}
    for key in ("train_filenames", "val_filenames", "test_filenames"):
        given = plain.get(key, [])
        names = given if isinstance(given, list) else [given]
        odd = [item for item in names if not isinstance(item, str) or item not in known]
        if odd:
            yield finding("nerf/filenames", name, key, odd[0], "the file_path of a frame")
        lists[key] = {item for item in names if isinstance(item, str)}
    tested = lists["val_filenames"] | lists["test_filenames"]
    both = sorted(lists["train_filenames"] & tested)
    if both and len(known) > 1:
        found = f"{len(both)}, first {both[0]}"
        yield finding("nerf/shared-view", name, "train_filenames", found, "none")
