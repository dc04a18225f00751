"""The BOP representation of an image.

Format: https://github.com/thodan/bop_toolkit/blob/master/docs/bop_datasets_format.md; its scripts/
define the quantities. Units are millimetres, axes OpenCV's, the origin of pixel coordinates the
centre of the top left pixel.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from pycocotools import mask as coco_mask

from simgen.dataset.sample import Sample
from simgen.formats.bop.models import MILLIMETRES, Model
from simgen.formats.items import Annotation, Item
from simgen.formats.output.rasters import opencv_k, quantized
from simgen.formats.reading.masks import runs_of
from simgen.geometry.transforms import invert_rigid
from simgen.labels.record import ObjectRecord

_FINE, _COARSE = 0.1, 1.0
"""Depth resolution in millimetres, for depths up to 6.5 m and up to 65 m."""
_IGNORED = 0.1
"""Visible fraction below which BOP does not score an object."""


@dataclass(frozen=True)
class Shown:
    """An object whose silhouette is at least partly within the image.

    gt, info: its entries in scene_gt.json and scene_gt_info.json. whole, visible: its unoccluded
    silhouette and its visible pixels, `H x W` bool. ignored: whether it is excluded from scoring.
    """

    class_name: str
    gt: dict[str, Any]
    info: dict[str, Any]
    whole: np.ndarray
    visible: np.ndarray
    ignored: bool


@dataclass(frozen=True)
class BopFrame:
    """An image in BOP's representation.

    camera: its entry in scene_camera.json. depth: `H x W` uint16; 0 means no depth.
    """

    camera: dict[str, Any]
    depth: np.ndarray
    objects: tuple[Shown, ...]


def bop_frame(item: Item, model_of: Callable[[Item, Annotation], Model | None]) -> BopFrame:
    """Convert an image. Objects without a model or entirely outside the image are absent."""
    camera, depth = camera_and_depth(item.frame)
    objects = []
    for entry in item.annotations:
        record = entry.record
        model = model_of(item, entry)
        if record is not None and model is not None:
            objects.append(_shown(entry, record, model, depth))
    return BopFrame(camera, depth, tuple(objects))


def camera_and_depth(sample: Sample) -> tuple[dict[str, Any], np.ndarray]:
    """Return an image's entry in scene_camera.json, and its depth as `H x W` uint16."""
    depth = sample.depth
    # The background's depth is infinite.
    reach = depth[np.isfinite(depth)].max(initial=0.0) * MILLIMETRES
    scale = _FINE if reach <= 65535 * _FINE else _COARSE
    to_camera = invert_rigid(sample.camera.cam_to_world)
    plain = {
        "cam_K": opencv_k(sample.camera).ravel().tolist(),
        "depth_scale": scale,
        "cam_R_w2c": to_camera[:3, :3].ravel().tolist(),
        "cam_t_w2c": (MILLIMETRES * to_camera[:3, 3]).tolist(),
    }
    return plain, quantized(depth, MILLIMETRES / scale)


def _shown(entry: Annotation, record: ObjectRecord, model: Model, depth: np.ndarray) -> Shown:
    pose = record.object_to_camera
    origin = pose[:3, :3] @ model.centre + pose[:3, 3]
    gt = {
        "cam_R_m2c": pose[:3, :3].ravel().tolist(),
        "cam_t_m2c": (MILLIMETRES * origin).tolist(),
        "obj_id": model.number,
    }
    whole = coco_mask.decode(record.amodal_segmentation).astype(bool)
    visible = entry.decoded() if entry.mask is not None else np.zeros_like(whole)
    info = _info(record, whole, visible, depth)
    ignored = entry.crowd or info["visib_fract"] < _IGNORED
    return Shown(entry.class_name, gt, info, whole, visible, ignored)


def _info(
    record: ObjectRecord, whole: np.ndarray, visible: np.ndarray, depth: np.ndarray
) -> dict[str, Any]:
    count = int(visible.sum())
    everywhere = _everywhere(record, int(whole.sum()), count)
    nothing = [-1, -1, -1, -1]
    return {
        "bbox_obj": _box(record.amodal_bbox) if count else nothing,
        "bbox_visib": _box(record.bbox) if count else nothing,
        "px_count_all": everywhere,
        "px_count_valid": int((depth[whole] > 0).sum()),
        "px_count_visib": count,
        "visib_fract": count / everywhere,
    }


def _everywhere(record: ObjectRecord, inside: int, visible: int) -> int:
    """Estimate the silhouette's pixels on BOP's canvas, three times the image's width and height,
    from its pixels within the image and the known fractions."""
    if visible and record.visible_fraction:
        found = round(visible / record.visible_fraction)
    else:
        found = round(inside / record.inside_fraction) if record.inside_fraction else inside
    return max(found, inside)


def _box(box: tuple[float, float, float, float] | None) -> list[int]:
    """Return x, y, w, h in BOP's convention: w and h are one less than the pixels covered."""
    assert box is not None
    x, y, w, h = box
    return [round(x), round(y), round(x + w) - round(x) - 1, round(y + h) - round(y) - 1]


def run_lengths(mask: np.ndarray) -> dict[str, Any]:
    """Return COCO's uncompressed run lengths, as bop_toolkit reads them: alternating counts of
    background and mask pixels in column-major order."""
    runs = runs_of(coco_mask.encode(np.asfortranarray(mask, np.uint8)))
    return {"counts": runs.tolist(), "size": list(mask.shape)}
