"""Draw the points of a scan onto an image."""

from __future__ import annotations

import cv2
import numpy as np


def draw_points(image: np.ndarray, pixels: np.ndarray, ranges: np.ndarray) -> np.ndarray:
    """Draw points as small squares, from red for near ones to blue: a new image. Near ones are on
    top.

    pixels: `n x 2`, NaN for points without an image. ranges: `n` metres.
    """
    height, width = image.shape[:2]
    with np.errstate(invalid="ignore"):
        inside = np.flatnonzero(((pixels >= 0) & (pixels < [width, height])).all(axis=1))
    order = inside[np.argsort(-ranges[inside], kind="stable")]
    columns, rows = pixels[order].astype(np.int64).T
    colours = range_colours(ranges[order])
    out, side = image.copy(), max(2, round(width / 320))
    for down in range(side):
        for across in range(side):
            y, x = rows + down - side // 2, columns + across - side // 2
            out[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)] = colours
    return out


def range_colours(ranges: np.ndarray) -> np.ndarray:
    """Return a colour for each of `n` ranges, `n x 3` uint8: red for the nearest, blue for the
    farthest, by inverse range."""
    if not len(ranges):
        return np.zeros((0, 3), np.uint8)
    near = 1 / np.maximum(ranges, 1e-6).astype(np.float64)
    low, high = np.quantile(near, [0.02, 0.98])
    level = np.clip((near - low) / max(high - low, 1e-12), 0, 1)
    # The ends of the colour map are too dark to be seen on an image.
    bytes_of = np.rint((0.1 + 0.8 * level) * 255).astype(np.uint8)
    coloured = cv2.applyColorMap(bytes_of[:, None], cv2.COLORMAP_TURBO)[:, 0]
    return np.ascontiguousarray(coloured[:, ::-1])
