"""Rules that datasets keep, and findings where they do not. Plain data.

The rules of a format are in `rules.yaml` in its folder, those that formats share in the one beside
this module: an id, such as `coco/bbox`, with its severity, what holds, and what to do where it does
not. A checker names a rule by its id, and nothing else of it is written in code:

    yield finding("coco/bbox", "a.json", "annotation 3", [1, 2], "[x, y, w, h]")

Where many checks look at the same place, they take an `At` instead of the file and the place:

    at = At("a.json", "annotation 3")
    yield at("coco/bbox", [1, 2], "[x, y, w, h]")
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from simgen.errors import InputError

ERROR, WARNING = "error", "warning"
_LONGEST = 160
"""Characters of a value that is quoted; untrusted files may hold anything."""


@dataclass(frozen=True)
class Rule:
    """Something that holds for every good dataset.

    id: kind of dataset and name, e.g. `coco/box-empty`. severity: `error` for what breaks training
    or contradicts other labels, `warning` for what may be intended. about: what holds. fix: what to
    do where it does not.
    """

    id: str
    severity: str
    about: str
    fix: str


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


@cache
def all_rules() -> dict[str, Rule]:
    """By id: those that formats share, then those of each format, as they are written down."""
    here = Path(__file__).parent
    found: dict[str, Rule] = {}
    for path in (here / "rules.yaml", *sorted(here.glob("*/rules.yaml"))):
        rules = yaml.safe_load(path.read_text(encoding="utf-8"))
        found |= {name: Rule(name, **rule) for name, rule in rules.items()}
    return found


def finding(rule: str, file: str, place: str, found: object, expected: object) -> Finding:
    """A place where a rule, named by its id, does not hold."""
    known = all_rules()[rule]
    return Finding(rule, known.severity, file, place, brief(found), brief(expected), known.fix)


@dataclass(frozen=True)
class At:
    """A place in a file of a dataset, which makes the findings there."""

    file: str
    place: str = ""

    def __call__(self, rule: str, found: object, expected: object) -> Finding:
        return finding(rule, self.file, self.place, found, expected)


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
