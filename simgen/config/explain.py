"""One-line explanations of errors in a command line or in the composition of a config: the key, the
value and what was expected."""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Sequence
from pathlib import PurePath

import yaml
from hydra.errors import MissingConfigException, OverrideParseException
from omegaconf.errors import ConfigAttributeError, ConfigKeyError

from simgen.config.schema import KEYS, SECTIONS
from simgen.errors import InputError
from simgen.resources import resource

_PACKAGE = "# @package _global_"


def explain(error: Exception) -> str:
    """Explain in one line why a config does not compose: the key, the value, what was expected."""
    cause, file = _cause(error)
    return f"{file}: {_reason(cause, file)}" if file else _reason(cause, file)


def _cause(error: BaseException) -> tuple[BaseException, str]:
    """Return the original error, and the config file it is in; empty if unknown."""
    file = ""
    while True:
        found = re.match(r"In '(.*?)': \w+ raised while composing config", str(error))
        if found:
            file = f"{found[1]}.yaml"
        cause = error.__cause__ or (error.__context__ if found else None)
        if cause is None:
            return error, file
        error = cause


def _reason(cause: BaseException, file: str) -> str:
    """Explain an error in one line.

    file: where it occurred, such as `experiment/mine.yaml`; empty for the command line.
    """
    lines = [line.strip() for line in str(cause).splitlines() if line.strip()]
    key = str(getattr(cause, "full_key", None) or "")
    if isinstance(cause, ConfigAttributeError | ConfigKeyError):
        return _of_no_package(key, file) or unknown_key(key)
    if isinstance(cause, yaml.MarkedYAMLError) and cause.problem_mark is not None:
        mark = cause.problem_mark
        return f"{mark.name}, line {mark.line + 1}: invalid YAML: {cause.problem or cause.context}"
    if isinstance(cause, MissingConfigException):
        return _missing_choice(str(cause))
    if isinstance(cause, OverrideParseException):
        found = getattr(cause, "override", None) or ""
        return f"{found}: cannot be parsed as key=value ({lines[0]}); quote lists: 'key=[a,b]'"
    if isinstance(cause, UnicodeDecodeError):
        return f"a config file is not UTF-8 text: {lines[0]}"
    if key:
        return _wrong_type(key, lines[0])
    found_text = re.match(r"Merge error: \w+ is not a subclass of (\w+)Config", lines[0])
    if found_text:
        part = found_text[1].lower()
        return f"{part}: expected keys, as in '{part}: {{name: ...}}'; found one value"
    return " ".join(lines)


def _of_no_package(key: str, file: str) -> str:
    """Explain unknown keys that would be valid without the name of their config group."""
    group = PurePath(file).parent.as_posix()
    bare = key.removeprefix(f"{group}.")
    if file and (key == group or key.startswith("_") or (bare != key and bare in known_keys())):
        return f"missing first line {_PACKAGE!r}, which makes its keys apply to the entire config"
    return ""


_EXPECTED = {"Integer": "a whole number", "Float": "a number", "Boolean": "true or false"}
_NAMED_UNITS = {
    "assets.unit": "metres in one unit of the files: 0.001 for mm, 0.01 for cm, 0.0254 for inches",
}
"""Keys for which users tend to write words instead of numbers, and what to write."""


def _wrong_type(key: str, message: str) -> str:
    """Explain OmegaConf's message about a value of the wrong type."""
    found = re.match(r"Value '(.*)' of type '.*' could not be converted to (\w+)", message)
    if found:
        expected = _NAMED_UNITS.get(key) or _EXPECTED.get(found[2], found[2])
        return f"{key}={found[1]}: expected {expected}"
    found = re.match(r"Value '(.*)' is not a valid bool", message)
    if found:
        return f"{key}={found[1]}: expected true or false"
    if "is not a ListConfig" in message or "Cannot merge DictConfig with ListConfig" in message:
        return f"{key}: expected a list in brackets, such as '{key}=[a,b]'"
    if "is not Optional" in message:
        return f"{key}=null: expected a value"
    return f"{key}: {message}"


def _missing_choice(message: str) -> str:
    """Explain Hydra's message about an unknown choice for a config group."""
    primary = re.search(r"Cannot find primary config '(.*?)'", message)
    if primary:
        return f"--config-name {primary[1]}: config not found; leave it out, or add --config-dir"
    found = re.search(r"Could not find '(.*)/(.*?)'", message)
    choices = re.search(r"Available options in .*?:\n(.*?)\nConfig search path", message, re.DOTALL)
    if not found or not choices:
        return " ".join(message.split())
    return f"{found[1]}={found[2]}: expected one of {', '.join(choices[1].split())}"


def unknown_key(key: str) -> str:
    near = difflib.get_close_matches(key, known_keys(), n=1)
    hint = f"did you mean {near[0]!r}?" if near else "`simgen generate --help` lists all keys"
    return f"unknown key {key!r}; {hint}"


def known_keys() -> list[str]:
    """Return every dotted key of the schema, and every section."""
    return [*SECTIONS, *KEYS]


_OPTIONS = {
    *("-m", "--multirun", "-r", "--run", "--resolve", "--hydra-help"),
    *("-sc", "--shell-completion", "-h", "--help"),
}
"""Hydra's options without a value."""
_VALUED = {
    *("-cd", "--config-dir", "-cp", "--config-path", "-cn", "--config-name"),
    *("-c", "--cfg", "-p", "--package", "-i", "--info"),
}


def check_words(words: Sequence[str]) -> None:
    """Raise `InputError` for arguments that are neither options nor `key=value`, if it is clear
    what was meant."""
    known = known_keys()
    is_value = False
    for word, following in itertools.zip_longest(words, words[1:], fillvalue=""):
        name, sign, value = word.partition("=")
        if is_value:
            is_value = False
        elif name in _VALUED:
            is_value = not sign
        elif word.startswith("-") and name not in _OPTIONS:
            raise InputError(_no_option(name, value if sign else _value(following)))
        elif not sign and word in known:
            raise InputError(_as_override(word, word, _value(following)))


def _value(word: str) -> str:
    """Return an argument if it can be the value of the preceding one, else an empty string."""
    return "" if word.startswith("-") or "=" in word else word


def _no_option(name: str, value: str) -> str:
    key, options = name.lstrip("-").replace("-", "_"), sorted(_OPTIONS | _VALUED)
    if key in _all_keys():
        return _as_override(name, key, value)
    if near := difflib.get_close_matches(name, options, n=1, cutoff=0.8):
        return f"unknown option {name!r}; did you mean {near[0]!r}?"
    if near := difflib.get_close_matches(key, _all_keys(), n=1):
        return _as_override(name, near[0], value)
    return (
        f"unknown option {name!r}; settings are written as key=value, and "
        "`simgen generate --help` lists the keys"
    )


def _as_override(found: str, key: str, value: str) -> str:
    return f"found {f'{found} {value}'.strip()!r}, expected key=value: write {key}={value or '...'}"


def _all_keys() -> list[str]:
    """Return the known keys, and the config groups that are not keys."""
    folders = [path.name for path in resource("configs").iterdir() if path.is_dir()]
    return [*known_keys(), *sorted(set(folders) - set(known_keys()))]
