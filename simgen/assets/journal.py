"""The progress of an import, to continue it after an interruption."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

FILE = ".adding.json"
"""Name of the journal in the asset folder, deleted when the import is complete."""


class Journal:
    """The names of the files that an import has added.

    Read when the same import is started again, and discarded when another one is. what: identifies
    the import.
    """

    def __init__(self, library: Path, what: Sequence[object]) -> None:
        self._path = library / FILE
        self._key = hashlib.sha256("\0".join(map(repr, what)).encode()).hexdigest()
        self.done = self._read()

    def _read(self) -> set[str]:
        try:
            plain = json.loads(self._path.read_text(encoding="utf-8"))
            return {str(name) for name in plain["done"]} if plain["key"] == self._key else set()
        except (OSError, ValueError, KeyError, TypeError):  # missing or truncated
            return set()

    def write(self) -> None:
        """Write the journal. Call it after writing the catalogue, which must contain all its
        assets."""
        plain = {"key": self._key, "done": sorted(self.done)}
        self._path.write_text(json.dumps(plain), encoding="utf-8")

    def end(self) -> None:
        """Remove the journal at the end of the import."""
        self._path.unlink(missing_ok=True)
