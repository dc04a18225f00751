"""Compilation of Cycles' GPU kernels, once per machine.

The first render on a GPU after an installation may compile kernels, which can take minutes; the
driver caches the result. Without a lock, all workers of a run would compile the same kernels.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import logging
import socket
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock

from simgen.rendering.devices import CPU, Device

log = logging.getLogger(__name__)


def are_compiled(device: Device, cache: Path | None) -> bool:
    """Return whether this machine has completed a render on this device with this Blender.

    cache: simgen's cache folder; if None, this is unknown and True is returned.
    """
    return cache is None or device.kind == CPU or mark_of(device, cache).exists()


@contextlib.contextmanager
def compiled_once(device: Device, cache: Path | None) -> Iterator[None]:
    """Let other processes of this machine wait until a first render on this device has succeeded.

    They then load the kernels that it compiled. The lock is released if its process dies.
    """
    if are_compiled(device, cache):
        yield
        return
    assert cache is not None
    with contextlib.ExitStack() as held:
        try:
            cache.mkdir(parents=True, exist_ok=True)
            held.enter_context(FileLock(mark_of(device, cache).with_suffix(".lock")))
        except OSError as error:  # compiling twice is better than not rendering
            log.warning("%s: cannot be locked (%s); kernels may be compiled twice", cache, error)
        if are_compiled(device, cache):
            held.close()
        else:
            log.info("first render on %s: Cycles may compile its kernels", device.name)
        yield
        with contextlib.suppress(OSError):
            mark_of(device, cache).touch()


def mark_of(device: Device, cache: Path) -> Path:
    """Return the path of the empty file that records a completed render. The machine is part of its
    name, since machines may share home folders but not compiled kernels."""
    blender = importlib.metadata.version("bpy")
    text = f"{socket.gethostname()}\n{device.kind}\n{device.name}\n{blender}"
    return cache / f"kernels-{hashlib.sha256(text.encode()).hexdigest()[:16]}.done"
