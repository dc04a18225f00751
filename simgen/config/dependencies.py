"""Checks of factors that depend on other factors."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from simgen.config.distributions import Distribution, Interval, Linear, When
from simgen.config.keys import read_weights, value_of
from simgen.config.schema import FACTORS, NAMES, Config
from simgen.errors import InputError


def check_dependencies(config: Config) -> None:
    """Raise `InputError`, one line, for an invalid dependency of a factor.

    Invalid are a dependency on a key that is not sampled, on a name where a number is needed, on
    the factor itself, and one without a case for every value.
    """
    parsed = {
        key: rule.parse(value)
        for key, rule in FACTORS.items()
        if (value := value_of(config, key)) is not None
    }
    for key, found in parsed.items():
        try:
            for other in found.needs():
                _check_drawn(other, parsed)
            for part in found.walk():
                _check_part(part, config)
        except ValueError as error:
            raise InputError(f"{key}={value_of(config, key)}: {error}") from error
    for key in parsed:
        _check_no_circle(key, parsed, ())


def _check_drawn(other: str, parsed: dict[str, Distribution]) -> None:
    """Raise `ValueError` for a key that other keys cannot depend on."""
    if other not in FACTORS and other not in NAMES:
        near = difflib.get_close_matches(other, [*FACTORS, *NAMES], n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"depends on {other!r}, which is not sampled{hint}")
    if other in FACTORS and other not in parsed:
        raise ValueError(f"depends on {other}, which is not set")
    if other in NAMES and NAMES[other].set:
        raise ValueError(f"depends on {other}, which has several values per image")


def _check_part(part: Distribution, config: Config) -> None:
    """Raise `ValueError` for a key of the wrong kind, or a missing or impossible case."""
    if isinstance(part, Linear) and part.key in NAMES:
        raise ValueError(f"{part.key} is a name, expected a key that is a number")
    if isinstance(part, When):
        matches = [match for match, _ in part.cases if match is not None]
        if part.key in NAMES:
            _check_names(part, matches, config)
        else:
            _check_numbers(part.key, matches)


def _check_numbers(key: str, matches: Sequence[str | Interval]) -> None:
    for match in matches:
        if isinstance(match, str):
            raise ValueError(f"{key} is a number, expected a pair [low,high], not {match}")


def _check_names(part: When, matches: Sequence[str | Interval], config: Config) -> None:
    known = NAMES[part.key].names
    # A case may name a value that this config does not list: configs may share distributions.
    for match in matches:
        if match not in known:
            shown = match if isinstance(match, str) else f"[{match[0]:g},{match[1]:g}]"
            expected = ", ".join((*known, "else"))
            raise ValueError(f"{part.key} is never {shown}; expected some of {expected}")
    weights = read_weights(part.key, value_of(config, part.key))
    missing = [name for name, weight in weights.items() if weight > 0 and name not in matches]
    if missing and len(matches) == len(part.cases):
        raise ValueError(f"no case for {part.key}={missing[0]} and no else")


def _check_no_circle(key: str, parsed: dict[str, Distribution], above: tuple[str, ...]) -> None:
    if key in above:
        raise InputError(f"{key}: depends on itself, through {' and '.join(above)}")
    for other in set(parsed[key].needs() if key in parsed else ()):
        _check_no_circle(other, parsed, (*above, key))
