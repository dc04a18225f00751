"""How far a run is: the progress bar or lines, and figures in words."""

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
from simgen.runs.progress_lines import ProgressLines

_UNNAMED = "other"


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
        text = Text(f"{len(status.workers)} at work")
        if status.retried:
            text.append(f", {status.retried} retried", style="yellow")
        if status.failed:
            text.append(f", {status.failed} given up", style="red")
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
    words += [f"{status.failed} given up"] if status.failed else []
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
