"""Files of a dataset that cannot be read: they cost their image, never the view."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable

import cv2

from simgen.errors import InputError
from simgen.store import remote
from simgen.store.remote import AnyPath

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
"""What reading somebody's files may raise. Not `DiskError`: storage that cannot be reached damages
nothing."""


def attempted[T](make: Callable[[], T], other: T, path: AnyPath, root: AnyPath) -> tuple[T, str]:
    """What something makes of a file and an empty line; or `other`, and in a line what is wrong.

    path: the file. root: of its dataset, which the line does not name: views are handed on.
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
        why = f"not what was expected: {type(error).__name__} {error}"
    why = why.removeprefix(f"{path}: ").replace(f"{root}/", "")
    line = " ".join(f"{remote.relative(path, root)}: {why}".split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def damage_finding(what: str, line: str) -> dict[str, str]:
    """Damage in the form of the validator's findings. what: picture, labels or maps."""
    fix = "Put the file back, or make the scene again; `simgen validate` lists all that is wrong."
    return {"rule": f"damaged/{what}", "severity": "error", "message": line, "fix": fix}


def first_of[T](makes: Iterable[Callable[[], T]], other: T) -> T:
    """What the first of some functions returns that can read its files; else `other`."""
    for make in makes:
        with contextlib.suppress(*UNREADABLE):
            return make()
    return other
