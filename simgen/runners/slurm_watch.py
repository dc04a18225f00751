"""How far the tasks on Slurm are: what they tell of their scenes, and what Slurm says of them."""

from __future__ import annotations

import contextlib
import logging
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from simgen.errors import DiskError, InputError, SimgenError
from simgen.runners import slurm_jobs
from simgen.runners.slurm_jobs import Submission, TaskJob
from simgen.runners.slurm_record import RecordReader, TaskRecord, earlier_failures
from simgen.store.layout import Layout
from simgen.store.remote import AnyPath

log = logging.getLogger(__name__)

LOOK = 3.0
"""Seconds after which the tasks' files are read, which lie on a file system that all share."""
_ASK = 10.0
"""Seconds after which Slurm is asked, which has others to serve."""
_CANCELLED = "CANCELLED"
_ERRORS: dict[str, type[SimgenError]] = {"InputError": InputError, "DiskError": DiskError}


class Watch:
    """Looks after the tasks of one submission.

    scenes: those that were missing at the start, whoever makes them.
    """

    def __init__(self, place: Layout, submission: Submission, scenes: Sequence[int]) -> None:
        self.submission = submission
        self._place = place
        self._scenes = set(scenes)
        self._readers = {
            task: RecordReader(TaskRecord(place, submission.round, task.number).path)
            for task in submission.tasks
        }
        self._gave_up_before = earlier_failures(place)
        self._states: dict[TaskJob, str] = {}
        self._seen_open = False
        self._looked = self._asked = float("-inf")

    def over(self) -> bool:
        """Whether all tasks have ended, by what was seen last."""
        now = time.monotonic()
        if now - self._looked > LOOK:
            self._looked = now
            self._look()
        if self._open() and now - self._asked > _ASK:
            self._asked = now
            self._ask()
            if not self._open():  # their last words came before their end
                self._look()
        return not self._open()

    def hurry(self) -> None:
        """Look anew, whenever that was done last."""
        self._looked = self._asked = float("-inf")

    def check(self, max_failures: int) -> None:
        """Raise what ended a task, and `SimgenError` when too many scenes were given up."""
        for reader in self._readers.values():
            if reader.end is not None and reader.end.error:
                raise _ERRORS.get(reader.end.error, SimgenError)(reader.end.message)
        given_up = len(self._given_up())
        if given_up > max_failures:
            raise SimgenError(
                f"stopped: the tasks gave up {given_up} scenes, more than runner.max_failures="
                f"{max_failures}; {self._place.failed} has the reasons"
            )

    def missing(self) -> list[int]:
        """The scenes that are neither committed nor given up, in order. For when all is over."""
        _refresh(self._place.scenes)
        return sorted(self._scenes - set(self._place.committed()) - self._given_up())

    @property
    def cancelled(self) -> bool:
        """Whether somebody cancelled tasks."""
        return _CANCELLED in self._states.values()

    @property
    def cancelled_meanwhile(self) -> bool:
        """Whether somebody did while this was looking."""
        return self.cancelled and self._seen_open

    @property
    def taken(self) -> set[int]:
        """Numbers of the tasks that ended since their node broke or was taken from them."""
        ended = {task for task, reader in self._readers.items() if reader.end is None}
        return {task.number for task in ended if self._states.get(task) in slurm_jobs.TAKEN}

    def described(self) -> str:
        """How far the tasks are, in a few words."""
        states = Counter(self._states.get(task, "SUBMITTED") for task in self._open())
        listed = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
        return f"{len(self.submission.tasks)} tasks, of which {listed or 'none is left'}"

    def how_ended(self) -> str:
        """The states of tasks that ended with scenes missing."""
        states = Counter(
            self._states.get(task, slurm_jobs.GONE)
            for task, reader in self._readers.items()
            if reader.end is None
        )
        return ", ".join(sorted(states)) or "COMPLETED"

    def _open(self) -> list[TaskJob]:
        return [
            task
            for task, reader in self._readers.items()
            if reader.end is None and slurm_jobs.is_open(self._states.get(task, ""))
        ]

    def _given_up(self) -> set[int]:
        return self._gave_up_before.union(*(reader.gave_up for reader in self._readers.values()))

    def _look(self) -> None:
        _refresh(self._place.slurm_tasks)
        for reader in self._readers.values():
            if reader.end is None:
                reader.look()

    def _ask(self) -> None:
        try:
            states = slurm_jobs.states(self.submission)
        except InputError as error:
            if not self._states:
                raise
            log.warning("%s", error)  # it was there a while ago, and will be again
            return
        if states != self._states:
            log.info("tasks: %s", dict(Counter(states.values())))
        self._states = states
        self._seen_open |= any(map(slurm_jobs.is_open, states.values()))


def _refresh(folder: AnyPath) -> None:
    """Have the folder looked at anew. On a network file system, what is known of a folder that
    other machines write to may be a minute old; a change of one's own ends that."""
    if isinstance(folder, Path):
        with contextlib.suppress(OSError):  # not there yet, or not ours
            folder.chmod(folder.stat().st_mode)
