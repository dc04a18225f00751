"""The actor that a worker is on Ray, and what is asked of the node where Ray puts it."""

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

import psutil

from simgen.errors import InputError
from simgen.pipeline import Job
from simgen.reports import Post, SceneReport
from simgen.runners import worker
from simgen.runners.ray_room import Need
from simgen.store import manifest, remote
from simgen.store.layout import Layout


@dataclass(frozen=True)
class Arrival:
    """What an actor finds on its node. Plain data."""

    host: str
    process: int
    began: float
    """When its process did, in seconds since 1970."""
    versions: Mapping[str, str]
    shared: bool
    """Whether the dataset's folder is the driver's."""

    def as_process(self) -> psutil.Process | None:
        """The actor's process, if it is on this machine. Containers may share a name, and numbers
        mean other processes in each."""
        if self.host != socket.gethostname():
            return None
        try:
            found = psutil.Process(self.process)
            return found if abs(found.create_time() - self.began) < 0.1 else None
        except psutil.Error:
            return None


class RayWorker:
    """The actor: a worker in a process of Ray's."""

    def __init__(self, job: Job, post: Post) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the supervisor's to handle
        # Interpreters that imported bpy have hung on their way out; nothing is left to flush here.
        util.Finalize(None, os._exit, args=(0,), exitpriority=-100)
        self._job = job
        self._post = post
        self._worker: worker.Worker | None = None

    def arrive(self, versions: Mapping[str, str], token: Path | None) -> Arrival:
        """versions: of the driver. token: a file that only exists in the driver's folder."""
        return Arrival(
            host=socket.gethostname(),
            process=os.getpid(),
            began=psutil.Process().create_time(),
            versions={name: _version(name) for name in versions},
            shared=token is None or token.exists(),
        )

    def make(self, scene: int, attempt: int) -> SceneReport:
        """Make and commit one scene. Raises what `Worker.make` raises."""
        if self._worker is None:
            self._worker = worker.employ(self._job, self._post)
        return self._worker.make(scene, attempt)


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "none"


class Agency:
    """Has Ray make actors for one job, and looks at where they ended up."""

    def __init__(self, job: Job, need: Need) -> None:
        import ray

        self._job = ray.put(job)
        self._token = _token(job.place)
        self._folder = job.place.private.parent
        self._versions = manifest.read(job.place).versions
        self._actor: Any = ray.remote(RayWorker).options(
            num_cpus=need.cpus,
            num_gpus=need.gpus,
            max_restarts=0,
            max_task_retries=0,
            # Ray would fill one machine first, with all its memory and disk traffic.
            scheduling_strategy="SPREAD",
        )

    def hire(self, post: Post) -> tuple[Any, Future[Arrival]]:
        """A new actor, and what it says when it has found a place."""
        actor = self._actor.remote(self._job, post)
        return actor, actor.arrive.remote(self._versions, self._token).future()

    def check(self, arrival: Arrival) -> None:
        """Raise what `check_arrival` raises."""
        check_arrival(arrival, self._versions, self._folder)


def check_arrival(arrival: Arrival, versions: Mapping[str, str], folder: Path) -> None:
    """Raise `InputError` when scenes that are made there would differ, or get lost.

    versions: of the driver. folder: that nodes have to share with it.
    """
    where = f"runner=ray: node {arrival.host}"
    for name, here in versions.items():
        there = arrival.versions[name]
        if there != here:
            raise InputError(
                f"{where}: found {name} {there}, expected {here} as here; install the same "
                "versions on all nodes"
            )
    if not arrival.shared:
        raise InputError(
            f"{where}: does not see {folder} of this machine; give an output.dir that all nodes "
            "share, or an output.uri"
        )


def _token(place: Layout) -> Path | None:
    """A new file beside the dataset, to tell the folder from another one of its name. None when the
    dataset is in object storage, where nothing else needs to be shared."""
    if remote.is_remote(place.root):
        return None
    file = place.scratch / f"ray-{secrets.token_hex(8)}"
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
