"""Lease files: which processes write a dataset, and whether they are still alive.

    .simgen/lease.json               of a run that has the dataset to itself
    .simgen/leases/shard0-of-4.json  of one part of a run that several processes share

The owner rewrites its lease every few seconds, with a number that grows.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import cattrs
import psutil

from simgen.dataset import remote
from simgen.dataset.layout import Layout
from simgen.dataset.remote import AnyPath

BEAT = 5.0
"""Seconds after which a lease is rewritten."""
_SIZE = 1024
"""Bytes of a lease in a folder."""
WATCHED = 3
"""Beats after which a lease that stands still has no owner any more."""


@dataclass(frozen=True)
class Owner:
    """The content of a lease: the process that keeps it. Times are seconds since 1970 by the clock
    of `host`; they are shown, and decide nothing."""

    run: str
    """Leases of the same run may exist side by side, one for each part."""
    host: str
    pid: int
    machine: str
    """What tells this boot of this machine, and its process numbers, from all others."""
    started: float
    updated: float
    beat: int
    every: float
    """Seconds between beats."""
    lock: str
    """Which file's kernel lock the process holds; empty for none."""
    shared: bool = False
    """Written by older versions alone: other processes keep the lease alive too, so that the death
    of one says nothing."""
    part: str = ""
    """Name of the part of a run; empty for a run that has the dataset to itself."""

    def __str__(self) -> str:
        since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(self.started))
        seen = max(0.0, time.time() - self.updated)
        part = f"{self.part}, " if self.part else ""
        return f"{part}host {self.host}, pid {self.pid}, since {since}, seen {seen:.0f} s ago"

    def is_same_process(self, other: Owner) -> bool:
        """Whether both were written by one process, however often it rewrote the lease."""
        mine = (self.run, self.machine, self.pid, self.started)
        return mine == (other.run, other.machine, other.pid, other.started)


def path_of(place: Layout, part: str) -> AnyPath:
    """The lease of a part of a run, or that of the whole dataset where `part` is empty."""
    return place.leases / f"{part}.json" if part else place.lease


def paths(place: Layout) -> list[AnyPath]:
    """All leases that a dataset may have now, that of the whole dataset first."""
    names = sorted(name for name in remote.names(place.leases) if name.endswith(".json"))
    return [place.lease, *(place.leases / name for name in names)]


def owners(place: Layout) -> list[Owner]:
    """Who has a lease of a dataset, or left it behind, the most recent first. Raises `OSError`."""
    found = [owner for owner in map(read, paths(place)) if owner is not None]
    return sorted(found, key=lambda owner: -owner.updated)


def read(path: AnyPath) -> Owner | None:
    """Who has a lease, or left it behind; None where there is none. Raises `OSError`."""
    return read_written(path)[1]


def read_written(path: AnyPath) -> tuple[str | None, Owner | None]:
    """The text of a lease and what it says, once it is written: a new file is empty at first.

    No text where there is no lease, no owner where two seconds did not make it readable.
    Raises `OSError`.
    """
    for _ in range(40):
        text = read_text(path)
        found = parse(text)
        if text is None or found is not None:
            break
        time.sleep(0.05)
    return text, found


def is_dead(owner: Owner, lock: str = "") -> bool:
    """Whether the process that wrote a lease was on this machine and is gone.

    lock: identity of the lock file that this process holds, if it does.
    """
    if owner.shared or not is_of_this_machine(owner):
        return False
    if lock and owner.lock == lock:
        return True
    try:
        return psutil.Process(owner.pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
    except psutil.Error:
        return False


def is_of_this_machine(owner: Owner) -> bool:
    """Whether its process number means a process that could be seen from here."""
    return owner.machine == _machine()


def this_process(run: str, every: float, lock: str, part: str = "") -> Owner:
    """What this process writes into a new lease."""
    now = time.time()
    return Owner(
        run=run,
        host=socket.gethostname(),
        pid=os.getpid(),
        machine=_machine(),
        started=now,
        updated=now,
        beat=0,
        every=every,
        lock=lock,
        part=part,
    )


def moving(leases: Iterable[tuple[AnyPath, str]]) -> tuple[AnyPath, str] | None:
    """The first of some leases that is rewritten within the time in which a living owner would do
    so, and what it was rewritten to; None when all stand still or were removed.

    leases: path and text of each, as read before.
    """
    left = dict(leases)
    beats = [BEAT if owner is None else owner.every for owner in map(parse, left.values())]
    until = time.monotonic() + WATCHED * max(beats, default=0.0)
    while left and time.monotonic() < until:
        time.sleep(min(beats) / 10)
        for path, text in list(left.items()):
            now = read_text(path)
            if now is None:
                del left[path]
            elif now != text:
                return path, now
    return None


def is_beating(path: AnyPath) -> bool:
    """Whether a lease is kept: looks until it moves, at most for three beats."""
    text = read_text(path)
    return text is not None and moving([(path, text)]) is not None


def read_text(path: AnyPath) -> str | None:
    """None where there is no lease. Raises `OSError`."""
    try:
        return remote.read_bytes(path, BEAT).decode()
    except FileNotFoundError:
        return None


def parse(text: str | None) -> Owner | None:
    """None where there is none, or one that is being written."""
    try:
        return cattrs.structure(json.loads(text or ""), Owner)
    except (ValueError, cattrs.BaseValidationError):
        return None


def dumps(owner: Owner) -> str:
    return json.dumps(cattrs.unstructure(owner)) + "\n"


def write(path: AnyPath, owner: Owner) -> None:
    """Raises `OSError`, or `DiskError` in object storage."""
    if isinstance(path, Path):
        _overwrite(path, dumps(owner).encode().ljust(_SIZE))
    else:
        remote.write_bytes(path, dumps(owner).encode(), patience=owner.every)


def _overwrite(path: Path, content: bytes) -> None:
    """In place, since a name that comes to mean another file is seen late on network file systems;
    and without a moment in which the file is empty, when a full disk could keep it so."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT, 0o644)
    try:
        left = memoryview(content)
        while left:  # a disk that fills up, or a network file system, takes a part
            left = left[os.write(handle, left) :]
        if os.fstat(handle).st_size != len(content):
            os.ftruncate(handle, len(content))
    finally:
        os.close(handle)


def _machine() -> str:
    if sys.platform != "linux":
        return f"{socket.gethostname()} {uuid.getnode()}"
    # Containers may share a host's name, but not its process numbers.
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return f"{boot} {os.readlink('/proc/self/ns/pid')}"
