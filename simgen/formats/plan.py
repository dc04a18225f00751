"""The content of an export."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from simgen.formats.items import Item, Source


@dataclass(frozen=True)
class Plan:
    """The content of an export, known before its first image.

    classes, stuff_classes: names, with consecutive ids from 1 through both. splits: names.
    labels: the labels that all sources have; empty if one source is external. sources: the exported
    datasets. count: number of images in all splits of the sources. items: returns a new iterator
    over all images in order. shard_bytes: approximate maximum size of a file, in formats that store
    many images in one file. plugins: user-supplied modules that the sources may need.
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
        """Return the id of a class, from 1."""
        return self.classes.index(name) + 1
