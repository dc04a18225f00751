"""All that is known of the dataset at a path."""

from __future__ import annotations

from simgen.errors import InputError
from simgen.formats.sources import SimgenSource, open_source
from simgen.stats.collect import Progress, collect
from simgen.stats.drawn import Drawn, asked_and_drawn
from simgen.stats.statistics import Statistics


def silent(done: int, total: int) -> None:
    """Nobody looks on."""


def gather(path: str, progress: Progress = silent) -> tuple[Statistics, list[Drawn] | None]:
    """The statistics of the dataset at a path or URI, and what was asked beside what was drawn;
    None where that is not known, and then `left_out` says why. Raises `InputError`."""
    source = open_source(path)
    found = collect(source, progress)
    if not isinstance(source, SimgenSource):
        return found, None
    try:
        return found, asked_and_drawn(source.dataset)
    except InputError as error:
        found.left_out["asked"] = str(error)
        return found, None
