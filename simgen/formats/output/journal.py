"""Which files of an unfinished export are complete: an interrupted one goes on after them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from simgen.dataset import files, remote
from simgen.dataset.remote import AnyPath


class Journal:
    """A JSON file that is written again whenever another file of the export is whole.

    described: what is exported, and how. What an export of anything else left behind is not gone on
    with. files: of each whole file, by its name within the export, what its format knows of it.
    resumed: whether an attempt at the same export left a journal.
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
        """A file is whole, and in its place."""
        self.files[name] = about
        self.write()

    def write(self) -> None:
        """Raises `OSError` and `DiskError`."""
        content = json.dumps({"described": self.described, "files": self.files}).encode()
        if isinstance(self._path, Path):
            with files.replacing(self._path, self._path.parent) as temporary:
                temporary.write_bytes(content)
        else:
            remote.write_bytes(self._path, content)


def read_json(path: AnyPath) -> dict[str, Any]:
    """A JSON object; empty where there is none that can be read. Raises `DiskError` where object
    storage cannot be reached."""
    try:
        found = json.loads(remote.read_bytes(path))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
