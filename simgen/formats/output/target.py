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
"""What was exported, and how; its name begins with a dot so that no loader takes it for data."""


class Target:
    """The folder of an export that is being written."""

    def __init__(self, folder: Path, scratch: Path, journal: Journal, copy: bool = False) -> None:
        self.folder = folder
        self.scratch = scratch
        """For temporary files, on the same disk."""
        self.journal = journal
        """What an earlier attempt at the same export has kept, and this one keeps."""
        self.remarks: list[str] = []
        """What the user should know of the export, such as what the format cannot hold."""
        self._copy = copy
        self._made: set[Path] = set()

    def path(self, name: str) -> Path:
        """Of a file to be written, by its name within the export; its folder is made."""
        path = self.folder / name
        if path.parent not in self._made:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._made.add(path.parent)
        return path

    def write(self, name: str, content: bytes | str) -> None:
        data = content.encode() if isinstance(content, str) else content
        self.path(name).write_bytes(data)

    def keep(self, temporary: Path, name: str, about: dict[str, Any]) -> None:
        """A file that was written at `temporary` is whole: it becomes `name`, and stays even if the
        export is interrupted. The next attempt finds `about` in the journal."""
        self.put(temporary, name)
        self.journal.add(name, about)

    def put(self, temporary: Path, name: str) -> None:
        """Flush a local file to disk and move it to its place."""
        with files.replacing(self.path(name), self.scratch) as whole:
            os.replace(temporary, whole)

    def picture(self, name: str, picture: Picture) -> None:
        """Write an image as `name` with the picture's suffix; as a hard link to the original where
        it is to be the same and lies on the same disk. Raises `OSError` for a damaged one."""
        path = self.path(name + picture.suffix)
        if picture.untouched and isinstance(picture.path, Path):
            picture.check()
            self._link(path, picture.path)
        else:
            path.write_bytes(picture.content())

    def _link(self, path: Path, original: Path) -> None:
        """The same file at another place."""
        if self._copy:
            shutil.copyfile(original, path)
        else:
            files.link_or_copy(original, path)


@contextmanager
def atomic_folder(out: Path, described: dict[str, Any], copy: bool = False) -> Iterator[Target]:
    """A target that takes the place of `out` at the end, if nothing went wrong.

    described: what is exported, and how. An export that was interrupted leaves `out` as it was, and
    goes on after the files that it kept; one that is there is replaced only by an export to the
    same format. Raises `InputError` where there is something else, or another export is at work.
    """
    _check_free(out, described)
    partial = out.parent / f".{out.name}.partial"
    partial.mkdir(parents=True, exist_ok=True)
    try:
        lock = FileLock(partial / "lock").acquire(timeout=0)
    except Timeout:
        raise InputError(f"{out}: another export is writing it; wait for it to end") from None
    with lock:
        folder, scratch, old = partial / "whole", partial / "scratch", partial / "old"
        if old.exists() and not out.exists():
            # An export was killed between its two renames: this is the only copy left.
            os.rename(old, out)
            _check_free(out, described)
        journal = Journal(partial / "journal.json", described)
        if not all((folder / name).is_file() for name in journal.files):
            journal.files.clear()
        if not journal.files:
            # First, so that no journal ever names files that are gone.
            journal.write()
            files.empty_folder(folder)
        files.empty_folder(scratch)
        yield Target(folder, scratch, journal, copy)
        (folder / MARKER).write_bytes(marker(described))
        if old.exists():
            # An export was killed while it removed this; a folder cannot be renamed onto the rest.
            shutil.rmtree(old)
        if out.exists():
            os.rename(out, old)
        os.rename(folder, out)
        files.sync_folder(out.parent)
        shutil.rmtree(partial, ignore_errors=True)


def marker(described: dict[str, Any]) -> bytes:
    """The content of `MARKER`."""
    return (json.dumps(described, indent=1, sort_keys=True) + "\n").encode()


def describes(out: Path, described: dict[str, Any]) -> bool:
    """Whether a folder contains exactly the export that is described."""
    return read_json(out / MARKER) == json.loads(json.dumps(described))


def _check_free(out: Path, described: dict[str, Any]) -> None:
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    there = read_json(out / MARKER)
    if not there:
        raise InputError(f"{out}: contains other files; choose a new or empty folder")
    if there.get("format") != described.get("format"):
        raise InputError(
            f"{out}: contains an export to {there.get('format')}; choose another or remove it"
        )
