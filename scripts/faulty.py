"""A plugin for scripts/inject_faults.py: its randomizer changes nothing in a scene, and does what a
file tells it to while the scene is made.

The folder that the variable SIMGEN_FAULTS names may hold a file `12`: what goes wrong when scene 12
is tried, a word for each attempt, until none is left. `always-<word>` goes wrong each time.
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
"""In that folder: the word of each fault that happened, on a line of its own."""
ALWAYS = "always-"
BREAK = "break:"
"""Before the path of a file, which is cut off before an exception."""


def _raise() -> None:
    raise RuntimeError("an injected fault")


def _segfault_later() -> None:
    """While the scene is rendered, most likely."""
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
    """Do what is next for this scene, if anything."""
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
    """The next word of a plan, which is then taken out of it."""
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
    rest.replace(plan)  # whole, even if this process is killed in between
    return words[0]


PLUGIN = Plugin(randomizers={"misbehave": misbehave})
