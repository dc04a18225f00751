"""Workers as actors of a Ray cluster.

Ray places them on nodes, starts their processes and transports calls and reports. Everything else
is up to the supervisor, as with local workers: Ray neither restarts actors nor repeats calls.
"""

from __future__ import annotations

import dataclasses
import logging
import re
import sys
from collections.abc import Iterable
from concurrent.futures import Future
from typing import Any

from simgen.config.running import RayConfig
from simgen.dataset.reports import Listener, SceneReport, WorkerInfo
from simgen.errors import InputError
from simgen.runs.backends.ray_actor import Launcher, check_import
from simgen.runs.backends.ray_capacity import Capacity, Need
from simgen.runs.backends.ray_cluster import Cluster, connected, short
from simgen.runs.backends.slots import WorkerLostError, WorkerTakenError, translating
from simgen.runs.backends.stop import Stop
from simgen.runs.backends.supervisor import Supervisor
from simgen.runs.job import Job

log = logging.getLogger(__name__)


def run_on_ray(
    job: Job, scenes: Iterable[int], listener: Listener, stop: Stop, prefix: str = ""
) -> None:
    """Make the scenes in `runner.workers` actors.

    Raises the errors of `Supervisor.run`, and `InputError` if Ray is not installed, or the cluster
    does not respond, has no room for a worker, or has nodes that lack what workers need.
    """
    config = job.config.runner
    need = Need(config.workers, config.ray.cpus_per_worker, config.ray.gpus_per_worker)
    wanted = job.config.render.device
    job = with_reserved(job, config.ray)
    with connected(config.ray.address) as cluster:
        _mention_gpus(wanted, config.ray, cluster)
        capacity = Capacity(need, cluster.nodes, not cluster.own, config.ray.wait_seconds, _say)
        launcher = Launcher(job, need)
        infos = [WorkerInfo(f"{prefix}{number}", number) for number in range(config.workers)]
        slots = [RaySlot(info, launcher, capacity) for info in infos]
        Supervisor(slots, config, listener, stop, cluster.check).run(scenes)


def _say(line: str) -> None:
    log.warning("%s", line)
    print(line, file=sys.stderr)


def with_reserved(job: Job, ray: RayConfig) -> Job:
    """Return the job restricted to what its workers reserve: their cores, and no unreserved GPU.
    Raises `InputError` if the config wants a GPU without reserving one, or vice versa."""
    threads = max(1, int(ray.cpus_per_worker))
    render = job.config.render
    if not ray.gpus_per_worker:
        if render.device not in ("auto", "cpu"):
            raise InputError(
                f"render.device={render.device}: Ray workers only use GPUs that they reserve; set "
                "runner.ray.gpus_per_worker to 1, or to 0.5 for two workers per GPU"
            )
        render = dataclasses.replace(render, device="cpu")
    elif render.device == "cpu":
        raise InputError(
            f"runner.ray.gpus_per_worker={ray.gpus_per_worker:g}: reserves GPUs that "
            "render.device=cpu does not use; leave one of them out"
        )
    return dataclasses.replace(
        job, config=dataclasses.replace(job.config, render=render), threads=threads
    )


def _mention_gpus(wanted: str, ray: RayConfig, cluster: Cluster) -> None:
    idle = sum(node.get("GPU", 0.0) for node in cluster.nodes())
    if idle and wanted == "auto" and not ray.gpus_per_worker:
        _say(
            f"runner=ray: rendering on the CPU, since workers reserve none of the {idle:g} GPUs; "
            "set runner.ray.gpus_per_worker=1 to use them"
        )


class RaySlot:
    """A slot for one actor."""

    def __init__(self, info: WorkerInfo, launcher: Launcher, capacity: Capacity) -> None:
        self.name = info.name
        self._info = info
        self._launcher = launcher
        self._capacity = capacity
        self._actor: Any = None
        self._node: Future[str] = Future()
        self._checked = False

    def ready(self) -> bool:
        """Launch the actor if necessary, and return whether it is on a node. Raises `InputError` if
        the cluster has no node for it, or the node differs from this machine."""
        if self._actor is None:
            self._capacity.look()
            self._actor, self._node = self._launcher.launch(self._info)
            self._checked = False
        if not self._node.done():
            self._capacity.wait()
            return False
        if not self._checked:
            self._check()
        return True

    def _check(self) -> None:
        self._checked = True
        self._capacity.taken()
        error = self._node.exception()
        if error is None:
            log.info("worker %s: on %s", self.name, self._node.result())
            return
        check_import(error)
        raised = translated(error)
        if isinstance(raised, InputError):
            raise raised
        # An actor that is already lost is reported with its first scene.

    def make(self, scene: int, attempt: int) -> Future[SceneReport]:
        return translating(self._actor.make.remote(scene, attempt).future(), translated)

    def clear(self) -> None:
        if self._actor is None:
            return
        import ray

        try:
            ray.kill(self._actor)
        except Exception as error:  # the cluster itself may be gone
            log.warning("worker %s: could not be killed: %s", self.name, short(str(error)))
        self._actor = None

    def close(self) -> None:
        self.clear()


def translated(error: BaseException) -> BaseException:
    """Return the error that a worker raised, unwrapped from Ray's, or a `WorkerLostError` if it
    died."""
    from ray.exceptions import ActorUnavailableError, RayActorError, RayError, RayTaskError

    if isinstance(error, RayTaskError):
        return error.cause
    if isinstance(error, RayError):
        log.info("Ray says: %s", " ".join(str(error).split()))
        if isinstance(error, RayActorError) and error.preempted:
            return WorkerTakenError("its node was preempted")
        if isinstance(error, ActorUnavailableError):
            return WorkerTakenError("its worker can no longer be reached")
        return _how_it_was_lost(str(error))
    return error


def _how_it_was_lost(text: str) -> WorkerLostError:
    """Return the error for a lost worker, in one line: Ray's texts are paragraphs that list all
    possible causes."""
    found = re.search(r"\bip: (\S+)", text)
    where = f" on node {found[1]}" if found else ""
    if re.search(r"\bnode (has )?(died|dead)\b", text):
        return WorkerTakenError(f"its node died{where}")
    if "memory" in text and "monitor" in text:
        return WorkerLostError(
            f"Ray killed its worker process{where}, since the node ran out of memory"
        )
    return WorkerLostError(f"its worker process{where} died: killed, out of memory, or crashed")
