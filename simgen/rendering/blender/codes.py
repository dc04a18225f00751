"""Codes of things through Blender's Object Index, which is a signed number of 16 bits.

A scene of more than 32,767 things is rendered twice, once for each digit of the code less one
written to the base 32,767. Digits are stored plus one: 0 is what has no thing in it.
"""

from __future__ import annotations

from collections.abc import Iterable

import bpy
import numpy as np

MOST = 2**15 - 1
"""The largest object index."""


def fit_one_digit(count: int) -> bool:
    """Whether codes 1..count fit into a single render."""
    return count <= MOST


def mark_low(things: Iterable[bpy.types.Object]) -> None:
    """Give things, in the order of their codes, the low digit as their object index."""
    for number, thing in enumerate(things):
        thing.pass_index = number % MOST + 1


def mark_high(things: Iterable[bpy.types.Object]) -> None:
    """Give things, in the order of their codes, the high digit as their object index."""
    for number, thing in enumerate(things):
        thing.pass_index = number // MOST + 1


def decode(low: np.ndarray, high: np.ndarray | None = None) -> np.ndarray:
    """Codes, `H x W` int32, from the Object Index passes of the digits (`H x W` float32).

    Raises `ValueError` for what no unfiltered pass can hold.
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
