"""Where scenes are made: worker processes of this machine, a Ray cluster, Slurm."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from simgen.config import RunnerConfig
from simgen.reports import Listener
from simgen.runners.stop import Stop
from simgen.store.layout import Layout

if TYPE_CHECKING:
    from simgen.pipeline import Job


def run_left(place: Layout, runner: str) -> str:
    """Name of the run that an earlier command left to tasks on Slurm, and that this one goes on
    with; empty for none. Raises `InputError` where another runner would get in their way."""
    if not place.slurm.is_file():
        return ""
    from simgen.runners import slurm_jobs

    left = slurm_jobs.read(place)
    if left is not None and runner == "slurm":
        return left.run
    if left is not None:
        slurm_jobs.refuse_open(place, left)
        slurm_jobs.forget(place)
    return ""


def run_scenes(
    job: Job, scenes: Iterable[int], config: RunnerConfig, listener: Listener, stop: Stop
) -> None:
    """Make the scenes with the runner that the config names. Raises what `Supervisor.run` raises,
    and `InputError` where the runner's packages are not installed."""
    # Each runner needs packages that the others do not.
    if config.name == "ray":
        from simgen.runners.on_ray import run_on_ray as run
    elif config.name == "slurm":
        from simgen.runners.on_slurm import run_on_slurm as run
    else:
        from simgen.runners.local import run_local as run
    run(job, scenes, config, listener, stop)
