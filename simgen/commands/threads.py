"""How many threads other libraries start."""

from __future__ import annotations

import os

_LINEAR_ALGEBRA = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def one_thread_for_linear_algebra() -> None:
    """Keep numpy's linear algebra on one thread, in this process and those that it starts.

    To be called before numpy is imported. simgen's products are of some thousand rows: threads
    cost more than they bring, and wait spinning where Blender and other workers have the cores
    (docs/decisions.md). What a user has set stays.
    """
    for name in _LINEAR_ALGEBRA:
        os.environ.setdefault(name, "1")
