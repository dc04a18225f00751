"""Progress as plain lines, where a bar is of no use: logs, notebooks, CI."""

from __future__ import annotations

import time
from collections.abc import Callable

_EARLY = (10.0, 30.0)
"""Seconds after the start at which the first lines are due."""
_SHORTEST, _LONGEST = 60.0, 600.0
"""Seconds between later lines. After the first they wait for a tenth of the work, too."""
_PART = 0.1


class ProgressLines:
    """Says how far some work is: after 10 s, after 30 s, and then every minute or every tenth of
    the work, whichever is later, but at least every ten minutes.

    say: prints a line. name: what is counted, such as `images`.
    """

    def __init__(self, say: Callable[[str], None], name: str) -> None:
        self._say = say
        self._name = name
        self._started = time.monotonic()
        self._said_at = 0.0
        self._said_done = 0
        self._before: int | None = None
        """What was done at the first call, and does not count for the pace."""

    def tell(self, done: int, total: int | None = None, more: str = "") -> None:
        """Call it often; it prints what is due. total: None where it is not known. more: words
        that are put before the time left."""
        if self._before is None:
            self._before = done
        if self._is_due(done, total):
            self.say_now(done, total, more)

    def say_now(self, done: int, total: int | None = None, more: str = "") -> None:
        """Print a line, due or not."""
        if self._before is None:
            self._before = done
        seconds = self._seconds()
        self._said_at, self._said_done = seconds, done
        count = f"{self._name} {done}" if total is None else f"{self._name} {done} of {total}"
        left = self._left(done, total)
        words = [count, more, "" if left is None else f"about {roughly(left)} left"]
        self._say(", ".join(word for word in words if word))

    def _seconds(self) -> float:
        return time.monotonic() - self._started

    def _is_due(self, done: int, total: int | None) -> bool:
        seconds = self._seconds()
        early = next((due for due in _EARLY if due > self._said_at), None)
        if early is not None:
            return seconds >= early
        passed = seconds - self._said_at
        is_far = total is None or done - self._said_done >= _PART * total
        return passed >= (_SHORTEST if is_far else _LONGEST)

    def _left(self, done: int, total: int | None) -> float | None:
        """Seconds, at the pace so far."""
        made = done - (self._before or 0)
        if total is None or made <= 0 or done >= total:
            return None
        return self._seconds() / made * (total - done)


def roughly(seconds: float) -> str:
    """E.g. `40 s`, `3 min`, `2.5 h` or `4 d`."""
    if seconds < 90:
        return f"{max(1.0, seconds):.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 48 * 3600 else f"{seconds / 86400:.1f} d"
