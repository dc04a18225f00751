"""Errors that a user can do something about. Each message is one line: what, where, what to do."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable


class SimgenError(Exception):
    """Something stopped the run; the message alone tells the user what to do."""

    exit_code = 1


class InputError(SimgenError):
    """What the user gave is wrong: a config, a folder, a mesh."""

    exit_code = 2


class AssetError(InputError):
    """One asset cannot be used. The run goes on without it, or without the scene that needs it."""


class SceneError(SimgenError):
    """One scene cannot be made, however often it is tried. The run goes on without it."""


class ShapeError(SceneError):
    """The physics refuse shapes, as they would whenever they are asked. Others may take their
    place. names: what the bodies stand for: files of the asset folder, classes that are built."""

    def __init__(self, message: str, names: Collection[str]) -> None:
        super().__init__(message, names)  # both, so that it can travel between processes
        self.names = frozenset(names)

    def __str__(self) -> str:
        return str(self.args[0])


class DiskError(SimgenError):
    """The dataset's disk is full or cannot be written, or its object storage cannot be used: no
    scene can be made any more."""


class RunStoppedError(SimgenError):
    """The user stopped the run, with Ctrl-C or SIGTERM. What was committed is whole."""


class DetachedError(SimgenError):
    """The command ends here, and tasks elsewhere make its scenes (`runner.slurm.wait=false`)."""

    exit_code = 0


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The name that was probably meant, as the end of a message; nothing where none is near."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""
