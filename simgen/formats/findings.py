"""Validation rules and findings, as plain data.

A format's rules are in `rules.yaml` in its folder, rules shared by several formats in the one
beside this module: an id such as `coco/bbox` with a severity, the condition that holds, and the
fix. Code refers to rules only by id:

    yield finding("coco/bbox", "a.json", "annotation 3", [1, 2], "[x, y, w, h]")

Checks that report several findings at one place use an `At` instead of the file and the place:

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
"""Maximum length of a quoted value in characters; untrusted files may hold arbitrary values."""


@dataclass(frozen=True)
class Rule:
    """A condition that every valid dataset satisfies.

    id: format and name, e.g. `coco/box-empty`. severity: `error` if a violation breaks training or
    contradicts other labels, `warning` if it may be intended. about: the condition. fix: how to
    correct a violation.
    """

    id: str
    severity: str
    about: str
    fix: str


@dataclass(frozen=True)
class Finding:
    """A violation of a rule.

    rule, severity, fix: as in `Rule`. file: relative to the dataset. place: position in the file,
    such as an image, an annotation or a line; empty for the file itself.
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
    """Return all rules by id: shared rules, then each format's, in file order."""
    here = Path(__file__).parent
    found: dict[str, Rule] = {}
    for path in (here / "rules.yaml", *sorted(here.glob("*/rules.yaml"))):
        rules = yaml.safe_load(path.read_text(encoding="utf-8"))
        found |= {name: Rule(name, **rule) for name, rule in rules.items()}
    return found


def finding(rule: str, file: str, place: str, found: object, expected: object) -> Finding:
    """Return a finding of the rule with the id `rule`."""
    known = all_rules()[rule]
    return Finding(rule, known.severity, file, place, brief(found), brief(expected), known.fix)


@dataclass(frozen=True)
class At:
    """A place in a file of a dataset; call it to create a finding there."""

    file: str
    place: str = ""

    def __call__(self, rule: str, found: object, expected: object) -> Finding:
        return finding(rule, self.file, self.place, found, expected)


Sink = Callable[[Finding], None]
"""Receives the findings of a reader, which then continues without the unreadable entry."""


def strict(root: Path) -> Sink:
    """Return a sink that raises `InputError` on the first error. root: the dataset's folder."""

    def report(found: Finding) -> None:
        if found.severity == ERROR:
            place = f": {found.place}" if found.place else ""
            raise InputError(
                f"{root / found.file}{place}: {found.found}; expected {found.expected}"
            )

    return report


def brief(value: object) -> str:
    """Return a value as one line of text, truncated if long, without control characters."""
    try:
        text = value if isinstance(value, str) else repr(value)
    except RecursionError:
        text = f"a deeply nested {type(value).__name__}"
    text = "".join(c if c.isprintable() else " " for c in text[: 2 * _LONGEST])
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
