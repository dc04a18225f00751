"""What `simgen generate --help` prints: every key, its default and its meaning. And what the config
reference, docs/config.md, is made of.

The meanings are the strings that stand under the fields in `simgen/config/schema.py`, so there is
one place for them.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import json
import textwrap
from typing import Any

from simgen.config import Config, bounds, schema
from simgen.distributions import describe
from simgen.resources import resource

_HEAD = """\
simgen generate: make a labelled dataset, or continue one that was stopped.

  simgen generate                                   the quickstart: 10 images of a table
  simgen generate num_scenes=20 render.samples=64 seed=7 output.dir=my_dataset
  simgen generate assets.dir=my_meshes              your meshes: one sub-folder a class
  simgen generate assets.classes=[mug,bowl] objects.count_range=[3,6]
  simgen generate experiment=smoke                  a tiny dataset, to see that all works
  simgen generate -m seed=1,2,3                     three datasets, one after the other

Set any of these as key=value. Ranges are pairs [min,max], both ends included.
"""
_TAIL = """\
Exit codes: 0 done, 2 the input is wrong, 3 done but with scenes given up, 1 anything else.
Your own config files: --config-dir FOLDER. Hydra's own options: --hydra-help.
"""
_WIDTH = 100


@dataclasses.dataclass(frozen=True)
class Key:
    """One config key."""

    name: str
    """With dots."""
    default: str
    """As one would type it."""
    meaning: str
    takes: str
    """Type and range, or the names that there are, in words."""


def all_keys() -> list[Key]:
    """Every key of the schema, in its order."""
    return _keys(Config(), "", _meanings())


def help_text(labels: str) -> str:
    """The whole page. labels: the paragraph about them."""
    lines = [_HEAD]
    column = 2 + max(len(_typed(key)) for key in all_keys() if len(_typed(key)) < 44)
    section = ""
    for key in all_keys():
        if key.name.rpartition(".")[0] != section:
            section = key.name.rpartition(".")[0]
            lines.append("")
        lines += _paragraph(key, column)
    lines += ["", "Groups, chosen with group=name:", *_groups(), "", labels, "", _TAIL]
    return "\n".join(lines)


def _keys(node: Any, prefix: str, meanings: dict[str, str]) -> list[Key]:
    keys: list[Key] = []
    for field in dataclasses.fields(node):
        value = getattr(node, field.name)
        name = f"{prefix}{field.name}"
        if dataclasses.is_dataclass(value):
            keys += _keys(value, f"{name}.", meanings)
        else:
            meaning = meanings.get(f"{type(node).__name__}.{field.name}", "")
            takes = _takes(name, str(field.type))
            keys.append(Key(name, _as_typed(value), meaning, takes))
    return keys


_TYPES = {
    "bool": "true or false",
    "dict[str, Any]": "names and values",
    "float": "number",
    "int": "whole number",
    "list[Any]": "list",
    "list[float]": "list of numbers",
    "list[str]": "list of names",
    "str": "text",
}
"""Annotations of the schema, in words."""


def _takes(name: str, annotation: str) -> str:
    plain = annotation.removesuffix(" | None")
    null = ", or null" if plain != annotation or name in bounds.OPTIONAL else ""
    if name in bounds.FACTORS:
        kind = "range of whole numbers" if name in bounds.WHOLE else "range"
        return f"{kind} {describe(bounds.FACTORS[name])}{null}"
    if name in bounds.CHOICES:
        return "one of " + ", ".join(bounds.CHOICES[name])
    if name in bounds.NAMES:
        return "some of " + ", ".join(bounds.NAMES[name])
    if name in bounds.PAIRS:
        return f"pair {describe(bounds.PAIRS[name])}{null}"
    if name == "labels":
        return "list of names, or a preset"
    limits = describe(bounds.NUMBERS[name]) if name in bounds.NUMBERS else ""
    return f"{_TYPES[plain]} {limits}".rstrip() + null


def _as_typed(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ",".join(_as_typed(item) for item in value) + "]"
    return value if isinstance(value, str) else json.dumps(value)


def _meanings() -> dict[str, str]:
    """`Class.field` to the string under the field, for all classes of `simgen.config.schema`."""
    found: dict[str, str] = {}
    for node in ast.parse(inspect.getsource(schema)).body:
        if not isinstance(node, ast.ClassDef):
            continue
        for line, after in zip(node.body, node.body[1:], strict=False):
            if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
                text = _string(after)
                if text is not None:
                    found[f"{node.name}.{line.target.id}"] = " ".join(text.split())
    return found


def _string(node: ast.stmt) -> str | None:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return str(node.value.value)
    return None


def _typed(key: Key) -> str:
    return f"  {key.name}={key.default}"


def _paragraph(key: Key, column: int) -> list[str]:
    meaning = textwrap.wrap(key.meaning, _WIDTH - column)
    typed = _typed(key)
    first = [typed] if len(typed) >= column else []
    start = "" if first else typed
    rest = [f"{start if number == 0 else '':{column}}{line}" for number, line in enumerate(meaning)]
    return first + rest


def _groups() -> list[str]:
    folders = sorted(path for path in resource("configs").iterdir() if path.is_dir())
    return [
        f"  {folder.name}: {', '.join(sorted(path.stem for path in folder.glob('*.yaml')))}"
        for folder in folders
    ]
