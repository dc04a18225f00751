"""Typed parameters: frozen dataclasses that declare the range of each field.

    @dataclass(frozen=True)
    class Slab:
        width: float = scene_size()
        thickness: float = between(0.02, 0.05)
        edge: Edge = choice("sharp", "sharp", "round")

`draw` samples the fields in their order and returns the plain numbers that a scene's spec stores,
by name: a flag as 0 or 1, a choice as its index among the options. `read` converts these numbers to
the dataclass.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from math import inf
from types import SimpleNamespace
from typing import Any

from simgen.spec.rng import Stream

_RULE, _NESTED = "rule", "nested"
_FIRST = "layout_seed"
"""Stored before the other fields, wherever it is sampled, as existing datasets have it."""
_SIZE = "scene_size"


@dataclass(frozen=True)
class _Rule:
    """draw: the stored number, from the fields before it and a stream. read, write: conversion
    between the stored number and the field's value. stored: the number's name, if not the field's;
    the first field with that name samples the number, later ones interpret it differently."""

    draw: Callable[[Any, Stream], Any]
    read: Callable[[float], Any]
    write: Callable[[Any], float]
    stored: str | None = None
    older: float | None = None
    """The number in datasets that were stored without the field."""


def _ruled(
    draw: Callable[[Any, Stream], Any],
    read: Callable[[float], Any] = float,
    write: Callable[[Any], float] = float,
    stored: str | None = None,
) -> Any:
    return field(metadata={_RULE: _Rule(draw, read, write, stored)})


def between(low: float, high: float) -> float:
    """A uniform number in a range."""
    return _ruled(lambda _, rng: rng.uniform(low, high))


def count(low: int, high: int, start: float | None = None, end: float | None = None) -> int:
    """An integer from `low` to `high`, inclusive: the integer part of a uniform number.

    start, end: bounds of that number, if counts are not equally likely.
    """
    first, last = low if start is None else start, high + 0.99 if end is None else end
    return _ruled(lambda _, rng: rng.uniform(first, last), int)


def flag(above: float = -inf, below: float = inf, of: str | None = None) -> bool:
    """Whether a uniform number in 0..1 is at least `above` and less than `below`.

    of: name of the number, if not the field's.
    """
    return _ruled(lambda _, rng: rng.uniform(0.0, 1.0), lambda number: above <= number < below,
                  stored=of)  # fmt: skip


def cases[T](
    *options: T,
    at: tuple[float, ...],
    drawn: tuple[float, float] = (0.0, 1.0),
    of: str | None = None,
) -> T:
    """One of several options by a uniform number: each option but the first starts at one of the
    ascending numbers `at`.

    drawn: bounds of the number. of: its name, if not the field's.
    """
    return _ruled(
        lambda _, rng: rng.uniform(*drawn),
        lambda number: options[bisect_right(at, number)],
        stored=of,
    )


def nested[P](kind: type[P]) -> P:
    """Parameters that several kinds share: a separate dataclass, stored with the other fields."""
    return field(metadata={_NESTED: kind})


def share_of(other: str, low: float, high: float) -> float:
    """An earlier field times a uniform factor."""
    return _ruled(lambda drawn, rng: getattr(drawn, other) * rng.uniform(low, high))


def whole(low: int, high: int) -> int:
    """An integer from `low` to `high`, inclusive."""
    return _ruled(lambda _, rng: rng.integers(low, high + 1), int)


def one_of(*numbers: int) -> int:
    """One of several integers; one that is listed twice is twice as likely."""
    return _ruled(lambda _, rng: rng.choice(numbers), int)


def chance(probability: float) -> bool:
    """True with a given probability."""
    return _ruled(lambda _, rng: rng.random() < probability, bool)


def choice[T](*options: T) -> T:
    """One of several options; one that is listed twice is twice as likely."""
    return _ruled(
        lambda _, rng: rng.integers(len(options)),
        lambda place: options[int(place)],
        lambda value: float(options.index(value)),
    )


def layout_seed() -> int:
    """The seed of everything that has no separate field."""
    return _ruled(lambda _, rng: rng.integers(2**31), int)


def computed(number: Callable[[Any, Stream], float]) -> float:
    """A number computed from the earlier fields, by name, and a stream."""
    return _ruled(number)


def constant[T: (int, float)](number: T) -> T:
    """A constant number."""
    return _ruled(lambda _, rng: number, type(number))


def added[T](rule: T, older: float) -> T:
    """A field that was added later. rule: one of the above. older: its number in datasets that were
    stored without it."""
    made: Any = rule
    return field(metadata={_RULE: replace(made.metadata[_RULE], older=float(older))})


def version(number: int) -> int:
    """The version of the builder: 0 in datasets that were stored without this field."""
    return added(constant(number), older=0)


def scene_size() -> float:
    """The scene's value of `scene.size_range`, metres. For stages only."""
    return computed(lambda drawn, _: getattr(drawn, _SIZE)())


def draw(kind: type, rng: Stream, size: Callable[[], float] | None = None) -> dict[str, float]:
    """Sample the parameters of a kind as plain numbers. size: value of `scene_size` fields."""
    drawn, stored = SimpleNamespace(**{_SIZE: size}), {}
    for name, rule in _rules(kind).items():
        key = rule.stored or name
        if key not in stored:
            stored[key] = float(rule.draw(drawn, rng))
        setattr(drawn, name, rule.read(stored[key]))
    if _FIRST in stored:
        stored = {_FIRST: stored.pop(_FIRST), **stored}
    return stored


def read[P](kind: type[P], stored: Mapping[str, float]) -> P:
    """Read parameters that were stored as plain numbers. Unknown names are ignored. Raises
    `ValueError` for a missing one."""
    needed = {rule.stored or name: rule.older for name, rule in _rules(kind).items()}
    older = {name: number for name, number in needed.items() if number is not None}
    missing = [name for name in needed if name not in stored and name not in older]
    if missing:
        raise ValueError(f"{kind.__name__}: the parameter {missing[0]!r} is missing")
    return _read(kind, {**older, **stored})


def _read[P](kind: type[P], stored: Mapping[str, float]) -> P:
    values: dict[str, Any] = {}
    for one in fields(kind):  # type: ignore[arg-type]
        if _NESTED in one.metadata:
            values[one.name] = _read(one.metadata[_NESTED], stored)
        else:
            rule: _Rule = one.metadata[_RULE]
            values[one.name] = rule.read(stored[rule.stored or one.name])
    return kind(**values)


def changed[P](stored: Mapping[str, float], before: P, after: P) -> dict[str, float]:
    """Return the stored numbers of `before`, with the differences of `after`."""
    rules = _rules(type(before))
    new = {name: getattr(after, name) for name in rules}
    different = [name for name, value in new.items() if value != getattr(before, name)]
    return {**stored, **{name: float(rules[name].write(new[name])) for name in different}}


def _rules(kind: type) -> dict[str, _Rule]:
    found: dict[str, _Rule] = {}
    for one in fields(kind):
        if _NESTED in one.metadata:
            found |= _rules(one.metadata[_NESTED])
        else:
            found[one.name] = one.metadata[_RULE]
    return found
