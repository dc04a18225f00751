"""Encoding of codes in Blender's Object Index, a signed 16-bit number.

A scene with more than 32,767 codes is rendered twice, once for each base-32,767 digit of the code
minus one. Digits are stored plus one: 0 is a pixel without a code.
"""

from __future__ import annotations

from collections.abc import Iterable

import bpy
import numpy as np

MOST = 2**15 - 1
"""The largest object index."""


def fit_one_digit(count: int) -> bool:
    """Return whether codes 1..count fit into a single render."""
    return count <= MOST


def mark_low(things: Iterable[bpy.types.Object]) -> None:
    """Set the object indices of objects, in the order of their codes, to the low digits."""
    for number, thing in enumerate(things):
        thing.pass_index = number % MOST + 1


def mark_high(things: Iterable[bpy.types.Object]) -> None:
    """Set the object indices of objects, in the order of their codes, to the high digits."""
    for number, thing in enumerate(things):
        thing.pass_index = number // MOST + 1


def decode(low: np.ndarray, high: np.ndarray | None = None) -> np.ndarray:
    """Decode the Object Index passes of the digits (`H x W` float32) to codes, `H x W` int32.

    Raises `ValueError` for values that an unfiltered pass cannot contain.
    """
    low = _whole(low)
    if high is None:
        return low
    return np.where(low > 0, (_whole(high) - 1) * MOST + low, 0).astype(np.int32)


def _whole(index: np.ndarray) -> np.ndarray:
    whole = np.rint(index)
    wrong = ~((index == whole) & (index >= 0) & (index <= MOST))
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise ValueError(
            f"object index {index[row, column]:g} in row {row}, column {column}: expected a whole "
            f"number from 0 to {MOST}; the pass was filtered"
        )
    return whole.astype(np.int32)
