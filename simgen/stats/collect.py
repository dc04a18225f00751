"""Goes through a dataset once and counts. Memory does not grow with the number of images, but for
the fingerprint and the name of each."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np

from simgen.errors import InputError
from simgen.formats.items import KNOWS_OBJECTS, Annotation, Item
from simgen.formats.sources import SimgenSource, Source
from simgen.record import ObjectRecord
from simgen.stats.fingerprints import NEAR, near_duplicates
from simgen.stats.measures import Colours, Measures, colours, measure
from simgen.stats.quantities import GRID, IMAGE, POSED
from simgen.stats.sphere import cell, view_direction
from simgen.stats.statistics import Alike, ClassCounts, Pair, Statistics
from simgen.store import remote

Progress = Callable[[int, int], None]
"""Called with images done and images in all."""
Looks = tuple[Measures, Colours] | None
"""Of a picture; None where it cannot be read."""

_THREADS = 2
"""OpenCV decodes and measures without Python's lock, so threads use both cores."""
_AHEAD = 8
_PAIRS_NAMED = 200
_SIZES = 1000
"""Different sizes of images that are told apart."""


def collect(source: Source, progress: Progress) -> Statistics:
    """The statistics of a dataset.

    Raises `InputError` for a dataset that cannot be read. An image that cannot be is left out, and
    `left_out` says so.
    """
    simgens = isinstance(source, SimgenSource)
    found = Statistics(
        title_of(source.name),
        "simgen" if simgens else "other",
        tuple(source.classes),
        tuple(source.splits),
    )
    for name in found.classes:
        found.by_class[name] = ClassCounts()
    looks = _Looks(found)
    lost: list[str] = []
    for done, (item, look) in enumerate(_looked_at(_items(source, lost)), start=1):
        _add_item(found, item)
        if look is not None:
            looks.add(item, look)
        progress(done, len(source))
    looks.finish()
    _say_what_is_missing(found, source, looks.count)
    if lost:
        found.left_out["damaged"] = (
            f"{len(lost)} of {len(source)} images are damaged, and not counted; the first: "
            f"{lost[0]}"
        )
    return found


def title_of(path: str) -> str:
    """What a dataset is called: the last part of its path, since all of it would tell strangers
    about a machine."""
    return Path(path.partition("@")[0]).name or "dataset"


def _items(source: Source, lost: list[str]) -> Iterator[Item]:
    """Images in order. Of simgen's on this machine, those whose labels cannot be read are left out;
    lost: gets a line for each. From object storage, labels are fetched together or not at all."""
    if not isinstance(source, SimgenSource) or remote.is_remote(source.dataset.root):
        yield from source
        return
    root = source.dataset.root
    for number in range(len(source)):
        try:
            item = source.item(source.dataset[number])
        except (InputError, OSError) as error:
            lost.append(" ".join(str(error).replace(f"{root}/", "").split()))
            continue
        yield item


def _looked_at(source: Iterable[Item]) -> Iterator[tuple[Item, Looks]]:
    """Items in order, with the looks of their pictures, worked out some items ahead."""
    with ThreadPoolExecutor(_THREADS) as pool:
        waiting: deque[tuple[Item, Future[Looks]]] = deque()
        for item in source:
            waiting.append((item, pool.submit(_look, item)))
            if len(waiting) > _AHEAD:
                first, future = waiting.popleft()
                yield first, future.result()
        for item, future in waiting:
            yield item, future.result()


def _look(item: Item) -> Looks:
    if item.sample is not None and "rgb" not in item.sample.labels:
        return None
    try:
        rgb = item.picture.pixels()
    except OSError:
        return None
    return measure(rgb), colours(rgb)


def _add_item(found: Statistics, item: Item) -> None:
    found.images[item.split] += 1
    size = (item.width, item.height)
    if size in found.sizes or len(found.sizes) < _SIZES:
        found.sizes[size] += 1
    objects = item.objects
    found.histograms["objects"].add(len(objects))
    for entry in objects:
        _add_object(found, item, entry)
    names = sorted({entry.class_name for entry in objects})
    for place, name in enumerate(names):
        found.by_class[name].images[item.split] += 1
        found.together.update((name, other) for other in names[place + 1 :])


