"""The text of `simgen generate --help`: every key, its default and its meaning. docs/config.md is
generated from the same entries."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simgen.config import KEYS
from simgen.config.keys import ConfigKey
from simgen.resources import resource

_HEAD = """\
simgen generate: generate a labelled dataset, or resume an interrupted run.

  simgen generate                                   the quickstart: 10 images of a table
  simgen generate num_scenes=20 render.samples=64 seed=7 output.dir=my_dataset
  simgen generate assets.dir=my_meshes              your own meshes: one sub-folder per class
  simgen generate assets.classes=[mug,bowl] objects.count_range=[3,6]
  simgen generate experiment=smoke                  a tiny dataset, to check the installation
  simgen generate -m seed=1,2,3                     three datasets, one after the other

Set any of these keys as key=value. Ranges are pairs [min,max], both ends included.
"""
_TAIL = """\
Exit codes: 0 success, 2 invalid input, 3 completed with failed scenes, 1 any other error.
Your own config files: --config-dir FOLDER. Hydra's options: --hydra-help.
"""
_WIDTH = 100
_STUDIES = "study"
"""A config group that only `simgen experiment` uses."""


@dataclass(frozen=True)
class HelpEntry:
    """One config key.

    default: as written on the command line. takes: its type and range, or the allowed names.
    """

    name: str
    default: str
    meaning: str
    takes: str


def all_keys() -> list[HelpEntry]:
    """Return every key, in the order of the schema."""
    return [_entry(key) for key in KEYS.values()]


def help_text(labels: str) -> str:
    """Return the complete help page. labels: the paragraph about labels."""
    keys = key_paragraphs(KEYS.values())
    groups = ["Groups, chosen with group=name:", *_groups()]
    return "\n".join([_HEAD, *keys, "", *groups, "", labels, "", _TAIL])


def key_paragraphs(keys: Iterable[ConfigKey]) -> list[str]:
    """Return lines that describe the keys, with an empty line between sections."""
    entries = [_entry(key) for key in keys]
    column = 2 + max(len(_typed(key)) for key in entries if len(_typed(key)) < 44)
    lines: list[str] = []
    section = ""
    for key in entries:
        if key.name.rpartition(".")[0] != section:
            section = key.name.rpartition(".")[0]
            lines.append("")
        lines += _paragraph(key, column)
    return lines


def _entry(key: ConfigKey) -> HelpEntry:
    return HelpEntry(key.name, _as_typed(key.default), key.help, _takes(key))


_TYPES = {
    "Any": "list of names, or a preset",
    "Drawn": "range",
    "bool": "true or false",
    "dict[str, Any]": "mapping of names to values",
    "dict[str, str]": "mapping of names to names",
    "float": "number",
    "int": "whole number",
    "list[Any]": "list",
    "list[float]": "list of numbers",
    "list[str]": "list of names",
    "str": "string",
}
"""Descriptions of the schema's type annotations."""


def _takes(key: ConfigKey) -> str:
    takes = key.rule.takes(_TYPES[key.type])
    return f"{takes}, or null" if key.optional else takes


def _as_typed(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ",".join(_as_typed(item) for item in value) + "]"
    return value if isinstance(value, str) else json.dumps(value)


def _typed(key: HelpEntry) -> str:
    return f"  {key.name}={key.default}"


def _paragraph(key: HelpEntry, column: int) -> list[str]:
    meaning = textwrap.wrap(key.meaning, _WIDTH - column)
    typed = _typed(key)
    first = [typed] if len(typed) >= column else []
    start = "" if first else typed
    rest = [f"{start if number == 0 else '':{column}}{line}" for number, line in enumerate(meaning)]
    return first + rest


def group_folders() -> list[Path]:
    """Return the folders of `configs/` that `simgen generate` accepts, as in `scene=bin`."""
    found = (path for path in resource("configs").iterdir() if path.is_dir())
    return sorted(path for path in found if path.name != _STUDIES)


def _groups() -> list[str]:
    return [
        f"  {folder.name}: {', '.join(sorted(path.stem for path in folder.glob('*.yaml')))}"
        for folder in group_folders()
    ]
