"""COCO's compressed run lengths, read without trust: the C code of pycocotools writes where it
should not when it decodes what is broken."""

from __future__ import annotations

import numpy as np

_DIGITS = 7
"""Of one run: 35 bits."""


def decompressed(text: str) -> np.ndarray:
    """The runs, int64, as they stand: they may be negative, and of any sum. Raises `ValueError`.

    Each is a number in base 32, least digit first; from the fourth on, the difference to the one
    before the last. https://github.com/cocodataset/cocoapi, `rleFrString` in `common/maskApi.c`.
    """
    if not text.isascii():
        raise ValueError("counts are no run lengths")
    digits = np.frombuffer(text.encode("ascii"), np.uint8).astype(np.int64) - 48
    if not len(digits):
        return digits
    if digits.min() < 0 or digits.max() > 63:
        raise ValueError("counts are no run lengths")
    last = np.flatnonzero(digits & 0x20 == 0)
    if not len(last):
        raise ValueError("counts are cut short")
    start = np.concatenate([[0], last[:-1] + 1])
    if (last - start).max() >= _DIGITS:
        raise ValueError("counts are no run lengths")
    if last[-1] != len(digits) - 1:
        raise ValueError("counts are cut short")
    place = np.arange(len(digits)) - np.repeat(start, last - start + 1)
    values = np.add.reduceat((digits & 0x1F) << (5 * place), start)
    negative = digits[last] & 0x10 > 0
    values -= np.where(negative, np.int64(1) << (5 * (last - start + 1)), 0)
    values[1::2] = np.cumsum(values[1::2])
    values[2::2] = np.cumsum(values[2::2])
    return values
