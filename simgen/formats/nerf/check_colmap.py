"""COLMAP's text models: cameras.txt, images.txt, points3D.txt. https://colmap.github.io/format.html

Poses are world to camera in OpenCV's axes, quaternions (w, x, y, z).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path

import numpy as np

from simgen.formats.findings import At, Finding, finding
from simgen.formats.reading import images
from simgen.formats.reading.json_file import size_finding
from simgen.formats.reading.text_file import floats, named
from simgen.geometry.transforms import pose_matrix

_LARGEST = 256_000_000
_LONGEST_LINE = 16_000_000
_WORST = 20
"""Maximum number of findings of a file, after which reading stops."""
_KEPT = 20_000
_AT_ONCE = 32_000_000
"""Maximum size in bytes of a points3D.txt that is parsed in one call."""
_PARAMETERS = {
    "SIMPLE_PINHOLE": 3, "PINHOLE": 4, "SIMPLE_RADIAL": 4, "RADIAL": 5, "OPENCV": 8,
    "OPENCV_FISHEYE": 8, "FULL_OPENCV": 12, "FOV": 5, "SIMPLE_RADIAL_FISHEYE": 4,
    "RADIAL_FISHEYE": 5, "THIN_PRISM_FISHEYE": 12, "RAD_TAN_THIN_PRISM_FISHEYE": 16,
}  # fmt: skip
_ONE_FOCAL = {
    "SIMPLE_PINHOLE", "SIMPLE_RADIAL", "RADIAL", "SIMPLE_RADIAL_FISHEYE", "RADIAL_FISHEYE",
}  # fmt: skip


@dataclass(frozen=True)
class Camera:
    """A camera of cameras.txt. size: width, height. intrinsics: fx, fy, cx, cy in pixels."""

    size: tuple[int, int]
    intrinsics: tuple[float, float, float, float]


@dataclass(frozen=True)
class Image:
    """An image of images.txt.

    pose: world to camera, `4 x 4`, OpenCV's axes. points: number of 2D points that it lists.
    """

    name: str
    camera: int
    pose: np.ndarray
    points: int


@dataclass
class Model:
    """A COLMAP model. points: a subset of the 3D points, `n x 3`, in world axes."""

    cameras: dict[int, Camera] = field(default_factory=dict)
    images: dict[int, Image] = field(default_factory=dict)
    points: np.ndarray = field(default_factory=lambda: np.zeros((0, 3)))


def model_in(scene: Path) -> Path | None:
    places = (scene / "sparse/0", scene / "sparse", scene / "colmap/sparse/0")
    return next((place for place in places if (place / "images.txt").is_file()), None)


def model_of(root: Path, scene: Path, place: Path, findings: list[Finding]) -> Model:
    """Read a COLMAP model. place: its folder. findings: its defects are appended."""
    model = Model()
    for file, read in (("cameras", _cameras), ("images", _images), ("points3D", _points)):
        path = place / f"{file}.txt"
        name = named(path, root)
        empty = path.is_file() and not path.stat().st_size  # valid: some programs need no points
        wrong = None if empty else size_finding(path, name, _LARGEST)
        findings += [wrong] if wrong else islice(read(scene, path, name, model), _WORST)
    return model


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line numbers, from 1, and lines, including comments and empty lines."""
    with path.open("rb") as file:
        for number in count(1):
            line = file.readline(_LONGEST_LINE)
            if not line:
                return
            yield number, line.decode("utf-8", "replace").strip()


def _id(word: str) -> int | None:
    return int(word) if word.isascii() and word.isdecimal() and len(word) < 19 else None


def _cameras(scene: Path, path: Path, name: str, model: Model) -> Iterator[Finding]:
    for number, line in _lines(path):
        if line and line[0] != "#":
            try:
                key, camera = _camera(line.split(), model)
                model.cameras[key] = camera
            except ValueError as wrong:
                at = At(name, f"line {number}")
                yield at("nerf/colmap-camera", str(wrong), "a camera with a unique id")


def _camera(words: list[str], model: Model) -> tuple[int, Camera]:
    """Parse a camera and its id. Raises `ValueError` with the defect."""
    values = floats([words[0], *words[2:]]) if len(words) > 4 else None
    key = _id(words[0])
    if values is None or key is None:
        raise ValueError("fields that are not numbers")
    kind, (width, height, *parameters) = words[1], values[1:]
    if len(parameters) != _PARAMETERS.get(kind):
        wanted = f"not {_PARAMETERS[kind]}" if kind in _PARAMETERS else "unknown camera model"
        raise ValueError(f"{kind} with {len(parameters)} parameters ({wanted})")
    if kind in _ONE_FOCAL:
        parameters = [parameters[0], *parameters]
    fx, fy, cx, cy = parameters[:4]
    if min(fx, fy) <= 0 or not (0 <= cx <= width < 1e5 and 0 <= cy <= height < 1e5):
        size = f"{width:g} x {height:g}"
        raise ValueError(f"{size}, focal {fx:g}, {fy:g}, centre {cx:g}, {cy:g}")
    if key in model.cameras:
        raise ValueError(f"duplicate camera {key}")
    return key, Camera((int(width), int(height)), (fx, fy, cx, cy))


