"""Config keys: each is one dataclass field with a type, a default, a rule and a help text.

    width: int = key(640, "Width of the image, pixels.", at_least=4, at_most=16_384)
    fill_range: Drawn = factor([0.85, 1.25], "Share of the image ...", (0.01, 5.0), per="view")

The checks, `simgen generate --help`, docs/config.md, the sampling and the statistics all read
these fields, so each key is defined in one place.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from simgen.config.distributions import Distribution
from simgen.config.parse import Bounds, describe, parse, within
from simgen.config.weights import weighted
from simgen.errors import InputError

Drawn = Any
"""Type of a factor's field: a number, a pair [min, max] or a distribution, as
`simgen.config.parse` describes them."""
Per = Literal["scene", "view", "object", "lamp"]
"""What a sampled value belongs to: a scene has a single value, or one for each of its views,
objects or lamps."""
_LARGEST = 1e300
"""Limit of numbers without an upper bound, so that infinity is rejected."""


class Rule(Protocol):
    """The values that a key accepts, beyond its type."""

    def check(self, key: str, value: Any) -> None:
        """Raise `InputError`, one line that names the key, if the value is not allowed."""

    def takes(self, kind: str) -> str:
        """Describe the accepted values. kind: the key's type, such as "whole number"."""


@dataclass(frozen=True)
class Free:
    """Any value of the field's type."""

    def check(self, key: str, value: Any) -> None:
        pass

    def takes(self, kind: str) -> str:
        return kind


@dataclass(frozen=True)
class Number:
    """A number that is not sampled."""

    bounds: Bounds

    def check(self, key: str, value: Any) -> None:
        if not _allowed(value, self.bounds):
            raise InputError(f"{key}={value}: expected a number {describe(self.bounds)}")

    def takes(self, kind: str) -> str:
        return f"{kind} {describe(self.bounds)}".rstrip()


@dataclass(frozen=True)
class Probability(Number):
    """The probability of an event in a scene or for an object."""


@dataclass(frozen=True)
class Pair:
    """An interval [min, max] that is not sampled from. bounds: limits of both ends."""

    bounds: Bounds

    def check(self, key: str, value: Any) -> None:
        if len(value) != 2:
            raise InputError(
                f"{key}={value}: expected a pair [min,max], found {len(value)} numbers"
            )
        if not all(_allowed(end, self.bounds) for end in value):
            raise InputError(f"{key}={value}: expected both ends {describe(self.bounds)}")
        if value[0] > value[1]:
            raise InputError(f"{key}={value}: min is greater than max; expected [min,max]")

    def takes(self, kind: str) -> str:
        return f"pair {describe(self.bounds)}"


@dataclass(frozen=True)
class Factor:
    """A sampled number. bounds: limits of the sampled values. whole: sample whole numbers."""

    bounds: Bounds
    whole: bool
    per: Per

    def check(self, key: str, value: Any) -> None:
        try:
            self.parse(value)
        except ValueError as error:
            raise InputError(f"{key}={value}: {error}") from error

    def takes(self, kind: str) -> str:
        numbers = "range of whole numbers" if self.whole else "range"
        return f"{numbers} {describe(self.bounds)}"

    def parse(self, value: Any) -> Distribution:
        """Return the distribution that a config value describes. Raises `ValueError`."""
        return parse(value, self.bounds, self.whole)

    def fit(self, number: float) -> float:
        """Round and clip a sampled number to the values that the key allows."""
        low, high = self.bounds
        number = number if low is None else max(number, low)
        number = number if high is None else min(number, high)
        return float(round(number)) if self.whole else float(number)


@dataclass(frozen=True)
class Choice:
    """One of the given names."""

    names: tuple[str, ...]

    def check(self, key: str, value: Any) -> None:
        _check_known(key, [value], self.names)

    def takes(self, kind: str) -> str:
        return "one of " + ", ".join(self.names)


@dataclass(frozen=True)
class Weights:
    """User-supplied names, as `name` or `name:weight`."""

    def check(self, key: str, value: Any) -> None:
        read_weights(key, value)

    def takes(self, kind: str) -> str:
        return "list of names"


@dataclass(frozen=True)
class Names:
    """A selection of the known names to sample from, as `name` or `name:weight`.

    set: sample several at once. may_be_empty: allow an empty list.
    """

    names: tuple[str, ...]
    per: Per
    set: bool
    may_be_empty: bool

    def check(self, key: str, value: Any) -> None:
        if not value and not self.may_be_empty:
            raise InputError(f"{key}=[]: expected at least one of {', '.join(self.names)}")
        _check_known(key, tuple(read_weights(key, value)), self.names)

    def takes(self, kind: str) -> str:
        return "some of " + ", ".join(self.names)


