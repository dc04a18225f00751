"""The actor that a worker is on Ray, and what it asks of the node where Ray puts it."""

from __future__ import annotations

import importlib.metadata
import os
import re
import secrets
import signal
import socket
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from multiprocessing import util
from pathlib import Path
from typing import Any

from simgen.dataset import manifest, remote
from simgen.dataset.reports import SceneReport, WorkerInfo
from simgen.errors import InputError
from simgen.runs.backends import worker
from simgen.runs.backends.ray_capacity import Need
from simgen.runs.job import Job


@dataclass(frozen=True)
class NodeCheck:
    """What a node has to have in common with the driver.

    versions: of packages. token: a file that only exists in the driver's folder; None where the
    dataset is in object storage, and nothing else needs to be shared.
    """

    versions: Mapping[str, str]
    token: Path | None

    def run(self) -> str:
        """Check the node that this process is on. Returns its name. Raises `InputError` when scenes
        that are made here would differ, or get lost."""
        where = f"runner=ray: node {socket.gethostname()}"
        for name, expected in self.versions.items():
            found = _version(name)
            if found != expected:
                raise InputError(
                    f"{where}: found {name} {found}, expected {expected} as on the driver's "
                    "machine; install the same versions on all nodes"
                )
        if self.token is not None and not self.token.exists():
            raise InputError(
                f"{where}: does not see {self.token.parents[2]} of the driver's machine; give an "
                "output.dir that all nodes share, or an output.uri"
            )
        return socket.gethostname()


class RayWorker:
    """The actor: a worker in a process of Ray's."""

    def __init__(self, job: Job, info: WorkerInfo) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the supervisor's to handle
        # Interpreters that imported bpy have hung on their way out; nothing is left to flush here.
        util.Finalize(None, os._exit, args=(0,), exitpriority=-100)
        self._make = worker.scene_maker(job, info)

    def check(self, check: NodeCheck) -> str:
        """Raises what `NodeCheck.run` raises."""
        return check.run()

    def make(self, scene: int, attempt: int) -> SceneReport:
        """Make and commit one scene. Raises what `Worker.make` raises."""
        return self._make(scene, attempt)


class Launcher:
    """Has Ray start actors for one job."""

    def __init__(self, job: Job, need: Need) -> None:
        import ray

        self._job = ray.put(job)
        self._check = NodeCheck(manifest.read(job.place).versions, _token(job))
        self._actor: Any = ray.remote(RayWorker).options(
            num_cpus=need.cpus,
            num_gpus=need.gpus,
            # Attempts are the supervisor's to count, which knows what each scene died of.
            max_restarts=0,
            max_task_retries=0,
            # Ray would fill one machine first, with all its memory and disk traffic.
            scheduling_strategy="SPREAD",
        )

    def launch(self, info: WorkerInfo) -> tuple[Any, Future[str]]:
        """A new actor, and the name of its node once it has one and fits there."""
        actor = self._actor.remote(self._job, info)
        return actor, actor.check.remote(self._check).future()


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "none"


def _token(job: Job) -> Path | None:
    """A new file beside the dataset, to tell the folder from another one of its name."""
    if remote.is_remote(job.place.root):
        return None
    file = job.place.private / "scratch" / f"ray-{secrets.token_hex(8)}"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    return file


def check_import(error: BaseException) -> None:
    """Raise `InputError` when a node lacks simgen, or part of it."""
    found = re.search(r"No module named '([\w.]+)'", str(error))
    if found is not None:
        raise InputError(
            f"runner=ray: a node of the cluster has no module {found[1]!r}; install the same "
            "simgen on all nodes"
        )
