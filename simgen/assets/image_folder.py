"""A folder of other people's images: which files are in it, and the bytes of one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath


def image_files(folder: Path, suffixes: tuple[str, ...]) -> Iterator[str]:
    """Paths below a folder, with forward slashes, in any order.

    Hidden ones and links to folders are left out.
    """
    for root, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            if name.lower().endswith(suffixes) and not name.startswith("."):
                yield (Path(root) / name).relative_to(folder).as_posix()


def below(folder: Path, file: str) -> Path:
    """Where a file is that `image_files` found.

    Raises `ValueError`, one line without the file's name, for one that lies outside of the folder,
    be it behind a link, and for a name that would break a message or a list.
    """
    if not file.isprintable():
        raise ValueError("its name has unprintable characters; rename it")
    parts = PurePosixPath(file)
    if parts.is_absolute() or ".." in parts.parts:
        raise ValueError(f"expected a path below {folder}")
    path = folder / parts
    if not path.resolve().is_relative_to(folder.resolve()):
        raise ValueError("it is a link that leads outside of the folder; copy the target here")
    return path


def read_bytes(path: Path, most: int) -> bytes:
    """All bytes of a file of at most `most`.

    Raises `ValueError` where it is missing, no plain file or larger.
    """
    try:
        if not path.is_file():
            raise ValueError("there is no such file")
        with path.open("rb") as stream:
            data = stream.read(most + 1)
    except OSError as error:
        raise ValueError(f"it cannot be read ({error.strerror})") from error
    if len(data) > most:
        raise ValueError(f"the file has more than {most // 2**20} MB")
    return data
