"""The destination of an export: a folder with a temporary name until the export is complete."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from simgen.dataset import files
from simgen.errors import InputError
from simgen.formats.items import Picture
from simgen.formats.output.journal import Journal, read_json

MARKER = ".simgen-export.json"
"""Description of the export; a dot at the beginning prevents loaders from treating it as data."""


class Target:
    """The destination of an export that is being written."""

    def __init__(self, folder: Path, scratch: Path, journal: Journal, copy: bool = False) -> None:
        self.folder = folder
        self.scratch = scratch
        """Folder for temporary files, on the same disk."""
        self.journal = journal
        """The files kept by this and earlier attempts at the same export."""
        self.remarks: list[str] = []
        """Remarks for the user, such as on labels that the format cannot store."""
        self._copy = copy
        self._made: set[Path] = set()

    def path(self, name: str) -> Path:
        """Return the path of a file by its name in the export; create its folder."""
        path = self.folder / name
        if path.parent not in self._made:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._made.add(path.parent)
        return path

    def write(self, name: str, content: bytes | str) -> None:
        data = content.encode() if isinstance(content, str) else content
        self.path(name).write_bytes(data)

    def keep(self, temporary: Path, name: str, about: dict[str, Any]) -> None:
        """Move a complete file to `name`, and keep it even if the export is interrupted.

        about: stored in the journal for the next attempt.
        """
        self.put(temporary, name)
        self.journal.add(name, about)

    def put(self, temporary: Path, name: str) -> None:
        """Flush a local file to disk and move it to its place."""
        with files.replacing(self.path(name), self.scratch) as whole:
            os.replace(temporary, whole)

    def picture(self, name: str, picture: Picture) -> None:
        """Write an image as `name` with the picture's suffix.

        An unchanged image becomes a hard link if the original is on the same disk. Raises
        `OSError` if the original is damaged.
        """
        path = self.path(name + picture.suffix)
        if picture.untouched and isinstance(picture.path, Path):
            picture.check()
            self._link(path, picture.path)
        else:
            path.write_bytes(picture.content())

    def _link(self, path: Path, original: Path) -> None:
        """Link or copy a file."""
        if self._copy:
            shutil.copyfile(original, path)
        else:
            files.link_or_copy(original, path)


@contextmanager
def atomic_folder(out: Path, described: dict[str, Any], copy: bool = False) -> Iterator[Target]:
    """Yield a target that replaces `out` on success.

    An interrupted export leaves `out` unchanged and resumes after the files that it kept. An
    existing export is replaced only by an export to the same format. described: inputs and options
    of the export. Raises `InputError` if `out` contains other files or is being written by another
    export.
    """
    _check_free(out, described)
    partial = out.parent / f".{out.name}.partial"
    partial.mkdir(parents=True, exist_ok=True)
    try:
        lock = FileLock(partial / "lock").acquire(timeout=0)
    except Timeout:
        raise InputError(f"{out}: being written by another export; wait until it ends") from None
    with lock:
        folder, scratch, old = partial / "whole", partial / "scratch", partial / "old"
        if old.exists() and not out.exists():
            # An export was killed between its two renames; this is the only remaining copy.
            os.rename(old, out)
            _check_free(out, described)
        journal = Journal(partial / "journal.json", described)
        if not all((folder / name).is_file() for name in journal.files):
            journal.files.clear()
        if not journal.files:
            # Written before the folder is emptied, so a journal never names deleted files.
            journal.write()
            files.empty_folder(folder)
        files.empty_folder(scratch)
        yield Target(folder, scratch, journal, copy)
        (folder / MARKER).write_bytes(marker(described))
        if old.exists():
            # An export was killed while removing this folder; it would block the rename below.
            shutil.rmtree(old)
        if out.exists():
            os.rename(out, old)
        os.rename(folder, out)
        files.sync_folder(out.parent)
        shutil.rmtree(partial, ignore_errors=True)


def marker(described: dict[str, Any]) -> bytes:
    """Return the content of `MARKER`."""
    return (json.dumps(described, indent=1, sort_keys=True) + "\n").encode()


def describes(out: Path, described: dict[str, Any]) -> bool:
    """Return whether a folder contains exactly the described export."""
    return read_json(out / MARKER) == json.loads(json.dumps(described))


def _check_free(out: Path, described: dict[str, Any]) -> None:
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    there = read_json(out / MARKER)
    if not there:
        raise InputError(f"{out}: contains other files; choose a new or empty folder")
    if there.get("format") != described.get("format"):
        raise InputError(
            f"{out}: contains an export to {there.get('format')}; choose another folder or remove "
            "this one"
        )
