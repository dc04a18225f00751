"""A mesh file to import, and its metadata known before reading it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from simgen.assets.entries import Entry


@dataclass(frozen=True)
class Candidate:
    """A mesh file to import.

    root: nothing outside this folder is read. file: relative to it. shown: its name in messages.
    ready: the fields of its entry that are known, without `file`. longest: of its sides, metres, if
    that determines the unit of the file.
    """

    root: Path
    file: str
    shown: str
    ready: Entry
    longest: float | None = None

    @property
    def mark(self) -> str:
        """A string that identifies the candidate, and changes with the file's size."""
        path = self.root / self.file
        size = path.stat().st_size if path.is_file() else 0
        return f"{self.shown} {self.ready.source} {size}"


def rounded(length: float) -> float:
    """Round a length to five significant digits, as in catalogues."""
    return float(f"{length:.5g}")
