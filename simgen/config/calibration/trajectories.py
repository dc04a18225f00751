"""Poses of a camera or rig in files of other tools: COLMAP, nerfstudio, BOP, TUM and KITTI.

COLMAP's images.txt and images.bin (https://colmap.github.io/format.html) map the world to the
camera, in order of the images' names; so does BOP's scene_camera.json, in millimetres. nerfstudio's
transforms.json maps the camera to the world, in OpenGL's axes. TUM's trajectories
(https://cvg.cit.tum.de/data/datasets/rgbd-dataset/file_formats) have `time tx ty tz qx qy qz qw` in
each line, KITTI's (https://www.cvlibs.net/datasets/kitti/eval_odometry.php) the 12 numbers of a
3 x 4 matrix; both map the camera, or the rig, to the world.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from simgen.config.calibration.documents import mapping, number, numbers, parse, read_bytes
from simgen.config.calibration.poses import from_quaternion, rigid
from simgen.errors import InputError
from simgen.geometry.transforms import invert_rigid

_MOST_BYTES = 256_000_000
"""Maximum size of a file of poses: COLMAP's contain all points of each image."""
_MOST = 100_000
_FROM_OPENGL = np.diag([1.0, -1.0, -1.0, 1.0])
_METRES = 1e-3
_IMAGE = struct.Struct("<I7dI")
_POINT_BYTES = 24
_EXPECTED = (
    "expected poses by COLMAP (images.txt or .bin), nerfstudio (transforms.json), BOP "
    "(scene_camera.json), TUM (time tx ty tz qx qy qz qw) or KITTI (12 numbers in a line)"
)


@dataclass(frozen=True)
class Trajectory:
    """Poses from a file. poses: `P x 4 x 4`, camera or rig to world, OpenCV axes. sha256: of the
    file."""

    poses: np.ndarray
    sha256: str


def read_trajectory(path: Path) -> Trajectory:
    """Return the poses of a file, recognised by its content. Raises `InputError`, one line."""
    try:
        data = read_bytes(path, _MOST_BYTES)
        poses = list(_poses(data))
        if not 1 <= len(poses) <= _MOST:
            raise ValueError(f"{len(poses)} poses; expected 1 to {_MOST}")
    except ValueError as error:
        raise InputError(f"{path}: {error}") from error
    return Trajectory(np.array(poses), hashlib.sha256(data).hexdigest())


def _poses(data: bytes) -> Iterator[np.ndarray]:
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"{"):
        yield from _json(parse(data))
    elif b"\0" in start:
        yield from _by_name(_colmap_binary(data))
    else:
        yield from _text(data)


# ---- JSON


def _json(found: Any) -> Iterator[np.ndarray]:
    plain = mapping(found, "content")
    frames = plain.get("frames")
    if isinstance(frames, list):
        for place, frame in enumerate(frames):
            where = f"frames[{place}]: transform_matrix"
            yield _matrix(mapping(frame, where).get("transform_matrix"), where) @ _FROM_OPENGL
    elif plain and all(key.isdigit() for key in plain):
        for key in sorted(plain, key=int):
            yield _bop(mapping(plain[key], f"image {key}"), f"image {key}")
    else:
        raise ValueError(f"found {', '.join(list(plain)[:6]) or 'nothing'}; {_EXPECTED}")


def _matrix(found: Any, where: str) -> np.ndarray:
    values = numbers(found, where)
    if len(values) not in (12, 16):
        raise ValueError(f"{where}: found {len(values)} numbers; expected 3 x 4 or 4 x 4")
    return rigid(np.reshape(values, (-1, 4)), where)


def _bop(plain: Any, where: str) -> np.ndarray:
    if "cam_R_w2c" not in plain or "cam_t_w2c" not in plain:
        raise ValueError(f"{where}: no cam_R_w2c and cam_t_w2c, the pose of the camera")
    pose = np.eye(4)
    pose[:3, :3] = np.reshape(numbers(plain["cam_R_w2c"], f"{where}: cam_R_w2c", 9), (3, 3))
    pose[:3, 3] = np.array(numbers(plain["cam_t_w2c"], f"{where}: cam_t_w2c", 3)) * _METRES
    return invert_rigid(rigid(pose, where))


# ---- Text


def _text(data: bytes) -> Iterator[np.ndarray]:
    lines = [line.split() for line in data.decode("utf-8", "replace").splitlines()]
    first = next((words for words in lines if words and not words[0].startswith("#")), [])
    if len(first) >= 10 and not all(map(_is_number, first)):  # ends with a name
        yield from _by_name(_colmap_text(lines))
        return
    if len(first) not in (8, 12):
        raise ValueError(f"found a line of {len(first)} words; {_EXPECTED}")
    for place, words in enumerate(lines, start=1):
        if not words or words[0].startswith("#"):
            continue
        where = f"line {place}"
        if len(words) != len(first):
            raise ValueError(f"{where}: {len(words)} numbers; expected {len(first)} as before")
        values = [number(word, where) for word in words]
        if len(values) == 12:
            yield rigid(np.reshape(values, (3, 4)), where)
        else:
            _, x, y, z, *vector, w = values
            yield _posed(from_quaternion(w, vector, where), [x, y, z], where)


def _colmap_text(lines: list[list[str]]) -> Iterator[tuple[str, np.ndarray]]:
    """Yield name and pose of each image: every other line, the rest are its points."""
    is_image = True
    for place, words in enumerate(lines, start=1):
        if words and words[0].startswith("#"):
            continue
        if is_image and words:
            where = f"line {place}"
            if len(words) < 10:
                raise ValueError(f"{where}: {len(words)} words; expected an image of COLMAP")
            w, *rest = (number(word, where) for word in words[1:8])
            turn = from_quaternion(w, rest[:3], where)
            yield " ".join(words[9:]), invert_rigid(_posed(turn, rest[3:], where))
            is_image = False
        else:
            is_image = True


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


# ---- Binary


def _colmap_binary(data: bytes) -> Iterator[tuple[str, np.ndarray]]:
    if len(data) < 8:
        raise ValueError("cut off; expected COLMAP's images.bin")
    (count,), at = struct.unpack_from("<Q", data), 8
    for place in range(count):
        if place > _MOST or at + _IMAGE.size > len(data):
            raise ValueError(f"cut off after {len(data)} bytes, or not COLMAP's images.bin")
        identity, w, *rest, _ = _IMAGE.unpack_from(data, at)
        at += _IMAGE.size
        end = data.find(b"\0", at, at + 4096)
        if end < 0 or end + 9 > len(data):
            raise ValueError(f"image {identity}: no name; expected COLMAP's images.bin")
        name = data[at:end].decode("utf-8", "replace")
        (points,) = struct.unpack_from("<Q", data, end + 1)
        at = end + 9 + points * _POINT_BYTES
        where = f"image {identity}"
        values = [number(value, where) for value in (w, *rest)]
        turn = from_quaternion(values[0], values[1:4], where)
        yield name, invert_rigid(_posed(turn, values[4:], where))


def _by_name(found: Iterator[tuple[str, np.ndarray]]) -> Iterator[np.ndarray]:
    for _, pose in sorted(found, key=lambda image: image[0]):
        yield pose


def _posed(turn: np.ndarray, position: list[float], where: str) -> np.ndarray:
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = turn, position
    return rigid(pose, where)
