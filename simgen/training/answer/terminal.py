"""The results of a study, for the terminal."""

from __future__ import annotations

from rich import box
from rich.console import Group
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from simgen.training.answer.findings import ArmFindings, Findings
from simgen.training.answer.words import conclusions, duration, number, remarks, spanned


def summary(found: Findings) -> Group:
    """Return a table of the arms, with sentences below it."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("arm", overflow="fold")
    for head in ("images", "real", "AP50", f"difference to {escape(found.study.reference)}", "AP"):
        table.add_column(head, justify="right")
    table.add_column("time", justify="right", no_wrap=True)
    for one in found.arms:
        table.add_row(*_row(one))
    sentences = [Text(f"- {line}") for line in conclusions(found)]
    return Group(table, *sentences, Text(" ".join(remarks(found)), style="dim"))


def _row(one: ArmFindings) -> tuple[str, ...]:
    distinct = one.difference is not None and one.difference.distinct
    difference = "reference" if one.difference is None else spanned(one.difference, sign=True)
    return (
        escape(one.arm.name) + (" (baseline)" if one.arm.baseline else ""),
        f"{one.images:,}",
        f"{one.real_images:,}",
        spanned(one.ap50),
        f"[bold]{difference}[/]" if distinct else difference,
        number(one.ap.mean),
        duration(one.seconds),
    )
