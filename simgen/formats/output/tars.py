"""Tar files whose headers contain only name and size, so equal contents produce equal bytes."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterable
from pathlib import Path

BLOCK = 512
"""Size of a tar block in bytes: a header takes one block, content is padded to whole blocks."""

OVERHEAD = tarfile.RECORDSIZE
"""Size of an empty tar in bytes."""

Member = tuple[str, bytes]


def size_of(members: Iterable[Member]) -> int:
    """Return the size of members in a tar, in bytes."""
    return sum(BLOCK + -(-len(content) // BLOCK) * BLOCK for _, content in members)


class Tar:
    """A tar file that is being written."""

    def __init__(self, path: Path) -> None:
        self._tar = tarfile.open(path, "w", format=tarfile.GNU_FORMAT)  # noqa: SIM115

    def add(self, members: Iterable[Member]) -> None:
        for name, content in members:
            header = tarfile.TarInfo(name)
            header.size = len(content)
            self._tar.addfile(header, io.BytesIO(content))
        # tarfile keeps all members for readers, which would need too much memory here.
        self._tar.members = []  # type: ignore[attr-defined]

    def close(self) -> None:
        self._tar.close()