def _add_object(found: Statistics, item: Item, entry: Annotation) -> None:
    of_class = found.by_class.setdefault(entry.class_name, ClassCounts())
    of_class.objects[item.split] += 1
    for name, value in _values(item, entry).items():
        found.histograms[name].add(value)
        of_class.histograms[name].add(value)
    assert entry.bbox is not None
    x, y, width, height = entry.bbox
    column = int((x + width / 2) / item.width * GRID)
    row = int((y + height / 2) / item.height * GRID)
    found.positions[min(max(row, 0), GRID - 1), min(max(column, 0), GRID - 1)] += 1
    if entry.record is not None:
        of_class.sphere[cell(view_direction(entry.record))] += 1


def _values(item: Item, entry: Annotation) -> dict[str, float]:
    """By the ids in `quantities.OBJECT`; NaN for what does not exist."""
    assert entry.bbox is not None
    _, _, width, height = entry.bbox
    nan = float("nan")
    part = width * height / (item.width * item.height)
    return {
        "size": max(part, 0.0) ** 0.5,
        "aspect": width / height if width > 0 and height > 0 else nan,
        "visibility": nan if entry.visible_fraction is None else entry.visible_fraction,
        **({} if entry.record is None else _posed(entry.record)),
    }


def _posed(record: ObjectRecord) -> dict[str, float]:
    return {
        "truncation": record.truncation,
        "occlusion": record.occlusion,
        "distance": float(np.linalg.norm(record.centre)),
        "length": float(record.size.max()),
    }


class _Looks:
    """What is counted of pictures."""

    def __init__(self, found: Statistics) -> None:
        self._found = found
        self._names: list[str] = []
        self._scenes: list[int] = []
        self._fingerprints: list[np.uint64] = []
        self._hues = np.zeros_like(found.hues)
        self._mean = np.zeros(3)

    @property
    def count(self) -> int:
        return len(self._names)

    def add(self, item: Item, look: tuple[Measures, Colours]) -> None:
        measures, colour = look
        for axis in IMAGE[1:]:
            self._found.histograms[axis.id].add(getattr(measures, axis.id))
        self._names.append(item.name)
        self._scenes.append(-1 if item.sample is None else item.sample.scene)
        self._fingerprints.append(np.uint64(measures.fingerprint))
        self._hues += colour.hues
        self._mean += colour.mean

    def finish(self) -> None:
        if not self.count:
            return
        total = self._hues.sum()
        self._found.hues = self._hues / total if total else self._hues
        red, green, blue = (self._mean / self.count).tolist()
        self._found.mean_colour = (red, green, blue)
        self._found.alike = self._alike()

    def _alike(self) -> Alike:
        found = near_duplicates(np.array(self._fingerprints, np.uint64))
        scenes = np.array(self._scenes)
        first, second = found.pairs.T
        same = (scenes[first] == scenes[second]) & (scenes[first] >= 0)
        order = np.lexsort((found.bits, same))[:_PAIRS_NAMED]
        pairs = tuple(
            Pair(self._names[first[i]], self._names[second[i]], int(found.bits[i]), bool(same[i]))
            for i in order
        )
        return Alike(NEAR, int(same.sum()), int((~same).sum()), pairs, found.complete)


def _say_what_is_missing(found: Statistics, source: Source, measured: int) -> None:
    if found.kind == "simgen" and not source.labels & KNOWS_OBJECTS:
        found.left_out["objects"] = "the dataset was generated without the label 'objects'"
    elif found.kind == "simgen" and "objects" not in source.labels:
        for name in (*POSED, "sphere", "visibility"):
            found.left_out[name] = "the dataset was generated without the label 'objects'"
    elif found.kind != "simgen":
        for name in (*POSED, "sphere"):
            found.left_out[name] = "the dataset has no poses; only simgen's own have them"
        if not found.histograms["visibility"].count:
            found.left_out["visibility"] = (
                "the dataset does not say how much of an object is hidden"
            )
        found.left_out["asked"] = "the dataset has no config of simgen's to compare with"
    if found.kind == "simgen" and not measured:
        found.left_out["pictures"] = "the dataset was generated without the label 'rgb'"
    elif measured < found.image_count:
        missing = found.image_count - measured
        found.left_out["some pictures"] = (
            f"{missing} of {found.image_count} images are not readable"
        )
