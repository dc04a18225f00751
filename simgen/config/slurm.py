"""What types cannot say about `runner.slurm`."""

from __future__ import annotations

from simgen.config.running import RunnerConfig
from simgen.errors import InputError

_KEYS = {
    "account": "runner.slurm.account",
    "array": "runner.slurm.tasks and runner.slurm.parallel",
    "cpus-per-task": "runner.slurm.cpus_per_task",
    "gpus-per-node": "runner.slurm.gpus_per_task",
    "mem": "runner.slurm.memory_gb",
    "partition": "runner.slurm.partition",
    "time": "runner.slurm.minutes",
}
"""Options of sbatch that have a key of their own."""
_FIXED = ("error", "nodes", "ntasks-per-node", "open-mode", "output", "requeue", "signal")
"""Options that simgen sets by itself."""


def check_slurm(runner: RunnerConfig) -> None:
    """Raise `InputError`, one line, for the first setting of a Slurm job that cannot be."""
    seconds, needed = 60 * runner.slurm.minutes, runner.grace_seconds + 60
    if runner.name == "slurm" and seconds <= needed:
        raise InputError(
            f"runner.slurm.minutes={runner.slurm.minutes}: expected more than {needed:g} s, of "
            f"which a task needs runner.grace_seconds={runner.grace_seconds:g} to end its scenes"
        )
    for written, value in runner.slurm.options.items():
        name = str(written).replace("_", "-")
        if name in _KEYS:
            raise InputError(f"runner.slurm.options.{written}: set {_KEYS[name]} instead")
        if name in _FIXED:
            raise InputError(f"runner.slurm.options.{written}: is set by simgen itself")
        if not isinstance(value, str | int | float | None):
            raise InputError(
                f"runner.slurm.options.{written}={value}: expected a text or a number, as sbatch "
                "takes it, true for an option without a value, or null to leave it out"
            )
