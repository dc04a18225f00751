"""One run per dataset: a kernel lock, and a lease for where there is none.

The kernel frees its lock the moment the owner dies, but knows only its own machine, and nothing of
object storage. So the owner also keeps rewriting a small file, with a number that grows: the lease.
Whoever finds one watches it for a while. A lease that moves is held; one that stands still was left
behind by a dead owner. No clock is compared with another machine's.

Who was taken for dead, after a long sleep say, finds another run's name in the lease and stops.
"""

from __future__ import annotations

import dataclasses
import errno
import logging
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from typing import Self

from filelock import FileLock, Timeout

from simgen.errors import DiskError, InputError, SimgenError
from simgen.store import remote
from simgen.store.holder import (
    BEAT,
    Holder,
    is_dead,
    moves,
    parse,
    read,
    read_text,
    this_process,
    write,
)
from simgen.store.remote import AnyPath

log = logging.getLogger(__name__)

_NO_KERNEL_LOCK = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EINVAL}


def new_run() -> str:
    """A name for a run. Names sort by the time they were made."""
    return f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{secrets.token_hex(4)}"


class Lease:
    """Holds a dataset until it is released. Use as a context manager.

    `lost` turns true when another run took the dataset over; this one must then stop.
    """

    def __init__(self, path: AnyPath, holder: Holder, kernel: FileLock | None) -> None:
        """For `acquire` and `join` alone. holder: what this process writes, but for its beat."""
        self.run = holder.run
        self._path = path
        self._me = holder
        self._kernel = kernel
        self._reason = ""
        self._keeps = holder.shared
        self._end = Event()
        self._thread = Thread(target=self._keep, name="lease", daemon=True)

    @classmethod
    def acquire(
        cls,
        path: AnyPath,
        lock: Path | None,
        every: float = BEAT,
        say: Callable[[str], None] = log.info,
    ) -> Self:
        """Take a dataset for a new run.

        path: of the lease. lock: of the file for the kernel's lock, on a local disk or a shared
        one; both folders exist. every: seconds between beats. say: is told why this takes a while.
        Raises `InputError` when another run holds the dataset, and `OSError` when a file cannot be
        written, or `DiskError` in object storage.
        """
        kernel = None if lock is None else _kernel_lock(lock, path)
        try:
            me = this_process(new_run(), every, "" if kernel is None else _file_id(lock))
            text = read_text(path)
            found = parse(text)
            sure = text is None or (found is not None and is_dead(found, me.lock))
            if text is not None and not sure:
                _watch(path, text, say)
            write(path, me)
            # The kernel's lock of this machine says nothing of others that use the same storage.
            if kernel is None or not sure or not isinstance(path, Path):
                _settle(path, me)
        except BaseException:
            if kernel is not None:
                kernel.release()
            raise
        lease = cls(path, me, kernel)
        lease._thread.start()
        return lease

    @classmethod
    def join(cls, path: AnyPath, run: str) -> Self:
        """Help a run that holds the dataset already to keep its lease, from another process.

        Raises `SimgenError` when it holds it no longer.
        """
        found = read(path)
        if found is None or found.run != run:
            raise SimgenError(_lost(path, found))
        me = this_process(run, found.every, "")
        me = dataclasses.replace(me, started=found.started, beat=found.beat + 1, shared=True)
        write(path, me)
        lease = cls(path, me, None)
        lease._thread.start()
        return lease

    @classmethod
    def resume(cls, path: AnyPath, lock: Path | None, run: str) -> Self:
        """Come back to a run that was left to other processes; those may have ended since.

        Raises `InputError` when another process came back to it, `SimgenError` when the run holds
        the dataset no longer, and `OSError`.
        """
        kernel = None if lock is None else _kernel_lock(lock, path)
        try:
            lease = cls.join(path, run)
        except BaseException:
            if kernel is not None:
                kernel.release()
            raise
        lease._kernel, lease._keeps = kernel, False
        return lease

    @property
    def lost(self) -> bool:
        return bool(self._reason)

    @property
    def held(self) -> bool:
        """Whether this process may still tidy up in the dataset: it neither lost it nor left."""
        return not self.lost and not self._end.is_set()

    def check(self) -> None:
        """Raise `SimgenError` when the lease was lost."""
        if self._reason:
            raise SimgenError(self._reason)

    def leave(self) -> None:
        """Go, and leave the lease to the other processes of this run."""
        self._keeps = True
        self.release()

    def release(self) -> None:
        """Give the dataset back. A process that joined only goes."""
        self._end.set()
        self._thread.join(self._me.every)
        try:
            found = read(self._path)
            if not self._keeps and found is not None and found.run == self.run:
                remote.remove(self._path, self._me.every)
        except (OSError, DiskError) as error:  # whoever comes next will watch it for a while
            log.warning("the lease stays behind: %s", error)
        if self._kernel is not None:
            self._kernel.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def _keep(self) -> None:
        while not self.lost and not self._end.wait(self._me.every):
            try:
                self._beat()
            except Exception as error:  # a full disk, a server that is away: the next one may work
                log.warning("the lease could not be renewed: %s", error)

    def _beat(self) -> None:
        text = read_text(self._path)
        found = parse(text)
        if text is None or (found is not None and found.run != self.run):
            self._reason = _lost(self._path, found)
            log.error(self._reason)
            return
        # What cannot be parsed is being written by another process of this run.
        before = found or self._me
        self._me = dataclasses.replace(
            self._me,
            beat=before.beat + 1,
            shared=before.shared or self._me.shared,
            updated=time.time(),
        )
        write(self._path, self._me)


