"""Runners that make scenes: worker processes on this machine, a Ray cluster, Slurm."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from simgen.dataset.layout import Layout
from simgen.dataset.reports import Listener
from simgen.runs.backends.stop import Stop

if TYPE_CHECKING:
    from simgen.runs.backends.slurm_task import MakeShard
    from simgen.runs.job import Job


def refuse_open_tasks(place: Layout, run: str, check_same: Callable[[], None]) -> None:
    """Raise `InputError` while Slurm tasks of another run are queued or running.

    run: the name of this run; empty for a run without shards. check_same: raises an error if this
    run's config differs from the dataset's; called first.
    """
    if not place.slurm.is_file():
        return
    from simgen.runs.backends import slurm_jobs  # imports submitit

    left = slurm_jobs.read(place)
    if left is not None and left.run != run:
        check_same()
        slurm_jobs.refuse_open(place, left)
        slurm_jobs.forget(place)


def run_scenes(
    job: Job,
    scenes: Sequence[int],
    listener: Listener,
    stop: Stop,
    prefix: str,
    make_shard: MakeShard,
) -> None:
    """Make the scenes with the config's runner.

    prefix: of the workers' names. make_shard: `generate`, for runners that start processes which
    make shards.

    Raises the errors of `Supervisor.run`, and `InputError` if the runner's packages are not
    installed.
    """
    # Imported here, since each runner needs packages that the others do not.
    if job.config.runner.name == "ray":
        from simgen.runs.backends.on_ray import run_on_ray

        run_on_ray(job, scenes, listener, stop, prefix)
    elif job.config.runner.name == "slurm":
        from simgen.runs.backends.on_slurm import run_on_slurm

        run_on_slurm(job, scenes, listener, stop, make_shard)
    else:
        from simgen.runs.backends.local import run_local

        run_local(job, scenes, listener, stop, prefix)
