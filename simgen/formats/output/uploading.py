"""Exports to object storage, file by file through a local folder."""

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
"""Journal at the destination; exists while the export is incomplete."""


class _Uploading(Target):
    """A target that uploads each kept file immediately."""

    def __init__(self, local: Path, journal: Journal, out: AnyPath) -> None:
        super().__init__(local / "whole", local / "scratch", journal, copy=True)
        self._out = out

    def put(self, temporary: Path, name: str) -> None:
        """See `Target.put`."""
        remote.upload([(temporary, self._out / name)])
        temporary.unlink()


@contextmanager
def uploaded(out: AnyPath, described: dict[str, Any]) -> Iterator[Target]:
    """Yield a target whose files are uploaded to a URI.

    Files that the format does not keep, such as an index, and `MARKER` are uploaded last. An
    interrupted export resumes after the files that it kept. described: inputs and options of the
    export. Raises `InputError` if the URI contains other files, and `DiskError` if it cannot be
    written.
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
            f"{out}: contains other files, such as {min(others)!r}; choose an empty destination, "
            "or remove them"
        )
