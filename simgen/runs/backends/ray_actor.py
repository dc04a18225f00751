"""The Ray actor that runs a worker, and its requirements on the node where Ray places it."""

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
    """The properties that a node must share with the driver.

    versions: of packages. token: a file that only exists in the driver's folder; None if the
    dataset is in object storage, so that no folder needs to be shared.
    """

    versions: Mapping[str, str]
    token: Path | None

    def run(self) -> str:
        """Check the node of this process and return its name. Raises `InputError` if scenes made
        here would differ from the driver's, or get lost."""
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
                f"{where}: cannot access {self.token.parents[2]} of the driver's machine; use an "
                "output.dir that all nodes share, or an output.uri"
            )
        return socket.gethostname()


class RayWorker:
    """The actor: a worker in one of Ray's processes."""

    def __init__(self, job: Job, info: WorkerInfo) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the supervisor handles Ctrl-C
        # Interpreters that imported bpy may hang on exit; there is nothing left to flush here.
        util.Finalize(None, os._exit, args=(0,), exitpriority=-100)
        self._make = worker.scene_maker(job, info)

    def check(self, check: NodeCheck) -> str:
        """Run the check on this actor's node. Raises the errors of `NodeCheck.run`."""
        return check.run()

    def make(self, scene: int, attempt: int) -> SceneReport:
        """Make and commit one scene. Raises the errors of `Worker.make`."""
        return self._make(scene, attempt)


class Launcher:
    """Launches Ray actors for one job."""

    def __init__(self, job: Job, need: Need) -> None:
        import ray

        self._job = ray.put(job)
        self._check = NodeCheck(manifest.read(job.place).versions, _token(job))
        self._actor: Any = ray.remote(RayWorker).options(
            num_cpus=need.cpus,
            num_gpus=need.gpus,
            # The supervisor counts attempts, because it knows why each one failed.
            max_restarts=0,
            max_task_retries=0,
            # By default Ray fills one machine first, which concentrates memory and disk traffic.
            scheduling_strategy="SPREAD",
        )

    def launch(self, info: WorkerInfo) -> tuple[Any, Future[str]]:
        """Launch an actor. Returns it, and a future with the name of its node once that node has
        passed the check."""
        actor = self._actor.remote(self._job, info)
        return actor, actor.check.remote(self._check).future()


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "none"


def _token(job: Job) -> Path | None:
    """Create a file beside the dataset that identifies its folder among others of the same path.
    Returns None for a dataset in object storage."""
    if remote.is_remote(job.place.root):
        return None
    file = job.place.private / "scratch" / f"ray-{secrets.token_hex(8)}"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    return file


def check_import(error: BaseException) -> None:
    """Raise `InputError` if an error shows that a node lacks simgen or one of its dependencies."""
    found = re.search(r"No module named '([\w.]+)'", str(error))
    if found is not None:
        raise InputError(
            f"runner=ray: a node of the cluster has no module {found[1]!r}; install the same "
            "version of simgen on all nodes"
        )
