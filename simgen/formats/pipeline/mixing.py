"""Mixing of several sources into one stream: splits and proportions.

All choices depend only on indices and names, so repeated exports produce the same files.
"""

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
    """Options for mixing sources.

    splits: `name:weight` entries that replace the sources' splits; empty keeps them. All frames of
    a scene are in the same split. proportions: weights of the sources in the export; empty for all
    images. only: the exported splits; empty for all. images: places of the exported images in the
    only source; None for all.
    """

    splits: Sequence[str] = ()
    proportions: Sequence[float] = ()
    only: Sequence[str] = ()
    images: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        try:
            if self.splits:
                weighted(self.splits)
        except ValueError as error:
            raise InputError(f"--splits {','.join(self.splits)}: {error}") from error
        bare = [name for name in self.splits if ":" not in name]
        if 0 < len(bare) < len(self.splits):
            raise InputError(
                f"--splits {','.join(self.splits)}: {bare[0]} has no weight but others have; give "
                f"each split a weight, as in train:0.9,val:0.1"
            )
        if self.proportions and not all(0 < share < float("inf") for share in self.proportions):
            raise InputError("--proportions: expected a number above 0 for each dataset")

    def split_names(self, sources: Sequence[Source]) -> tuple[str, ...]:
        """Return the names of the export's splits. Raises `InputError`."""
        own = dict.fromkeys(name for source in sources for name in source.splits)
        names = tuple(weighted(self.splits)) if self.splits else tuple(own)
        for name in self.only:
            if name not in names:
                raise InputError(f"--only {name}: no such split; expected {', '.join(names)}")
        return tuple(name for name in names if not self.only or name in self.only)


def counts(lengths: Sequence[int], proportions: Sequence[float]) -> tuple[int, ...]:
    """Return the number of images of each source: the most that have the given proportions.

    Raises `InputError` if the numbers of proportions and sources differ.
    """
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
    """Yield the images of all sources, interleaved.

    A single source keeps its order, names and ids; with several, names are prefixed by the index
    of their source and ids count from 1.
    """
    shares = counts([len(source) for source in sources], mix.proportions)
    streams = [_taken(source, shares[number], number, mix) for number, source in enumerate(sources)]
    wanted = set(mix.split_names(sources))
    # Ordered by the relative progress of each stream, so that shards contain images of all sources.
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
    """Yield `count` images of a source, each with its sort key in the merged stream."""
    # Regular steps could select only one split, if it has, for example, every second scene.
    order = stream(number, "mixing").permutation(len(source))
    chosen = np.sort(order[:count])
    if mix.images is not None:
        chosen = np.intersect1d(chosen, np.array(mix.images, np.int64))
    items = enumerate(source)
    for taken, wanted in enumerate(chosen.tolist()):
        item = next(item for place, item in items if place == wanted)
        yield ((taken + 0.5) / count, number), _placed(item, wanted, number, mix)


def _placed(item: Item, place: int, number: int, mix: Mix) -> Item:
    """Return the item with its split in the export. place: index of the image in its source."""
    if not mix.splits:
        return item
    weights = weighted(mix.splits)
    scene = place if item.sample is None else item.sample.scene
    # A low-discrepancy sequence keeps small splits of few scenes from being empty.
    even = scrambled_radical_inverse(scene, stream_seed(number, "splits"))
    return replace(item, split=tuple(weights)[split(even, tuple(weights.values()))[0]])
