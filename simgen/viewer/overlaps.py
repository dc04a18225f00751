"""Overlaps of detections and objects that have masks or boxes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pycocotools import mask as coco_mask

from simgen.formats.items import RLE
from simgen.training.detection import LabelledImage
from simgen.training.evaluation.errors import box_overlaps


def overlaps(
    image: LabelledImage,
    boxes: np.ndarray,
    masks: Sequence[str | None],
    object_masks: Sequence[RLE | None],
    chosen: np.ndarray,
) -> np.ndarray:
    """Return the overlaps of N chosen detections with the M objects of an image, `N x M`: of masks
    where both have one, otherwise of boxes, as `box_overlaps`.

    boxes: of all detections, `[x1, y1, x2, y2]`. masks: their compressed run lengths.
    object_masks: of all objects, or empty. chosen: indices of detections.
    """
    found = box_overlaps(image, boxes[chosen])
    rows = [row for row, n in enumerate(chosen.tolist()) if masks[n] is not None]
    columns = [column for column, mask in enumerate(object_masks) if mask is not None]
    if rows and columns:
        size = [image.height, image.width]
        sides = (
            [{"size": size, "counts": masks[n]} for n in chosen[rows].tolist()],
            [object_masks[column] for column in columns],
        )
        crowds = image.ignore[columns].astype(int).tolist()
        found[np.ix_(rows, columns)] = coco_mask.iou(*sides, crowds)
    return found
