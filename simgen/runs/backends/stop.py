"""How a run is asked to stop: Ctrl-C, SIGTERM or SIGUSR2 once to finish the scenes in progress,
twice to drop them."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR2)
"""That a supervisor heeds and its workers ignore. The last is what batch systems send, and submitit
has Slurm send, when the time of a job is nearly over."""


def _ignore(line: str) -> None:
    pass


class Stop:
    """Whether the user, or the machine, asked the run to stop.

    grace: seconds that scenes in progress may still take. say: shows the user a line. once: it does
    not matter how often it is asked. first: the signal that came first.
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
        """Ask once more; a handler of signals. Nothing else is done here, since signals come at any
        moment: in the middle of a line that is being written, for one."""
        if self._asked and (self._once or number == signal.SIGUSR2):
            return  # a batch system repeats itself, and kills when the time is over
        self.first = number if self.first is None else self.first
        self._asked += 1
        self._until = min(self._until, time.monotonic() + self._grace)

    @property
    def asked(self) -> bool:
        """No new scene is begun any more."""
        return self._asked > 0

    @property
    def now(self) -> bool:
        """Scenes in progress are dropped."""
        return self._asked > 1 or time.monotonic() > self._until

    def announce(self, scenes: int) -> None:
        """Tell the user, once, what happens now.

        scenes: how many are in progress.
        """
        if self._announced or not scenes or self.now:
            return
        self._announced = True
        what = "the scene" if scenes == 1 else f"the {scenes} scenes"
        self.say(
            f"stopping: {what} in progress may take {self._grace:g} s to finish; "
            "Ctrl-C or SIGTERM again drops what is left"
        )


@contextmanager
def handling_signals(stop: Stop) -> Iterator[None]:
    """Have `SIGNALS` ask to stop. Only for the main thread."""
    before: dict[signal.Signals, Any] = {}
    for number in SIGNALS:
        before[number] = signal.signal(number, stop.ask)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
