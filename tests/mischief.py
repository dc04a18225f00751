"""What workers may do to their supervisor. Functions that a worker process is given instead of the
making of scenes."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from simgen.config import RunnerConfig
from simgen.dataset.reports import Failure, SceneReport, WorkerInfo
from simgen.runs.backends import worker
from simgen.runs.backends.local import LocalSlot
from simgen.runs.backends.stop import Stop
from simgen.runs.backends.supervisor import Supervisor


def _raise() -> None:
    raise ValueError("odd")


def _use_up_memory() -> None:
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + (64 << 20),) * 2)
    bytearray(1 << 30)


DEEDS: Mapping[str, Callable[[], object]] = {
    "nothing": lambda: None,
    "raise": _raise,
    "sys.exit": lambda: sys.exit(0),
    "exit 0": lambda: os._exit(0),
    "exit 7": lambda: os._exit(7),
    "segfault": lambda: ctypes.string_at(0),
    "abort": os.abort,
    "SIGKILL": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "SIGSTOP": lambda: os.kill(os.getpid(), signal.SIGSTOP),
    "memory": _use_up_memory,
    "hang": lambda: time.sleep(1000),
    "hang in C": lambda: ctypes.PyDLL(None).sleep(1000),  # keeps the interpreter's lock
    "sleep": lambda: time.sleep(3),
}

Plan = Mapping[tuple[int, int], str]
"""Deed by scene and attempt."""


def make(plan: Plan, scene: int, attempt: int) -> SceneReport:
    """Do what is planned, and if that is survived, report a scene. Its `cpu_seconds` is the process
    id."""
    DEEDS[plan.get((scene, attempt), "nothing")]()
    return SceneReport(
        scene=scene, frames=1, samples=1, instances={}, seconds=0.0, stages={},
        cpu_seconds=os.getpid(), memory_mb=0.0, device="CPU", worker="", attempt=attempt,
    )  # fmt: skip


def slot(name: str, plan: Plan, folder: Path) -> LocalSlot:
    """A slot whose worker starts as the real one does. folder: for a file of its own."""
    file = folder / "job.pickle"
    file.write_bytes(b"N.")  # None
    return LocalSlot(name, partial(start, plan, file, WorkerInfo(name, 0, os.getpid())))


def start(plan: Plan, file: Path, info: WorkerInfo) -> Callable[[int, int], SceneReport]:
    worker.start(file, info)
    return partial(make, plan)


class Heard:
    """A listener that remembers. echo: it also prints each event as a line."""

    def __init__(self, *, echo: bool = False) -> None:
        self.reports: list[SceneReport] = []
        self.reasons: dict[tuple[int, int], str] = {}
        self.failures: list[Failure] = []
        self._echo = echo

    def _say(self, *words: object) -> None:
        if self._echo:
            print(json.dumps(words), flush=True)

    def begun(self, scene: int, attempt: int, worker: str) -> None:
        self._say("begun", scene, attempt)

    def done(self, report: SceneReport) -> None:
        self.reports.append(report)
        self._say("done", report.scene)

    def retried(self, scene: int, attempt: int, worker: str, reason: str) -> None:
        self.reasons[scene, attempt] = reason
        self._say("retried", scene, reason)

    def failed(self, failure: Failure) -> None:
        self.failures.append(failure)
        self._say("failed", failure.scene, failure.reason)

    def tick(self) -> None:
        pass


if __name__ == "__main__":
    # A supervisor in a process of its own: folder, time limit, and the plan as JSON.
    deeds = {(int(scene), 1): deed for scene, deed in json.loads(sys.argv[3]).items()}
    policy = RunnerConfig(scene_timeout=float(sys.argv[2]), retry_seconds=0.1)
    slots = [slot("0", deeds, Path(sys.argv[1]))]
    Supervisor(slots, policy, Heard(echo=True), Stop(1.0)).run(range(len(deeds)))
