"""Objects as lines of KITTI's label files.

Each line: type, truncated (0..1), occluded (0: at most 10 % hidden, 1: at most half, 2: more),
alpha, the box of the visible pixels as left, top, right, bottom (pixels from 0, both ends
included), height, width, length, x, y, z of the centre of the box's bottom in camera axes (metres),
rotation_y. A box is upright in the camera's axes and rotated only about the camera's y axis: at
rotation_y = 0 its length lies along the camera's x axis. alpha is rotation_y relative to the ray to
the object.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.formats.items import Annotation, Item
from simgen.geometry.transforms import box_of, transform
from simgen.labels.boxes import corners_of
from simgen.labels.record import ObjectRecord

_TILT = np.radians(5.0)
"""Tilt above which an upright box is a poor description of the object's own box."""
_PARTLY, _LARGELY = 0.1, 0.5
"""Hidden fractions above which an object is partly, or largely, occluded."""


@dataclass
class Tilted:
    """Counts boxes that KITTI cannot represent exactly."""

    boxes: int = 0
    tilted: int = 0

    def remarks(self) -> list[str]:
        if not self.tilted:
            return []
        return [
            f"{self.tilted} of {self.boxes} objects are tilted relative to the camera by more than "
            "5 degrees; KITTI can only store yaw, so upright boxes enclose them"
        ]


@dataclass(frozen=True)
class Upright:
    """A box rotated only about the camera's y axis.

    size: length, width, height, metres. bottom: centre of its lower side, `3`, camera axes, metres.
    yaw: rotation_y, radians.
    """

    size: np.ndarray
    bottom: np.ndarray
    yaw: float


def upright(record: ObjectRecord) -> Upright:
    """Return the smallest upright box with the object's yaw that encloses its own box.

    The two are equal if the object is upright in the camera's axes.
    """
    turn = record.rotation
    # The heading is the object's x axis; if that is nearly vertical, it is derived from the y axis.
    x, y = turn[[0, 2], 0], turn[[0, 2], 1]
    along = x if np.linalg.norm(x) >= np.linalg.norm(y) else np.array([y[1], -y[0]])
    yaw = float(np.arctan2(-along[1], along[0]))
    corners = corners_of(np.stack([record.box_min, record.box_max]))
    in_camera = transform(record.object_to_camera, corners)
    about_y = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    low, high = box_of(in_camera @ about_y)
    length, height, width = high - low
    middle = (low + high) / 2
    bottom = about_y @ [middle[0], high[1], middle[2]]
    return Upright(np.array([length, width, height]), bottom, yaw)


def label_lines(item: Item, tilted: Tilted) -> str:
    """Return the content of an image's label file."""
    return "".join(_line(entry, tilted) + "\n" for entry in item.seen)


def _line(entry: Annotation, tilted: Tilted) -> str:
    assert entry.bbox is not None
    x, y, w, h = entry.bbox
    box = f"{x:.2f} {y:.2f} {x + w - 1:.2f} {y + h - 1:.2f}"
    if entry.crowd:
        return f"DontCare -1 -1 -10 {box} -1 -1 -1 -1000 -1000 -1000 -10"
    record = entry.record
    assert record is not None
    found = upright(record)
    tilted.boxes += 1
    tilted.tilted += _tilt(record) > _TILT
    length, width, height = found.size
    place = " ".join(f"{value:.4f}" for value in found.bottom)
    alpha = wrapped(found.yaw - float(np.arctan2(found.bottom[0], found.bottom[2])))
    return (
        f"{_word(entry.class_name)} {record.truncation:.4f} {_occluded(record)} {alpha:.4f} {box} "
        f"{height:.4f} {width:.4f} {length:.4f} {place} {found.yaw:.4f}"
    )


def _occluded(record: ObjectRecord) -> int:
    return int(record.occlusion > _PARTLY) + int(record.occlusion > _LARGELY)


def _word(name: str) -> str:
    """Return a class name with `_` for spaces."""
    return "_".join(name.split())


def _tilt(record: ObjectRecord) -> float:
    """Return the angle between the object's z axis and the camera's up direction, radians."""
    return float(np.arccos(np.clip(-record.rotation[1, 2], -1, 1)))


def wrapped(angle: float) -> float:
    """Wrap an angle to [-pi, pi)."""
    return (angle + np.pi) % (2 * np.pi) - np.pi
