"""One run per dataset: a kernel lock, and a lease for where there is none.

The kernel frees its lock the moment the owner dies, but knows only its own machine, and nothing of
object storage. So the owner also keeps rewriting a small file, with a number that grows: the lease.
A process that finds one watches it for a while. A lease that moves has an owner; one that stands
still was left behind by a dead one. No clock is compared with another machine's.

A run that several processes share, such as its shards, has a lease for each of its parts. Parts of
the same run exist side by side; all else is refused. Each process writes its own lease first and
then looks at the others, so of two that may not be together at least one sees the other.

An owner that was taken for dead, after a long sleep say, finds another process in its lease, or no
lease at all, and stops.
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

from simgen.dataset import lease, remote
from simgen.dataset.layout import Layout
from simgen.dataset.lease import BEAT, Owner
from simgen.dataset.remote import AnyPath
from simgen.errors import DiskError, InputError, SimgenError

log = logging.getLogger(__name__)

_NO_KERNEL_LOCK = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EINVAL}
_PAUSE = 1.0
"""Seconds between two attempts at a lease that is waited for."""


class HeldError(InputError):
    """Another process holds what was asked for."""


def new_run() -> str:
    """A name for a run. Names sort by the time they were made."""
    return f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{secrets.token_hex(4)}"


class Lease:
    """Holds a dataset, or a part of a run on it, until it is released. Use as a context manager."""

    def __init__(self, path: AnyPath, owner: Owner, kernel: FileLock | None) -> None:
        """For `acquire` alone. owner: what this process writes, but for its beat."""
        self.run = owner.run
        self._path = path
        self._me = owner
        self._kernel = kernel
        self._reason = ""
        self._end = Event()
        self._thread = Thread(target=self._keep, name="lease", daemon=True)

    @classmethod
    def acquire(
        cls,
        place: Layout,
        run: str = "",
        part: str = "",
        every: float = BEAT,
        say: Callable[[str], None] = log.info,
    ) -> Self:
        """Take a dataset for a new run, or one part of a run that several processes share.

        run: name of the shared run. part: of it; empty for the whole dataset. every: seconds
        between beats. say: shows the user why this takes a while.
        Raises `HeldError` when another run, or another process with this part, holds the dataset,
        and `OSError` when a file cannot be written, or `DiskError` in object storage.
        """
        path = lease.path_of(place, part)
        for folder in (path.parent, place.locks):
            if isinstance(folder, Path):
                folder.mkdir(parents=True, exist_ok=True)
        lock = place.locks / f"{part}.lock" if part else place.lock
        kernel = _kernel_lock(lock, path)
        try:
            lock_id = "" if kernel is None else _file_id(lock)
            me = lease.this_process(run or new_run(), every, lock_id, part)
            _refuse_others(place, me, say)
            _take(path, me, kernel is not None, say)
            try:
                _refuse_others(place, me, say)
            except BaseException:
                _remove(path, me)
                raise
        except BaseException:
            if kernel is not None:
                kernel.release()
            raise
        taken = cls(path, me, kernel)
        taken._thread.start()
        return taken

    @classmethod
    def await_turn(cls, place: Layout, run: str, part: str, every: float = BEAT) -> Self:
        """As `acquire`, once no other process has this part."""
        while True:
            try:
                return cls.acquire(place, run, part, every)
            except HeldError as error:
                log.info("waiting: %s", error)
                time.sleep(_PAUSE)

    @property
    def lost(self) -> bool:
        """Whether another run took the dataset over. This one must then stop."""
        return bool(self._reason)

    def check(self) -> None:
        """Raise `SimgenError` when the lease was lost."""
        if self._reason:
            raise SimgenError(self._reason)

    def release(self) -> None:
        """Give back what is held."""
        self._end.set()
        self._thread.join(self._me.every)
        _remove(self._path, self._me)
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
        text = lease.read_text(self._path)
        found = lease.parse(text)
        if text is None or (found is not None and not found.is_same_process(self._me)):
            self._reason = _lost(self._path, found)
            log.error(self._reason)
            return
        self._me = dataclasses.replace(self._me, beat=self._me.beat + 1, updated=time.time())
        lease.write(self._path, self._me)


def _take(path: AnyPath, me: Owner, locked: bool, say: Callable[[str], None]) -> None:
    """Write a lease, if its owner is gone. locked: whether this process has the kernel's lock."""
    text = lease.read_text(path)
    found = lease.parse(text)
    sure = text is None or (found is not None and lease.is_dead(found, me.lock))
    if text is not None and not sure:
        _watch([(path, text)], say)
    lease.write(path, me)
    # The kernel's lock of this machine says nothing of others that use the same storage.
    if not locked or not sure or not isinstance(path, Path):
        _settle(path, me)


