"""A plugin for scripts/inject_faults.py: its randomizer does not change scenes, but triggers faults
as instructed by a file.

The folder in the variable SIMGEN_FAULTS may contain a file `12`: the faults to trigger when scene
12 is generated, one word per attempt. `always-<word>` triggers a fault in every attempt.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from simgen.spec.rng import Stream
from simgen.spec.scene import SceneSpec
from simgen.stages.plugins import Plugin

FOLDER = "SIMGEN_FAULTS"
DONE = "done.txt"
"""File in that folder that lists the faults that occurred, one word per line."""
ALWAYS = "always-"
BREAK = "break:"
"""Prefix of the path of a file that is truncated before raising an exception."""


def _raise() -> None:
    raise RuntimeError("an injected fault")


def _segfault_later() -> None:
    """Crash later, most likely during rendering."""
    threading.Timer(0.1 + 0.5 * (time.time() % 1), ctypes.string_at, (0,)).start()


def _use_up_memory() -> None:
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + (32 << 20),) * 2)
    bytearray(1 << 31)


FAULTS: Mapping[str, Callable[[], object]] = {
    "exception": _raise,
    "exit": lambda: sys.exit(0),
    "left": lambda: os._exit(0),
    "segfault": lambda: ctypes.string_at(0),
    "abort": os.abort,
    "memory": _use_up_memory,
    "oom-kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "late-segfault": _segfault_later,
    "hang": lambda: time.sleep(100_000),
    "hang-in-C": lambda: ctypes.PyDLL(None).sleep(100_000),
}


def misbehave(spec: SceneSpec, rng: Stream) -> SceneSpec:
    """Trigger the next fault of this scene, if any."""
    folder = os.environ.get(FOLDER)
    word = _take(Path(folder) / str(spec.index)) if folder else ""
    if folder and word:
        with (Path(folder) / DONE).open("a") as file:
            file.write(f"{word}\n")
        if word.startswith(BREAK):
            os.truncate(word.removeprefix(BREAK), 10)
            word = "exception"
        FAULTS[word]()
    return spec


def _take(plan: Path) -> str:
    """Return the next word of a plan, and remove it from the plan."""
    try:
        words = plan.read_text().split()
    except FileNotFoundError:
        return ""
    if not words:
        return ""
    if words[0].startswith(ALWAYS):
        return words[0].removeprefix(ALWAYS)
    rest = plan.with_suffix(".rest")
    rest.write_text(" ".join(words[1:]))
    rest.replace(plan)  # atomic, even if this process is killed in between
    return words[0]


PLUGIN = Plugin(randomizers={"misbehave": misbehave})
