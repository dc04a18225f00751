"""What a kind of dataset is to the validator."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from simgen.dataset.remote import AnyPath
from simgen.formats.findings import Finding
from simgen.formats.validate.seen import Seen


@dataclass(frozen=True)
class Part:
    """Some of a dataset, to be checked by any process: a function of a module, and picklable
    arguments. size: images, for the progress bar."""

    check: Callable[..., Seen]
    arguments: tuple[object, ...]
    size: int = 1


@dataclass(frozen=True)
class Work:
    """A dataset on its way through the validator.

    first: what was found before any part was looked at. parts: in order. last: what follows from
    all parts together.
    """

    first: Seen = field(default_factory=Seen)
    parts: Iterable[Part] = ()
    total: int = 0
    last: Callable[[Seen], list[Finding]] = lambda seen: []


@dataclass(frozen=True)
class Kind:
    """looks_like: whether a path may be one; cheap. work: sample is how many scenes or images are
    looked at, 0 for all. Raises `InputError` where there is nothing to check."""

    name: str
    about: str
    looks_like: Callable[[AnyPath], bool]
    work: Callable[[AnyPath, int], Work]


def evenly[T](items: list[T], count: int) -> list[T]:
    """`count` of the items, spread over all of them; all where `count` is 0 or too large."""
    if not 0 < count < len(items):
        return items
    return [items[i * len(items) // count] for i in range(count)]


def chunks[T](items: list[T], size: int) -> list[list[T]]:
    return [items[start : start + size] for start in range(0, len(items), size)]
