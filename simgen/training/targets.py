"""Training targets of detectors as arrays: boxes, masks and classes of the objects in a frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pycocotools import mask as coco_mask

from simgen.dataset.sample import Sample
from simgen.labels.record import IgnoreRegion, ObjectRecord


@dataclass(frozen=True)
class DetectionTarget:
    """The N visible objects of a frame, under the names that torchvision's detectors use; followed,
    on request, by the ignore regions.

    boxes: `N x 4` float32, `[x1, y1, x2, y2]` in continuous pixels, around the masks. labels: N
    int64, class ids, from 1. masks: `N x H x W` uint8, 0 or 1. image_id: of the frame in COCO
    files. area: N float32, pixels of the masks. iscrowd: N int64, 1 for ignore regions.
    """

    boxes: np.ndarray
    labels: np.ndarray
    masks: np.ndarray
    image_id: int
    area: np.ndarray
    iscrowd: np.ndarray


def detection_target(
    sample: Sample, min_visibility: float = 0.0, *, crowds: bool = False
) -> DetectionTarget:
    """Return the target of a frame with the label `objects`.

    min_visibility: objects with a smaller visible fraction, 0..1, or without a visible pixel are
    omitted. crowds: include ignore regions, which COCO's evaluation uses; the losses of torchvision
    and DETR would treat them as objects. Raises `InputError` for a dataset without the label.
    """
    objects = [
        item
        for item in sample.objects
        if item.bbox is not None and item.visible_fraction >= min_visibility
    ]
    regions = sample.record.ignore_regions if crowds else ()
    seen: list[ObjectRecord | IgnoreRegion] = [*objects, *regions]
    boxes = np.array([item.bbox for item in seen], np.float32).reshape(-1, 4)
    boxes[:, 2:] += boxes[:, :2]
    areas = [item.visible_pixels for item in objects] + [region.area for region in regions]
    return DetectionTarget(
        boxes=boxes,
        labels=np.array([item.class_id for item in seen], np.int64),
        masks=_masks(seen, (sample.camera.height, sample.camera.width)),
        image_id=sample.image_id,
        area=np.array(areas, np.float32),
        iscrowd=np.repeat([0, 1], [len(objects), len(regions)]),
    )


def _masks(seen: Sequence[ObjectRecord | IgnoreRegion], size: tuple[int, int]) -> np.ndarray:
    if not seen:
        return np.zeros((0, *size), np.uint8)
    # All in one call, `H x W x N`, in memory order.
    stacked = coco_mask.decode([item.segmentation for item in seen])
    return np.ascontiguousarray(np.moveaxis(stacked, 2, 0))
