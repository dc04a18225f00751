"""Masks of other people's COCO files: polygons and run lengths, checked before they are used."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from pycocotools import mask as coco_mask

from simgen.errors import InputError
from simgen.formats.items import RLE
from simgen.formats.reading.foreign import Repairs
from simgen.formats.reading.run_lengths import decompressed

_LONGEST = 1 << 31
"""Pixels of a run, and bound of an image."""


def mask_of(segmentation: Any, height: int, width: int, repairs: Repairs, where: str) -> RLE | None:
    """A mask from what COCO calls `segmentation`: polygons `[[x, y, ...], ...]`, or run lengths
    whose `counts` is a list or a string. None for none. Raises `InputError`.

    where: names the annotation.
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
        repairs.note("polygons left out: they have fewer than three corners")
    return filled_polygons(kept, height, width) if kept else None


def filled_polygons(polygons: list[list[float]], height: int, width: int) -> RLE | None:
    """The mask of all pixels in any of some polygons, `[x, y, ...]` each of at least three corners.
    None where there is no pixel."""
    mask = coco_mask.merge(coco_mask.frPyObjects(polygons, height, width))
    return _coded(mask["counts"], height, width) if coco_mask.area(mask) else None


def _polygon(part: Any, height: int, width: int, where: str) -> list[float]:
    if not isinstance(part, list) or len(part) % 2 or not all(map(is_number, part)):
        raise InputError(f"{where}: segmentation: expected polygons [x, y, x, y, ...] of numbers")
    # What rasterises it needs memory for the length of its sides.
    points = np.array(part, np.float64).reshape(-1, 2)
    size = np.array([width, height])
    return np.clip(points, -size, 2 * size).reshape(-1).tolist()


def _run_lengths(plain: dict[str, Any], height: int, width: int, where: str) -> RLE | None:
    if plain.get("size") != [height, width]:
        raise InputError(
            f"{where}: segmentation: size {plain.get('size')}; expected [{height}, {width}], the "
            "image's height and width"
        )
    try:
        runs = _runs(plain.get("counts"))
        if sum(runs) != height * width:
            raise ValueError(f"counts sum up to {sum(runs)}")
    except ValueError as error:
        raise InputError(
            f"{where}: segmentation: {error}; expected run lengths of {height * width} pixels"
        ) from error
    coded = coco_mask.frPyObjects({"size": [height, width], "counts": runs}, height, width)
    return _coded(coded["counts"], height, width) if any(runs[1::2]) else None


def _runs(counts: Any) -> list[int]:
    """Lengths of background and mask in turns. Raises `ValueError`."""
    runs = decompressed(counts).tolist() if isinstance(counts, str) else counts
    if not isinstance(runs, list):
        raise ValueError("counts are neither a list nor a string")
    if not all(isinstance(run, int) and 0 <= run < _LONGEST for run in runs):
        raise ValueError("counts are no lengths")
    return runs


def _coded(counts: bytes, height: int, width: int) -> RLE:
    return {"size": [height, width], "counts": counts.decode("ascii")}


def is_number(value: Any) -> bool:
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    return plain and math.isfinite(value)
