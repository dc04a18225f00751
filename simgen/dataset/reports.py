"""Reports of workers and supervisors about scenes. Plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class WorkerInfo:
    """Which worker it is.

    name: of its log files. number: counted from 0 within the supervisor; GPUs are dealt out by it.
    supervisor: the process that it must not outlive; None where it is not on this machine, or not
    its parent.
    """

    name: str
    number: int = 0
    supervisor: int | None = None


@dataclass(frozen=True)
class SceneReport:
    """Statistics of a committed scene."""

    scene: int
    frames: int
    samples: int
    """Per pixel."""
    instances: dict[str, int]
    """Class name to number of objects."""
    seconds: float
    """From drawing it to having it on disk."""
    stages: dict[str, float]
    """Wall seconds of it: sample, prepare, build, render, label, write. What is labelled and
    written while the next frame renders counts as render."""
    cpu_seconds: float
    """Of the whole process, all threads."""
    memory_mb: float
    """Resident memory of the worker afterwards."""
    device: str
    """What rendered it: CPU, CUDA, OPTIX, HIP, ONEAPI or METAL."""
    worker: str
    """Its name."""
    attempt: int
    """Counted from 1."""


@dataclass(frozen=True)
class Failure:
    """A failed scene."""

    scene: int
    reason: str
    """One line."""
    attempts: int
    worker: str
    """Name of the one that tried last."""
    time: str = ""
    """When it failed: UTC, as ISO 8601 has it."""


class UnforeseenError(Exception):
    """What went wrong in a worker, as text. Exceptions of other packages, and of plugins, need not
    survive the way to the supervisor."""


class Listener(Protocol):
    """Is told of scenes, in the supervisor's process and from its main thread."""

    def begun(self, scene: int, attempt: int, worker: str) -> None:
        """A worker was given a scene."""

    def done(self, report: SceneReport) -> None:
        """A scene was committed."""

    def retried(self, scene: int, attempt: int, worker: str, reason: str) -> None:
        """An attempt failed, and there will be another one."""

    def failed(self, failure: Failure) -> None:
        """A scene failed."""

    def tick(self) -> None:
        """Called about twice a second, whatever happens."""
