"""What a run says at its end."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from simgen.exporters.coco import Contents
from simgen.pipeline import SceneReport
from simgen.runners.local import Failure
from simgen.store.layout import Layout
from simgen.store.reader import Dataset


def print_summary(
    console: Console,
    dataset: Dataset,
    contents: Contents | None,
    seconds: float,
    reports: list[SceneReport],
    failures: list[Failure],
) -> None:
    """Images, instances per class, seconds per image, and where everything is.

    contents: what the COCO file holds; None without one. seconds: how long this run took.
    """
    place = Layout(dataset.root)
    made = sum(report.frames for report in reports)
    console.print(f"\n[bold]{len(dataset)} images[/bold] of {len(dataset.scenes)} scenes")
    if made:
        console.print(f"{made} of them now, {seconds / made:.1f} s per image")
    if contents is not None:
        console.print(_classes(contents))
    for failure in failures:
        console.print(
            f"given up: scene {failure.scene} after {failure.attempts} attempts: {failure.reason}",
            style="red", markup=False, soft_wrap=True,
        )  # fmt: skip
    if failures:
        console.print("The same command tries them again.")
    console.print(f"dataset  {dataset.root}", soft_wrap=True, highlight=False)
    if place.preview.is_file():
        console.print(f"look at  {place.preview}", soft_wrap=True, highlight=False)
    console.print(f"logs     {place.logs}", soft_wrap=True, highlight=False)


def _classes(contents: Contents) -> Table:
    table = Table("class", "visible instances", title=None, box=None, pad_edge=False)
    for name, count in sorted(contents.per_class.items()):
        table.add_row(name, str(count))
    table.add_row("all", str(contents.annotations), style="bold")
    return table
