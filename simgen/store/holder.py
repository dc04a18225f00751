"""`lease.json`: who writes a dataset, and whether they are still there."""

from __future__ import annotations

import json
import os
import socket
import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

import cattrs
import psutil

from simgen.store import remote
from simgen.store.remote import AnyPath

BEAT = 5.0
"""Seconds after which a lease is rewritten."""
_SIZE = 1024
"""Bytes of a lease in a folder."""
WATCHED = 3
"""Beats after which a lease that stands still has no owner any more."""


@dataclass(frozen=True)
class Holder:
    """The content of `lease.json`: who writes a dataset. Times are seconds since 1970 by the clock
    of `host`; they are shown, and decide nothing."""

    run: str
    host: str
    pid: int
    """With `host`, of the process that wrote this; a run may have several."""
    machine: str
    """What tells this boot of this machine, and its process numbers, from all others."""
    started: float
    updated: float
    beat: int
    every: float
    """Seconds between beats."""
    lock: str
    """Which file's kernel lock the process holds; empty for none."""
    shared: bool
    """Other processes keep it alive too, so that the death of one says nothing."""

    def __str__(self) -> str:
        since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(self.started))
        seen = max(0.0, time.time() - self.updated)
        return f"host {self.host}, pid {self.pid}, since {since}, seen {seen:.0f} s ago"


def read(path: AnyPath) -> Holder | None:
    """Who holds a dataset, or left its lease behind. Raises `OSError`."""
    for _ in range(40):
        text = read_text(path)
        found = parse(text)
        if text is None or found is not None:
            return found
        time.sleep(0.05)  # it is being written
    return None


def is_beating(path: AnyPath) -> bool:
    """Whether somebody keeps a lease: looks until it moves, at most for three beats."""
    text = read_text(path)
    return text is not None and moves(path, text) is not None


def is_dead(holder: Holder, lock: str = "") -> bool:
    """Whether the process that wrote a lease was on this machine and is gone.

    lock: identity of the lock file that this process holds, if it does.
    """
    if holder.shared or not is_of_this_machine(holder):
        return False
    if lock and holder.lock == lock:
        return True
    try:
        return psutil.Process(holder.pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
    except psutil.Error:
        return False


def is_of_this_machine(holder: Holder) -> bool:
    """Whether its process number means a process that could be seen from here."""
    return holder.machine == _machine()


def this_process(run: str, every: float, lock: str) -> Holder:
    """What this process writes into the lease of a new run."""
    now = time.time()
    return Holder(
        run=run,
        host=socket.gethostname(),
        pid=os.getpid(),
        machine=_machine(),
        started=now,
        updated=now,
        beat=0,
        every=every,
        lock=lock,
        shared=False,
    )


def moves(path: AnyPath, text: str) -> str | None:
    """What a lease was rewritten to, within the time in which a living owner would have; None
    when it stood still, or was removed. text: what it was before."""
    found = parse(text)
    every = BEAT if found is None else found.every
    until = time.monotonic() + WATCHED * every
    while time.monotonic() < until:
        time.sleep(every / 10)
        now = read_text(path)
        if now is None:  # released
            return None
        if now != text:
            return now
    return None


def read_text(path: AnyPath) -> str | None:
    """None where there is no lease. Raises `OSError`."""
    try:
        return remote.read_bytes(path, BEAT).decode()
    except FileNotFoundError:
        return None


def parse(text: str | None) -> Holder | None:
    """None where there is none, or one that is being written."""
    try:
        return cattrs.structure(json.loads(text or ""), Holder)
    except (ValueError, cattrs.BaseValidationError):
        return None


def dumps(holder: Holder) -> str:
    return json.dumps(cattrs.unstructure(holder)) + "\n"


def write(path: AnyPath, holder: Holder) -> None:
    """Raises `OSError`, or `DiskError` in object storage."""
    if isinstance(path, Path):
        _overwrite(path, dumps(holder).encode().ljust(_SIZE))
    else:
        remote.write_bytes(path, dumps(holder).encode(), patience=holder.every)


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
