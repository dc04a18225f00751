"""The content of an export."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from simgen.formats.items import Item, Source


@dataclass(frozen=True)
class Plan:
    """The content of an export, known before its first image.

    classes, stuff_classes: names; ids count from 1 through both. splits: names. labels: those that
    the samples of all sources have; none with a source that is not simgen's. sources: where the
    images come from. count: of images, of all splits that the sources have. items: all images, in
    order; again each time it is called. shard_bytes: about how large the files may be of formats
    that put many images into one. plugins: modules of the user's own that the sources may need.
    """

    classes: tuple[str, ...]
    stuff_classes: tuple[str, ...]
    splits: tuple[str, ...]
    labels: frozenset[str]
    sources: tuple[Source, ...]
    count: int
    items: Callable[[], Iterator[Item]]
    shard_bytes: int = 500_000_000
    plugins: tuple[str, ...] = ()

    def class_id(self, name: str) -> int:
        """From 1."""
        return self.classes.index(name) + 1
