"""How far an import is: one that was stopped goes on where it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

FILE = ".adding.json"
"""In the asset folder, as long as an import has not come to its end."""


class Journal:
    """The names of what one import has taken in. It is read when the same import begins again, and
    forgotten when another one does.

    what: that which tells one import from another.
    """

    def __init__(self, library: Path, what: Sequence[object]) -> None:
        self._path = library / FILE
        self._key = hashlib.sha256("\0".join(map(repr, what)).encode()).hexdigest()
        self.done = self._read()

    def _read(self) -> set[str]:
        try:
            plain = json.loads(self._path.read_text(encoding="utf-8"))
            return {str(name) for name in plain["done"]} if plain["key"] == self._key else set()
        except (OSError, ValueError, KeyError, TypeError):  # none, or one that was cut short
            return set()

    def write(self) -> None:
        """Keep it. Call it after the catalogue was written: what is in it is in the catalogue."""
        plain = {"key": self._key, "done": sorted(self.done)}
        self._path.write_text(json.dumps(plain), encoding="utf-8")

    def end(self) -> None:
        """Forget it: all was done."""
        self._path.unlink(missing_ok=True)
