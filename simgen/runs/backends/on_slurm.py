"""Shards of a dataset as the tasks of a Slurm job array.

The command only submits, waits and counts. Each task makes one shard, like `run.shard`, and commits
its scenes to the dataset on a shared file system. Slurm restarts tasks whose node failed or was
preempted. If scenes are missing when all tasks have ended, their shards are submitted again.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from simgen.dataset import lease
from simgen.dataset.disk import refresh
from simgen.dataset.reports import Failure, Listener
from simgen.errors import DetachedError, DiskError, InputError, RunStoppedError, SimgenError
from simgen.runs.backends import slurm_jobs
from simgen.runs.backends.quarantine import quarantined_since
from simgen.runs.backends.slurm_jobs import Submission, TaskJob
from simgen.runs.backends.slurm_submit import check_installed, submit
from simgen.runs.backends.slurm_task import MakeShard, Task, TaskEnd, task_config
from simgen.runs.backends.stop import Stop
from simgen.runs.job import Job

log = logging.getLogger(__name__)

_TICK = 0.5
"""Seconds between checks for signals."""
_LOOK = 3.0
"""Seconds between reads of the tasks' files, which are on a shared file system."""
_ASK = 10.0
"""Seconds between queries to Slurm, which serves other users too."""
_KILL_WAIT = 60.0
"""Seconds, beyond the grace period, to wait for cancelled tasks to end. By default Slurm's KillWait
is 30."""
_CANCELLED = "CANCELLED"
_ERRORS: dict[str, type[SimgenError]] = {"InputError": InputError, "DiskError": DiskError}


def run_on_slurm(
    job: Job, scenes: Sequence[int], listener: Listener, stop: Stop, make: MakeShard
) -> None:
    """Make the scenes in tasks of a Slurm job array, or in tasks submitted by an earlier call.

    make: called in each task with the config of its shard.
    Raises `InputError` if submitit or Slurm's commands are missing or Slurm refuses the job;
    `DetachedError`, with `slurm.wait=false`, while there are tasks; `RunStoppedError` if a stop was
    requested or tasks were cancelled from elsewhere; and the errors of tasks: `DiskError`,
    `InputError` for errors that affect every scene, `SimgenError` if too many scenes failed.
    """
    check_installed(job.config.runner.slurm.cluster)
    _Driver(job, scenes, listener, stop, make).run()


class _Driver:
    """Submits tasks and monitors them. scenes: the scenes missing at the start."""

    def __init__(
        self, job: Job, scenes: Sequence[int], listener: Listener, stop: Stop, make: MakeShard
    ) -> None:
        self._make = make
        self._job = job
        self._place = job.place
        self._scenes = set(scenes)
        self._config = job.config.runner
        self._count = job.config.runner.slurm.tasks
        self._listener = listener
        self._stop = stop

    def run(self) -> None:
        submission = slurm_jobs.read(self._place)
        if submission is None:
            first = [TaskJob(number, "") for number in range(self._count)]
            submission = self._submit(first, self._missing(""), _now())
        while submission is not None:
            watch = _Watch(self._job, submission)
            self._wait(watch)
            self._listener.tick()
            missing = self._missing(submission.since)
            counted = [watch.counted(task, missing) for task in submission.tasks]
            hopeless = {task.number: task for task in counted if self._is_hopeless(task)}
            self._fail(watch, hopeless, missing)
            missing = self._missing(submission.since)
            submission = self._submit(counted, missing, submission.since)
        slurm_jobs.forget(self._place)

    def _missing(self, since: str) -> set[int]:
        """Return the scenes that are not committed and have not failed since the given time."""
        refresh(self._place.scenes)
        refresh(self._place.failed)
        failed = {failure.scene for failure in quarantined_since(self._place, since)}
        return self._scenes - set(self._place.committed()) - failed

    def _submit(
        self, shards: Sequence[TaskJob], missing: set[int], since: str
    ) -> Submission | None:
        """Submit the shards that lack scenes; return None if no scene is missing.

        shards: their previous tasks, whose counts of failures are continued.
        """
        lacking = Counter(scene % self._count for scene in missing)
        if not lacking:
            return None
        counts = {task.number: (task.failed, task.lost) for task in shards}
        numbers, config = sorted(lacking), self._job.config
        folder, plugins = self._place.local, self._job.settings.plugins
        tasks = [
            Task(self._make, task_config(config, number, self._count), folder, plugins, since)
            for number in numbers
        ]
        log.info("%d scenes are missing; submitting %d task(s)", len(missing), len(tasks))
        jobs = submit(tasks, self._place, self._config)
        born = slurm_jobs.born if self._config.slurm.cluster == "local" else lambda job: 0.0
        submission = Submission(
            run=self._run_name(),
            cluster=self._config.slurm.cluster,
            tasks=tuple(
                TaskJob(number, job, born(job), lacking[number], *counts.get(number, (0, 0)))
                for number, job in zip(numbers, jobs, strict=True)
            ),
            since=since,
        )
        slurm_jobs.write(self._place, submission)
        log.info("submitted job %s", ", ".join(submission.jobs))
        return submission

    def _run_name(self) -> str:
        found = lease.read(lease.path_of(self._place, "slurm"))
        if found is None:
            raise SimgenError(
                f"{self._place.leases}: this run's lease was removed; run the same command again"
            )
        return found.run

    def _wait(self, watch: _Watch) -> None:
        """Wait until all tasks have ended."""
        ticked = float("-inf")
        try:
            while not watch.over():
                watch.check()
                if not self._config.slurm.wait:
                    raise DetachedError(watch.described())
                if self._stop.asked:
                    raise RunStoppedError("stopped")
                if time.monotonic() - ticked > _LOOK:  # the listener reads the tasks' files
                    ticked = time.monotonic()
                    self._listener.tick()
                time.sleep(_TICK)
            watch.check()
            if watch.cancelled_meanwhile:
                raise RunStoppedError("the tasks were cancelled")
        except DetachedError:
            raise
        except SimgenError:
            self._cancel(watch)
            raise

    def _cancel(self, watch: _Watch) -> None:
        """Cancel the tasks and wait until they have ended."""
        log.warning("cancelling job %s", ", ".join(watch.submission.jobs))
        slurm_jobs.cancel(watch.submission)
        until = time.monotonic() + self._config.grace_seconds + _KILL_WAIT
        watch.hurry()
        while not watch.over():
            if self._stop.now or time.monotonic() > until:
                return  # the next run waits for the remaining tasks
            time.sleep(_TICK)
        slurm_jobs.forget(self._place)

    def _is_hopeless(self, task: TaskJob) -> bool:
        return task.failed > self._config.max_retries or task.lost > self._config.max_losses

    def _fail(self, watch: _Watch, hopeless: dict[int, TaskJob], missing: set[int]) -> None:
        """Record the missing scenes of shards without further attempts as failed."""
        failed = sorted(scene for scene in missing if scene % self._count in hopeless)
        reason = ""
        for scene in failed:
            task = hopeless[scene % self._count]
            tries = task.failed + task.lost
            reason = (
                f"{tries} Slurm tasks in a row ended without it, the last in state "
                f"{watch.state(task.number)}; see their output in {self._place.slurm_logs}"
            )
            self._listener.failed(Failure(scene, reason, tries, "slurm", _now()))
        if len(failed) > self._config.max_failures:
            raise SimgenError(f"stopped: {len(failed)} scenes failed: {reason}")


