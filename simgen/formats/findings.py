"""Rules that datasets keep, and findings where they do not. Plain data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from simgen.errors import InputError

ERROR, WARNING = "error", "warning"
_LONGEST = 160
"""Characters of a value that is quoted; untrusted files may hold anything."""


@dataclass(frozen=True)
class Rule:
    """Something that holds for every good dataset.

    id: kind of dataset and name, e.g. `coco/box-empty`. severity: `error` for what breaks training
    or contradicts other labels, `warning` for what may be meant. about: what holds. fix: what to do
    where it does not.
    """

    id: str
    severity: str
    about: str
    fix: str

    def at(self, file: str, place: str, found: object, expected: object) -> Finding:
        """A place where the rule does not hold."""
        return Finding(self.id, self.severity, file, place, brief(found), brief(expected), self.fix)


def error(name: str, about: str, fix: str) -> Rule:
    return Rule(name, ERROR, about, fix)


def warning(name: str, about: str, fix: str) -> Rule:
    return Rule(name, WARNING, about, fix)


@dataclass(frozen=True)
class Finding:
    """A rule that does not hold.

    rule, severity, fix: as in `Rule`. file: relative to the dataset. place: within it, such as an
    image, an annotation or a line; empty for the file as a whole.
    """

    rule: str
    severity: str
    file: str
    place: str
    found: str
    expected: str
    fix: str


Sink = Callable[[Finding], None]
"""Takes what a reader finds wrong. The reader then goes on without what it could not read."""


def strict(root: Path) -> Sink:
    """A sink that raises `InputError` for the first error. root: that files are relative to."""

    def report(found: Finding) -> None:
        if found.severity == ERROR:
            place = f": {found.place}" if found.place else ""
            raise InputError(
                f"{root / found.file}{place}: {found.found}; expected {found.expected}"
            )

    return report


def brief(value: object) -> str:
    """A value as text on one line, cut where it is long, without control characters."""
    try:
        text = value if isinstance(value, str) else repr(value)
    except RecursionError:
        text = f"a deeply nested {type(value).__name__}"
    text = "".join(c if c.isprintable() else " " for c in text[: 2 * _LONGEST])
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
