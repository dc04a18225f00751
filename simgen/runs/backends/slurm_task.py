"""A task of a Slurm job array, which makes one shard of the dataset like `run.shard`."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import logging
import os
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from simgen.config import Config, shard_of
from simgen.dataset import files, remote
from simgen.dataset.layout import Layout
from simgen.dataset.lock import HeldError
from simgen.errors import RunStoppedError, SimgenError
from simgen.runs.backends.quarantine import quarantined_since
from simgen.runs.backends.stop import Stop

if TYPE_CHECKING:
    from submitit.core.utils import DelayedSubmission

log = logging.getLogger(__name__)

_ATTEMPTS, _PAUSE = 6, 20.0
"""Number of attempts at a shard whose lease is held, and seconds between them. The lock of a task
whose node has just died may persist for a while on a network file system."""

type MakeShard = Callable[[Config, Path, Console, tuple[str, ...], Stop | None, str], int]
"""The type of `generate`, which this module cannot import."""


@dataclass(frozen=True)
class TaskEnd:
    """The result of a task that ended by itself, stored as a JSON file: submitit's own results are
    pickles, and a dataset's folder may come from an untrusted source."""

    error: str = ""
    """Name of the error's class; empty for success."""
    message: str = ""


@dataclass(frozen=True)
class Task:
    """The callable that submitit runs within the job, and again whenever the job was requeued.

    make: `generate`. config: of a shard, for local workers. folder: `output.dir`. since: when the
    run began; scenes that failed after it are not retried.
    """

    make: MakeShard
    config: Config
    folder: Path
    plugins: tuple[str, ...]
    since: str

    def __call__(self) -> None:
        """Make the missing scenes of the shard. Raises `SimgenError` if no further scene can be
        made, and `SystemExit` if Slurm takes the node away."""
        stop = Stop(self.config.runner.grace_seconds, once=True)
        started, before = time.monotonic(), self._over()
        try:
            try:
                self._make(stop)
            except RunStoppedError:
                if stop.first == requeue_signal() and self._over() == before:
                    self._check_time(time.monotonic() - started)
                raise
        except RunStoppedError as error:
            log.warning("%s", error)
            assert stop.first is not None
            if stop.first == requeue_signal():
                # submitit's own handler requeues the job and exits.
                signal.raise_signal(stop.first)
            raise SystemExit(128 + stop.first) from None
        except SimgenError as error:
            shard = shard_of(self.config)
            assert shard is not None
            message = f"task {shard.number} on {socket.gethostname()}: {error}"
            with contextlib.suppress(OSError):  # the original error is more informative
                self._write(TaskEnd(type(error).__name__, message))
            raise
        self._write(TaskEnd())

    def _make(self, stop: Stop) -> None:
        for left in reversed(range(_ATTEMPTS)):
            try:
                self.make(self.config, self.folder, Console(), self.plugins, stop, self.since)
                return
            except HeldError as error:
                if not left:
                    raise
                print(error, flush=True)
                time.sleep(_PAUSE)

    def _write(self, end: TaskEnd) -> None:
        from submitit import JobEnvironment

        place = self._place()
        with files.replacing(end_path(place, JobEnvironment().job_id), place.scratch) as temporary:
            temporary.write_text(json.dumps(dataclasses.asdict(end)), encoding="utf-8")

    def checkpoint(self) -> DelayedSubmission:
        """Return what submitit should run once the requeued job starts: the same task, since the
        dataset itself records what is done."""
        from submitit.core.utils import DelayedSubmission

        return DelayedSubmission(self)

    def _over(self) -> int:
        """Return the number of scenes that are committed or have failed."""
        place = self._place()
        return len(place.committed()) + len(quarantined_since(place, self.since))

    def _place(self) -> Layout:
        uri = self.config.output.uri
        root = self.folder if uri is None else remote.locate(uri)
        return Layout(root, self.folder / ".simgen", part=f"task-{os.getpid()}")

    def _check_time(self, seconds: float) -> None:
        """Raise `SimgenError` for a task that reached its time limit without completing a scene:
        once requeued, it would do so again, forever."""
        minutes = self.config.runner.slurm.minutes
        if seconds > 30 * minutes:
            raise SimgenError(
                f"no scene was finished within runner.slurm.minutes={minutes}; raise it, or "
                "generate scenes that take less time"
            )


def task_config(config: Config, number: int, count: int) -> Config:
    """Return the config of a shard, given the config of the run."""
    return dataclasses.replace(
        config,
        run=dataclasses.replace(config.run, shard=f"{number}/{count}"),
        runner=dataclasses.replace(config.runner, name="local"),
    )


def end_path(place: Layout, job: str) -> Path:
    """Return the path of a task's result. job: its id."""
    return place.slurm_tasks / f"{job}.json"


def requeue_signal() -> signal.Signals:
    """Return the signal that submitit has Slurm send shortly before the time limit."""
    from submitit import JobEnvironment

    return signal.Signals[f"SIG{JobEnvironment.USR_SIG}"]
