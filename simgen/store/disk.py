"""When the disk is at fault."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

from simgen.errors import DiskError

_DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM}
_LEAST_FREE = 4 << 20
"""Bytes. With less, a file that could not be written was stopped by the full disk."""


def is_disk_error(error: OSError, folder: Path) -> bool:
    """Whether an error is the disk's fault rather than the scene's."""
    return error.errno in _DISK_ERRORS or _is_full(folder)


def disk_error(folder: Path, error: OSError) -> DiskError:
    """The error that ends a run, in words for its user."""
    reason = "the disk is full" if _is_full(folder) else (error.strerror or str(error))
    return DiskError(
        f"{folder}: cannot be written: {reason}; the scenes committed so far are whole; "
        "make room and start the same command again"
    )


def _is_full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < _LEAST_FREE
    except OSError:
        return False
