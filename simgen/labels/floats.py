"""Floating-point numbers with fewer bits, so that they compress better."""

from __future__ import annotations

import numpy as np

_MANTISSA = 23
"""Bits of the mantissa that float32 stores."""


def rounded(values: np.ndarray, bits: int) -> np.ndarray:
    """Round float32 values to a mantissa of `bits` bits, ties to even.

    values: any shape, float32, finite or infinite. bits: 1 to 23; with 23, the same array is
    returned. The relative error is at most `2 ** -(bits + 1)`. Infinity stays infinity.
    """
    dropped = np.uint32(_MANTISSA - bits)
    if not dropped:
        return values
    stored = np.ascontiguousarray(values).view(np.uint32)
    odd = (stored >> dropped) & np.uint32(1)
    half = (np.uint32(1) << (dropped - np.uint32(1))) - np.uint32(1)
    return ((stored + half + odd) >> dropped << dropped).view(np.float32)
