"""docs/config.md has every key, with what the config really takes."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scripts"))

import make_config_page
from omegaconf import OmegaConf

from simgen.commands import generate as hydra_app
from simgen.config import Config, check
from simgen.config.help import all_keys, group_folders
from simgen.errors import InputError

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "config.md").read_text(encoding="utf-8")


def rows() -> dict[str, tuple[str, str, str]]:
    """What the page says of each key: default, takes, is."""
    found = {}
    for section in re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]:
        group = re.match(r"`([\w.]+)`", section)
        for name, *rest in re.findall(
            r"^\| `(\w+)` \| `(.*?)` \| (.*?) \| (.*) \|$", section, re.MULTILINE
        ):
            found[f"{group[1]}.{name}" if group else name] = tuple(rest)
    return found


ROWS = rows()
NUMBER = r"(-?[\d.,]+(?:e-?\d+)?)"
BOUNDED = {
    key: tuple(float(end.replace(",", "")) for end in ends.groups())
    for key, (_, takes, _) in ROWS.items()
    if (ends := re.search(rf"from {NUMBER} to {NUMBER}", takes))
}


def test_the_page_is_what_the_script_writes() -> None:
    """If not: python scripts/make_config_page.py"""
    assert make_config_page.page() == PAGE


def test_it_has_the_keys_of_the_config() -> None:
    """Those that OmegaConf sees in the schema."""

    def leaves(node: dict[str, Any], prefix: str) -> list[str]:
        found = []
        for name, value in node.items():
            inner = isinstance(value, dict) and value
            found += leaves(value, f"{prefix}{name}.") if inner else [prefix + name]
        return found

    plain = OmegaConf.to_container(OmegaConf.structured(Config()))
    assert isinstance(plain, dict)
    assert sorted(ROWS) == sorted(leaves(plain, ""))  # type: ignore[arg-type]


@pytest.mark.parametrize("key", ROWS)
def test_no_key_lacks_a_description(key: str) -> None:
    _, takes, meaning = ROWS[key]
    assert re.match(r"[a-z]{3,}", takes)
    assert len(meaning.split()) >= 3
    assert meaning.endswith((".", ")"))


@pytest.mark.parametrize("key", BOUNDED)
def test_values_beyond_the_bounds_are_refused_and_at_them_are_not(key: str) -> None:
    low, high = BOUNDED[key]
    takes = ROWS[key][1]
    for value, fits in ((low, True), (high, True), (low - 1, False), (high + 1, False)):
        number = int(value) if "whole" in takes and value % 1 == 0 else value
        written = [number, number] if takes.startswith("pair") else number
        assert refused(key, written) != fits, f"{key}={written}"


def refused(key: str, written: object) -> bool:
    """Whether `check` finds fault with the key itself; others that go with it do not count."""
    config = Config()
    *parts, last = key.split(".")
    node: Any = config
    for part in parts:
        node = getattr(node, part)
    setattr(node, last, written)
    try:
        check(config)
    except InputError as error:
        return bool(re.match(rf"{re.escape(key)}=.*expected", str(error)))
    return False


@pytest.mark.parametrize("key", [key for key, row in ROWS.items() if "one of " in row[1]])
def test_names_that_are_listed_are_taken_and_others_are_not(key: str) -> None:
    names = re.sub(r"one of |, or null", "", ROWS[key][1]).split(", ")
    assert [name for name in names if refused(key, name)] == []
    assert refused(key, "nothing-of-the-kind")


def test_defaults_are_those_of_the_command() -> None:
    """What is shown can be typed, and changes nothing."""
    taken: list[Config] = []

    def keep(config: Config, folder: Path) -> int:
        taken.append(config)
        return 0

    words = [f"{key}={row[0]}" for key, row in ROWS.items() if not key.endswith(".name")]
    for line in ([], words):
        assert hydra_app.run([*line, "output.dir=out"], keep) == 0
    taken[1].scene, taken[1].assets = taken[0].scene, taken[0].assets  # a stage sets its own
    assert taken[0] == taken[1]


def test_every_ready_made_choice_is_there() -> None:
    for path in (path for folder in group_folders() for path in folder.glob("*.yaml")):
        section = PAGE.split(f"### `{path.parent.name}=`")[1].split("###")[0]
        assert f"\n`{path.parent.name}={path.stem}`: " in section
    assert len(all_keys()) == len(ROWS)
