"""What is checked, and what was found. Plain data."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from simgen.formats.validate.census import Census

ERROR, WARNING = "error", "warning"
_LONGEST = 160
"""Characters of a value that is quoted; other people's files may hold anything."""


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


@dataclass(frozen=True)
class Picture:
    """What is kept of an image, to be compared with all others. digest: of its bytes."""

    file: str
    split: str
    digest: str


@dataclass
class Seen:
    """What a part of a dataset gave.

    images: how many were looked at. per_class: objects. census: of kinds of dataset that count
    boxes. facts: what the kind of dataset compares when all parts are there; picklable and small.
    """

    findings: list[Finding] = field(default_factory=list)
    images: int = 0
    pictures: list[Picture] = field(default_factory=list)
    per_class: Counter[str] = field(default_factory=Counter)
    census: Census = field(default_factory=Census)
    facts: list[Any] = field(default_factory=list)

    def add(self, other: Seen) -> None:
        self.findings += other.findings
        self.images += other.images
        self.pictures += other.pictures
        self.per_class += other.per_class
        self.census += other.census
        self.facts += other.facts


def brief(value: object) -> str:
    """A value as text on one line, cut where it is long, without control characters."""
    try:
        text = value if isinstance(value, str) else repr(value)
    except RecursionError:
        text = f"a deeply nested {type(value).__name__}"
    text = "".join(c if c.isprintable() else " " for c in text[: 2 * _LONGEST])
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
