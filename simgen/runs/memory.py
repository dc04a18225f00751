"""The memory of this process."""

from __future__ import annotations

import ctypes
import sys

import psutil


def trim() -> None:
    """Give memory that is free back to the system, where the C library can be asked to.

    Blender takes and frees blocks of all sizes in many threads. glibc keeps what lies between
    blocks that are still in use, and over some hundred scenes that adds up; asking costs
    milliseconds (docs/scale.md).
    """
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        if hasattr(libc, "malloc_trim"):  # not in all C libraries
            libc.malloc_trim(0)


def resident_mb() -> float:
    """Megabytes of this process that are in memory."""
    return psutil.Process().memory_info().rss / 2**20
