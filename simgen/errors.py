"""Errors that a user can resolve. Each message is one line: where, what is wrong, what to do."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable


class SimgenError(Exception):
    """Base class of simgen's errors. The message alone tells the user what to do."""

    exit_code = 1


class InputError(SimgenError):
    """The user's input is wrong: a config, a folder, a mesh."""

    exit_code = 2


class AssetError(InputError):
    """One asset cannot be used. The run continues without it, or without the scene it is for."""


class SceneError(SimgenError):
    """One scene cannot be generated, and retrying would not help. The run continues without it."""


class ShapeError(SceneError):
    """The physics engine rejects shapes, and always would; others may take their place.

    names: of the rejected bodies' files in the asset folder, or of their built-in classes.
    """

    def __init__(self, message: str, names: Collection[str]) -> None:
        super().__init__(message, names)  # both arguments, so that the error can be pickled
        self.names = frozenset(names)

    def __str__(self) -> str:
        return str(self.args[0])


class DiskError(SimgenError):
    """No further scene can be stored: the dataset's disk is full or not writable, or its object
    storage cannot be used."""


class RunStoppedError(SimgenError):
    """The user stopped the run with Ctrl-C or SIGTERM. Committed scenes are complete."""


class DetachedError(SimgenError):
    """The command ends while Slurm tasks generate its scenes (`runner.slurm.wait=false`)."""

    exit_code = 0


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a suffix for a message that suggests the closest known name, or an empty string."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""
