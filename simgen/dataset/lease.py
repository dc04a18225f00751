"""Lease files: which processes write a dataset, and whether they are still alive.

    .simgen/lease.json               of a run with exclusive access to the dataset
    .simgen/leases/shard0-of-4.json  of one part of a run that several processes share

The owner rewrites its lease every few seconds with an increasing number.
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
"""Seconds between two writes of a lease."""
_SIZE = 1024
"""Bytes of a lease in a folder."""
WATCHED = 3
"""Beats without a change after which a lease is considered abandoned."""


@dataclass(frozen=True)
class Owner:
    """The content of a lease: the process that holds it.

    Times are seconds since 1970 by the clock of `host`, for display only.
    """

    run: str
    """A run may hold several leases, one per part."""
    host: str
    pid: int
    machine: str
    """Identifies this boot of this machine and its process id namespace."""
    started: float
    updated: float
    beat: int
    every: float
    """Seconds between beats."""
    lock: str
    """Identity of the file whose kernel lock the process holds; empty for none."""
    shared: bool = False
    """Written only by older versions: other processes renew the lease too, so the death of one
    does not end it."""
    part: str = ""
    """Name of the part of a run; empty for a run with exclusive access to the dataset."""

    def __str__(self) -> str:
        since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(self.started))
        seen = max(0.0, time.time() - self.updated)
        part = f"{self.part}, " if self.part else ""
        return f"{part}host {self.host}, pid {self.pid}, since {since}, seen {seen:.0f} s ago"

    def is_same_process(self, other: Owner) -> bool:
        """Return whether the same process wrote both, at whatever beat."""
        mine = (self.run, self.machine, self.pid, self.started)
        return mine == (other.run, other.machine, other.pid, other.started)


def path_of(place: Layout, part: str) -> AnyPath:
    """Return the lease file of a part of a run, or of the entire dataset if `part` is empty."""
    return place.leases / f"{part}.json" if part else place.lease


def paths(place: Layout) -> list[AnyPath]:
    """Return all lease files that may exist now, that of the entire dataset first."""
    names = sorted(name for name in remote.names(place.leases) if name.endswith(".json"))
    return [place.lease, *(place.leases / name for name in names)]


def owners(place: Layout) -> list[Owner]:
    """Return the owners of all leases, abandoned ones included, latest first. Raises `OSError`."""
    found = [owner for owner in map(read, paths(place)) if owner is not None]
    return sorted(found, key=lambda owner: -owner.updated)


def read(path: AnyPath) -> Owner | None:
    """Return the owner of a lease, which may be abandoned, or None. Raises `OSError`."""
    return read_written(path)[1]


def read_written(path: AnyPath) -> tuple[str | None, Owner | None]:
    """Return a lease's text and owner, waiting up to two seconds while a new file is still empty.

    The text is None if there is no lease, the owner is None if it stays unreadable.
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
    """Return whether the process that wrote a lease ran on this machine and has ended.

    lock: identity of the lock file that this process holds, or empty.
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
    """Return whether its process id refers to a process visible from here."""
    return owner.machine == _machine()


def this_process(run: str, every: float, lock: str, part: str = "") -> Owner:
    """Return the content of a new lease of this process."""
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
    """Return the first of some leases that its owner renews, with its new text.

    Watches them for `WATCHED` beats; None if all stay unchanged or are removed.
    leases: path and previously read text of each.
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
    """Return whether a lease is renewed, watching it for at most three beats."""
    text = read_text(path)
    return text is not None and moving([(path, text)]) is not None


def read_text(path: AnyPath) -> str | None:
    """Return the text of a lease, or None if there is none. Raises `OSError`."""
    try:
        return remote.read_bytes(path, BEAT).decode()
    except FileNotFoundError:
        return None


def parse(text: str | None) -> Owner | None:
    """Return the owner in a lease's text; None if the lease is absent or incomplete."""
    try:
        return cattrs.structure(json.loads(text or ""), Owner)
    except (ValueError, cattrs.BaseValidationError):
        return None


def dumps(owner: Owner) -> str:
    return json.dumps(cattrs.unstructure(owner)) + "\n"


def write(path: AnyPath, owner: Owner) -> None:
    """Write a lease. Raises `OSError`, or `DiskError` in object storage."""
    if isinstance(path, Path):
        _overwrite(path, dumps(owner).encode().ljust(_SIZE))
    else:
        remote.write_bytes(path, dumps(owner).encode(), patience=owner.every)


def _overwrite(path: Path, content: bytes) -> None:
    """Overwrite a file in place, without truncating it first.

    Network file systems show a replaced file late, and a full disk could leave a truncated file
    empty.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT, 0o644)
    try:
        left = memoryview(content)
        while left:  # a nearly full disk or a network file system may write less
            left = left[os.write(handle, left) :]
        if os.fstat(handle).st_size != len(content):
            os.ftruncate(handle, len(content))
    finally:
        os.close(handle)


def _machine() -> str:
    if sys.platform != "linux":
        return f"{socket.gethostname()} {uuid.getnode()}"
    # Containers may share a host's name, but not its process ids.
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return f"{boot} {os.readlink('/proc/self/ns/pid')}"
