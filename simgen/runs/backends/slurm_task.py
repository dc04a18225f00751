"""A task of a Slurm job array: one shard of the dataset, made as `run.shard` makes it anywhere."""

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
"""At a shard whose lease is still held: of a task whose node has just died, the lock may stay for a
while on a network file system. Seconds between them."""

type MakeShard = Callable[[Config, Path, Console, tuple[str, ...], Stop | None, str], int]
"""`generate`, which stands above this module."""


@dataclass(frozen=True)
class TaskEnd:
    """How a task ended by itself. It is left as a JSON file: submitit's own results are pickles,
    and a dataset's folder may come from a stranger."""

    error: str = ""
    """Name of the error's class, empty for none."""
    message: str = ""


@dataclass(frozen=True)
class Task:
    """Called by submitit within the job, and again whenever the job was put back into the queue.

    make: `generate`. config: of a shard, for this machine's workers. folder: `output.dir`. since:
    when the run began; scenes that failed after it are not tried again.
    """

    make: MakeShard
    config: Config
    folder: Path
    plugins: tuple[str, ...]
    since: str

    def __call__(self) -> None:
        """Make the scenes of the shard that are missing. Raises `SimgenError` when no scene can be
        made any more, and `SystemExit` when Slurm takes the node away."""
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
                # submitit's own handler puts the job back into the queue, and exits.
                signal.raise_signal(stop.first)
            raise SystemExit(128 + stop.first) from None
        except SimgenError as error:
            shard = shard_of(self.config)
            assert shard is not None
            message = f"task {shard.number} on {socket.gethostname()}: {error}"
            with contextlib.suppress(OSError):  # the error itself says more
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
        """What submitit calls again once the job is back: the same, since the dataset knows what
        was made."""
        from submitit.core.utils import DelayedSubmission

        return DelayedSubmission(self)

    def _over(self) -> int:
        """How many scenes were committed or failed."""
        place = self._place()
        return len(place.committed()) + len(quarantined_since(place, self.since))

    def _place(self) -> Layout:
        uri = self.config.output.uri
        root = self.folder if uri is None else remote.locate(uri)
        return Layout(root, self.folder / ".simgen", part=f"task-{os.getpid()}")

    def _check_time(self, seconds: float) -> None:
        """A task that reaches its time limit with nothing made would do so for ever."""
        minutes = self.config.runner.slurm.minutes
        if seconds > 30 * minutes:
            raise SimgenError(
                f"no scene was finished within runner.slurm.minutes={minutes}; give a task more "
                "time, or make scenes that take less"
            )


def task_config(config: Config, number: int, count: int) -> Config:
    """The config of a shard, from that of the run."""
    return dataclasses.replace(
        config,
        run=dataclasses.replace(config.run, shard=f"{number}/{count}"),
        runner=dataclasses.replace(config.runner, name="local"),
    )


def end_path(place: Layout, job: str) -> Path:
    """Where a task leaves how it ended. job: its id."""
    return place.slurm_tasks / f"{job}.json"


def requeue_signal() -> signal.Signals:
    """What submitit has Slurm send shortly before the time is over."""
    from submitit import JobEnvironment

    return signal.Signals[f"SIG{JobEnvironment.USR_SIG}"]
