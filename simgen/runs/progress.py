"""Progress of runs and commands (a bar in a terminal, occasional lines elsewhere), and formatting
of durations and costs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Column
from rich.text import Text

from simgen.dataset.runs import Status, Totals
from simgen.runs.console import say

_UNNAMED = "other"
_EARLY = (10.0, 30.0)
"""Seconds after the start at which the first lines are due."""
_SHORTEST, _LONGEST = 60.0, 600.0
"""Minimum and maximum seconds between later lines. Between these, a line is due once the share
`_PART` of the work was done since the last line."""
_PART = 0.1

type Tell = Callable[[int, int | None], None]
"""Receives the number of images done and the total; the total is None if unknown."""


class ProgressLines:
    """Reports progress as lines: after 10 s, after 30 s, and then every minute or every tenth of
    the work, whichever is later, but at least every ten minutes.

    say: prints a line. name: of the counted items, such as `images`.
    """

    def __init__(self, say: Callable[[str], None], name: str) -> None:
        self._say = say
        self._name = name
        self._started = time.monotonic()
        self._said_at = 0.0
        self._said_done = 0
        self._before: int | None = None
        """Items already done at the first call, which do not count towards the pace."""

    def tell(self, done: int, total: int | None = None, more: str = "") -> None:
        """Print a line if one is due; call this often. total: None if unknown. more: text to print
        before the time left."""
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
        """Return the seconds left at the pace so far; None if unknown."""
        made = done - (self._before or 0)
        if total is None or made <= 0 or done >= total:
            return None
        return self._seconds() / made * (total - done)


@contextmanager
def image_bar(console: Console) -> Iterator[Callable[[str], Tell]]:
    """Yield a function that adds a progress bar of a given name, such as `images`.

    Bars disappear at the end. Without a terminal, lines are printed instead, none for work that
    only takes seconds.
    """
    if not console.is_terminal:
        yield lambda name: ProgressLines(partial(say, console), name).tell
        return
    shown = (MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    columns = (*Progress.get_default_columns()[:2], *shown)
    with Progress(*columns, console=console, transient=True) as progress:

        def added(name: str) -> Tell:
            task = progress.add_task(name, total=None)
            return lambda done, total: progress.update(task, completed=done, total=total)

        yield added


class _RateColumn(ProgressColumn):
    """Scenes per minute, averaged over this run; Rich's own rate only covers the last few."""

    def render(self, task: Task) -> Text:
        made = task.completed - task.fields["there"]
        rate = f"{60 * made / task.elapsed:.1f}" if made and task.elapsed else "--"
        return Text(f"{rate} scenes/min", style="progress.data.speed")


class _TroubleColumn(ProgressColumn):
    """The number of busy workers, and of retries and failures so far."""

    def render(self, task: Task) -> Text:
        status: Status | None = task.fields["status"]
        if status is None:
            return Text("")
        text = Text(f"{len(status.workers)} working")
        if status.retried:
            text.append(f", {status.retried} retried", style="yellow")
        if status.failed:
            text.append(f", {status.failed} failed", style="red")
        return text


@contextmanager
def progress_bar(console: Console, total: int, there: int) -> Iterator[Callable[[Status], None]]:
    """Show a bar of `total` scenes, `there` of which existed before, or print lines if there is no
    terminal. Yields a function that updates it to a status of the run."""
    if not console.is_terminal:
        yield _lines(console, total, there)
        return
    columns = (
        TextColumn("scenes"),
        BarColumn(),
        MofNCompleteColumn(),
        _TroubleColumn(table_column=Column(no_wrap=True)),
        _RateColumn(table_column=Column(no_wrap=True)),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("scenes", total=total, completed=there, there=there, status=None)

        def show(status: Status) -> None:
            progress.update(task, completed=there + status.done, status=status)

        yield show


def _lines(console: Console, total: int, there: int) -> Callable[[Status], None]:
    lines = ProgressLines(partial(say, console), "scenes")
    lines.say_now(there, total)
    started = time.monotonic()

    def show(status: Status) -> None:
        seconds = max(time.monotonic() - started, 1e-3)
        lines.tell(there + status.done, total, _so_far(status, seconds))

    return show


def _so_far(status: Status, seconds: float) -> str:
    """Format the counts of a run, e.g. `34 images, 0.5 images/s, 1 retried`."""
    images = status.totals.frames
    words = [f"{images} images", f"{images / seconds:.2g} images/s"] if images else []
    words += [f"{status.retried} retried"] if status.retried else []
    words += [f"{status.failed} failed"] if status.failed else []
    return ", ".join(words)


def where_time_went(totals: Totals) -> str:
    """Format each stage's share of the workers' time, e.g. `render 80 %, label 20 %`."""
    named = sum(totals.stages.values())
    stages = {**totals.stages, _UNNAMED: totals.seconds - named}
    shares = {name: 100 * seconds / totals.seconds for name, seconds in stages.items()}
    most_first = sorted(shares.items(), key=lambda item: -item[1])
    return ", ".join(f"{name} {share:.0f} %" for name, share in most_first if share >= 0.5)


def cost(totals: Totals) -> str:
    """Format the time per image and the peak memory."""
    return (
        f"{totals.seconds / totals.frames:.1f} worker-seconds and "
        f"{totals.cpu_seconds / totals.frames:.1f} CPU-seconds per image; "
        f"up to {totals.memory_mb:.0f} MB per worker"
    )


def cost_lines(totals: Totals) -> list[str]:
    """Return lines on time, cost per image and devices. At least one frame must have been made."""
    return [
        f"time     {where_time_went(totals)}",
        f"         {cost(totals)}",
        f"device   {kinds(totals.devices)}",
    ]


def kinds(counts: dict[str, int]) -> str:
    """Format counts per device kind, e.g. `CPU` or `CPU (12 scenes), CUDA (30 scenes)`."""
    if len(counts) < 2:
        return "".join(counts)
    return ", ".join(f"{name} ({count} scenes)" for name, count in sorted(counts.items()))


def duration(seconds: float) -> str:
    """Format a duration, e.g. `0:00:12` or `2 d 3:00:00`."""
    days, rest = divmod(round(seconds), 86400)
    clock = f"{rest // 3600}:{rest % 3600 // 60:02d}:{rest % 60:02d}"
    return f"{days} d {clock}" if days else clock


def roughly(seconds: float) -> str:
    """Format a duration approximately, e.g. `40 s`, `3 min`, `2.5 h` or `4 d`."""
    if seconds < 90:
        return f"{max(1.0, seconds):.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 48 * 3600 else f"{seconds / 86400:.1f} d"
