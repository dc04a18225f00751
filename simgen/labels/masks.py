"""Masks as sets of pixels, and COCO's run lengths and boxes of them.

A mask is a sorted array of flat pixel indices in column-major order, like COCO's: the pixel in
column c and row r of an image of height H has index c * H + r. The cost per object depends only on
its number of pixels, not on the size of the image or the number of objects.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from pycocotools import mask as coco_mask

Box = tuple[float, float, float, float]
"""`[x, y, w, h]` in pixels; a mask that covers columns a..b has x = a and w = b - a + 1."""


def visible_pixels(ids: np.ndarray) -> dict[int, np.ndarray]:
    """Return the pixels of every id above 0 in an image (`H x W` integers), in the order of ids."""
    flat = ids.T.reshape(-1)
    seen = np.flatnonzero(flat > 0)
    seen = seen[np.argsort(flat[seen], kind="stable")]
    found, starts = np.unique(flat[seen], return_index=True)
    groups = np.split(seen, starts[1:]) if len(found) else []
    return {int(number): group for number, group in zip(found, groups, strict=True)}


def run_lengths(pixels: np.ndarray, height: int, width: int) -> dict[str, Any]:
    """Encode a mask as COCO's compressed run lengths: `{"size": [H, W], "counts": str}`."""
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
    """Return the axis-aligned box of a mask of at least one pixel."""
    columns, rows = np.divmod(pixels, height)
    left, top = int(columns[0]), int(rows.min())
    return (
        float(left),
        float(top),
        float(columns[-1] - left + 1),
        float(rows.max() - top + 1),
    )


def oriented_box(pixels: np.ndarray, height: int) -> np.ndarray:
    """Return the smallest rectangle, by area, around the squares of a mask's pixels: `4 x 2`
    corners, in order around it.

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
    """Return the corners of each column's first and last pixel squares, `n x 2` int32."""
    columns, rows = np.divmod(pixels.astype(np.int32), np.int32(height))
    first = np.flatnonzero(np.diff(columns, prepend=-1))
    last = np.concatenate([first[1:], [len(columns)]]) - 1
    upper = np.stack([columns[first], rows[first]], axis=1)
    lower = np.stack([columns[last], rows[last] + 1], axis=1)
    beside = np.array([1, 0], np.int32)
    return np.concatenate([upper, upper + beside, lower, lower + beside])
