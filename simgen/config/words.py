"""Words of a command line that are no `key=value`, and what to write instead."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Sequence

from simgen.config.explain import known_keys
from simgen.errors import InputError
from simgen.resources import resource

_OPTIONS = {
    *("-m", "--multirun", "-r", "--run", "--resolve", "--hydra-help"),
    *("-sc", "--shell-completion", "-h", "--help"),
}
"""Hydra's, without a value."""
_VALUED = {
    *("-cd", "--config-dir", "-cp", "--config-path", "-cn", "--config-name"),
    *("-c", "--cfg", "-p", "--package", "-i", "--info"),
}


def check_words(words: Sequence[str]) -> None:
    """Raise `InputError` for words that are neither options nor `key=value`, where it can be told
    what was meant by them."""
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
    """A word, if it can be the value of the one before it."""
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
        f"unknown option {name!r}; what is set is written as key=value, and "
        "`simgen generate --help` lists the keys"
    )


def _as_override(found: str, key: str, value: str) -> str:
    return f"found {f'{found} {value}'.strip()!r}, expected key=value: write {key}={value or '...'}"


def _all_keys() -> list[str]:
    """Those, and the groups that are no key."""
    folders = [path.name for path in resource("configs").iterdir() if path.is_dir()]
    return [*known_keys(), *sorted(set(folders) - set(known_keys()))]
