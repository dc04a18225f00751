"""What a supervisor knows of the places where its workers run: this machine, or a Ray cluster."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Protocol

from simgen.dataset.reports import SceneReport


class WorkerLostError(Exception):
    """A worker died while it made a scene. The message says how."""


class WorkerTakenError(WorkerLostError):
    """A worker was lost for reasons that lie outside of the scene: its node died or was preempted,
    or the process was killed from outside."""


def translating[T](
    inner: Future[T], translated: Callable[[BaseException], BaseException]
) -> Future[T]:
    """A future with the result of another one, and an error made of the other one's."""
    outer: Future[T] = Future()

    def hand_on(done: Future[T]) -> None:
        error = done.exception()
        if error is None:
            outer.set_result(done.result())
        else:
            outer.set_exception(translated(error))

    inner.add_done_callback(hand_on)
    return outer


class Slot(Protocol):
    """A place for one worker at a time."""

    name: str

    def ready(self) -> bool:
        """Whether a scene can begin now; it is asked again if not. A slot that has to wait for its
        worker has it started here. Raises `SimgenError` when there never will be one."""

    def make(self, scene: int, attempt: int) -> Future[SceneReport]:
        """Have the slot's worker make a scene; there is a new worker if there was none. The future
        ends with `WorkerLostError` when the worker dies."""

    def clear(self) -> None:
        """Kill the worker, if there is one. The next scene gets a new one."""

    def close(self) -> None:
        """Kill the worker and wait until it is gone, or for as long as that may take."""