@dataclass(frozen=True)
class ConfigKey:
    """One config key.

    name: dotted. type: the annotation, without `| None`. before: the value that applies to datasets
    older than the key, or older than its default.
    """

    name: str
    default: Any
    type: str
    optional: bool
    rule: Rule
    help: str
    before: Any


def key(
    default: Any,
    help: str,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    one_of: Sequence[str] = (),
    before: Any = None,
) -> Any:
    """Define a value that is not sampled.

    one_of: the allowed names. before: as in `ConfigKey`, if it differs from the default.
    """
    rule: Rule = Number((at_least, at_most))
    if one_of:
        rule = Choice(tuple(one_of))
    elif at_least is None and at_most is None:
        rule = Free()
    return _field(default, help, rule, before)


def pair(default: Any, help: str, bounds: Bounds) -> Any:
    """Define an interval [min, max] that is not sampled from."""
    return _field(default, help, Pair(bounds))


def chance(default: float, help: str, *, before: float | None = None) -> Any:
    """Define the probability of an event that `Draws.flag` samples. before: as for `key`."""
    return _field(default, help, Probability((0.0, 1.0)), before)


def factor(
    default: Drawn,
    help: str,
    bounds: Bounds,
    *,
    whole: bool = False,
    per: Per = "scene",
    before: Drawn = None,
) -> Any:
    """Define a number that `Draws.number` samples. With the default None it may be null.

    before: as for `key`.
    """
    return _field(default, help, Factor(bounds, whole, per), before)


def names(
    default: Sequence[str],
    help: str,
    *,
    of: Sequence[str],
    per: Per = "scene",
    set: bool = False,
    may_be_empty: bool = False,
    before: Sequence[str] | None = None,
) -> Any:
    """Define names that `Draws.pick` samples from, or with `set` `Draws.some`.

    of: the allowed names. before: as for `key`.
    """
    rule = Names(tuple(of), per, set, may_be_empty)
    return _field(list(default), help, rule, None if before is None else list(before))


def weighted_names(default: Sequence[str], help: str) -> Any:
    """Define a list of user-supplied names with weights."""
    return _field(list(default), help, Weights())


def keys_of(schema: Any, prefix: str = "") -> Iterator[ConfigKey]:
    """Yield every key of a config class and its nested classes, in order of definition."""
    for item in dataclasses.fields(schema):
        name = f"{prefix}{item.name}"
        if "rule" not in item.metadata:
            section: Any = item.default_factory
            assert dataclasses.is_dataclass(section), f"{name}: is neither a key nor a section"
            yield from keys_of(section, f"{name}.")
            continue
        default = item.default
        if item.default_factory is not dataclasses.MISSING:
            default = item.default_factory()
        annotation = str(item.type)
        plain = annotation.removesuffix(" | None")
        rule, words = item.metadata["rule"], item.metadata["help"]
        optional = plain != annotation or (isinstance(rule, Factor) and default is None)
        before = item.metadata["before"]
        before = default if before is None else before
        yield ConfigKey(name, default, plain, optional, rule, words, before)


def value_of(config: Any, key: str) -> Any:
    """Return the value of a config at a dotted key."""
    value = config
    for part in key.split("."):
        value = getattr(value, part)
    return value


def read_weights(key: str, value: Sequence[str]) -> dict[str, float]:
    """Return a mapping from name to weight. Raises `InputError` that names the key."""
    try:
        return weighted(value) if value else {}
    except ValueError as error:
        raise InputError(f"{key}={value}: {error}") from error


def _field(default: Any, help: str, rule: Rule, before: Any = None) -> Any:
    metadata = {"rule": rule, "help": help, "before": before}
    if isinstance(default, list | dict):
        return field(default_factory=lambda: copy.deepcopy(default), metadata=metadata)
    return field(default=default, metadata=metadata)


def _check_known(key: str, given: Sequence[str], known: Sequence[str]) -> None:
    for name in given:
        if name not in known:
            raise InputError(f"{key}={name}: expected one of {', '.join(known)}")


def _allowed(value: float, bounds: Bounds) -> bool:
    return within(value, bounds) and (bounds[1] is not None or value < _LARGEST)
