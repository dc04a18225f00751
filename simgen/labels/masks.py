"""Visible masks, and what COCO derives from them: run lengths, boxes, areas."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pycocotools import mask as coco_mask


@dataclass(frozen=True)
class VisibleMask:
    """The visible pixels of one instance.

    rle: COCO run lengths, `{"size": [H, W], "counts": str}`, column-major.
    bbox: `[x, y, w, h]` in pixels; a mask that covers columns a..b has x = a and w = b - a + 1.
    area: number of pixels.
    """

    rle: dict[str, object]
    bbox: tuple[float, float, float, float]
    area: int


def visible_masks(instances: np.ndarray, ids: list[int]) -> dict[int, VisibleMask]:
    """The masks of those of `ids` that are visible at all. instances: `H x W` integer ids."""
    found = set(np.unique(instances).tolist())
    return {instance: _mask(instances == instance) for instance in ids if instance in found}


def _mask(mask: np.ndarray) -> VisibleMask:
    rle = coco_mask.encode(np.asfortranarray(mask, dtype=np.uint8))
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    box = (columns[0], rows[0], columns[-1] - columns[0] + 1, rows[-1] - rows[0] + 1)
    x, y, width, height = (float(value) for value in box)
    return VisibleMask(
        rle={"size": list(mask.shape), "counts": rle["counts"].decode("ascii")},
        bbox=(x, y, width, height),
        area=int(np.count_nonzero(mask)),
    )
