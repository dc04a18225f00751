"""The Blender session of this process: resetting it and redirecting its output."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import bpy


def reset() -> bpy.types.Scene:
    """Reset Blender to an empty scene with factory settings, without data of earlier scenes."""
    _forget_preferences()
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    return bpy.context.scene


@cache
def _forget_preferences() -> None:
    """Reset the user's preferences, once per process: it makes Blender reload its add-ons, which
    takes six times as long as an empty file."""
    bpy.ops.wm.read_factory_settings(use_empty=True)


@contextlib.contextmanager
def quiet(log: Path) -> Iterator[None]:
    """Redirect the output of this process, from Python and from C, to the end of a file.

    Blender writes to the file descriptors directly, so these are redirected.
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
