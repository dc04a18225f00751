"""How a run is asked to stop: Ctrl-C or SIGTERM once to finish what is in the making, twice to
drop it."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


def _nothing(line: str) -> None:
    pass


class Stop:
    """Whether the user, or the machine, asked the run to stop.

    grace: seconds that scenes in the making may still take. say: shows the user a line.
    """

    def __init__(self, grace: float, say: Callable[[str], None] = _nothing) -> None:
        self._grace = grace
        self._say = say
        self._announced = False
        self._asked = 0
        self._until = float("inf")

    def ask(self, *_: object) -> None:
        """Ask once more. Nothing else is done here, since signals come at any moment: in the
        middle of a line that is being written, for one."""
        self._asked += 1
        self._until = min(self._until, time.monotonic() + self._grace)

    @property
    def asked(self) -> bool:
        """No new scene is begun any more."""
        return self._asked > 0

    @property
    def now(self) -> bool:
        """Scenes in the making are dropped."""
        return self._asked > 1 or time.monotonic() > self._until

    def announce(self, scenes: int) -> None:
        """Tell the user, once, what happens now.

        scenes: how many are in the making.
        """
        if self._announced or not scenes or self.now:
            return
        self._announced = True
        what = "the scene" if scenes == 1 else f"the {scenes} scenes"
        self._say(
            f"stopping: {what} in the making may take {self._grace:g} s to finish; "
            "Ctrl-C or SIGTERM again drops them"
        )


@contextmanager
def heeding_signals(stop: Stop) -> Iterator[None]:
    """Take SIGINT and SIGTERM for a wish to stop. Only for the main thread."""

    def ask(number: int, frame: FrameType | None) -> None:
        stop.ask()

    before: dict[signal.Signals, Any] = {}
    for number in (signal.SIGINT, signal.SIGTERM):
        before[number] = signal.signal(number, ask)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
