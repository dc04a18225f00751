"""The share of the scenes that one of several processes generates: `run.shard`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from simgen.config.schema import Config
from simgen.errors import InputError


@dataclass(frozen=True)
class Shard:
    """Every `count`-th scene, starting with scene `number`.

    The shards of one `count` are disjoint and together contain all scenes.
    """

    number: int
    """Counted from 0."""
    count: int

    @property
    def name(self) -> str:
        return f"shard{self.number}-of-{self.count}"

    def scenes(self, num_scenes: int) -> range:
        return range(self.number, num_scenes, self.count)


def shard_of(config: Config) -> Shard | None:
    """Return the shard of a run, or None if it generates all scenes.

    Raises `InputError` for an invalid shard.
    """
    text = config.run.shard
    if text is None:
        return None
    found = re.fullmatch(r"\s*(\d+)\s*/\s*(\d+)\s*", text)
    if found is None or not int(found[1]) < int(found[2]) <= 1_000_000:
        raise InputError(
            f"run.shard={text}: expected i/n, with i from 0 to n - 1, such as 0/4 for the first "
            "of four"
        )
    if config.runner.name == "slurm":
        raise InputError(
            f"run.shard={text}: runner=slurm creates its own shards; use one or the other"
        )
    return Shard(int(found[1]), int(found[2]))
