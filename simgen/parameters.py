"""Typed parameters: frozen dataclasses with the range of each field beside it.

    @dataclass(frozen=True)
    class Slab:
        width: float = scene_size()
        thickness: float = between(0.02, 0.05)
        edge: Edge = choice("sharp", "sharp", "round")

`draw` draws the fields in their order and gives the plain numbers that a scene's spec stores, by
name: a flag as 0 or 1, a choice as its place among the options. `read` makes the dataclass of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from types import SimpleNamespace
from typing import Any

from simgen.rng import Stream

_RULE = "rule"
_FIRST = "layout_seed"
"""Stored before the other fields, wherever it is drawn: so datasets have it."""
_SIZE = "scene_size"


@dataclass(frozen=True)
class _Rule:
    """draw: the stored number, from the fields before it and a stream. read, write: from the stored
    number to the field's value, and back."""

    draw: Callable[[Any, Stream], Any]
    read: Callable[[float], Any]
    write: Callable[[Any], float]


def _ruled(
    draw: Callable[[Any, Stream], Any],
    read: Callable[[float], Any] = float,
    write: Callable[[Any], float] = float,
) -> Any:
    return field(metadata={_RULE: _Rule(draw, read, write)})


def between(low: float, high: float) -> float:
    """A number that is uniform in a range."""
    return _ruled(lambda _, rng: rng.uniform(low, high))


def share_of(other: str, low: float, high: float) -> float:
    """An earlier field times a factor that is uniform in a range."""
    return _ruled(lambda drawn, rng: getattr(drawn, other) * rng.uniform(low, high))


def whole(low: int, high: int) -> int:
    """A whole number from `low` to `high`, both included."""
    return _ruled(lambda _, rng: rng.integers(low, high + 1), int)


def one_of(*numbers: int) -> int:
    """One of some whole numbers; one that is listed twice is twice as likely."""
    return _ruled(lambda _, rng: rng.choice(numbers), int)


def chance(probability: float) -> bool:
    """True with a probability."""
    return _ruled(lambda _, rng: rng.random() < probability, bool)


def choice[T](*options: T) -> T:
    """One of some options; one that is listed twice is twice as likely."""
    return _ruled(
        lambda _, rng: rng.integers(len(options)),
        lambda place: options[int(place)],
        lambda value: float(options.index(value)),
    )


def layout_seed() -> int:
    """The seed of all that is not worth a field of its own."""
    return _ruled(lambda _, rng: rng.integers(2**31), int)


def computed(number: Callable[[Any, Stream], float]) -> float:
    """A number that follows from the fields before it, by name, and a stream."""
    return _ruled(number)


def constant[T: (int, float)](number: T) -> T:
    """A number that is always the same when it is drawn."""
    return _ruled(lambda _, rng: number, type(number))


def scene_size() -> float:
    """What `scene.size_range` is in this scene, metres. For stages alone."""
    return computed(lambda drawn, _: getattr(drawn, _SIZE)())


def draw(kind: type, rng: Stream, size: Callable[[], float] | None = None) -> dict[str, float]:
    """Parameters of a kind as plain numbers. size: what `scene_size` fields are."""
    drawn, stored = SimpleNamespace(**{_SIZE: size}), {}
    for name, rule in _rules(kind).items():
        stored[name] = float(rule.draw(drawn, rng))
        setattr(drawn, name, rule.read(stored[name]))
    if _FIRST in stored:
        stored = {_FIRST: stored.pop(_FIRST), **stored}
    return stored


def read[P](kind: type[P], stored: Mapping[str, float]) -> P:
    """The parameters that were stored as plain numbers. Numbers of other names are ignored. Raises
    `ValueError` for a missing one."""
    rules = _rules(kind)
    missing = [name for name in rules if name not in stored]
    if missing:
        raise ValueError(f"{kind.__name__}: the parameter {missing[0]!r} is missing")
    return kind(**{name: rule.read(stored[name]) for name, rule in rules.items()})


def changed[P](stored: Mapping[str, float], before: P, after: P) -> dict[str, float]:
    """The stored numbers of `before`, with what is different in `after`."""
    rules = _rules(type(before))
    new = {name: getattr(after, name) for name in rules}
    different = [name for name, value in new.items() if value != getattr(before, name)]
    return {**stored, **{name: float(rules[name].write(new[name])) for name in different}}


def _rules(kind: type) -> dict[str, _Rule]:
    return {one.name: one.metadata[_RULE] for one in fields(kind)}
