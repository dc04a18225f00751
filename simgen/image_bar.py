"""The progress bar of commands that go through images."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TimeElapsedColumn, TimeRemainingColumn

type Tell = Callable[[int, int], None]
"""Is told how many images are done, and of how many."""


@contextmanager
def image_bar(console: Console) -> Iterator[Callable[[str], Tell]]:
    """Yields what adds a bar of a name. Bars go when all is done, and are not drawn where nobody
    looks on."""
    shown = (MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    columns = (*Progress.get_default_columns()[:2], *shown)
    silent = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=silent) as progress:

        def added(name: str) -> Tell:
            task = progress.add_task(name, total=None)
            return lambda done, total: progress.update(task, completed=done, total=total)

        yield added
