"""Several sources as one stream: which split each image is in, and how much of each source there
is. Everything follows from names and numbers alone, so the same export gives the same files."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from simgen.config.draws import scrambled_radical_inverse, stream_seed
from simgen.config.weights import split, weighted
from simgen.errors import InputError
from simgen.formats.items import Item, Source
from simgen.spec.rng import stream


@dataclass(frozen=True)
class Mix:
    """splits: as `name:weight`, in place of the sources' own; empty to keep these. All frames of a
    scene are in one split. proportions: of each source's images in the export, as weights; empty
    for all images of all. only: the splits that are exported; empty for all."""

    splits: Sequence[str] = ()
    proportions: Sequence[float] = ()
    only: Sequence[str] = ()

    def __post_init__(self) -> None:
        try:
            if self.splits:
                weighted(self.splits)
        except ValueError as error:
            raise InputError(f"--splits {','.join(self.splits)}: {error}") from error
        bare = [name for name in self.splits if ":" not in name]
        if 0 < len(bare) < len(self.splits):
            raise InputError(
                f"--splits {','.join(self.splits)}: {bare[0]} has no weight, others have; give it "
                f"one, as in train:0.9,val:0.1"
            )
        if self.proportions and not all(0 < share < float("inf") for share in self.proportions):
            raise InputError("--proportions: expected a number above 0 for each dataset")

    def split_names(self, sources: Sequence[Source]) -> tuple[str, ...]:
        """Of the export. Raises `InputError`."""
        own = dict.fromkeys(name for source in sources for name in source.splits)
        names = tuple(weighted(self.splits)) if self.splits else tuple(own)
        for name in self.only:
            if name not in names:
                raise InputError(f"--only {name}: no such split; there are {', '.join(names)}")
        return tuple(name for name in names if not self.only or name in self.only)


def counts(lengths: Sequence[int], proportions: Sequence[float]) -> tuple[int, ...]:
    """How many images of each source are taken: as many as there are in the given proportions.
    Raises `InputError` for another number of proportions than of sources."""
    if not proportions:
        return tuple(lengths)
    if len(proportions) != len(lengths):
        raise InputError(
            f"--proportions: {len(proportions)} numbers for {len(lengths)} datasets; "
            "expected one for each"
        )
    unit = min(length / share for length, share in zip(lengths, proportions, strict=True))
    return tuple(int(unit * share + 1e-9) for share in proportions)


def mixed(sources: Sequence[Source], mix: Mix) -> Iterator[Item]:
    """The images of all sources, interleaved. A single source keeps its order, names and ids;
    otherwise names begin with the source's number and ids count from 1."""
    shares = counts([len(source) for source in sources], mix.proportions)
    streams = [_taken(source, shares[number], number, mix) for number, source in enumerate(sources)]
    wanted = set(mix.split_names(sources))
    # Ordered by the progress of each stream, so that each shard has images of all.
    merged = heapq.merge(*streams, key=lambda entry: entry[0])
    chosen = ((place[1], item) for place, item in merged if item.split in wanted)
    for image_id, (number, item) in enumerate(chosen, start=1):
        if len(sources) == 1:
            yield item
        else:
            yield replace(item, name=f"{number}_{item.name}", image_id=image_id)


def _taken(
    source: Source, count: int, number: int, mix: Mix
) -> Iterator[tuple[tuple[float, int], Item]]:
    """`count` images of a source, each with its place in the stream of all."""
    # At random: every second scene, say, may belong to one split.
    order = stream(number, "mixing").permutation(len(source))
    chosen = np.sort(order[:count])
    items = enumerate(source)
    for taken, wanted in enumerate(chosen.tolist()):
        item = next(item for place, item in items if place == wanted)
        yield ((taken + 0.5) / count, number), _placed(item, wanted, number, mix)


def _placed(item: Item, place: int, number: int, mix: Mix) -> Item:
    """The item in its split of the export. place: of the image in its source."""
    if not mix.splits:
        return item
    weights = weighted(mix.splits)
    scene = place if item.sample is None else item.sample.scene
    # Low discrepancy, so that a small split of few scenes is not empty by chance.
    even = scrambled_radical_inverse(scene, stream_seed(number, "splits"))
    return replace(item, split=tuple(weights)[split(even, tuple(weights.values()))[0]])
