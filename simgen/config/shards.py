"""`run.shard`: which of the scenes one of several processes makes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from simgen.config.schema import Config
from simgen.errors import InputError


@dataclass(frozen=True)
class Shard:
    """Every `count`-th scene, from scene `number` on. Shards of one count have no scene in common,
    and together all of them, however many scenes there are."""

    number: int
    """Counted from 0."""
    count: int

    @property
    def name(self) -> str:
        return f"shard{self.number}-of-{self.count}"

    def scenes(self, num_scenes: int) -> range:
        return range(self.number, num_scenes, self.count)


def shard_of(config: Config) -> Shard | None:
    """None for a run that makes all scenes. Raises `InputError` for an invalid shard."""
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
            f"run.shard={text}: runner=slurm makes its own shards; use one or the other"
        )
    return Shard(int(found[1]), int(found[2]))
