"""The interface between a supervisor and the places where its workers run, local or on Ray."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Protocol

from simgen.dataset.reports import SceneReport


class WorkerLostError(Exception):
    """A worker died while making a scene. The message says how."""


class WorkerTakenError(WorkerLostError):
    """A worker was lost for reasons unrelated to the scene: its node died or was preempted, or
    another process killed it."""


def translating[T](
    inner: Future[T], translated: Callable[[BaseException], BaseException]
) -> Future[T]:
    """Return a future with the result of `inner`, or with its error passed through
    `translated`."""
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
        """Return whether a scene can begin now; called again until it can. Slots that have to wait
        for their worker start it here. Raises `SimgenError` if there will never be a worker."""

    def make(self, scene: int, attempt: int) -> Future[SceneReport]:
        """Let the slot's worker make a scene, starting a worker if there is none. The future raises
        `WorkerLostError` if the worker dies."""

    def clear(self) -> None:
        """Kill the worker, if there is one. The next scene gets a new one."""

    def close(self) -> None:
        """Kill the worker and wait for its end, up to a time limit."""
