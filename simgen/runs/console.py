"""Printing to the terminal."""

from __future__ import annotations

from rich.console import Console


def say(console: Console, line: str, style: str | None = None) -> None:
    """Print a line verbatim, without interpreting Rich markup or emoji codes, and flush it: logs
    are read while they grow."""
    console.print(line, style=style, markup=False, emoji=False, highlight=False, soft_wrap=True)
    console.file.flush()
