"""Operations on many vectors stored as rows, `3 x n`: all x, all y, all z.

numpy processes rows several times faster than `n x 3` points. Products are written out because a
BLAS would start threads for them and round differently on different machines.
"""

from __future__ import annotations

import numpy as np


def rotate_rows(rotation: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Multiply rows by a `3 x 3` matrix from the left, in the dtype of the rows."""
    x, y, z = rows
    m = rotation.astype(rows.dtype)
    return np.stack([m[i, 0] * x + m[i, 1] * y + m[i, 2] * z for i in range(3)])


def take_rows(rows: np.ndarray, members: np.ndarray) -> np.ndarray:
    """Return the columns of some members, or the single column shared by all."""
    return rows if rows.shape[1] == 1 else rows.take(members, axis=1)


def transform_rows(matrix: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Transform points, stored as rows, by a `4 x 4` matrix."""
    out = rotate_rows(matrix[:3, :3], rows)
    out += matrix[:3, 3:].astype(rows.dtype)
    return out
