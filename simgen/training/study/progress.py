"""Progress of the trainings of a study."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from simgen.training.trainers.trainer import Tell

Begin = Callable[[str, int], Tell]
"""Takes the name of a training and its number of steps; returns a callback for its progress."""


@contextmanager
def training_bar(console: Console, count: int) -> Iterator[Begin]:
    """Show a bar for all trainings and one for the current one; without a terminal, a line for
    each. count: number of trainings."""
    if not console.is_terminal:
        yield _lines(console, count)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console) as progress:
        whole = progress.add_task("trainings", total=count)
        now = progress.add_task("", total=1)

        def begin(name: str, steps: int) -> Tell:
            progress.update(whole, completed=begun.pop(0))
            progress.reset(now, description=name, total=max(1, steps))
            return lambda done, of: progress.update(now, completed=done, total=max(1, of))

        begun = list(range(count))
        yield begin
        progress.update(whole, completed=count)


def _lines(console: Console, count: int) -> Begin:
    begun = 0

    def begin(name: str, steps: int) -> Tell:
        nonlocal begun
        begun += 1
        console.print(f"training {begun} of {count}: {name}", markup=False, highlight=False)
        return lambda done, of: None

    return begin
