"""Handling of unreadable files of a dataset: their image is marked, and the view continues."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable

import cv2

from simgen.dataset import remote
from simgen.dataset.remote import AnyPath
from simgen.errors import InputError

_LONGEST = 300
"""Maximum number of characters of a reason."""

UNREADABLE = (
    InputError,
    OSError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    cv2.error,
)
"""Errors that reading untrusted files may raise. `DiskError` is not among them, since unreachable
storage is not damage."""


def attempted[T](make: Callable[[], T], other: T, path: AnyPath, root: AnyPath) -> tuple[T, str]:
    """Return the result of `make` and an empty line, or `other` and one line on the damage.

    path: the file that `make` reads. root: of its dataset; it is removed from the line, since views
    may be passed on to others.
    """
    try:
        return make(), ""
    except UNREADABLE as error:
        return other, reason(error, path, root)


def reason(error: Exception, path: AnyPath, root: AnyPath) -> str:
    """Return the damage to a file as one line, such as `scenes/000001/spec.json: missing`."""
    if isinstance(error, FileNotFoundError):
        why = "missing"
    elif isinstance(error, OSError | InputError):
        why = str(getattr(error, "strerror", None) or error)
    else:
        why = f"unexpected content: {type(error).__name__} {error}"
    why = why.removeprefix(f"{path}: ").replace(f"{root}/", "")
    line = " ".join(f"{remote.relative(path, root)}: {why}".split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def damage_finding(what: str, line: str) -> dict[str, str]:
    """Return damage in the form of the validator's findings. what: picture, labels or maps."""
    fix = "Restore the file or generate the scene again; `simgen validate` lists all errors."
    return {"rule": f"damaged/{what}", "severity": "error", "message": line, "fix": fix}


def first_of[T](makes: Iterable[Callable[[], T]], other: T) -> T:
    """Return the result of the first function that can read its files, or else `other`."""
    for make in makes:
        with contextlib.suppress(*UNREADABLE):
            return make()
    return other
