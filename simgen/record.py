"""FrameRecord: the labels of a frame that are not pictures, as they stand in its JSON file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import cattrs
import numpy as np


@dataclass(frozen=True)
class CameraRecord:
    """K: `3 x 3` intrinsics in pixels, pixel centres at +0.5.
    cam_to_world: `4 x 4`, OpenCV axes (x right, y down, z forward), metres.
    """

    width: int
    height: int
    K: np.ndarray
    cam_to_world: np.ndarray
    lens: LensRecord

    @property
    def pose(self) -> np.ndarray:
        """`4 x 4`, camera to world: `cam_to_world`."""
        return self.cam_to_world


@dataclass(frozen=True)
class LensRecord:
    model: str
    """`pinhole`."""
    focal_length_mm: float
    sensor_width_mm: float


@dataclass(frozen=True)
class ObjectRecord:
    """One instance in one frame, seen or not.

    object_to_world, object_to_camera: `4 x 4` rigid, metres; the camera's axes are OpenCV's.
    scale: factor from the asset's metric mesh to the object. A mesh point p of the asset is at
    `object_to_world @ (scale * p)`.
    box_min, box_max: `3`, the object's own box in its own frame, metres, scale included.
    visible_fraction: visible pixels / pixels of the whole silhouette (beyond the frame too).
    inside_fraction: silhouette within the frame / whole silhouette.
    unoccluded_fraction: visible / silhouette within the frame.
    bbox: `[x, y, w, h]` of the visible mask; None when no pixel is visible.
    segmentation: the visible mask in COCO's run lengths; None when no pixel is visible.
    """

    instance_id: int
    class_id: int
    class_name: str
    asset: str
    scale: float
    object_to_world: np.ndarray
    object_to_camera: np.ndarray
    box_min: np.ndarray
    box_max: np.ndarray
    visible_pixels: int
    visible_fraction: float
    inside_fraction: float
    unoccluded_fraction: float
    bbox: tuple[float, float, float, float] | None
    segmentation: dict[str, Any] | None

    @property
    def pose(self) -> np.ndarray:
        """`4 x 4`, object to world: `object_to_world`."""
        return self.object_to_world

    @property
    def visibility(self) -> float:
        """The visible part of the whole object, 0..1: `visible_fraction`."""
        return self.visible_fraction


@dataclass(frozen=True)
class FrameRecord:
    scene: int
    frame: int
    camera: CameraRecord
    objects: tuple[ObjectRecord, ...] | None
    """None when the label `objects` was not asked for."""


_CONVERTER = cattrs.Converter(forbid_extra_keys=True)
_CONVERTER.register_unstructure_hook(np.ndarray, lambda array: array.tolist())
_CONVERTER.register_structure_hook(np.ndarray, lambda plain, _: np.array(plain, np.float64))


def dumps(record: FrameRecord) -> str:
    """JSON with keys in field order and floats in their shortest exact form."""
    return json.dumps(_CONVERTER.unstructure(record), allow_nan=False) + "\n"


def loads(text: str) -> FrameRecord:
    return _CONVERTER.structure(json.loads(text), FrameRecord)
