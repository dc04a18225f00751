"""How far a run or a command is: a bar in a terminal, else a line at times; figures in words."""

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
"""Seconds between later lines. After the first they wait for a tenth of the work, too."""
_PART = 0.1

type Tell = Callable[[int, int | None], None]
"""Is told how many images are done, and of how many; None where that is not known."""


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


@contextmanager
def image_bar(console: Console) -> Iterator[Callable[[str], Tell]]:
    """Yields what adds a bar of a name, such as `images`. Bars go when all is done. Where there is
    no terminal, a line is printed now and then, and none by what takes seconds."""
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
    """Scenes a minute, averaged over this run: Rich's own rate follows the last few alone."""

    def render(self, task: Task) -> Text:
        made = task.completed - task.fields["there"]
        rate = f"{60 * made / task.elapsed:.1f}" if made and task.elapsed else "--"
        return Text(f"{rate} scenes/min", style="progress.data.speed")


class _TroubleColumn(ProgressColumn):
    """How many workers are at a scene, and what went wrong so far."""

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
    """Show a bar of `total` scenes of which `there` were there before, or print a line at times
    where there is no terminal. Yields what moves it to the status of the run."""
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
    """E.g. `34 images, 0.5 images/s, 1 retried`."""
    images = status.totals.frames
    words = [f"{images} images", f"{images / seconds:.2g} images/s"] if images else []
    words += [f"{status.retried} retried"] if status.retried else []
    words += [f"{status.failed} failed"] if status.failed else []
    return ", ".join(words)


def where_time_went(totals: Totals) -> str:
    """Which share of the workers' time each stage took, e.g. `render 80 %, label 20 %`."""
    named = sum(totals.stages.values())
    stages = {**totals.stages, _UNNAMED: totals.seconds - named}
    shares = {name: 100 * seconds / totals.seconds for name, seconds in stages.items()}
    most_first = sorted(shares.items(), key=lambda item: -item[1])
    return ", ".join(f"{name} {share:.0f} %" for name, share in most_first if share >= 0.5)


def cost(totals: Totals) -> str:
    """What an image cost, and the memory that it took."""
    return (
        f"{totals.seconds / totals.frames:.1f} worker-seconds and "
        f"{totals.cpu_seconds / totals.frames:.1f} CPU-seconds per image; "
        f"up to {totals.memory_mb:.0f} MB a worker"
    )


def cost_lines(totals: Totals) -> list[str]:
    """Where the time went, what an image cost, and on which devices; frames were made."""
    return [
        f"time     {where_time_went(totals)}",
        f"         {cost(totals)}",
        f"device   {kinds(totals.devices)}",
    ]


def kinds(counts: dict[str, int]) -> str:
    """E.g. `CPU` or `CPU (12 scenes), CUDA (30 scenes)`."""
    if len(counts) < 2:
        return "".join(counts)
    return ", ".join(f"{name} ({count} scenes)" for name, count in sorted(counts.items()))


def duration(seconds: float) -> str:
    """E.g. `0:00:12` or `2 d 3:00:00`."""
    days, rest = divmod(round(seconds), 86400)
    clock = f"{rest // 3600}:{rest % 3600 // 60:02d}:{rest % 60:02d}"
    return f"{days} d {clock}" if days else clock


def roughly(seconds: float) -> str:
    """E.g. `40 s`, `3 min`, `2.5 h` or `4 d`."""
    if seconds < 90:
        return f"{max(1.0, seconds):.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 48 * 3600 else f"{seconds / 86400:.1f} d"