def _images(scene: Path, path: Path, name: str, model: Model) -> Iterator[Finding]:
    lines = _lines(path)
    for number, line in lines:
        if not line or line[0] == "#":
            continue
        points = next(lines, (0, ""))[1].split()
        try:
            key, image = _image(line, len(points), model)
        except ValueError as wrong:
            wanted = "an image with a unique id"
            yield finding("nerf/colmap-image", name, f"line {number}", str(wrong), wanted)
            continue
        model.images[key] = image
        if floats(points) is None or len(points) % 3:
            found = f"{len(points)} fields, or fields that are not numbers"
            at = At(name, f"line {number + 1}")
            yield at("nerf/colmap-image", found, "x, y and an id for each point")
        places = (scene / "images", scene, scene / "input")
        if not any((place / image.name).is_file() for place in places):
            yield finding("file/missing", name, f"line {number}", f"no {image.name}", "in images/")


def _image(line: str, words_of_points: int, model: Model) -> tuple[int, Image]:
    """Parse an image and its id. Raises `ValueError` with the defect."""
    words = line.split(None, 9)
    values = floats(words[1:8]) if len(words) == 10 else None
    key = _id(words[0])
    if values is None or key is None:
        raise ValueError("fields that are not numbers")
    camera, image = _id(words[8]), words[9]
    if camera is None or camera not in model.cameras:
        raise ValueError(f"camera {words[8]}, which cameras.txt lacks")
    if not images.inside(image):
        raise ValueError(f"the image name {image!r}")
    length = float(np.linalg.norm(values[:4]))
    if abs(length - 1) > 1e-3:
        raise ValueError(f"a quaternion of length {length:.4g}")
    if key in model.images:
        raise ValueError(f"duplicate image {key}")
    pose = pose_matrix(values[4:7], [value / length for value in values[:4]])
    return key, Image(image, camera, pose, words_of_points // 3)


def _points(scene: Path, path: Path, name: str, model: Model) -> Iterator[Finding]:
    plain = _plain_points(path)
    if plain is not None:
        model.points = plain[:: max(len(plain) // _KEPT, 1)]
        return
    step = max(path.stat().st_size // (40 * _KEPT), 1)
    known: set[int] = set()
    kept: list[list[float]] = []
    for number, line in _lines(path):
        if not line or line[0] == "#":
            continue
        words = line.split()
        found = _wrong_point(words, known, model)
        if found:
            at = At(name, f"line {number}")
            yield at("nerf/colmap-point", found, "a point with a unique id")
        elif number % step == 0 or not kept:
            kept.append([float(word) for word in words[1:4]])
    model.points = np.array(kept).reshape(-1, 3)


def _plain_points(path: Path) -> np.ndarray | None:
    """Return the points, `n x 3`, if all are valid and without tracks; None otherwise.

    Takes a tenth of the time of reading line by line, which can locate defects.
    """
    if not 0 < path.stat().st_size <= _AT_ONCE:
        return None
    try:
        # loadtxt warns about files without rows, which are valid.
        with warnings.catch_warnings(action="ignore"):
            rows = np.loadtxt(path, ndmin=2, encoding="utf-8")
    except (ValueError, OverflowError, MemoryError):
        return None
    if rows.ndim != 2 or rows.shape[1] != 8 or not np.isfinite(rows).all():
        return None
    ids, colours = rows[:, 0], rows[:, 4:7]
    known = len(np.unique(ids)) == len(ids) and not (ids % 1).any() and ids.min() >= 0
    good = known and ids.max() < 2**53 and colours.min() >= 0 and colours.max() <= 255
    return rows[:, 1:4] if good and np.abs(rows).max() < 1e15 else None


def _wrong_point(words: list[str], known: set[int], model: Model) -> str:
    key = _id(words[0])
    if len(words) < 8 or len(words) % 2 or key is None or floats(words[1:8]) is None:
        return f"{len(words)} fields, or fields that are not numbers"
    if key in known:
        return f"duplicate point {key}"
    known.add(key)
    if any(not 0 <= float(word) <= 255 for word in words[4:7]):
        return f"colour {', '.join(words[4:7])}"
    for image, place in zip(words[8::2], words[9::2], strict=True):
        seen, index = model.images.get(_id(image) or 0), _id(place)
        if seen is None or index is None or index >= seen.points:
            return f"a track to point {place} of image {image}, which does not exist"
    return ""
