"""Detect and report failures of disks and network file systems."""

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
"""Bytes. With less free space, a failed write is attributed to a full disk."""


def is_disk_error(error: Exception, folder: Path) -> bool:
    """Return whether an error was caused by the disk of `folder` rather than by the scene."""
    if isinstance(error, OSError):
        if error.errno in _FULL:
            return True
        if error.errno in _REFUSED and _is_within(error.filename, folder):
            return True
    # Some libraries do not report why a write failed.
    return _is_full(folder)


def disk_error(
    folder: Path, error: Exception, kept: str = "the scenes committed so far are complete"
) -> DiskError:
    """Return the error that ends a run, with a message for the user. kept: what is not lost."""
    known = error.strerror if isinstance(error, OSError) else None
    reason = "the disk is full" if _is_full(folder) else (known or str(error))
    return DiskError(
        f"{folder}: cannot be written: {reason}; {kept}; free space and run the same command again"
    )


def refresh(folder: AnyPath) -> None:
    """Invalidate cached directory entries. On a network file system, the listing of a folder that
    other machines write to may be a minute old; changing the folder's mode refreshes it."""
    if isinstance(folder, Path):
        with contextlib.suppress(OSError):  # missing, or owned by another user
            folder.chmod(folder.stat().st_mode)


def _is_within(file: object, folder: Path) -> bool:
    """Return whether a file is in a folder; True if the file is unknown."""
    return not isinstance(file, str) or Path(file).absolute().is_relative_to(folder)


def _is_full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < LEAST_FREE
    except OSError:
        return False