def _refuse_others(place: Layout, me: Owner, say: Callable[[str], None]) -> None:
    """Raise `HeldError` while a process of another run has a lease; remove those of dead ones."""
    strangers = []
    for path in lease.paths(place):
        if path == lease.path_of(place, me.part):
            continue
        text, found = lease.read_written(path)
        if text is not None and (found is None or found.run != me.run):
            strangers.append((path, text, found is not None and lease.is_dead(found)))
    doubtful = [(path, text) for path, text, dead in strangers if not dead]
    if doubtful:
        _watch(doubtful, say)
    for path, _, _ in strangers:
        remote.remove(path, me.every)


def _kernel_lock(lock: Path, path: AnyPath) -> FileLock | None:
    """The kernel's lock, or None where the file system has none."""
    # A marker file, which is what filelock falls back to, would outlive its owner.
    kernel = FileLock(lock, timeout=0, thread_local=False, fallback_to_soft=False)
    try:
        kernel.acquire()
    except Timeout:
        raise HeldError(_refused(path, _newcomer(path))) from None
    except NotImplementedError:
        return None
    except OSError as error:
        if error.errno in _NO_KERNEL_LOCK:
            return None
        raise
    return kernel


def _newcomer(path: AnyPath) -> Owner | None:
    """Who holds the kernel's lock. A run takes that a moment before it writes its lease."""
    for _ in range(10):
        found = lease.read(path)
        if found is not None and not lease.is_dead(found):
            return found
        time.sleep(0.05)
    return None


def _watch(leases: list[tuple[AnyPath, str]], say: Callable[[str], None]) -> None:
    """Raise `HeldError` if one of some leases moves."""
    found = lease.parse(leases[0][1])
    who = found or "unknown"
    say(f"another run may be writing this dataset ({who}); waiting for its next heartbeat")
    moved = lease.moving(leases)
    if moved is not None:
        raise HeldError(_refused(moved[0], lease.parse(moved[1]) or found))


def _settle(path: AnyPath, me: Owner) -> None:
    """Of two that take the same lease at once, the last to write it has it."""
    time.sleep(me.every / 2)
    found = lease.read(path)
    if found is None or not found.is_same_process(me):
        raise HeldError(_refused(path, found))


def _remove(path: AnyPath, me: Owner) -> None:
    """Remove a lease if it is still this process's."""
    try:
        found = lease.read(path)
        if found is not None and found.is_same_process(me):
            remote.remove(path, me.every)
    except (OSError, DiskError) as error:  # the next run will watch it for a while
        log.warning("the lease stays behind: %s", error)


def _file_id(path: Path) -> str:
    found = path.stat()
    return f"{found.st_dev}:{found.st_ino}"


def _dataset_of(path: AnyPath) -> AnyPath:
    private = path.parent if path.parent.name == ".simgen" else path.parent.parent
    return private.parent


def _refused(path: AnyPath, found: Owner | None) -> str:
    return (
        f"{_dataset_of(path)}: another simgen run is writing this dataset"
        f" ({found or 'it has just begun'}); wait for it, end it, or choose another output.dir"
    )


def _lost(path: AnyPath, found: Owner | None) -> str:
    who = "its lease was removed" if found is None else f"another run took it over ({found})"
    return (
        f"{_dataset_of(path)}: this run no longer holds the dataset: {who}; "
        "what it committed is complete; the same command continues once no other run is on"
    )
