"""What a task of a Slurm job array does: a supervisor of its own over its share of the scenes."""

from __future__ import annotations

import contextlib
import logging
import os
import pickle
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing import resource_tracker
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from simgen import logs
from simgen.config import RunnerConfig
from simgen.errors import RunStoppedError, SimgenError
from simgen.pipeline import Job
from simgen.reports import Failure, SceneReport
from simgen.runners.local import run_local
from simgen.runners.recorder import Recorder
from simgen.runners.slurm_record import RecordReader, TaskEnd, TaskRecord
from simgen.runners.stop import Stop
from simgen.store.layout import Layout
from simgen.store.lock import Lease

if TYPE_CHECKING:
    from submitit.core.utils import DelayedSubmission

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Plan:
    """What the tasks of a round share."""

    job: Job
    config: RunnerConfig
    run: str
    """Name of the run that holds the dataset."""
    round: int
    scenes: tuple[int, ...]
    tasks: int

    def task_of(self) -> dict[int, int]:
        """Scene to the number of the task that makes it."""
        return {scene: at % self.tasks for at, scene in enumerate(self.scenes)}


def plan_path(place: Layout, round_number: int) -> Path:
    return place.slurm_tasks / f"round{round_number}.pkl"


def read_plan(path: Path) -> Plan:
    """Raises `FileNotFoundError` when its run is over."""
    plan: Plan = pickle.loads(path.read_bytes())
    return plan


@dataclass(frozen=True)
class Task:
    """Called by submitit within the job, and again whenever the job was put back into the queue.

    plan: file with the pickled `Plan`. number: counted from 0.
    """

    plan: Path
    number: int

    def __call__(self) -> None:
        """Make this task's share of the scenes, as far as they are not there.

        Raises `SimgenError` when no scene can be made any more, and `SystemExit` when Slurm takes
        the node away.
        """
        plan = self._read()
        record = TaskRecord(plan.job.place, plan.round, self.number)
        try:
            _Stretch(plan, self.number, record).run()
        except SimgenError as error:
            message = f"task {self.number} on {socket.gethostname()}: {error}"
            with contextlib.suppress(OSError):  # the error itself says more
                record.ended(TaskEnd(type(error).__name__, message))
            raise
        record.ended(TaskEnd())

    def _read(self) -> Plan:
        try:
            return read_plan(self.plan)
        except FileNotFoundError as error:
            raise SimgenError("the run of this task is over, and its scenes are others'") from error

    def checkpoint(self) -> DelayedSubmission:
        """What submitit calls again once the job is back: the same, since the dataset knows what
        was made."""
        from submitit.core.utils import DelayedSubmission

        return DelayedSubmission(self)


class _Stretch:
    """A task from its start to its end, or until it is put back into the queue.

    It is the `Listener` of its supervisor.
    """

    def __init__(self, plan: Plan, number: int, record: TaskRecord) -> None:
        self._plan = plan
        self._name = f"task{number}"
        self._number = number
        self._record = record
        self._scenes = self._missing()
        self._recorder = Recorder(plan.job.place, self._name, plan.run, len(self._scenes))
        self._lease: Lease | None = None
        self._over = 0
        self._started = time.monotonic()

    def run(self) -> None:
        place, config = self._plan.job.place, self._plan.config
        logs.log_to(place.logs / f"{self._name}.jsonl", task=self._number, pid=os.getpid())
        signals = _Signals(Stop(config.grace_seconds))
        try:
            with ExitStack() as stack:
                self._lease = stack.enter_context(Lease.join(place.lease, self._plan.run))
                stack.enter_context(signals.heeded())
                stack.enter_context(self._recorder)
                log.info("%d scenes to make", len(self._scenes))
                prefix = f"{self._name}-"
                run_local(self._plan.job, self._scenes, config, self, signals.stop, prefix)
        except RunStoppedError:
            log.warning("stopped by %s after %d scenes", signals.first.name, self._over)
            if signals.first == requeue_signal():
                self._check_progress()
                # submitit's own handler puts the job back into the queue, and exits.
                signal.raise_signal(signals.first)
            raise SystemExit(128 + signals.first) from None

    def _missing(self) -> list[int]:
        share = self._plan.scenes[self._number :: self._plan.tasks]
        before = RecordReader(self._record.path)
        before.look()
        over = {*self._plan.job.place.committed(), *before.gave_up}
        return [scene for scene in share if scene not in over]

    def _check_progress(self) -> None:
        """A task that reaches its time limit with nothing made would do so for ever."""
        minutes = self._plan.config.slurm.minutes
        if not self._over and time.monotonic() - self._started > 30 * minutes:
            raise SimgenError(
                f"no scene was finished within runner.slurm.minutes={minutes}; give a task more "
                "time, or make scenes that take less"
            )

    def begun(self, scene: int, attempt: int, worker: str) -> None:
        self._recorder.begun(scene, attempt, worker)

    def done(self, report: SceneReport) -> None:
        self._over += 1
        self._recorder.done(report)

    def retried(self, scene: int, attempt: int, worker: str, reason: str) -> None:
        self._recorder.retried(scene, attempt, worker, reason)

    def failed(self, failure: Failure) -> None:
        self._over += 1
        self._recorder.failed(failure)
        self._record.gave_up(failure.scene)

    def tick(self) -> None:
        if self._lease is not None:
            self._lease.check()
        self._recorder.tick()


def requeue_signal() -> signal.Signals:
    """What submitit has Slurm send shortly before the time is over."""
    from submitit import JobEnvironment

    return signal.Signals[f"SIG{JobEnvironment.USR_SIG}"]


class _Signals:
    """Slurm's wish that a task ends: at its time limit, for a more urgent job, or for good.

    first: what came first, once the stop was asked for.
    """

    def __init__(self, stop: Stop) -> None:
        self.stop = stop
        self.first = signal.SIGTERM

    @contextmanager
    def heeded(self) -> Iterator[None]:
        _spare_helper()
        before: dict[signal.Signals, Any] = {}
        for number in (signal.SIGTERM, signal.SIGINT, requeue_signal()):
            before[number] = signal.signal(number, self._ask)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        # Slurm repeats itself, and sends several kinds; it kills when the time is over.
        if not self.stop.asked:
            self.first = signal.Signals(number)
            self.stop.ask()


def _spare_helper() -> None:
    """Slurm's signal goes to all processes of a task, and a process of Python's own, which
    `multiprocessing` starts, would die of it. What was blocked at its start stays so."""
    signals = {requeue_signal()}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    resource_tracker.ensure_running()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
