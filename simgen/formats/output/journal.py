"""The journal of an unfinished export: its complete files, after which the export can resume."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from simgen.dataset import files, remote
from simgen.dataset.remote import AnyPath


class Journal:
    """A JSON file that is rewritten whenever another file of the export is complete.

    described: inputs and options of the export; a journal of any other export is discarded. files:
    the format's data on each complete file, by its name in the export. resumed: whether an earlier
    attempt at the same export left a journal.
    """

    def __init__(self, path: AnyPath, described: dict[str, Any]) -> None:
        self.described = json.loads(json.dumps(described))
        self.files: dict[str, dict[str, Any]] = {}
        self._path = path
        found = read_json(path)
        self.resumed = found.get("described") == self.described
        if self.resumed:
            self.files = found["files"]

    def add(self, name: str, about: dict[str, Any]) -> None:
        """Record a complete file that is in its place."""
        self.files[name] = about
        self.write()

    def write(self) -> None:
        """Write the journal. Raises `OSError` and `DiskError`."""
        content = json.dumps({"described": self.described, "files": self.files}).encode()
        if isinstance(self._path, Path):
            with files.replacing(self._path, self._path.parent) as temporary:
                temporary.write_bytes(content)
        else:
            remote.write_bytes(self._path, content)


def read_json(path: AnyPath) -> dict[str, Any]:
    """Read a JSON object; empty if it is missing or unreadable.

    Raises `DiskError` if object storage cannot be reached.
    """
    try:
        found = json.loads(remote.read_bytes(path))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
