"""Cameras in COLMAP's models, https://colmap.github.io/format.html: text and binary.

The centre of the top left pixel is at (0.5, 0.5).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

from simgen.config.calibration.camera import Calibration, fisheye, perspective
from simgen.config.calibration.documents import number, whole

_MODELS = (
    "SIMPLE_PINHOLE", "PINHOLE", "SIMPLE_RADIAL", "RADIAL", "OPENCV", "OPENCV_FISHEYE",
    "FULL_OPENCV", "FOV", "SIMPLE_RADIAL_FISHEYE", "RADIAL_FISHEYE", "THIN_PRISM_FISHEYE",
)  # fmt: skip
"""Names by number in binary models."""
_COUNTS = {
    "SIMPLE_PINHOLE": 3, "PINHOLE": 4, "SIMPLE_RADIAL": 4, "RADIAL": 5, "OPENCV": 8,
    "OPENCV_FISHEYE": 8, "FULL_OPENCV": 12, "FOV": 5, "SIMPLE_RADIAL_FISHEYE": 4,
    "RADIAL_FISHEYE": 5, "THIN_PRISM_FISHEYE": 12,
}  # fmt: skip
_ONE_FOCAL = ("SIMPLE_PINHOLE", "SIMPLE_RADIAL", "RADIAL", "SIMPLE_RADIAL_FISHEYE",
              "RADIAL_FISHEYE")  # fmt: skip
_MOST = 100_000
_HEAD = struct.Struct("<iiQQ")


def is_colmap(data: bytes) -> bool:
    """Return whether this is cameras.txt or cameras.bin."""
    return _is_binary(data) or any(
        len(words) > 4 and words[1] in _MODELS for words in _lines(data[:4096])
    )


def cameras(data: bytes) -> dict[int, Calibration]:
    """Return the cameras of cameras.txt or cameras.bin by id. Raises `ValueError`."""
    found = dict(_binary(data) if _is_binary(data) else _text(data))
    if not found:
        raise ValueError("no camera; expected COLMAP's cameras.txt or cameras.bin")
    return found


def _is_binary(data: bytes) -> bool:
    if len(data) < 8 + _HEAD.size:
        return False
    (count,), (_, model, _, _) = struct.unpack_from("<Q", data), _HEAD.unpack_from(data, 8)
    return 0 < count <= _MOST and 0 <= model < len(_MODELS)


def _binary(data: bytes) -> Iterator[tuple[int, Calibration]]:
    (count,), at = struct.unpack_from("<Q", data), 8
    for _ in range(count):
        if at + _HEAD.size > len(data):
            raise ValueError(f"cut off after {len(data)} bytes; expected {count} cameras")
        number_, model, width, height = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        if not 0 <= model < len(_MODELS):
            raise ValueError(f"camera {number_}: model number {model}, which is not known")
        size = _COUNTS[_MODELS[model]]
        if at + 8 * size > len(data):
            raise ValueError(f"cut off after {len(data)} bytes; expected {count} cameras")
        values = struct.unpack_from(f"<{size}d", data, at)
        at += 8 * size
        yield number_, _camera(number_, _MODELS[model], width, height, values)


def _text(data: bytes) -> Iterator[tuple[int, Calibration]]:
    for words in _lines(data):
        where = f"camera {words[0]}"
        if len(words) < 4 or words[1] not in _MODELS:
            raise ValueError(f"{where}: expected id, model, width, height and parameters")
        values = [number(word, where) for word in words[4:]]
        identity = whole(words[0], "camera id")
        yield (
            identity,
            _camera(identity, words[1], whole(words[2], where), whole(words[3], where), values),
        )


def _lines(data: bytes) -> Iterator[list[str]]:
    for line in data.decode("utf-8", "replace").splitlines():
        words = line.split()
        if words and not words[0].startswith("#"):
            yield words


def _camera(
    identity: int, model: str, width: int, height: int, values: Sequence[float]
) -> Calibration:
    where = f"camera {identity}"
    if len(values) != _COUNTS[model]:
        raise ValueError(f"{where}: {len(values)} parameters of {model}; expected {_COUNTS[model]}")
    values = [number(value, where) for value in values]
    if model in _ONE_FOCAL:
        values = [values[0], *values]
    fx, fy, cx, cy, *more = values
    if model.endswith("FISHEYE") and model != "THIN_PRISM_FISHEYE":
        kind, coefficients = fisheye(more)
    elif model in ("FOV", "THIN_PRISM_FISHEYE"):
        raise ValueError(
            f"{where}: {model}, which simgen has no lens model for; reconstruct with OPENCV, "
            "FULL_OPENCV or OPENCV_FISHEYE"
        )
    else:
        kind, coefficients = perspective(more)
    return Calibration(f"camera{identity}", width, height, kind, fx, fy, cx, cy, coefficients)
