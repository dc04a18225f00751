"""A mesh file to import, with what is known of it beforehand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from simgen.assets.entries import Entry


@dataclass(frozen=True)
class Candidate:
    """A mesh file to import. root: nothing outside of it is read. file: relative to it. shown: its
    name in messages. ready: its entry as far as it is known, without `file`."""

    root: Path
    file: str
    shown: str
    ready: Entry

    @property
    def mark(self) -> str:
        """Identifies the candidate; changes with its content."""
        path = self.root / self.file
        size = path.stat().st_size if path.is_file() else 0
        return f"{self.shown} {self.ready.source} {size}"


def rounded(length: float) -> float:
    """A length to five digits, as catalogues hold it."""
    return float(f"{length:.5g}")
