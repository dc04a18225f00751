"""Requests to stop a run: one Ctrl-C, SIGTERM or SIGUSR2 lets the scenes in progress finish, a
second one drops them."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR2)
"""Signals that a supervisor handles and its workers ignore. Batch systems, and Slurm on behalf of
submitit, send SIGUSR2 shortly before the time limit of a job."""


def _ignore(line: str) -> None:
    pass


class Stop:
    """The state of requests to stop a run, from the user or the machine.

    grace: seconds that scenes in progress may still take. say: shows the user a line. once: ignore
    repeated requests. first: the first signal received.
    """

    def __init__(
        self, grace: float, say: Callable[[str], None] = _ignore, once: bool = False
    ) -> None:
        self.say = say
        self._once = once
        self.first: int | None = None
        self._grace = grace
        self._announced = False
        self._asked = 0
        self._until = float("inf")

    def ask(self, number: int | None = None, frame: FrameType | None = None) -> None:
        """Request a stop; usable as a signal handler. Does nothing else, since a signal may arrive
        at any moment, such as while a line is being written."""
        if self._asked and (self._once or number == signal.SIGUSR2):
            return  # a batch system may repeat SIGUSR2, and kills at the time limit anyway
        self.first = number if self.first is None else self.first
        self._asked += 1
        self._until = min(self._until, time.monotonic() + self._grace)

    @property
    def asked(self) -> bool:
        """Whether a stop was requested, so that no new scene may begin."""
        return self._asked > 0

    @property
    def now(self) -> bool:
        """Whether scenes in progress must be dropped."""
        return self._asked > 1 or time.monotonic() > self._until

    def announce(self, scenes: int) -> None:
        """Tell the user once what happens next. scenes: the number of scenes in progress."""
        if self._announced or not scenes or self.now:
            return
        self._announced = True
        what = "the scene" if scenes == 1 else f"the {scenes} scenes"
        self.say(
            f"stopping: {what} in progress may take {self._grace:g} s to finish; "
            "press Ctrl-C or send SIGTERM again to stop at once"
        )


@contextmanager
def handling_signals(stop: Stop) -> Iterator[None]:
    """Let `SIGNALS` request a stop during the context. Only for the main thread."""
    before: dict[signal.Signals, Any] = {}
    for number in SIGNALS:
        before[number] = signal.signal(number, stop.ask)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
