"""Validated conversion of COCO's `segmentation`, polygons or run lengths, to masks."""

from __future__ import annotations

from typing import Any

import numpy as np

from simgen.errors import InputError
from simgen.formats.items import RLE
from simgen.formats.reading.external import Repairs
from simgen.formats.reading.json_file import is_number
from simgen.formats.reading.masks import compressed, filled_polygons, runs_of


def mask_of(segmentation: Any, height: int, width: int, repairs: Repairs, where: str) -> RLE | None:
    """Convert COCO's `segmentation` to a mask; None if it is empty. Raises `InputError`.

    segmentation: polygons `[[x, y, ...], ...]`, or run lengths whose `counts` is a list or a
    string. where: the annotation, for messages.
    """
    if not segmentation:
        return None
    if isinstance(segmentation, dict):
        return _run_lengths(segmentation, height, width, where)
    if not isinstance(segmentation, list):
        raise InputError(f"{where}: segmentation: expected polygons or run lengths")
    polygons = [_polygon(part, height, width, where) for part in segmentation]
    kept = [polygon for polygon in polygons if len(polygon) >= 6]
    for _ in range(len(polygons) - len(kept)):
        repairs.note("polygons omitted: fewer than three corners")
    return filled_polygons(kept, height, width) if kept else None


def _polygon(part: Any, height: int, width: int, where: str) -> list[float]:
    if not isinstance(part, list) or len(part) % 2 or not all(map(is_number, part)):
        raise InputError(f"{where}: segmentation: expected polygons [x, y, x, y, ...] of numbers")
    # Rasterising needs memory proportional to the length of the sides.
    points = np.array(part, np.float64).reshape(-1, 2)
    size = np.array([width, height])
    return np.clip(points, -size, 2 * size).reshape(-1).tolist()


def _run_lengths(plain: dict[str, Any], height: int, width: int, where: str) -> RLE | None:
    try:
        runs = runs_of(plain, (height, width))
    except ValueError as error:
        raise InputError(
            f"{where}: segmentation: {error}; expected run lengths of size [{height}, {width}]"
        ) from error
    return compressed(runs, height, width)
