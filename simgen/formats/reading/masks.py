"""Validated reading of COCO's masks: the C code of pycocotools accesses memory out of bounds when
it decodes invalid run lengths.

Format: https://github.com/cocodataset/cocoapi, `common/maskApi.h`. Runs alternate between
background and mask, in column-major order.
"""

from __future__ import annotations

import numpy as np
from pycocotools import mask as coco_mask

from simgen.formats.items import RLE
from simgen.formats.reading.json_file import is_whole

_DIGITS = 7
"""Maximum number of base 32 digits of a run: 35 bits."""
_MOST_PIXELS = 1 << 31


def decompressed(text: str) -> np.ndarray:
    """Decode compressed counts to runs, int64, which may be negative and have any sum.

    Each run is a number in base 32, least significant digit first; from the fourth on, it is stored
    as the difference to the run two before. https://github.com/cocodataset/cocoapi, `rleFrString`
    in `common/maskApi.c`. Raises `ValueError`.
    """
    if not text.isascii():
        raise ValueError("counts are not run lengths")
    digits = np.frombuffer(text.encode("ascii"), np.uint8).astype(np.int64) - 48
    if not len(digits):
        return digits
    if digits.min() < 0 or digits.max() > 63:
        raise ValueError("counts are not run lengths")
    last = np.flatnonzero(digits & 0x20 == 0)
    if not len(last):
        raise ValueError("counts are truncated")
    start = np.concatenate([[0], last[:-1] + 1])
    if (last - start).max() >= _DIGITS:
        raise ValueError("counts are not run lengths")
    if last[-1] != len(digits) - 1:
        raise ValueError("counts are truncated")
    place = np.arange(len(digits)) - np.repeat(start, last - start + 1)
    values = np.add.reduceat((digits & 0x1F) << (5 * place), start)
    negative = digits[last] & 0x10 > 0
    values -= np.where(negative, np.int64(1) << (5 * (last - start + 1)), 0)
    values[1::2] = np.cumsum(values[1::2])
    values[2::2] = np.cumsum(values[2::2])
    return values


def runs_of(mask: object, wanted: tuple[int, int] | None = None) -> np.ndarray:
    """Return the runs of `{"size": [H, W], "counts": ...}`, int64.

    wanted: required height and width, if known. Raises `ValueError` whose message describes what
    was found.
    """
    if not isinstance(mask, dict):
        raise ValueError(f"a {type(mask).__name__}")
    size = mask.get("size")
    if not (isinstance(size, list | tuple) and len(size) == 2 and all(map(is_whole, size))):
        raise ValueError(f"size {size!r}")
    if min(size) < 1 or size[0] * size[1] > _MOST_PIXELS:
        raise ValueError(f"size {size!r}")
    runs = _counts(mask.get("counts"))
    if (runs < 0).any():
        raise ValueError(f"a run of {runs.min()} pixels")
    total = int(runs.sum())
    if total != size[0] * size[1]:
        raise ValueError(f"runs of {total} pixels for a size of {size[0] * size[1]} pixels")
    if wanted is not None and tuple(size) != wanted:
        raise ValueError(f"size {size}")
    return runs


def _counts(counts: object) -> np.ndarray:
    if isinstance(counts, list):
        if not all(is_whole(count) and 0 <= count <= _MOST_PIXELS for count in counts):
            raise ValueError("counts that are not pixel counts")
        return np.array(counts, np.int64)
    text = counts.decode("latin-1") if isinstance(counts, bytes) else counts
    if not isinstance(text, str):
        raise ValueError(f"counts of type {type(counts).__name__}")
    return decompressed(text)


def compressed(runs: np.ndarray, height: int, width: int) -> RLE | None:
    """Compress runs; None for a mask without pixels. runs: as returned by `runs_of`."""
    if not runs[1::2].any():
        return None
    plain = {"size": [height, width], "counts": runs.tolist()}
    return _plain(coco_mask.frPyObjects(plain, height, width), height, width)


def filled_polygons(polygons: list[list[float]], height: int, width: int) -> RLE | None:
    """Return the union of filled polygons as a mask; None without pixels.

    polygons: `[x, y, ...]`, each of at least three corners.
    """
    mask = coco_mask.merge(coco_mask.frPyObjects(polygons, height, width))
    return _plain(mask, height, width) if coco_mask.area(mask) else None


def _plain(mask: RLE, height: int, width: int) -> RLE:
    return {"size": [height, width], "counts": mask["counts"].decode("ascii")}


def area_of(runs: np.ndarray) -> int:
    return int(runs[1::2].sum())


def box_of(runs: np.ndarray, height: int) -> tuple[float, float, float, float] | None:
    """Return `[x, y, w, h]` of the mask's pixels; None without pixels."""
    ends = np.cumsum(runs)
    starts, ends = (ends - runs)[1::2], ends[1::2]
    starts, ends = starts[ends > starts], ends[ends > starts]
    if not len(starts):
        return None
    left, right = int(starts[0]) // height, int(ends[-1] - 1) // height
    first_column, last_column = starts // height, (ends - 1) // height
    whole = (last_column > first_column).any()  # a run that continues in the next column
    top = 0 if whole else int((starts % height).min())
    bottom = height - 1 if whole else int(((ends - 1) % height).max())
    return float(left), float(top), float(right - left + 1), float(bottom - top + 1)


def pixels_of(runs: np.ndarray) -> np.ndarray:
    """Return the sorted column-major indices of the mask's pixels."""
    ends = np.cumsum(runs)
    starts, lengths = (ends - runs)[1::2], runs[1::2]
    within = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return np.repeat(starts, lengths) + within
