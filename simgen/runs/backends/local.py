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
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from multiprocessing import resource_tracker
from multiprocessing.context import SpawnContext, SpawnProcess
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from pebble import ProcessExpired, ProcessPool

from simgen.dataset.reports import Listener, Post, SceneReport
from simgen.pool import end
from simgen.runs.backends import worker
from simgen.runs.backends.slots import WorkerLostError, WorkerTakenError, translating
from simgen.runs.backends.stop import SIGNALS, Stop
from simgen.runs.backends.supervisor import Supervisor

if TYPE_CHECKING:
    from simgen.runs.pipeline import Job

log = logging.getLogger(__name__)

_LAST_WAIT = 10.0
"""Seconds that a killed worker may take to vanish at the end of a run. One that is stuck in the
kernel, in a driver or on a dead network disk, cannot be helped."""
_LEFT = 256
"""Stands for the exit code 0 of a worker that left by itself; real ones end at 255."""


def run_local(
    job: Job, scenes: Iterable[int], listener: Listener, stop: Stop, prefix: str = ""
) -> None:
    """Make the scenes in `runner.workers` processes. Raises what `Supervisor.run` raises, and
    `OSError` when the job cannot be written for the workers.

    prefix: of the workers' names, where several supervisors share a dataset.
    """
    config = job.config.runner
    file = _written(job, prefix)
    # Batch systems signal all processes of a job, and Python's helper, which is started with the
    # first pool, would die of this one. What was blocked at its start stays so.
    with _blocked({signal.SIGUSR2}):
        resource_tracker.ensure_running()
    posts = [Post(f"{prefix}{number}", number, os.getpid()) for number in range(config.workers)]
    slots = [
        LocalSlot(post.name, partial(worker.start, file, post), worker.make_scene) for post in posts
    ]
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
    """A slot for one process. Each is a pool of its own: what goes wrong in one stays there.

    start: is called once in each new process. make: makes a scene there, at the given attempt.
    Both are pickled.
    """

    def __init__(
        self, name: str, start: Callable[[], None], make: Callable[[int, int], SceneReport]
    ) -> None:
        self.name = name
        self._start = start
        self._make = make
        self._pool: ProcessPool | None = None
        self._context = _Context()
        self._ending: list[Thread] = []
        self._since = 0.0

    def ready(self) -> bool:
        return True

    def make(self, scene: int, attempt: int) -> Future[SceneReport]:
        self._since = time.monotonic()
        if self._pool is not None and not self._pool.active:  # it died between two scenes
            self.clear()
        if self._pool is None:
            self._pool = ProcessPool(1, 0, self._start, (), self._context)
        try:
            inner = self._pool.schedule(self._make, args=(scene, attempt))
        except (OSError, RuntimeError) as error:
            raise WorkerLostError(f"no worker process could be started: {_cause(error)}") from error
        if not self._pool.active:  # it died just now, and may not have received the scene
            raise WorkerLostError("its worker process died before it could begin")
        before = memory_kills()
        return translating(inner, lambda error: _translated(error, before))

    def seconds(self) -> float:
        return time.monotonic() - self._since

    def clear(self) -> None:
        if self._pool is None:
            return
        self._context.kill()
        self._context = _Context()
        # Blender's memory takes its time to be freed, for which the next worker need not wait.
        ending = (thread for thread in self._ending if thread.is_alive())
        self._ending = [*ending, end(self._pool)]
        self._pool = None

    def close(self) -> None:
        self.clear()
        until = time.monotonic() + _LAST_WAIT
        for thread in self._ending:
            thread.join(max(0.0, until - time.monotonic()))
        if any(thread.is_alive() for thread in self._ending):
            log.error("worker %s: its process was killed and is not gone", self.name)


class _Process(SpawnProcess):
    """A worker as pebble's pools see it."""

    def start(self) -> None:
        resource_tracker.ensure_running()  # it would unblock signals when it starts one
        with _blocked(SIGNALS):  # until the worker has set itself up to ignore them
            super().start()

    def terminate(self) -> None:
        """It has nothing to tidy up, may hang in Blender, and heeds no SIGTERM."""
        self.kill()

    @property
    def exitcode(self) -> int | None:
        """A pool takes 0 for an orderly exit, and goes on waiting for the result."""
        code = super().exitcode
        return _LEFT if code == 0 else code


class _Context(SpawnContext):
    """What a pool makes its process with; it gets a single one, and is broken when that dies. A
    pool that replaces it would have another one started while the slot is being cleared.

    Fork would copy the locks of the supervisor's threads; Blender wants a process of its own.
    """

    def __init__(self) -> None:
        self._process: _Process | None = None

    @property
    def Process(self) -> Callable[..., _Process]:  # type: ignore[override] # noqa: N802
        return self._only_process

    def _only_process(self, *words: Any, **more: Any) -> _Process:
        if self._process is not None:
            raise OSError("the pool's only process has died")
        self._process = _Process(*words, **more)
        return self._process

    def kill(self) -> None:
        if self._process is not None and self._process.pid is not None:
            self._process.kill()


@contextmanager
def _blocked(numbers: Iterable[signal.Signals]) -> Iterator[None]:
    """Hold back signals, from this thread and from processes that are started in it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _cause(error: BaseException) -> str:
    return str(error.__cause__ or error) or type(error).__name__


def _translated(error: BaseException, memory_kills_before: int | None) -> BaseException:
    """This project's error for one of pebble's."""
    if isinstance(error, ProcessExpired):
        return how_it_died(error.exitcode, memory_kills_before)
    if isinstance(error, BrokenProcessPool):
        return WorkerLostError("its worker process died before it could begin")
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


def how_it_died(code: int | None, memory_kills_before: int | None) -> WorkerLostError:
    """`WorkerTakenError` where it was no doing of the scene's.

    code: the process's exit code. memory_kills_before: `memory_kills` when the scene was begun.
    """
    if code == _LEFT:
        return WorkerLostError("its worker process ended by itself (exit code 0)")
    if code is None or code >= 0:
        return WorkerLostError(f"its worker process died (exit code {code})")
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
