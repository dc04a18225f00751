"""Reports about scenes, exchanged between workers and supervisors as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class WorkerInfo:
    """The identity of a worker.

    name: name of its log files. number: 0-based within its supervisor; determines its GPU.
    supervisor: id of the process that it must not outlive; None if that runs on another machine or
    is not its parent.
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
    """Number of objects by class name."""
    seconds: float
    """From sampling to having it on disk."""
    stages: dict[str, float]
    """Wall seconds per step: sample, prepare, build, render, label, write. Labelling and writing
    that overlap with rendering the next frame count as render."""
    cpu_seconds: float
    """Of all threads of the process."""
    memory_mb: float
    """Resident memory of the worker afterwards."""
    device: str
    """Render device: CPU, CUDA, OPTIX, HIP, ONEAPI or METAL."""
    worker: str
    """Name of the worker."""
    attempt: int
    """1-based."""


@dataclass(frozen=True)
class Failure:
    """A failed scene."""

    scene: int
    reason: str
    """One line."""
    attempts: int
    worker: str
    """Name of the worker of the last attempt."""
    time: str = ""
    """Time of the failure: UTC in ISO 8601."""


class UnforeseenError(Exception):
    """An error in a worker, as text: exceptions of other packages and plugins may not be
    picklable."""


class Listener(Protocol):
    """Callbacks about scenes, called from the main thread of the supervisor's process."""

    def begun(self, scene: int, attempt: int, worker: str) -> None:
        """A worker has started an attempt at a scene."""

    def done(self, report: SceneReport) -> None:
        """A scene has been committed."""

    def retried(self, scene: int, attempt: int, worker: str, reason: str) -> None:
        """An attempt has failed and will be retried."""

    def failed(self, failure: Failure) -> None:
        """A scene has failed."""

    def tick(self) -> None:
        """Called about twice a second in any case."""
