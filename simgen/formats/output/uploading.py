"""Exports to object storage, file by file through a folder of this machine."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from simgen.dataset import files, remote
from simgen.dataset.remote import AnyPath
from simgen.errors import InputError
from simgen.formats.output.journal import Journal
from simgen.formats.output.target import MARKER, Target, marker

JOURNAL = ".simgen-export-partial.json"
"""Exists as long as the export is incomplete."""


class _Uploading(Target):
    """Uploads each kept file at once."""

    def __init__(self, local: Path, journal: Journal, out: AnyPath) -> None:
        super().__init__(local / "whole", local / "scratch", journal, copy=True)
        self._out = out

    def put(self, temporary: Path, name: str) -> None:
        """See `Target.put`."""
        remote.upload([(temporary, self._out / name)])
        temporary.unlink()


@contextmanager
def uploaded(out: AnyPath, described: dict[str, Any]) -> Iterator[Target]:
    """A target whose files go to a URI. `MARKER`, and what the format did not ask to keep, such as
    an index, goes last. An export that was interrupted goes on after the files that it kept.

    described: what is exported, and how. Raises `InputError` where anything else is at the URI, and
    `DiskError` where it cannot be written.
    """
    journal = Journal(out / JOURNAL, described)
    if not journal.files:
        _check_free(out, journal)
    journal.write()
    with tempfile.TemporaryDirectory(prefix="simgen-") as name:
        local = Path(name)
        target = _Uploading(local, journal, out)
        for folder in (target.folder, target.scratch):
            files.empty_folder(folder)
        yield target
        rest = sorted(path for path in target.folder.rglob("*") if path.is_file())
        remote.upload((path, out / path.relative_to(target.folder).as_posix()) for path in rest)
    remote.write_bytes(out / MARKER, marker(described))
    remote.remove(out / JOURNAL)


def _check_free(out: AnyPath, journal: Journal) -> None:
    others = set(remote.names(out)) - ({JOURNAL} if journal.resumed else set())
    if others:
        raise InputError(
            f"{out}: contains {min(others)!r} and maybe more; choose another place for the "
            "export, or remove what is there"
        )
