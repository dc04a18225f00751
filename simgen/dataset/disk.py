"""What disks and network file systems do wrong."""

from __future__ import annotations

import contextlib
import errno
import shutil
from pathlib import Path

from simgen.dataset.remote import AnyPath
from simgen.errors import DiskError

_FULL = {errno.ENOSPC, errno.EDQUOT}
_REFUSED = {errno.EROFS, errno.EACCES, errno.EPERM}
LEAST_FREE = 4 << 20
"""Bytes. With less, a file that could not be written was stopped by the full disk."""


def is_disk_error(error: Exception, folder: Path) -> bool:
    """Whether an error is the fault of the disk that `folder` is on, rather than the scene's."""
    if isinstance(error, OSError):
        if error.errno in _FULL:
            return True
        if error.errno in _REFUSED and _is_within(error.filename, folder):
            return True
    # Not everything that writes files reports why it could not.
    return _is_full(folder)


def disk_error(
    folder: Path, error: Exception, kept: str = "the scenes committed so far are complete"
) -> DiskError:
    """The error that ends a run, in words for its user. kept: what is not lost."""
    known = error.strerror if isinstance(error, OSError) else None
    reason = "the disk is full" if _is_full(folder) else (known or str(error))
    return DiskError(
        f"{folder}: cannot be written: {reason}; {kept}; make room and start the same command again"
    )


def refresh(folder: AnyPath) -> None:
    """Have a folder read again. On a network file system, what is known of a folder that other
    machines write to may be a minute old; a change made here ends that."""
    if isinstance(folder, Path):
        with contextlib.suppress(OSError):  # not there yet, or another user's
            folder.chmod(folder.stat().st_mode)


def _is_within(file: object, folder: Path) -> bool:
    """Of a file that is not known, it is assumed."""
    return not isinstance(file, str) or Path(file).absolute().is_relative_to(folder)


def _is_full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < LEAST_FREE
    except OSError:
        return False
