"""One Blender in this process: starting it, emptying it, keeping it quiet."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import bpy


def reset() -> bpy.types.Scene:
    """An empty scene in factory settings: nothing of the user's or of an earlier scene is left."""
    _forget_preferences()
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    return bpy.context.scene


@cache
def _forget_preferences() -> None:
    """The user's preferences, once a process: Blender loads its add-ons again with them, which
    takes six times as long as an empty file."""
    bpy.ops.wm.read_factory_settings(use_empty=True)


@contextlib.contextmanager
def quiet(log: Path) -> Iterator[None]:
    """Append what this process prints, from Python or from C, to a file.

    Blender writes to the file descriptors themselves, so they are what is redirected.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    saved = {number: os.dup(number) for number in (1, 2)}
    try:
        for number in saved:
            os.dup2(target, number)
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for number, copy in saved.items():
            os.dup2(copy, number)
            os.close(copy)
        os.close(target)
