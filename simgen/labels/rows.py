"""Many vectors as rows, `3 x n`: all x, all y, all z.

numpy goes through rows several times faster than through `n x 3` points. Products are written out:
a BLAS would wake threads for them, and round differently from machine to machine.
"""

from __future__ import annotations

import numpy as np


def rotate_rows(rotation: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Rows times a `3 x 3` matrix from the left, in the dtype of the rows."""
    x, y, z = rows
    m = rotation.astype(rows.dtype)
    return np.stack([m[i, 0] * x + m[i, 1] * y + m[i, 2] * z for i in range(3)])


def take_rows(rows: np.ndarray, members: np.ndarray) -> np.ndarray:
    """The columns of some members, or the only column that all share."""
    return rows if rows.shape[1] == 1 else rows.take(members, axis=1)


def transform_rows(matrix: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Points as rows, moved by a `4 x 4` transform."""
    out = rotate_rows(matrix[:3, :3], rows)
    out += matrix[:3, 3:].astype(rows.dtype)
    return out
