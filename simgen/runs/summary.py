"""The summary printed at the end of a run."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from simgen.dataset import remote
from simgen.dataset.layout import Layout
from simgen.dataset.reader import Dataset
from simgen.dataset.reports import Failure
from simgen.dataset.runs import Totals
from simgen.formats.coco.instances import Contents
from simgen.report.card.write import is_edited
from simgen.report.counting.scenes import Amounts
from simgen.runs.backends.quarantine import replay_command
from simgen.runs.console import say
from simgen.runs.finish import Finished
from simgen.runs.progress import cost_lines, duration

_FEW = 0.9
"""Share of the requested objects below which the summary gives advice."""
_SHOWN = 20
"""Number of failed scenes, or of rejected shapes, that are listed."""


def print_summary(
    console: Console,
    place: Layout,
    dataset: Dataset,
    finished: Finished,
    seconds: float,
    made: Totals,
    failures: list[Failure],
) -> None:
    """Print images, instances per class, timing, failures, and the paths of the results.

    finished: the files that cover all scenes. seconds: duration of this run. made: totals over the
    scenes of this run.
    """
    console.print()
    console.print(Text(f"{len(dataset)} images", "bold"), f"of {len(dataset.scenes)} scenes")
    if made.frames:
        _print_made(console, made, seconds)
    if finished.contents is not None:
        console.print(_classes(finished.contents))
    _print_amounts(console, finished.amounts)
    if failures:
        _print_failures(console, place, failures)
    say(console, f"dataset  {dataset.root}")
    if remote.size(place.preview) >= 0:
        say(console, f"look at  {place.preview}")
    if is_edited(place.card):
        say(console, f"card     {place.card} was edited, so it is not overwritten")
    say(console, f"logs     {place.logs}")


def _print_made(console: Console, made: Totals, seconds: float) -> None:
    rate = f"{60 * made.frames / seconds:.1f} images per minute" if seconds else ""
    say(console, f"{made.frames} of them by this run, in {duration(seconds)}: {rate}")
    for line in cost_lines(made):
        say(console, line)
    if len(made.devices) > 1:
        say(
            console,
            "Devices of different kinds round differently; set render.device if scenes must be "
            "identical byte for byte.",
            "yellow",
        )


def _print_amounts(console: Console, amounts: Amounts | None) -> None:
    if amounts is None:
        return
    if amounts.asked:
        say(console, f"objects  {amounts}")
    if amounts.placed < _FEW * amounts.asked:
        say(
            console,
            f"{amounts.asked - amounts.placed:,} objects could not be placed: use a lower "
            "objects.count_range, a larger scene.size_range or a smaller placement.gap_range.",
            "yellow",
        )
    if amounts.refused:
        say(
            console,
            f"The physics engine rejected {_some(amounts.refused)}, so others took their places: "
            "give these meshes thickness, or remove them.",
            "yellow",
        )


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _print_failures(console: Console, place: Layout, failures: list[Failure]) -> None:
    for failure in failures[:_SHOWN]:
        scene, attempts = failure.scene, failure.attempts
        line = f"failed: scene {scene} after {attempts} attempts: {failure.reason}"
        say(console, line, "red")
    if len(failures) > _SHOWN:
        say(console, f"and {len(failures) - _SHOWN} more", "red")
    say(console, f"reasons  {place.failed}")
    say(console, f"look     {replay_command(place, failures[0].scene)}")
    say(console, "Run the same command again to retry them.")


def _classes(contents: Contents) -> Table:
    table = Table("class", "visible instances", title=None, box=None, pad_edge=False)
    for name, count in sorted(contents.per_class.items()):
        table.add_row(Text(name), str(count))
    table.add_row("all", str(contents.annotations), style="bold")
    return table
