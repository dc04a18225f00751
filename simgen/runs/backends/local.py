"""Workers as processes on this machine."""

from __future__ import annotations

import logging
import os
import pickle
import re
import signal
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from multiprocessing import resource_tracker
from pathlib import Path
from typing import TYPE_CHECKING

from simgen.dataset.reports import Listener, SceneReport, WorkerInfo
from simgen.pool import ProcessDiedError, WorkerProcess
from simgen.runs.backends import worker
from simgen.runs.backends.slots import WorkerLostError, WorkerTakenError, translating
from simgen.runs.backends.stop import SIGNALS, Stop
from simgen.runs.backends.supervisor import Supervisor

if TYPE_CHECKING:
    from simgen.runs.job import Job

log = logging.getLogger(__name__)

MakeScene = Callable[[int, int], SceneReport]
"""Makes a scene, given its index and the number of the attempt, counted from 1."""
LAST_WAIT = 10.0
"""Seconds to wait for killed workers at the end of a run. A process stuck in the kernel, in a
driver or on a dead network disk, may never end."""


def run_local(
    job: Job, scenes: Iterable[int], listener: Listener, stop: Stop, prefix: str = ""
) -> None:
    """Make the scenes in `runner.workers` processes. Raises the errors of `Supervisor.run`, and
    `OSError` if the job file for the workers cannot be written.

    prefix: of the workers' names, for supervisors that share a dataset.
    """
    config, file = job.config.runner, _written(job, prefix)
    infos = [WorkerInfo(f"{prefix}{i}", i, os.getpid()) for i in range(config.workers)]
    slots = [LocalSlot(info.name, partial(worker.start, file, info)) for info in infos]
    Supervisor(slots, config, listener, stop).run(scenes)


def _written(job: Job, prefix: str) -> Path:
    """Write the job to a file for this process's workers, and return its path.

    The pipe through which a process is started will not do: a catalogue of many assets is larger
    than the pipe's buffer, and if the worker died while reading, the supervisor would wait forever.
    """
    file = job.place.scratch / f"job-{prefix}{socket.gethostname()}-{os.getpid()}.pickle"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(pickle.dumps(job))
    return file


class LocalSlot:
    """A slot for one process.

    start: called once in each new process; returns the function that makes scenes there. It must be
    picklable.
    """

    def __init__(self, name: str, start: Callable[[], MakeScene]) -> None:
        self.name = name
        self._start = start
        self._worker: WorkerProcess[[int, int], SceneReport] | None = None
        self._ending: list[WorkerProcess] = []

    def ready(self) -> bool:
        return True

    def make(self, scene: int, attempt: int) -> Future[SceneReport]:
        if self._worker is not None and not self._worker.is_alive():  # died between two scenes
            self.clear()
        if self._worker is None:
            self._worker = self._new_worker()
        before = memory_kills()
        return translating(self._worker.call(scene, attempt), lambda e: _translated(e, before))

    def _new_worker(self) -> WorkerProcess[[int, int], SceneReport]:
        try:
            # Batch systems signal all processes of a job, and SIGUSR2 would kill Python's resource
            # tracker: it inherits the blocked signals, and only unblocks the others itself.
            with _blocked(SIGNALS):
                resource_tracker.ensure_running()
            with _blocked(SIGNALS):  # until the worker is set up to ignore them
                return WorkerProcess(self._start)
        except OSError as error:
            raise WorkerLostError(f"no worker process could be started: {error}") from error

    def clear(self) -> None:
        if self._worker is None:
            return
        self._worker.kill()
        # Freeing Blender's memory takes a while, for which the next worker need not wait.
        self._ending = [worker for worker in self._ending if worker.is_alive()] + [self._worker]
        self._worker = None

    def close(self) -> None:
        self.clear()
        until = time.monotonic() + LAST_WAIT
        self._ending = [
            worker for worker in self._ending if not worker.join(max(0.0, until - time.monotonic()))
        ]
        if self._ending:
            log.error("worker %s: its process was killed but still exists", self.name)


@contextmanager
def _blocked(numbers: Iterable[signal.Signals]) -> Iterator[None]:
    """Block signals in this thread and in processes started from it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _translated(error: BaseException, memory_kills_before: int | None) -> BaseException:
    if isinstance(error, ProcessDiedError):
        return how_it_died(error.code, memory_kills_before)
    return error


def memory_kills() -> int | None:
    """Return the number of processes that the kernel has killed for lack of memory so far; None if
    it does not report it (Linux since 4.13 does)."""
    try:
        found = re.search(
            r"^oom_kill (\d+)$", Path("/proc/vmstat").read_text("ascii"), re.MULTILINE
        )
    except OSError:
        return None
    return None if found is None else int(found[1])


def how_it_died(code: int, memory_kills_before: int | None) -> WorkerLostError:
    """Return the error for a dead worker process: a `WorkerTakenError` if the scene did not cause
    its death.

    code: the process's exit code. memory_kills_before: `memory_kills` when the scene was begun.
    """
    if code >= 0:
        how = "exited unexpectedly" if code == 0 else "died"
        return WorkerLostError(f"its worker process {how} (exit code {code})")
    if code != -signal.SIGKILL:
        return WorkerLostError(f"its worker process died ({_signal_name(-code)})")
    # The kernel counts before it kills: with an unchanged count, another process sent the signal.
    if memory_kills_before is not None and memory_kills() == memory_kills_before:
        return WorkerTakenError("its worker process was killed by another process (SIGKILL)")
    return WorkerLostError("its worker process died (SIGKILL: out of memory?)")


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
