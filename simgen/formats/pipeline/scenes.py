"""Grouping of a stream of items by scene and sequence.

Within a source, the frames of a scene are consecutive and in order of time. Items of several
sources are interleaved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from simgen.formats.items import Item


def scene_name(item: Item) -> str:
    """Return the name of the scene of a simgen item: unique in the export, valid as a folder."""
    return item.name.rpartition("_")[0]


def source_number(item: Item) -> int:
    """Return the index of an item's dataset among the sources; 0 for a single source."""
    number, mark, _ = scene_name(item).rpartition("_")
    return int(number) if mark else 0


@contextmanager
def by_scene[T](
    begin: Callable[[Item], T], end: Callable[[T], None]
) -> Iterator[Callable[[Item], T]]:
    """Yield a function that returns for each item the result of `begin` for its scene.

    begin: called with the first item of a scene. end: called with that result after the scene's
    last item; not called for scenes that are open when an error is raised.
    """
    open_scenes: dict[int, tuple[str, T]] = {}

    def of(item: Item) -> T:
        source, name = source_number(item), scene_name(item)
        if source in open_scenes and open_scenes[source][0] != name:
            end(open_scenes.pop(source)[1])
        if source not in open_scenes:
            open_scenes[source] = (name, begin(item))
        return open_scenes[source][1]

    yield of
    for _, made in open_scenes.values():
        end(made)


def _camera(item: Item) -> str:
    """Return the name of an item's camera in its rig; empty for a single camera."""
    rig = item.frame.camera.rig
    return "" if rig is None else rig.name


@dataclass(frozen=True)
class Place:
    """The position of an item in its sequence, a run of consecutive frames.

    sequence: name, valid as a folder. number: from 0. before: the item of the previous frame; None
    for the first.
    """

    sequence: str
    number: int
    before: Item | None


class Sequences:
    """Finds runs of consecutive frames of a camera.

    If frames of a scene are omitted, each remaining run is a sequence. Holds the latest item of
    each source.
    """

    def __init__(self) -> None:
        self._last: dict[int, tuple[Item, Place]] = {}

    def place(self, item: Item) -> Place:
        """Return the place of an item. Call it exactly once per item, in order."""
        source, frame = source_number(item), item.frame.frame
        place = Place(scene_name(item) + (f"_from_{frame:04d}" if frame else ""), 0, None)
        if source in self._last:
            before, there = self._last[source]
            follows = before.frame.frame + 1 == frame and _camera(before) == _camera(item)
            if scene_name(before) == scene_name(item) and follows:
                place = Place(there.sequence, there.number + 1, before)
        self._last[source] = (item, place)
        return place
