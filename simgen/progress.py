"""The progress bar of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

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
from rich.text import Text


class _RateColumn(ProgressColumn):
    """Scenes a minute, averaged over this run: Rich's own rate follows the last few alone."""

    def render(self, task: Task) -> Text:
        made = task.completed - task.fields["there"]
        rate = f"{60 * made / task.elapsed:.1f}" if made and task.elapsed else "--"
        return Text(f"{rate} scenes/min", style="progress.data.speed")


@contextmanager
def progress_bar(console: Console, total: int, done: int) -> Iterator[Callable[[], None]]:
    """Show a bar of `total` scenes of which `done` are there. Yields what counts one more."""
    columns = (
        TextColumn("scenes"),
        BarColumn(),
        MofNCompleteColumn(),
        _RateColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("scenes", total=total, completed=done, there=done)
        yield lambda: progress.advance(task)