class _Watch:
    """Monitors the tasks of one submission."""

    def __init__(self, job: Job, submission: Submission) -> None:
        self.submission = submission
        self._job = job
        self._ends: dict[TaskJob, TaskEnd] = {}
        self._states: dict[TaskJob, str] = {}
        self._seen_open = False
        self._looked = self._asked = float("-inf")

    def over(self) -> bool:
        """Return whether all tasks have ended, refreshing the known states if they are due."""
        now = time.monotonic()
        if now - self._looked > _LOOK:
            self._looked = now
            self._look()
        if self._open() and now - self._asked > _ASK:
            self._asked = now
            self._ask()
            if not self._open():  # tasks write their results before they end
                self._look()
        return not self._open()

    def hurry(self) -> None:
        """Make the next call of `over` refresh all states."""
        self._looked = self._asked = float("-inf")

    def check(self) -> None:
        """Raise the error that ended a task, or `SimgenError` if too many scenes failed."""
        for end in self._ends.values():
            if end.error:
                raise _ERRORS.get(end.error, SimgenError)(end.message)
        place, limit = self._job.place, self._job.config.runner.max_failures
        failed = len(quarantined_since(place, self.submission.since))
        if failed > limit:
            raise SimgenError(
                f"stopped: {failed} scenes of the tasks failed, more than runner.max_failures="
                f"{limit}; see the reasons in {place.failed}"
            )

    @property
    def cancelled_meanwhile(self) -> bool:
        """Whether tasks were cancelled while they were being monitored."""
        return _CANCELLED in self._states.values() and self._seen_open

    def counted(self, task: TaskJob, missing: set[int]) -> TaskJob:
        """Return an ended task with its own outcome counted. missing: the scenes still missing."""
        count = self._job.config.runner.slurm.tasks
        left = sum(scene % count == task.number for scene in missing)
        if left < task.missing or _CANCELLED in self._states.values():
            return TaskJob(task.number, task.job)
        lost = task not in self._ends and self._states.get(task) in slurm_jobs.TAKEN
        return TaskJob(
            task.number, task.job, failed=task.failed + (not lost), lost=task.lost + lost
        )

    def state(self, number: int) -> str:
        """Return the final state of a shard's task."""
        task = next(task for task in self.submission.tasks if task.number == number)
        return "COMPLETED" if task in self._ends else self._states.get(task, slurm_jobs.GONE)

    def described(self) -> str:
        """Return the progress of the tasks in one line."""
        states = Counter(self._states.get(task, "SUBMITTED") for task in self._open())
        listed = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
        return (
            f"Slurm job {', '.join(self.submission.jobs)} is generating "
            f"{self._job.place.root}: {len(self.submission.tasks)} tasks, "
            f"{listed or 'none left'}; `simgen status` shows their progress, and the same command "
            "completes the dataset"
        )

    def _open(self) -> list[TaskJob]:
        return [
            task
            for task in self.submission.tasks
            if task not in self._ends and slurm_jobs.is_open(self._states.get(task, ""))
        ]

    def _look(self) -> None:
        refresh(self._job.place.slurm_tasks)
        for task in self.submission.tasks:
            end = None if task in self._ends else slurm_jobs.end_of(self._job.place, task)
            if end is not None:
                self._ends[task] = end

    def _ask(self) -> None:
        try:
            states = slurm_jobs.states(self.submission)
        except InputError as error:
            if not self._states:
                raise
            log.warning("%s", error)  # Slurm has responded before, so this is probably temporary
            return
        if states != self._states:
            log.info("tasks: %s", dict(Counter(states.values())))
        self._states = states
        self._seen_open |= any(map(slurm_jobs.is_open, states.values()))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
