"""How far commands are that go through many files: a bar in a terminal, else a line at times."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TimeElapsedColumn, TimeRemainingColumn

from simgen.runs.console import say
from simgen.runs.progress_lines import ProgressLines

type Tell = Callable[[int, int | None], None]
"""Is told how many images are done, and of how many; None where that is not known."""


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
