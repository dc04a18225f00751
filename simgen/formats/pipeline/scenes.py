"""What belongs together in a stream of items: the frames of a scene.

Those of a scene come one after the other, in order of time. With several sources, items of one come
between those of another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from simgen.formats.items import Item


def scene_name(item: Item) -> str:
    """Of the scene of an item of simgen's, unique in the export, fit for a folder."""
    return item.name.rpartition("_")[0]


def source_number(item: Item) -> int:
    """Place of an item's dataset among the sources; 0 where there is a single one."""
    number, mark, _ = scene_name(item).rpartition("_")
    return int(number) if mark else 0


@contextmanager
def by_scene[T](
    begin: Callable[[Item], T], end: Callable[[T], None]
) -> Iterator[Callable[[Item], T]]:
    """A function from each item to what `begin` made of the first item of its scene. `end` is
    called when all of a scene were seen; not all, where an error ends them."""
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


@dataclass(frozen=True)
class Place:
    """Where an item is in its sequence.

    sequence: name, of frames that follow each other without a gap; fit for a folder. number: from
    0. before: the item of the frame before, or None for the first.
    """

    sequence: str
    number: int
    before: Item | None


class Sequences:
    """Finds the frames that follow each other. Of a scene of which frames were left out, each run
    of frames is a sequence of its own. Holds the last item of each source."""

    def __init__(self) -> None:
        self._last: dict[int, tuple[Item, Place]] = {}

    def place(self, item: Item) -> Place:
        """To be called once an item, in order."""
        source, frame = source_number(item), item.frame.frame
        place = Place(scene_name(item) + (f"_from_{frame:04d}" if frame else ""), 0, None)
        if source in self._last:
            before, there = self._last[source]
            follows = before.frame.frame + 1 == frame
            if scene_name(before) == scene_name(item) and follows:
                place = Place(there.sequence, there.number + 1, before)
        self._last[source] = (item, place)
        return place
