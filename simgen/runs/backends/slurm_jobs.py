"""The tasks of a run on Slurm: their job ids, their states, how to end them.

    .simgen/slurm.json                   the run, and the job ids of its tasks
    .simgen/slurm/1234_0.json            how a task ended
    .simgen/logs/slurm/                  what the tasks print; submitit's files

The first two stay until the run is over, so that the same command, given again, finds its tasks.
"""

from __future__ import annotations

import contextlib
import json
import logging
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

import cattrs
import psutil

from simgen.dataset import files
from simgen.dataset.layout import Layout
from simgen.errors import InputError
from simgen.runs.backends.slurm_task import TaskEnd, end_path

log = logging.getLogger(__name__)

GONE = "GONE"
"""State of a task that Slurm knows nothing of any more."""
_ENDED = {
    *("BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL"),
    *("OUT_OF_MEMORY", "PREEMPTED", "REVOKED", "TIMEOUT", GONE),
}
TAKEN = {"BOOT_FAIL", "NODE_FAIL", "PREEMPTED", "REVOKED"}
"""States of tasks whose node broke, or was taken for others: not by a fault of their scenes."""
_CLOCK = 10.0
"""Seconds by which a clock may be set without a process being taken for another one."""
_PATIENCE = 60.0
"""Seconds that Slurm may take to answer."""


@dataclass(frozen=True)
class TaskJob:
    """One task of a job array."""

    number: int
    """Of its shard."""
    job: str
    """Its id, such as 1234_0; of a process of this machine: its number."""
    born: float = 0.0
    """When that process was started, since numbers are used again."""
    missing: int = 0
    """Scenes of the shard that were missing when it was submitted."""
    failed: int = 0
    """How many tasks in a row ended before this one, by a fault of their own and without a scene
    made."""
    lost: int = 0
    """How many tasks in a row were lost with their node before this one, without a scene made."""


@dataclass(frozen=True)
class Submission:
    """The content of `slurm.json`: the tasks that were submitted last."""

    run: str
    """Name of the run that holds the dataset."""
    cluster: str
    """slurm or local, as in the config."""
    tasks: tuple[TaskJob, ...]
    since: str = ""
    """When the first tasks of the run were submitted: UTC, as ISO 8601 has it."""

    @property
    def jobs(self) -> list[str]:
        """Ids of the arrays, as scancel takes them."""
        return sorted({task.job.split("_")[0] for task in self.tasks})


def read(place: Layout) -> Submission | None:
    """None where no tasks were submitted, or their run is over. Raises `InputError`."""
    if not place.slurm.is_file():
        return None
    try:
        plain = json.loads(place.slurm.read_text(encoding="utf-8"))
        return cattrs.structure(plain, Submission)
    except (ValueError, cattrs.BaseValidationError) as error:
        raise InputError(
            f"{place.slurm}: damaged; make sure with squeue that no job of this dataset is left, "
            "then delete it"
        ) from error


def write(place: Layout, submission: Submission) -> None:
    with files.replacing(place.slurm, place.scratch) as temporary:
        plain = cattrs.unstructure(submission)
        temporary.write_text(json.dumps(plain, indent=1) + "\n", encoding="utf-8")


def forget(place: Layout) -> None:
    """The run is over. What its tasks printed stays."""
    shutil.rmtree(place.slurm_tasks, ignore_errors=True)
    for pattern in ("*.pkl", ".submission_file_*.sh"):
        for path in place.slurm_logs.glob(pattern):
            path.unlink(missing_ok=True)
    place.slurm.unlink(missing_ok=True)


def states(submission: Submission) -> dict[TaskJob, str]:
    """The state of each task, in Slurm's terms. Raises `InputError` when Slurm gives no answer."""
    if submission.cluster == "local":
        return {task: _process_state(task) for task in submission.tasks}
    known = _queue(submission.jobs)
    return {task: known.get(task.job, GONE) for task in submission.tasks}


def refuse_open(place: Layout, submission: Submission) -> None:
    """Raise `InputError` while one of the tasks may still make scenes."""
    if any(map(is_open, states(submission).values())):
        command = "kill" if submission.cluster == "local" else "scancel"
        raise InputError(
            f"{place.root}: tasks of an earlier runner=slurm make scenes of this dataset; wait for "
            f"them with the same command, or end them with {command} {' '.join(submission.jobs)}"
        )


def is_open(state: str) -> bool:
    """Whether a task in this state waits, runs, or is on its way out."""
    return state not in _ENDED


def cancel(submission: Submission) -> None:
    """Ask the tasks to end. They take a while: scenes in progress may be finished."""
    if submission.cluster == "local":
        for task in submission.tasks:
            process = _process(task)
            with contextlib.suppress(psutil.NoSuchProcess):  # it may end by itself just now
                if process is not None:
                    process.terminate()
        return
    try:
        done = _asked(["scancel", *submission.jobs])
    except (OSError, subprocess.TimeoutExpired) as error:
        log.warning("scancel: %s", error)
        return
    if done.returncode:
        log.warning("scancel %s: %s", " ".join(submission.jobs), one_line(done.stderr))


def one_line(text: str) -> str:
    return " ".join(text.split())


def end_of(place: Layout, task: TaskJob) -> TaskEnd | None:
    """How a task ended by itself; None while it has not."""
    try:
        return TaskEnd(**json.loads(end_path(place, task.job).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


def _queue(jobs: Sequence[str]) -> dict[str, str]:
    """State by task id, of those that Slurm still knows."""
    command = ["squeue", "--noheader", "--array", "--states=all", "--format=%i %T"]
    try:
        done = _asked([*command, f"--jobs={','.join(jobs)}"])
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InputError(_no_answer(jobs, str(error))) from error
    if done.returncode and "Invalid job id" not in done.stderr:  # one that ended long ago
        raise InputError(_no_answer(jobs, done.stderr))
    return dict(line.split(maxsplit=1) for line in done.stdout.splitlines())


def _asked(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=_PATIENCE)


def _no_answer(jobs: Sequence[str], reason: str) -> str:
    return (
        f"squeue does not say whether Slurm job {', '.join(jobs)} still makes scenes of this "
        f"dataset: {one_line(reason)}; try again when it does"
    )


def _process_state(task: TaskJob) -> str:
    return GONE if _process(task) is None else "RUNNING"


def _process(task: TaskJob) -> psutil.Process | None:
    """A task that is a process of this machine; None when it has ended. A signal that is sent
    through it reaches no other process that got its number since."""
    try:
        process = psutil.Process(int(task.job))
        # That time is derived from the clock, which may have been set meanwhile.
        another = abs(process.create_time() - task.born) > _CLOCK
        if another or process.status() == psutil.STATUS_ZOMBIE:
            return None
    except psutil.NoSuchProcess:
        return None
    return process


def born(job: str) -> float:
    """When a process of this machine was started; 0 where it has ended already."""
    try:
        return psutil.Process(int(job)).create_time()
    except psutil.NoSuchProcess:
        return 0.0
