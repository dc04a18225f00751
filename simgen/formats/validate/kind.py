"""The interface between the validator and a format's `check.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import batched
from pathlib import Path

from simgen.dataset.remote import AnyPath
from simgen.errors import InputError
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
    looks_like: Callable[[AnyPath], bool]
    work: Callable[[AnyPath, int], Work]


def subsample[T](items: list[T], count: int) -> list[T]:
    """`count` of the items, spread over all of them; all where `count` is 0 or too large."""
    if not 0 < count < len(items):
        return items
    return [items[i * len(items) // count] for i in range(count)]


_ITEMS = 32
"""Images in a part: large enough to be worth sending to another process."""


def parts_of[T](
    check: Callable[..., Seen], context: tuple[object, ...], items: Iterable[T]
) -> Iterator[Part]:
    """Parts in which `check` is given the context, then a tuple of some of the items."""
    for some in batched(items, _ITEMS, strict=False):
        yield Part(check, (*context, some), len(some))


def local_files(path: AnyPath, suffix: str, *folders: str) -> Iterator[Path]:
    """A file with a suffix, or all such files in a folder of this machine. folders: where to look
    in it, such as `*/`."""
    if isinstance(path, Path) and path.is_file() and path.suffix == suffix:
        yield path
    elif isinstance(path, Path):
        for folder in folders:
            yield from path.glob(f"{folder}*{suffix}")


def files_to_check(path: AnyPath, what: str, suffix: str, *folders: str) -> tuple[Path, list[Path]]:
    """As `local_files`, sorted, after the folder that findings name them relative to. what: they
    hold, for the message. Raises `InputError` where there are none."""
    found = sorted(local_files(path, suffix, *folders))
    if not found or not isinstance(path, Path):
        raise InputError(f"{path}: no {what} here; expected {suffix} files")
    return path.parent if path.is_file() else path, found
