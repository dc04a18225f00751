"""Collects the statistics of a dataset in one pass over its images. Only a fingerprint and a name
per image are kept in memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np

from simgen.dataset import remote
from simgen.errors import InputError
from simgen.formats.items import KNOWS_OBJECTS, Item
from simgen.formats.sources import SimgenSource, Source, open_source
from simgen.report.counting.counts import Pose, VisibleObject
from simgen.report.counting.measures import Colours, Measures, colours, measure
from simgen.report.counting.quantities import IMAGE, POSED
from simgen.stats.drawn import Drawn, asked_and_drawn
from simgen.stats.fingerprints import NEAR, near_duplicates
from simgen.stats.statistics import NearDuplicates, Pair, Statistics

Progress = Callable[[int, int], None]
"""Callback: number of finished images, total number of images."""
Measured = tuple[Measures, Colours] | None
"""Measurements of an image; None if it cannot be read."""

_THREADS = 2
"""OpenCV releases Python's lock while decoding and measuring, so threads use both cores."""
_AHEAD = 8
_PAIRS_NAMED = 200


def silent(done: int, total: int) -> None:
    """Ignore progress."""


def gather(path: str, progress: Progress = silent) -> tuple[Statistics, list[Drawn] | None]:
    """Return the statistics of the dataset at a path or URI, and its requested and sampled values.

    The latter are None if they cannot be determined; `left_out` then gives the reason. Raises
    `InputError`.
    """
    source = open_source(path)
    found = collect(source, progress)
    if not isinstance(source, SimgenSource):
        return found, None
    try:
        return found, asked_and_drawn(source.dataset)
    except InputError as error:
        found.left_out["asked"] = str(error)
        return found, None


def collect(source: Source, progress: Progress) -> Statistics:
    """Return the statistics of a dataset.

    Images that cannot be read are omitted and counted in `left_out`. Raises `InputError` for a
    dataset that cannot be read.
    """
    found = Statistics(
        tuple(source.classes),
        tuple(source.splits),
        name=title_of(source.name),
        kind="simgen" if isinstance(source, SimgenSource) else "other",
    )
    images = _Images(found)
    lost: list[str] = []
    for done, (item, measured) in enumerate(_measured(readable_items(source, lost)), start=1):
        found.add(item.split, (item.width, item.height), _visible(item))
        if measured is not None:
            images.add(item, measured)
        progress(done, len(source))
    images.finish()
    _explain_what_is_missing(found, source, images.count)
    if lost:
        found.left_out["damaged"] = (
            f"{len(lost)} of {len(source)} images are damaged and not counted; the first: {lost[0]}"
        )
    return found


def title_of(path: str) -> str:
    """Return a dataset's title: the last part of its path, as the rest would reveal the layout of a
    machine."""
    return Path(path.partition("@")[0]).name or "dataset"


def readable_items(source: Source, lost: list[str]) -> Iterator[Item]:
    """Yield images in order, skipping those of a local simgen dataset with unreadable labels.

    lost: receives a line for each skipped image. From object storage, labels are fetched together,
    so damaged ones raise an error.
    """
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


def _measured(source: Iterable[Item]) -> Iterator[tuple[Item, Measured]]:
    """Yield items in order with the measurements of their images, computed some items ahead."""
    with ThreadPoolExecutor(_THREADS) as pool:
        waiting: deque[tuple[Item, Future[Measured]]] = deque()
        for item in source:
            waiting.append((item, pool.submit(_measure, item)))
            if len(waiting) > _AHEAD:
                first, future = waiting.popleft()
                yield first, future.result()
        for item, future in waiting:
            yield item, future.result()


def _measure(item: Item) -> Measured:
    if item.sample is not None and "rgb" not in item.sample.labels:
        return None
    try:
        rgb = item.picture.pixels()
    except OSError:
        return None
    return measure(rgb), colours(rgb)


def _visible(item: Item) -> list[VisibleObject]:
    found = []
    for entry in item.objects:
        assert entry.bbox is not None
        visibility = float("nan") if entry.visible_fraction is None else entry.visible_fraction
        pose = None if entry.record is None else Pose(entry.record, item.frame.camera)
        found.append(VisibleObject(entry.class_name, entry.bbox, visibility, pose))
    return found


class _Images:
    """Accumulates the statistics that are computed from pixels."""

    def __init__(self, found: Statistics) -> None:
        self._found = found
        self._names: list[str] = []
        self._scenes: list[int] = []
        self._fingerprints: list[np.uint64] = []
        self._mean = np.zeros(3)

    @property
    def count(self) -> int:
        return len(self._names)

    def add(self, item: Item, measured: tuple[Measures, Colours]) -> None:
        measures, colour = measured
        for axis in IMAGE[1:]:
            self._found.histograms[axis.id].add(getattr(measures, axis.id))
        self._names.append(item.name)
        self._scenes.append(-1 if item.sample is None else item.sample.scene)
        self._fingerprints.append(np.uint64(measures.fingerprint))
        self._found.hues += colour.hues
        self._mean += colour.mean

    def finish(self) -> None:
        if self.count:
            self._found.hues /= self._found.hues.sum() or 1.0
            red, green, blue = (self._mean / self.count).tolist()
            self._found.mean_colour = (red, green, blue)
            self._found.near_duplicates = self._near_duplicates()

    def _near_duplicates(self) -> NearDuplicates:
        found = near_duplicates(np.array(self._fingerprints, np.uint64))
        scenes = np.array(self._scenes)
        first, second = found.pairs.T
        same = (scenes[first] == scenes[second]) & (scenes[first] >= 0)
        order = np.lexsort((found.bits, same))[:_PAIRS_NAMED]
        pairs = tuple(
            Pair(self._names[first[i]], self._names[second[i]], int(found.bits[i]), bool(same[i]))
            for i in order
        )
        return NearDuplicates(NEAR, int(same.sum()), int((~same).sum()), pairs, found.complete)


def _explain_what_is_missing(found: Statistics, source: Source, measured: int) -> None:
    if found.kind == "simgen" and not source.labels & KNOWS_OBJECTS:
        found.left_out["objects"] = "the dataset was generated without the label 'objects'"
    elif found.kind == "simgen" and "objects" not in source.labels:
        for name in (*POSED, "sphere", "visibility"):
            found.left_out[name] = "the dataset was generated without the label 'objects'"
    elif found.kind != "simgen":
        for name in (*POSED, "sphere"):
            found.left_out[name] = "the dataset has no poses; only simgen's own datasets do"
        if not found.histograms["visibility"].count:
            found.left_out["visibility"] = (
                "the dataset does not record how much of an object is hidden"
            )
        found.left_out["asked"] = "the dataset has no simgen config to compare with"
    if found.kind == "simgen" and not measured:
        found.left_out["pictures"] = "the dataset was generated without the label 'rgb'"
    elif measured < found.image_count:
        missing = found.image_count - measured
        found.left_out["some pictures"] = f"{missing} of {found.image_count} images cannot be read"
