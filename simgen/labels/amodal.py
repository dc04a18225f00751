"""Amodal masks: silhouettes as if nothing hid them."""

from __future__ import annotations

from typing import Any

import numpy as np
from pycocotools import mask as coco_mask

from simgen.labels.drawing.overlays import draw_outlines
from simgen.labels.label import Label, Recorded
from simgen.labels.record import FrameRecord


def _read(record: FrameRecord) -> dict[int, np.ndarray] | None:
    if record.objects is None:
        return None
    shape = (record.camera.height, record.camera.width)
    return {item.instance_id: _mask(item.amodal_segmentation, shape) for item in record.objects}


def _mask(rle: dict[str, Any] | None, shape: tuple[int, int]) -> np.ndarray:
    """A mask in COCO's run lengths as `H x W` bool; None is an empty one."""
    return np.zeros(shape, bool) if rle is None else coco_mask.decode(rle).astype(bool)


AMODAL_MASKS = Label[dict[int, np.ndarray]](
    "amodal_masks",
    "silhouettes as if nothing hid them",
    Recorded(_read),
    needs=("objects",),
    presets=("pose",),
    overlay=lambda image, masks, _: draw_outlines(image, masks),
    doc="`H x W` bool of each instance id: the object's silhouette within the frame, as if nothing "
    "hid it.",
)
"""Made and stored with the objects."""
