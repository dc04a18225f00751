"""The tasks of a run on Slurm: their job ids and states, and how to cancel them.

    .simgen/slurm.json                   the run, and the job ids of its tasks
    .simgen/slurm/1234_0.json            the result of a task
    .simgen/logs/slurm/                  the output of the tasks; submitit's files

The first two are kept until the run is over, so that the same command finds its tasks again.
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
"""State of a task that Slurm no longer knows."""
_ENDED = {
    *("BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL"),
    *("OUT_OF_MEMORY", "PREEMPTED", "REVOKED", "TIMEOUT", GONE),
}
TAKEN = {"BOOT_FAIL", "NODE_FAIL", "PREEMPTED", "REVOKED"}
"""States of tasks whose node failed or was preempted, which is not the fault of their scenes."""
_CLOCK = 10.0
"""Tolerance in seconds for start times of processes, since the clock may have been adjusted."""
_PATIENCE = 60.0
"""Timeout of Slurm's commands, seconds."""


@dataclass(frozen=True)
class TaskJob:
    """One task of a job array."""

    number: int
    """Number of its shard."""
    job: str
    """Its job id, such as 1234_0; for a local process, its process id."""
    born: float = 0.0
    """Start time of the local process, since process ids are reused."""
    missing: int = 0
    """Number of the shard's scenes that were missing on submission."""
    failed: int = 0
    """Number of consecutive earlier tasks that failed by themselves without completing a scene."""
    lost: int = 0
    """Number of consecutive earlier tasks that lost their node without completing a scene."""


@dataclass(frozen=True)
class Submission:
    """The content of `slurm.json`: the tasks submitted last."""

    run: str
    """Name of the run that holds the dataset."""
    cluster: str
    """slurm or local, as in the config."""
    tasks: tuple[TaskJob, ...]
    since: str = ""
    """Submission time of the run's first tasks: UTC, in ISO 8601."""

    @property
    def jobs(self) -> list[str]:
        """Ids of the job arrays, as `scancel` accepts them."""
        return sorted({task.job.split("_")[0] for task in self.tasks})


def read(place: Layout) -> Submission | None:
    """Return the last submission; None if there is none or its run is over. Raises `InputError`
    for a damaged file."""
    if not place.slurm.is_file():
        return None
    try:
        plain = json.loads(place.slurm.read_text(encoding="utf-8"))
        return cattrs.structure(plain, Submission)
    except (ValueError, cattrs.BaseValidationError) as error:
        raise InputError(
            f"{place.slurm}: damaged; check with squeue that no job of this dataset is left, then "
            "delete the file"
        ) from error


def write(place: Layout, submission: Submission) -> None:
    with files.replacing(place.slurm, place.scratch) as temporary:
        plain = cattrs.unstructure(submission)
        temporary.write_text(json.dumps(plain, indent=1) + "\n", encoding="utf-8")


def forget(place: Layout) -> None:
    """Delete the records of a run that is over, but keep the output of its tasks."""
    shutil.rmtree(place.slurm_tasks, ignore_errors=True)
    for pattern in ("*.pkl", ".submission_file_*.sh"):
        for path in place.slurm_logs.glob(pattern):
            path.unlink(missing_ok=True)
    place.slurm.unlink(missing_ok=True)


def states(submission: Submission) -> dict[TaskJob, str]:
    """Return the Slurm state of each task. Raises `InputError` if Slurm does not respond."""
    if submission.cluster == "local":
        return {task: _process_state(task) for task in submission.tasks}
    known = _queue(submission.jobs)
    return {task: known.get(task.job, GONE) for task in submission.tasks}


def refuse_open(place: Layout, submission: Submission) -> None:
    """Raise `InputError` while one of the tasks may still make scenes."""
    if any(map(is_open, states(submission).values())):
        command = "kill" if submission.cluster == "local" else "scancel"
        raise InputError(
            f"{place.root}: tasks of an earlier runner=slurm are generating this dataset; wait for "
            f"them with the same command, or end them with {command} {' '.join(submission.jobs)}"
        )


def is_open(state: str) -> bool:
    """Return whether a task in this state is queued, running or ending."""
    return state not in _ENDED


def cancel(submission: Submission) -> None:
    """Request the end of the tasks, which may first finish the scenes in progress."""
    if submission.cluster == "local":
        for task in submission.tasks:
            process = _process(task)
            with contextlib.suppress(psutil.NoSuchProcess):  # the process may just have ended
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
    """Return the result that a task has written, or None."""
    try:
        return TaskEnd(**json.loads(end_path(place, task.job).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


def _queue(jobs: Sequence[str]) -> dict[str, str]:
    """Return the state by task id of the tasks that Slurm still knows."""
    command = ["squeue", "--noheader", "--array", "--states=all", "--format=%i %T"]
    try:
        done = _asked([*command, f"--jobs={','.join(jobs)}"])
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InputError(_no_answer(jobs, str(error))) from error
    if done.returncode and "Invalid job id" not in done.stderr:  # the job ended long ago
        raise InputError(_no_answer(jobs, done.stderr))
    return dict(line.split(maxsplit=1) for line in done.stdout.splitlines())


def _asked(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=_PATIENCE)


def _no_answer(jobs: Sequence[str], reason: str) -> str:
    return (
        f"squeue cannot tell whether Slurm job {', '.join(jobs)} is still generating this "
        f"dataset: {one_line(reason)}; try again later"
    )


def _process_state(task: TaskJob) -> str:
    return GONE if _process(task) is None else "RUNNING"


def _process(task: TaskJob) -> psutil.Process | None:
    """Return the process of a local task, or None if it has ended. Signals sent through the result
    do not reach another process that reuses its id."""
    try:
        process = psutil.Process(int(task.job))
        # psutil derives the start time from the clock, which may have been adjusted meanwhile.
        another = abs(process.create_time() - task.born) > _CLOCK
        if another or process.status() == psutil.STATUS_ZOMBIE:
            return None
    except psutil.NoSuchProcess:
        return None
    return process


def born(job: str) -> float:
    """Return the start time of a local process; 0 if it has already ended."""
    try:
        return psutil.Process(int(job)).create_time()
    except psutil.NoSuchProcess:
        return 0.0
