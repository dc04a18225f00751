"""Exclusive access to a dataset: a kernel lock, and a lease where there is no kernel lock.

The kernel releases its lock as soon as the owner dies, but it covers only one machine and no
object storage. The owner therefore also renews a small file, the lease, with an increasing number.
A process that finds a lease watches it for a while: one that changes has a living owner, one that
does not was abandoned. Clocks of different machines are never compared.

A run that several processes share, such as shards, has one lease per part. Parts of the same run
may coexist; any other process is refused. Each process writes its own lease before it checks the
others, so of two conflicting processes at least one sees the other.

An owner that was presumed dead, for instance after a long suspension, finds its lease removed or
taken over, and stops.
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
"""Seconds between two attempts to acquire a lease."""


class HeldError(InputError):
    """Another process holds the requested lease."""


def new_run() -> str:
    """Return a new name for a run. Names sort by time."""
    return f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{secrets.token_hex(4)}"


class Lease:
    """Access to a dataset, or to a part of a run, until it is released; a context manager."""

    def __init__(self, path: AnyPath, owner: Owner, kernel: FileLock | None) -> None:
        """Only for `acquire`. owner: the content of the lease; only its beat changes."""
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
        """Acquire a dataset for a new run, or one part of a run that several processes share.

        run: name of the shared run. part: its part; empty for the entire dataset. every: seconds
        between beats. say: called with a message for the user when this takes long.
        Raises `HeldError` if another run, or another process with this part, holds the dataset,
        and `OSError`, or `DiskError` in object storage, if a file cannot be written.
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
        """Acquire a part as `acquire` does, waiting while another process holds it."""
        while True:
            try:
                return cls.acquire(place, run, part, every)
            except HeldError as error:
                log.info("waiting: %s", error)
                time.sleep(_PAUSE)

    @property
    def lost(self) -> bool:
        """Whether another run took over the dataset, so that this one must stop."""
        return bool(self._reason)

    def check(self) -> None:
        """Raise `SimgenError` if the lease was lost."""
        if self._reason:
            raise SimgenError(self._reason)

    def release(self) -> None:
        """Release the lease and the kernel lock."""
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
            except Exception as error:  # e.g. a full disk; the next beat may succeed
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
    """Write a lease unless its owner is alive. locked: whether this process has the kernel lock."""
    text = lease.read_text(path)
    found = lease.parse(text)
    sure = text is None or (found is not None and lease.is_dead(found, me.lock))
    if text is not None and not sure:
        _watch([(path, text)], say)
    lease.write(path, me)
    # The kernel lock does not cover other machines that use the same storage.
    if not locked or not sure or not isinstance(path, Path):
        _settle(path, me)


def _refuse_others(place: Layout, me: Owner, say: Callable[[str], None]) -> None:
    """Raise `HeldError` if a living process of another run has a lease; remove abandoned leases."""
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
    """Acquire the kernel lock; return None if the file system does not support locks."""
    # The marker file that filelock falls back to would outlive its owner.
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
    """Return the holder of the kernel lock, waiting briefly until it has written its lease."""
    for _ in range(10):
        found = lease.read(path)
        if found is not None and not lease.is_dead(found):
            return found
        time.sleep(0.05)
    return None


def _watch(leases: list[tuple[AnyPath, str]], say: Callable[[str], None]) -> None:
    """Raise `HeldError` if one of some leases is renewed."""
    found = lease.parse(leases[0][1])
    who = found or "unknown"
    say(f"another run may be writing this dataset ({who}); waiting for its next heartbeat")
    moved = lease.moving(leases)
    if moved is not None:
        raise HeldError(_refused(moved[0], lease.parse(moved[1]) or found))


def _settle(path: AnyPath, me: Owner) -> None:
    """Raise `HeldError` if another process wrote the lease at the same time and later than this."""
    time.sleep(me.every / 2)
    found = lease.read(path)
    if found is None or not found.is_same_process(me):
        raise HeldError(_refused(path, found))


def _remove(path: AnyPath, me: Owner) -> None:
    """Remove a lease if it still belongs to this process."""
    try:
        found = lease.read(path)
        if found is not None and found.is_same_process(me):
            remote.remove(path, me.every)
    except (OSError, DiskError) as error:  # the next run will find it abandoned
        log.warning("the lease could not be removed: %s", error)


def _file_id(path: Path) -> str:
    found = path.stat()
    return f"{found.st_dev}:{found.st_ino}"


def _dataset_of(path: AnyPath) -> AnyPath:
    private = path.parent if path.parent.name == ".simgen" else path.parent.parent
    return private.parent


def _refused(path: AnyPath, found: Owner | None) -> str:
    return (
        f"{_dataset_of(path)}: another simgen run is writing this dataset"
        f" ({found or 'it has just started'}); wait for it, stop it, or choose another output.dir"
    )


def _lost(path: AnyPath, found: Owner | None) -> str:
    who = "its lease was removed" if found is None else f"another run took it over ({found})"
    return (
        f"{_dataset_of(path)}: this run no longer holds the dataset: {who}; "
        "committed scenes are complete; run the same command again when no other run is active"
    )
