"""Workers as processes of this machine."""

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
"""Makes a scene, given its index, at an attempt, counted from 1."""
LAST_WAIT = 10.0
"""Seconds that a killed worker may take to vanish at the end of a run. One that is stuck in the
kernel, in a driver or on a dead network disk, cannot be helped."""


def run_local(
    job: Job, scenes: Iterable[int], listener: Listener, stop: Stop, prefix: str = ""
) -> None:
    """Make the scenes in `runner.workers` processes. Raises what `Supervisor.run` raises, and
    `OSError` when the job cannot be written for the workers.

    prefix: of the workers' names, where several supervisors share a dataset.
    """
    config, file = job.config.runner, _written(job, prefix)
    infos = [WorkerInfo(f"{prefix}{i}", i, os.getpid()) for i in range(config.workers)]
    slots = [LocalSlot(info.name, partial(worker.start, file, info)) for info in infos]
    Supervisor(slots, config, listener, stop).run(scenes)


def _written(job: Job, prefix: str) -> Path:
    """The job as a file for the workers of this process.

    It would also travel through the pipe that a process is started with. But a catalogue of many
    assets is larger than a pipe's buffer, and when the worker dies in between, the supervisor would
    wait forever for the rest to be read.
    """
    file = job.place.scratch / f"job-{prefix}{socket.gethostname()}-{os.getpid()}.pickle"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(pickle.dumps(job))
    return file


class LocalSlot:
    """A slot for one process.

    start: is called once in each new process, and gives what makes scenes there. It is pickled.
    """

    def __init__(self, name: str, start: Callable[[], MakeScene]) -> None:
        self.name = name
        self._start = start
        self._worker: WorkerProcess[[int, int], SceneReport] | None = None
        self._ending: list[WorkerProcess] = []

    def ready(self) -> bool:
        return True

    def make(self, scene: int, attempt: int) -> Future[SceneReport]:
        if self._worker is not None and not self._worker.is_alive():  # it died between two scenes
            self.clear()
        if self._worker is None:
            self._worker = self._new_worker()
        before = memory_kills()
        return translating(self._worker.call(scene, attempt), lambda e: _translated(e, before))

    def _new_worker(self) -> WorkerProcess[[int, int], SceneReport]:
        try:
            # Batch systems signal all processes of a job. What is blocked when Python's helper is
            # started stays so, and it would die of SIGUSR2; its start unblocks the other signals.
            with _blocked(SIGNALS):
                resource_tracker.ensure_running()
            with _blocked(SIGNALS):  # until the worker has set itself up to ignore them
                return WorkerProcess(self._start)
        except OSError as error:
            raise WorkerLostError(f"no worker process could be started: {error}") from error

    def clear(self) -> None:
        if self._worker is None:
            return
        self._worker.kill()
        # Blender's memory takes its time to be freed, for which the next worker need not wait.
        self._ending = [worker for worker in self._ending if worker.is_alive()] + [self._worker]
        self._worker = None

    def close(self) -> None:
        self.clear()
        until = time.monotonic() + LAST_WAIT
        self._ending = [
            worker for worker in self._ending if not worker.join(max(0.0, until - time.monotonic()))
        ]
        if self._ending:
            log.error("worker %s: its process was killed and is still there", self.name)


@contextmanager
def _blocked(numbers: Iterable[signal.Signals]) -> Iterator[None]:
    """Hold back signals, from this thread and from processes that are started in it."""
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
    """How many processes this kernel has killed so far since memory ran out; None where it does not
    say (Linux 4.13 and later do)."""
    try:
        found = re.search(
            r"^oom_kill (\d+)$", Path("/proc/vmstat").read_text("ascii"), re.MULTILINE
        )
    except OSError:
        return None
    return None if found is None else int(found[1])


def how_it_died(code: int, memory_kills_before: int | None) -> WorkerLostError:
    """`WorkerTakenError` where it was no doing of the scene's.

    code: the process's exit code. memory_kills_before: `memory_kills` when the scene was begun.
    """
    if code >= 0:
        how = "ended by itself" if code == 0 else "died"
        return WorkerLostError(f"its worker process {how} (exit code {code})")
    if code != -signal.SIGKILL:
        return WorkerLostError(f"its worker process died ({_signal_name(-code)})")
    # The kernel counts before it kills. Where its count stayed, another process sent the signal.
    if memory_kills_before is not None and memory_kills() == memory_kills_before:
        return WorkerTakenError("its worker process was killed by another process (SIGKILL)")
    return WorkerLostError("its worker process died (SIGKILL: out of memory?)")


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
