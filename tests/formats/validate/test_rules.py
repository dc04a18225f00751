"""The registry of rules: what the docs say of it, and that each rule has a broken dataset."""

from __future__ import annotations

import re
from pathlib import Path

from broken.everything import CORPUS

from simgen.formats.findings import ERROR, WARNING, all_rules

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs/validation.md"


def table() -> list[str]:
    """The rows of the table in the docs."""
    return [
        f"| `{rule.id}` | {rule.severity} | {rule.about} | {rule.fix} |"
        for rule in all_rules().values()
    ]


def test_the_docs_have_all_rules_as_they_are() -> None:
    rows = re.findall(r"^\| `[a-z]+/[a-z0-9-]+` \|.*$", PAGE.read_text(encoding="utf-8"), re.M)
    assert rows == table()


def test_rules_are_named_and_graded_alike() -> None:
    for name, rule in all_rules().items():
        assert name == rule.id
        assert re.fullmatch(r"[a-z]+/[a-z0-9-]+", name)
        assert rule.severity in (ERROR, WARNING)
        assert rule.about.endswith((".", ")"))
        assert "|" not in rule.about + rule.fix


def test_checkers_name_rules_that_are_there_and_all_of_them() -> None:
    """A misspelt id would be noticed only where the rule is broken."""
    sources = "".join(path.read_text() for path in (ROOT / "simgen/formats").rglob("*.py"))
    named = set(re.findall(r'(?:finding|at)\(\s*"([a-z]+/[a-z0-9-]+)"', sources))
    assert named <= set(all_rules())
    assert [rule for rule in all_rules() if f'"{rule}"' not in sources] == []


def test_each_rule_has_a_broken_dataset() -> None:
    assert len(CORPUS) >= 60
    assert set(all_rules()) - {broken.rule for broken in CORPUS} == {
        "file/too-large",
        "webdataset/shard-size",
    }
