"""Cycles' kernels for GPUs are compiled once a machine.

The first render on a GPU after an installation may compile them, which takes up to minutes; the
driver keeps the result. Without a lock, all workers of a run would compile the same ones at once.
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
    """Whether a render on this device has been through before, on this machine with this Blender.

    cache: simgen's cache folder; without one (None) it is not known, and all is taken for compiled.
    """
    return cache is None or device.kind == CPU or mark_of(device, cache).exists()


@contextlib.contextmanager
def compiled_once(device: Device, cache: Path | None) -> Iterator[None]:
    """Around a render: until one on this device was successful, one process of this machine renders
    and the others wait, and then load what it compiled. The lock goes with its process."""
    if are_compiled(device, cache):
        yield
        return
    assert cache is not None
    with contextlib.ExitStack() as held:
        try:
            cache.mkdir(parents=True, exist_ok=True)
            held.enter_context(FileLock(mark_of(device, cache).with_suffix(".lock")))
        except OSError as error:  # to compile twice is better than not to render
            log.warning("%s: cannot be locked (%s); kernels may be compiled twice", cache, error)
        if are_compiled(device, cache):
            held.close()
        else:
            log.info("first render on %s: Cycles may compile its kernels", device.name)
        yield
        with contextlib.suppress(OSError):
            mark_of(device, cache).touch()


def mark_of(device: Device, cache: Path) -> Path:
    """An empty file. The name of the machine is in it: homes are shared, compiled kernels may not
    be."""
    blender = importlib.metadata.version("bpy")
    text = f"{socket.gethostname()}\n{device.kind}\n{device.name}\n{blender}"
    return cache / f"kernels-{hashlib.sha256(text.encode()).hexdigest()[:16]}.done"
