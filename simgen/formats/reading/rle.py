"""COCO's run lengths, read with care: the C code of pycocotools trusts what it is given.

Format: https://github.com/cocodataset/cocoapi, `common/maskApi.h`. Runs alternate between
background and mask and go column by column.
"""

from __future__ import annotations

import numpy as np

from simgen.formats.reading.json_file import is_whole
from simgen.formats.reading.run_lengths import decompressed

_MOST_PIXELS = 1 << 31


def runs_of(mask: object) -> np.ndarray | str:
    """The runs of `{"size": [H, W], "counts": ...}` as int64, or what is wrong with them."""
    if not isinstance(mask, dict):
        return f"a {type(mask).__name__}"
    size, counts = mask.get("size"), mask.get("counts")
    if not (isinstance(size, list | tuple) and len(size) == 2 and all(map(is_whole, size))):
        return f"size {size!r}"
    if min(size) < 1 or size[0] * size[1] > _MOST_PIXELS:
        return f"size {size!r}"
    runs = _runs(counts)
    if isinstance(runs, str):
        return runs
    if (runs < 0).any():
        return f"a run of {runs.min()} pixels"
    total = int(runs.sum())
    if total != size[0] * size[1]:
        return f"runs of {total} pixels in all for a size of {size[0] * size[1]}"
    return runs


def _runs(counts: object) -> np.ndarray | str:
    if isinstance(counts, list):
        if not all(is_whole(count) and 0 <= count <= _MOST_PIXELS for count in counts):
            return "counts that are no pixel counts"
        return np.array(counts, np.int64)
    if isinstance(counts, bytes):
        counts = counts.decode("latin-1")
    if not isinstance(counts, str):
        return f"counts of type {type(counts).__name__}"
    try:
        return decompressed(counts)
    except ValueError as problem:
        return str(problem)


def area_of(runs: np.ndarray) -> int:
    return int(runs[1::2].sum())


def box_of(runs: np.ndarray, height: int) -> tuple[float, float, float, float] | None:
    """`[x, y, w, h]` of the pixels, None where there are none."""
    ends = np.cumsum(runs)
    starts, ends = (ends - runs)[1::2], ends[1::2]
    starts, ends = starts[ends > starts], ends[ends > starts]
    if not len(starts):
        return None
    left, right = int(starts[0]) // height, int(ends[-1] - 1) // height
    first_column, last_column = starts // height, (ends - 1) // height
    whole = (last_column > first_column).any()  # a run that goes on in the next column
    top = 0 if whole else int((starts % height).min())
    bottom = height - 1 if whole else int(((ends - 1) % height).max())
    return float(left), float(top), float(right - left + 1), float(bottom - top + 1)


def pixels_of(runs: np.ndarray) -> np.ndarray:
    """Flat pixel numbers of the mask, column by column, sorted."""
    ends = np.cumsum(runs)
    starts, lengths = (ends - runs)[1::2], runs[1::2]
    within = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return np.repeat(starts, lengths) + within
