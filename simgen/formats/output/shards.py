"""Shards: files of many images each, within a size limit.

Shard boundaries depend only on the images, so an interrupted export can resume after its last
complete shard and produce the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Protocol

from simgen.formats.items import Item
from simgen.formats.output.target import Target
from simgen.formats.plan import Plan


class Shard[S](Protocol):
    """A shard that is being written."""

    def add(self, sample: S) -> None: ...

    def close(self) -> None:
        """Complete the file. May be called repeatedly."""
        ...


class Kind[S](Protocol):
    """The shard format.

    overhead: maximum size in bytes of a shard without samples.
    """

    overhead: int

    def name(self, split: str, number: int) -> str:
        """Return the name of a shard in the export; number counts from 0."""
        ...

    def sample(self, item: Item) -> tuple[S, int]:
        """Return an image in the form in which it is written, and its approximate size in bytes."""
        ...

    def open(self, path: Path) -> Shard[S]: ...


class Series[S]:
    """The shards of a split."""

    def __init__(self, target: Target, kind: Kind[S], split: str, limit: int) -> None:
        self._target, self._kind, self._split, self._limit = target, kind, split, limit
        self._number = self._samples = self._bytes = 0
        self._shard: Shard[S] | None = None
        self._there = 0
        """Number of images in shards kept from an earlier attempt."""
        while self._name in target.journal.files:
            self._there += target.journal.files[self._name]["samples"]
            self._number += 1

    @property
    def _name(self) -> str:
        return self._kind.name(self._split, self._number)

    @property
    def _draft(self) -> Path:
        return self._target.scratch / self._name.replace("/", "-")

    def add(self, item: Item) -> None:
        if self._there:
            self._there -= 1
            return
        sample, size = self._kind.sample(item)
        if self._samples and self._bytes + size > self._limit:
            self.finish()
        if self._shard is None:
            self._bytes = self._kind.overhead
            self._shard = self._kind.open(self._draft)
        self._shard.add(sample)
        self._samples += 1
        self._bytes += size

    def finish(self) -> None:
        """Finish the current shard, if any."""
        if self._shard is None:
            return
        self._shard.close()
        about = {"samples": self._samples, "bytes": self._draft.stat().st_size}
        self._target.keep(self._draft, self._name, about)
        self._shard, self._samples = None, 0
        self._number += 1

    def close(self) -> None:
        """Abandon the current shard."""
        if self._shard is not None:
            self._shard.close()


@contextmanager
def sharded[S](target: Target, plan: Plan, kind: Kind[S]) -> Iterator[Callable[[Item], None]]:
    """Yield a function that adds an image to its split's shards; complete them on exit."""
    with ExitStack() as stack:
        series = {split: Series(target, kind, split, plan.shard_bytes) for split in plan.splits}
        for one in series.values():
            stack.callback(one.close)
        yield lambda item: series[item.split].add(item)
        for one in series.values():
            one.finish()


def shards_of[S](target: Target, plan: Plan, kind: Kind[S]) -> dict[str, list[dict[str, Any]]]:
    """Return `name`, `samples` and `bytes` of each split's complete shards in order."""
    found: dict[str, list[dict[str, Any]]] = {}
    for split in plan.splits:
        found[split] = []
        while (name := kind.name(split, len(found[split]))) in target.journal.files:
            found[split].append({"name": name, **target.journal.files[name]})
    return found