def _kernel_lock(lock: Path, path: AnyPath) -> FileLock | None:
    """The kernel's lock, or None where the file system has none."""
    # A marker file, which is what filelock falls back to, would outlive its owner.
    kernel = FileLock(lock, timeout=0, thread_local=False, fallback_to_soft=False)
    try:
        kernel.acquire()
    except Timeout:
        raise InputError(_refused(path, _newcomer(path))) from None
    except NotImplementedError:
        return None
    except OSError as error:
        if error.errno in _NO_KERNEL_LOCK:
            return None
        raise
    return kernel


def _newcomer(path: AnyPath) -> Holder | None:
    """Who holds the kernel's lock. A run takes that a moment before it writes its lease."""
    for _ in range(10):
        found = read(path)
        if found is not None and not is_dead(found):
            return found
        time.sleep(0.05)
    return None


def _watch(path: AnyPath, text: str, say: Callable[[str], None]) -> None:
    """Raise `InputError` if a lease moves."""
    found = parse(text)
    say(f"another run may be at work here ({found or 'unknown'}); watching for its next beat")
    moved = moves(path, text)
    if moved is not None:
        raise InputError(_refused(path, parse(moved) or found))


def _settle(path: AnyPath, me: Holder) -> None:
    """Of two that take the same lease at once, the last to write it has it."""
    time.sleep(me.every / 2)
    found = read(path)
    if found is None or found.run != me.run:
        raise InputError(_refused(path, found))


def _file_id(path: Path | None) -> str:
    assert path is not None
    found = path.stat()
    return f"{found.st_dev}:{found.st_ino}"


def _refused(path: AnyPath, found: Holder | None) -> str:
    return (
        f"{path.parent.parent}: another simgen run is writing this dataset"
        f" ({found or 'it has just begun'}); wait for it, end it, or choose another output.dir"
    )


def _lost(path: AnyPath, found: Holder | None) -> str:
    who = "its lease was removed" if found is None else f"another run took it over ({found})"
    return (
        f"{path.parent.parent}: this run no longer holds the dataset: {who}; "
        "what it committed is whole; the same command continues once no other run is on"
    )
