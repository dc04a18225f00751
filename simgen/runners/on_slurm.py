"""Workers in the tasks of a Slurm job array.

Whoever runs the command only submits, waits and counts. Each task has a supervisor of its own for
its share of the scenes and commits them to the dataset, which all see through a shared file system.
When all tasks have ended and scenes are missing, another round of tasks makes those.
"""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from simgen.config import RunnerConfig
from simgen.errors import DetachedError, RunStoppedError, SimgenError
from simgen.pipeline import Job
from simgen.reports import Failure, Listener
from simgen.runners import slurm_jobs
from simgen.runners.slurm_jobs import Submission
from simgen.runners.slurm_submit import check_installed, submit
from simgen.runners.slurm_task import Plan, plan_path, read_plan
from simgen.runners.slurm_watch import LOOK, Watch
from simgen.runners.stop import Stop
from simgen.store import holder

log = logging.getLogger(__name__)

_TICK = 0.5
"""Seconds after which signals are looked at."""
_KILL_WAIT = 60.0
"""Seconds that cancelled tasks may take to be gone, if nobody is in a hurry. Slurm kills after 30,
unless its KillWait says otherwise."""


def run_on_slurm(
    job: Job, scenes: Iterable[int], config: RunnerConfig, listener: Listener, stop: Stop
) -> None:
    """Make the scenes in tasks of a Slurm job array, or in those that an earlier call submitted.

    Raises `InputError` where submitit or Slurm's commands are missing or refuse the job;
    `DetachedError`, with `slurm.wait=false`, as long as there are tasks; `RunStoppedError` when
    `stop` was asked for or somebody else cancelled tasks; and what tasks raised: `DiskError`,
    `InputError` for what is wrong for every scene, `SimgenError` when too many were given up.
    """
    check_installed(config.slurm.cluster)
    _Driver(job, list(scenes), config, listener, stop).run()


class _Driver:
    def __init__(
        self, job: Job, scenes: Sequence[int], config: RunnerConfig, listener: Listener, stop: Stop
    ) -> None:
        threads = max(1, config.slurm.cpus_per_task // config.workers)
        self._job = dataclasses.replace(job, threads=threads)
        self._scenes = scenes
        self._config = config
        self._listener = listener
        self._stop = stop
        self._ticked = float("-inf")
        self._given_up = 0

    def run(self) -> None:
        place = self._job.place
        submission = self._left()
        if submission is None:
            slurm_jobs.forget(place)  # what a run left that was killed before it had tasks
            if not self._scenes:
                return
            submission = self._submit(0, {})
        while True:
            watch = Watch(place, submission, self._scenes)
            self._wait(watch)
            self._listener.tick()
            self._scenes = watch.missing()
            if not self._scenes:
                break
            number, charged = self._next_round(watch)
            self._give_up(watch, number, charged)
            if not self._scenes:
                break
            log.warning("%d scenes are missing; submitting them again", len(self._scenes))
            submission = self._submit(number, charged)
        slurm_jobs.forget(place)

    def _left(self) -> Submission | None:
        """The tasks that an earlier command submitted for this run."""
        found = slurm_jobs.read(self._job.place)
        if found is None or found.run == self._held():
            return found
        # The dataset is another run's by now, and they end as soon as they see that.
        self._end(Watch(self._job.place, found, self._scenes))
        if self._stop.asked:
            raise RunStoppedError("stopped")
        return None

    def _submit(self, number: int, charged: Mapping[int, int]) -> Submission:
        plan = Plan(
            job=self._job,
            config=self._config,
            run=self._held(),
            round=number,
            scenes=tuple(self._scenes),
            tasks=min(self._config.slurm.tasks, len(self._scenes)),
        )
        submission = Submission(
            run=plan.run,
            cluster=self._config.slurm.cluster,
            num_scenes=self._job.config.num_scenes,
            round=number,
            tasks=submit(plan),
            charged=charged,
        )
        slurm_jobs.write(self._job.place, submission)
        log.info("submitted %d task(s): job %s", plan.tasks, ", ".join(submission.jobs))
        return submission

    def _held(self) -> str:
        found = holder.read(self._job.place.lease)
        if found is None:
            raise SimgenError(f"{self._job.place.lease}: is gone; start the same command again")
        return found.run

    def _tick(self) -> None:
        """The listener reads what tasks write, which is not to be asked for twice a second."""
        if time.monotonic() - self._ticked > LOOK:
            self._ticked = time.monotonic()
            self._listener.tick()

    def _wait(self, watch: Watch) -> None:
        """Until all tasks have ended."""
        try:
            while not watch.over():
                watch.check(self._config.max_failures)
                if not self._config.slurm.wait:
                    raise DetachedError(self._afar(watch))
                if self._stop.asked:
                    raise RunStoppedError("stopped")
                self._tick()
                time.sleep(_TICK)
            watch.check(self._config.max_failures)
            if watch.cancelled_meanwhile:
                raise RunStoppedError("the tasks were cancelled")
        except DetachedError:
            raise
        except SimgenError:
            self._end(watch)
            raise

    def _end(self, watch: Watch) -> None:
        """Cancel the tasks and wait until they are gone."""
        log.warning("cancelling job %s", ", ".join(watch.submission.jobs))
        slurm_jobs.cancel(watch.submission)
        until = time.monotonic() + self._config.grace_seconds + _KILL_WAIT
        watch.hurry()
        while not watch.over():
            if self._stop.now or time.monotonic() > until:
                return  # the next run waits for them
            time.sleep(_TICK)
        slurm_jobs.forget(self._job.place)

    def _afar(self, watch: Watch) -> str:
        jobs = ", ".join(watch.submission.jobs)
        return (
            f"Slurm job {jobs} makes the scenes of {self._job.place.root}: {watch.described()}; "
            "`simgen status` shows how far they are, and the same command ends the dataset"
        )

    def _next_round(self, watch: Watch) -> tuple[int, dict[int, int]]:
        """The number of the round for what is missing, and how many rounds each of these scenes
        failed by a fault of its own. All is as at the beginning where tasks did not fail, but were
        cancelled, or knew of fewer scenes."""
        before = watch.submission
        if watch.cancelled or before.num_scenes != self._job.config.num_scenes:
            return 0, {}
        task_of = read_plan(plan_path(self._job.place, before.round)).task_of()
        at_fault = {scene for scene in self._scenes if task_of.get(scene) not in watch.taken}
        charged = {
            scene: before.charged.get(scene, 0) + (scene in at_fault) for scene in self._scenes
        }
        return before.round + 1, charged

    def _give_up(self, watch: Watch, rounds: int, charged: Mapping[int, int]) -> None:
        """Give up the scenes that were tried often enough."""

        def is_hopeless(scene: int) -> bool:
            own = charged.get(scene, 0)
            return own > self._config.max_retries or rounds - own > self._config.max_losses

        hopeless = [scene for scene in self._scenes if is_hopeless(scene)]
        reason = (
            f"{rounds} of {rounds} Slurm tasks that had it ended without it, the last as "
            f"{watch.how_ended()}; {self._job.place.slurm_logs} has what they printed"
        )
        for scene in hopeless:
            now = datetime.now(UTC).isoformat(timespec="seconds")
            self._listener.failed(Failure(scene, reason, rounds, "slurm", now))
        self._given_up += len(hopeless)
        if self._given_up > self._config.max_failures:
            raise SimgenError(f"stopped: {self._given_up} scenes were given up: {reason}")
        self._scenes = [scene for scene in self._scenes if not is_hopeless(scene)]
