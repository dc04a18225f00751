"""What a run prints at its end."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from simgen.card.facts import Amounts
from simgen.card.write import is_edited
from simgen.exporters.formats.coco.instances import Contents
from simgen.finish import Finished
from simgen.progress import cost, duration, kinds, where_time_went
from simgen.reports import Failure
from simgen.runners.quarantine import replay_command
from simgen.store import remote
from simgen.store.layout import Layout
from simgen.store.reader import Dataset
from simgen.store.runs import Totals

_FEW = 0.9
"""Part of the objects that were asked for below which advice is printed."""
_SHOWN = 20
"""Scenes that were given up and are named in the terminal."""


def print_summary(
    console: Console,
    place: Layout,
    dataset: Dataset,
    finished: Finished,
    seconds: float,
    made: Totals,
    failures: list[Failure],
) -> None:
    """Images, instances per class, where the time went, what was given up, and where everything is.

    finished: what was made of all scenes together. seconds: how long this run took. made: sums over
    the scenes of this run.
    """
    console.print()
    console.print(Text(f"{len(dataset)} images", "bold"), f"of {len(dataset.scenes)} scenes")
    if made.frames:
        _print_made(console, made, seconds)
    if finished.contents is not None:
        console.print(_classes(finished.contents))
    _print_amounts(console, finished.amounts)
    _print_refused(console, finished.amounts.refused if finished.amounts else ())
    if failures:
        _print_failures(console, place, failures)
    _say(console, f"dataset  {dataset.root}")
    if remote.size(place.preview) >= 0:
        _say(console, f"look at  {place.preview}")
    if is_edited(place.card):
        line = f"card     {place.card} was edited, and is left as it is"
        _say(console, line)
    _say(console, f"logs     {place.logs}")


def _say(console: Console, line: str) -> None:
    """Print a line with names of the user's, which may hold brackets and colons."""
    console.print(line, soft_wrap=True, highlight=False, markup=False, emoji=False)


def _print_made(console: Console, made: Totals, seconds: float) -> None:
    rate = f"{60 * made.frames / seconds:.1f} images per minute" if seconds else ""
    console.print(f"{made.frames} of them now, in {duration(seconds)}: {rate}", highlight=False)
    console.print(f"time     {where_time_went(made)}", soft_wrap=True, highlight=False)
    console.print(f"         {cost(made)}", soft_wrap=True, highlight=False)
    console.print(f"device   {kinds(made.devices)}", highlight=False)
    if len(made.devices) > 1:
        console.print(
            "Devices of several kinds round differently; name one with render.device where every "
            "byte matters.",
            style="yellow", soft_wrap=True,
        )  # fmt: skip


def _print_amounts(console: Console, amounts: Amounts | None) -> None:
    if amounts is None or not amounts.asked:
        return
    console.print(f"objects  {amounts}", soft_wrap=True, highlight=False)
    if amounts.placed < _FEW * amounts.asked:
        console.print(
            f"{amounts.asked - amounts.placed:,} objects found no place: take a lower "
            "objects.count_range, a larger scene.size_range or a smaller placement.gap_range.",
            style="yellow", soft_wrap=True, highlight=False,
        )  # fmt: skip


def _print_refused(console: Console, names: Sequence[str]) -> None:
    """names: of the assets that the physics refused."""
    if not names:
        return
    listed = ", ".join(names[:_SHOWN])
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    console.print(
        f"The physics refused {listed}{more}, and others took their places: give such meshes a "
        "thickness, or leave them out.",
        style="yellow", markup=False, emoji=False, soft_wrap=True, highlight=False,
    )  # fmt: skip


def _print_failures(console: Console, place: Layout, failures: list[Failure]) -> None:
    for failure in failures[:_SHOWN]:
        console.print(
            f"given up: scene {failure.scene} after {failure.attempts} attempts: {failure.reason}",
            style="red", markup=False, emoji=False, soft_wrap=True,
        )  # fmt: skip
    if len(failures) > _SHOWN:
        console.print(f"and {len(failures) - _SHOWN} more", style="red")
    _say(console, f"reasons  {place.failed}")
    again = replay_command(place, failures[0].scene)
    _say(console, f"look     {again}")
    console.print("The same command tries them again.")


def _classes(contents: Contents) -> Table:
    table = Table("class", "visible instances", title=None, box=None, pad_edge=False)
    for name, count in sorted(contents.per_class.items()):
        table.add_row(Text(name), str(count))
    table.add_row("all", str(contents.annotations), style="bold")
    return table
