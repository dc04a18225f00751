"""Masks as sets of pixels, and what COCO derives from them: run lengths, boxes, areas.

A mask is a sorted array of flat pixel numbers, counted column by column as COCO counts them: the
pixel in column c and row r of an image of height H is number c * H + r. The cost per object
depends on its own pixels alone, not on the size of the image or the number of objects.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from pycocotools import mask as coco_mask

Box = tuple[float, float, float, float]
"""`[x, y, w, h]` in pixels; a mask that covers columns a..b has x = a and w = b - a + 1."""


def visible_pixels(ids: np.ndarray) -> dict[int, np.ndarray]:
    """The pixels of every id above 0 in an image (`H x W` integers), in the order of the ids."""
    flat = ids.T.reshape(-1)
    seen = np.flatnonzero(flat > 0)
    seen = seen[np.argsort(flat[seen], kind="stable")]
    found, starts = np.unique(flat[seen], return_index=True)
    groups = np.split(seen, starts[1:]) if len(found) else []
    return {int(number): group for number, group in zip(found, groups, strict=True)}


def run_lengths(pixels: np.ndarray, height: int, width: int) -> dict[str, Any]:
    """COCO's compressed run lengths of a mask: `{"size": [H, W], "counts": str}`."""
    breaks = np.flatnonzero(np.diff(pixels) != 1)
    starts = pixels[np.concatenate([[0], breaks + 1])] if len(pixels) else pixels
    ends = pixels[np.concatenate([breaks, [-1]])] + 1 if len(pixels) else pixels
    # Lengths alternate between background and mask; the first may be 0.
    borders = np.stack([starts, ends], axis=1).reshape(-1)
    counts = np.diff(np.concatenate([[0], borders, [height * width]]))
    counts = counts[:-1] if counts[-1] == 0 else counts
    size = [height, width]
    coded = coco_mask.frPyObjects({"size": size, "counts": counts.tolist()}, height, width)
    return {"size": size, "counts": coded["counts"].decode("ascii")}


def bounding_box(pixels: np.ndarray, height: int) -> Box:
    """The upright box about a mask of at least one pixel."""
    columns, rows = np.divmod(pixels, height)
    left, top = int(columns[0]), int(rows.min())
    return (
        float(left),
        float(top),
        float(columns[-1] - left + 1),
        float(rows.max() - top + 1),
    )


def oriented_box(pixels: np.ndarray, height: int) -> np.ndarray:
    """`4 x 2`: corners, in order around it, of the rectangle of smallest area about the squares of
    a mask's pixels.

    One of its sides lies along a side of the convex hull (Freeman and Shapira, CACM 1975).
    """
    hull = cv2.convexHull(_outline(pixels, height)).reshape(-1, 2).astype(np.float64)
    sides = np.roll(hull, -1, axis=0) - hull
    along = sides / np.linalg.norm(sides, axis=1, keepdims=True)
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    u, v = hull @ along.T, hull @ across.T
    low, high = np.stack([u.min(axis=0), v.min(axis=0)]), np.stack([u.max(axis=0), v.max(axis=0)])
    best = int(np.argmin(np.prod(high - low, axis=0)))
    (left, top), (right, bottom) = low[:, best], high[:, best]
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
    return corners @ np.stack([along[best], across[best]])


def _outline(pixels: np.ndarray, height: int) -> np.ndarray:
    """`n x 2` int32: corners of the first and the last pixel square of each column of a mask."""
    columns, rows = np.divmod(pixels.astype(np.int32), np.int32(height))
    first = np.flatnonzero(np.diff(columns, prepend=-1))
    last = np.concatenate([first[1:], [len(columns)]]) - 1
    upper = np.stack([columns[first], rows[first]], axis=1)
    lower = np.stack([columns[last], rows[last] + 1], axis=1)
    beside = np.array([1, 0], np.int32)
    return np.concatenate([upper, upper + beside, lower, lower + beside])
