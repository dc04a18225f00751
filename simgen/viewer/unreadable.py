"""Files of a dataset that cannot be read: their image is marked, and the view goes on."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable

import cv2

from simgen.dataset import remote
from simgen.dataset.remote import AnyPath
from simgen.errors import InputError

_LONGEST = 300
"""Characters of a reason."""

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
"""What reading untrusted files may raise. Not `DiskError`: unreachable storage is no damage."""


def attempted[T](make: Callable[[], T], other: T, path: AnyPath, root: AnyPath) -> tuple[T, str]:
    """The result of `make` and an empty line; or `other`, and one line on what is wrong.

    path: the file that `make` reads. root: of its dataset. The line does not contain it, since
    views are passed on.
    """
    try:
        return make(), ""
    except UNREADABLE as error:
        return other, reason(error, path, root)


def reason(error: Exception, path: AnyPath, root: AnyPath) -> str:
    """What is wrong with a file, as one line: `scenes/000001/spec.json: missing`."""
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
    """Damage in the form of the validator's findings. what: picture, labels or maps."""
    fix = "Put the file back, or make the scene again; `simgen validate` lists all errors."
    return {"rule": f"damaged/{what}", "severity": "error", "message": line, "fix": fix}


def first_of[T](makes: Iterable[Callable[[], T]], other: T) -> T:
    """The result of the first function that can read its files; else `other`."""
    for make in makes:
        with contextlib.suppress(*UNREADABLE):
            return make()
    return other
