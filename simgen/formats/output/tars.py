"""Tar files of named contents. Of their headers nothing but name and size is filled in, so the same
contents give the same bytes."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterable
from pathlib import Path

BLOCK = 512
"""What a tar is made of: a header is one, and content is filled up to whole ones."""

OVERHEAD = tarfile.RECORDSIZE
"""Bytes of an empty tar."""

Member = tuple[str, bytes]


def size_of(members: Iterable[Member]) -> int:
    """Bytes that they take in a tar."""
    return sum(BLOCK + -(-len(content) // BLOCK) * BLOCK for _, content in members)


class Tar:
    """A tar file being written."""

    def __init__(self, path: Path) -> None:
        self._tar = tarfile.open(path, "w", format=tarfile.GNU_FORMAT)  # noqa: SIM115

    def add(self, members: Iterable[Member]) -> None:
        for name, content in members:
            header = tarfile.TarInfo(name)
            header.size = len(content)
            self._tar.addfile(header, io.BytesIO(content))
        # Kept there for readers alone; there may be very many.
        self._tar.members = []  # type: ignore[attr-defined]

    def close(self) -> None:
        self._tar.close()
