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
    """A part of a dataset that any process can check.

    check: a module-level function. arguments: picklable. size: number of images, for progress.
    """

    check: Callable[..., Seen]
    arguments: tuple[object, ...]
    size: int = 1


@dataclass(frozen=True)
class Work:
    """The checks of a dataset.

    first: results of the checks that precede the parts. parts: in order. total: sum of the parts'
    sizes. last: returns the findings that follow from the results of all parts.
    """

    first: Seen = field(default_factory=Seen)
    parts: Iterable[Part] = ()
    total: int = 0
    last: Callable[[Seen], list[Finding]] = lambda seen: []


@dataclass(frozen=True)
class Kind:
    """The checks of a format.

    looks_like: returns cheaply whether a path may be such a dataset. work: prepares the checks of a
    path; its second argument is the number of scenes or images to check, 0 for all; raises
    `InputError` if there is nothing to check.
    """

    name: str
    looks_like: Callable[[AnyPath], bool]
    work: Callable[[AnyPath, int], Work]


def subsample[T](items: list[T], count: int) -> list[T]:
    """Return `count` evenly spread items; all if `count` is 0 or too large."""
    if not 0 < count < len(items):
        return items
    return [items[i * len(items) // count] for i in range(count)]


_ITEMS = 32
"""Images per part: enough to be worth sending to another process."""


def parts_of[T](
    check: Callable[..., Seen], context: tuple[object, ...], items: Iterable[T]
) -> Iterator[Part]:
    """Yield parts that call `check` with the context and a tuple of items."""
    for some in batched(items, _ITEMS, strict=False):
        yield Part(check, (*context, some), len(some))


def local_files(path: AnyPath, suffix: str, *folders: str) -> Iterator[Path]:
    """Yield a local file with a suffix, or all such files in a local folder.

    folders: glob patterns of subfolders to search, such as `*/`.
    """
    if isinstance(path, Path) and path.is_file() and path.suffix == suffix:
        yield path
    elif isinstance(path, Path):
        for folder in folders:
            yield from path.glob(f"{folder}*{suffix}")


def files_to_check(path: AnyPath, what: str, suffix: str, *folders: str) -> tuple[Path, list[Path]]:
    """Return the dataset's folder and its sorted `local_files`.

    what: content of the files, for the message. Raises `InputError` if there are none.
    """
    found = sorted(local_files(path, suffix, *folders))
    if not found or not isinstance(path, Path):
        raise InputError(f"{path}: no {what} found; expected {suffix} files")
    return path.parent if path.is_file() else path, found
