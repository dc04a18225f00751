"""The cache of a view: one line per scene, so that an interrupted run continues where it stopped.

Lines are only appended; the last one of a scene counts. Unreadable lines are ignored, and their
scenes are processed again.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO

import orjson

from simgen.viewer.scene_data import Scene, scene_of

_FILE = "scenes.jsonl"
_MOST_BYTES = 256_000_000
"""Of a line."""


class SceneCache(AbstractContextManager["SceneCache"]):
    """Scenes on disk. Only the offsets of their lines are kept in memory."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _FILE
        self._file: BinaryIO = _opened(self._path)
        self._lines: dict[int, tuple[int, int]] = {}
        self._outdated = 0
        self._end = 0
        while line := self._file.readline(_MOST_BYTES):
            if not line.endswith(b"\n"):
                break
            self._note(line)
        self._file.truncate(self._end)

    def _note(self, line: bytes) -> None:
        head = line.split(b"\t", 1)[0]
        if head.isdigit():
            scene = int(head[:9])
            self._outdated += scene in self._lines
            self._lines[scene] = (self._end, len(line))
        self._end += len(line)

    def get(self, scene: int) -> Scene | None:
        """A scene; None if it is not in the cache."""
        if scene not in self._lines:
            return None
        start, length = self._lines[scene]
        self._file.seek(start)
        try:
            found = scene_of(orjson.loads(self._file.read(length).split(b"\t", 1)[1]))
        except (ValueError, TypeError, LookupError, AttributeError):
            return None
        return found if found.scene == scene else None

    def put(self, scene: Scene) -> None:
        """Add or replace a scene. Raises `OSError`."""
        line = b"%d\t%s\n" % (scene.scene, orjson.dumps(asdict(scene)))
        self._file.seek(self._end)
        self._file.write(line)
        self._note(line)

    def settle(self, scenes: Sequence[int]) -> None:
        """Keep only the last lines of these scenes, in their order. Raises `OSError`."""
        wanted = [scene for scene in scenes if scene in self._lines]
        if not self._outdated and wanted == list(self._lines):
            return
        temporary = self._path.with_name(f".{_FILE}.{os.getpid()}")
        temporary.unlink(missing_ok=True)
        with temporary.open("xb") as file:
            for scene in wanted:
                start, length = self._lines[scene]
                self._file.seek(start)
                file.write(self._file.read(length))
        os.replace(temporary, self._path)

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _opened(path: Path) -> BinaryIO:
    if path.is_symlink():
        path.unlink()
    path.touch()
    return path.open("r+b")
