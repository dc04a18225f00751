"""Masks as polygons, for formats without masks, and the accuracy of this approximation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from pycocotools import mask as coco_mask
from scipy.spatial import KDTree

from simgen.formats.items import RLE


def outlines(mask: RLE) -> list[np.ndarray]:
    """Return the outer borders of a mask's parts as polygons, each `n x 2` int64.

    Polygons run along pixel edges, in continuous pixel coordinates x, y. Holes are lost, including
    parts inside them. Parts that touch at a corner are one polygon. Filling the polygons at pixel
    centres, as `pycocotools` does, restores the mask except for its holes.
    """
    left, top, width, height = (int(number) for number in coco_mask.toBbox(mask))
    part = coco_mask.decode(mask)[top : top + height, left : left + width]
    # OpenCV's contours run through pixel centres. In an image of twice the size, these centres are
    # half a pixel beside the original pixels' edges, so rounding up moves them onto the edges.
    doubled = np.ascontiguousarray(part.repeat(2, axis=0).repeat(2, axis=1))
    contours, _ = cv2.findContours(doubled, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    borders = [(contour.reshape(-1, 2).astype(np.int64) + 1) // 2 for contour in contours]
    return [_corners(border) + [left, top] for border in borders]


def _corners(border: np.ndarray) -> np.ndarray:
    """Remove the points of a closed line at which it does not change direction."""
    after = np.diff(border, axis=0, append=border[:1])
    moves = after.any(axis=1)
    border, after = border[moves], after[moves]
    before = np.concatenate([after[-1:], after[:-1]])
    return border[before[:, 0] * after[:, 1] != before[:, 1] * after[:, 0]]


def joined(parts: Sequence[np.ndarray]) -> np.ndarray:
    """Join polygons, each `n x 2`, to a single one.

    Consecutive polygons are connected by a line between their nearest corners, which is traversed
    in both directions and encloses no area. Raises `ValueError` without polygons.
    """
    if not parts:
        raise ValueError("no polygon to join")
    if len(parts) == 1:
        return parts[0]
    chain = _chain(parts)
    there, back = [], []
    entrance = 0
    for part, following in pairwise(chain):
        around = np.roll(part, -entrance, axis=0)
        distances, nearest = KDTree(following).query(around)
        leave = int(distances.argmin())
        entrance = int(nearest[leave])
        there.append(around[: leave + 1])
        back.append(np.concatenate([around[leave:], around[:1]]))
    last = np.roll(chain[-1], -entrance, axis=0)
    return np.concatenate([*there, last, last[:1], *reversed(back)])


def _chain(parts: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Order polygons such that each is near the previous one, starting with the most corners."""
    middles = np.array([(part.min(axis=0) + part.max(axis=0)) / 2 for part in parts])
    left = np.ones(len(parts), bool)
    place, order = int(np.argmax([len(part) for part in parts])), list[int]()
    while True:
        left[place] = False
        order.append(place)
        if not left.any():
            return [parts[place] for place in order]
        distances = ((middles - middles[place]) ** 2).sum(axis=1)
        place = int(np.where(left, distances, np.inf).argmin())


def filled(polygons: Sequence[np.ndarray], height: int, width: int) -> RLE:
    """Return the union of filled polygons, each `n x 2`, as `pycocotools` rasterises them."""
    flat = [polygon.astype(np.float64).reshape(-1).tolist() for polygon in polygons]
    mask = coco_mask.merge(coco_mask.frPyObjects(flat, height, width))
    return {"size": [height, width], "counts": mask["counts"].decode("ascii")}


@dataclass
class Loss:
    """Statistics of the intersection over union of masks and the polygons that replace them."""

    count: int = 0
    total: float = 0.0
    worst: float = 1.0

    def add(self, mask: RLE, polygons: Sequence[np.ndarray]) -> None:
        """Compare a mask with the polygons that replace it."""
        both = filled(polygons, *mask["size"])
        found = float(coco_mask.iou([both], [mask], [0])[0, 0])
        self.count += 1
        self.total += found
        self.worst = min(self.worst, found)

    def remarks(self) -> list[str]:
        """Return remarks for the user; empty without polygons."""
        if not self.count:
            return []
        mean = self.total / self.count
        return [
            f"masks as polygons: mean IoU {mean:.4f}, worst {self.worst:.4f}, of {self.count} "
            "objects; holes are lost"
        ]
