"""Submission of tasks with submitit, as a Slurm job array or as local processes."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simgen.config import RunnerConfig
from simgen.dataset.layout import Layout
from simgen.errors import InputError
from simgen.runs.backends.slurm_jobs import one_line
from simgen.runs.backends.slurm_task import Task

if TYPE_CHECKING:
    from submitit import Executor

_MARGIN = 30
"""Seconds before its time limit that a task has to requeue itself, after the grace period in which
it finishes scenes."""
_REQUEUES = 10_000
"""Number of times that a task may reach its time limit. A task that completes no scene until then
is not requeued."""


def check_installed(cluster: str) -> None:
    """Raise `InputError` if tasks cannot be submitted from here."""
    try:
        import submitit  # noqa: F401
    except ImportError as error:
        raise InputError(
            "runner=slurm: submitit is not installed; pip install 'simgen[slurm]'"
        ) from error
    missing = [name for name in ("sbatch", "squeue", "scancel", "srun") if not shutil.which(name)]
    if cluster == "slurm" and missing:
        raise InputError(
            f"runner=slurm: found no {missing[0]} on this machine; run the command on a login node "
            "of the cluster, or try it here with runner.slurm.cluster=local"
        )


def submit(tasks: Sequence[Task], place: Layout, config: RunnerConfig) -> list[str]:
    """Submit tasks and return their job ids. Raises `InputError` if Slurm refuses them."""
    from submitit.core.utils import FailedJobError, FailedSubmissionError

    try:
        jobs = executor_of(config, place.slurm_logs, place.root.name).submit_array(list(tasks))
    except (FailedJobError, FailedSubmissionError) as error:
        raise InputError(f"runner=slurm: sbatch refused the job: {one_line(str(error))}") from error
    return [job.job_id for job in jobs]


def executor_of(config: RunnerConfig, folder: Path, name: str) -> Executor:
    import submitit

    executor: Executor
    if config.slurm.cluster == "local":
        executor = submitit.LocalExecutor(folder, max_num_timeout=_REQUEUES)
        executor.update_parameters(**local_parameters(config))
    else:
        executor = submitit.SlurmExecutor(folder, max_num_timeout=_REQUEUES)
        executor.update_parameters(**sbatch_parameters(config, name))
    return executor


def local_parameters(config: RunnerConfig) -> dict[str, Any]:
    """Return the parameters for submitit's `LocalExecutor`."""
    return {
        "timeout_min": config.slurm.minutes,
        "gpus_per_node": config.slurm.gpus_per_task,
        "signal_delay_s": _signal_delay(config),
    }


def sbatch_parameters(config: RunnerConfig, name: str) -> dict[str, Any]:
    """Return the parameters for submitit's `SlurmExecutor`. name: of the dataset."""
    slurm = config.slurm
    options = {name.replace("_", "-"): value for name, value in slurm.options.items()}
    other_memory = {"mem-per-cpu", "mem-per-gpu"} & options.keys()
    found = {
        "job_name": f"simgen-{name}",
        "time": slurm.minutes,
        "nodes": 1,
        "ntasks_per_node": 1,
        "cpus_per_task": slurm.cpus_per_task,
        "gpus_per_node": slurm.gpus_per_task or None,
        "mem": None if other_memory else f"{round(slurm.memory_gb * 1024)}M",
        "partition": slurm.partition,
        "account": slurm.account,
        "array_parallelism": slurm.parallel,
        "signal_delay_s": _signal_delay(config),
        # Since Slurm 22.05, srun does not inherit this from the job; a task might get one core.
        "srun_args": [f"--cpus-per-task={slurm.cpus_per_task}"],
        "additional_parameters": {
            "requeue": True,
            **{name: value for name, value in options.items() if _is_set(value)},
        },
    }
    return {key: value for key, value in found.items() if value is not None}


def _is_set(value: object) -> bool:
    return value is not None and value is not False


def _signal_delay(config: RunnerConfig) -> int:
    return round(config.grace_seconds) + _MARGIN
