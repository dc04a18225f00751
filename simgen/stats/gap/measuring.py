"""Reads each image of a set once, and stores its measurements."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from simgen.dataset.adaptation.measured import shrunk
from simgen.stats.gap.appearance import APPEARANCE, measured
from simgen.stats.gap.look import Look
from simgen.stats.gap.pictures import UNREADABLE, read_pixels, thumbnail
from simgen.stats.gap.scale import Scale
from simgen.stats.gap.sides import Entry, Side, Tell
from simgen.stats.gap.tone import hues

SHOWN = 256
"""Longer side of the thumbnails for networks and pages, pixels."""
_THREADS = 2
"""OpenCV and Pillow release Python's lock while decoding and measuring, so threads use both cores.
"""
_AHEAD = 8
_CROPS = 4
"""Number of objects cropped from an image, the largest ones."""
_LEAST_CROP = 8
"""Minimum side of a cropped object, pixels."""
_MARGIN = 1.2
"""Side of a crop, relative to the longer side of the box."""


@dataclass(frozen=True)
class Crop:
    """A cropped object. image: index of its image in the set. rgb: `S x S x 3` uint8."""

    image: int
    rgb: np.ndarray


@dataclass(frozen=True)
class Measured:
    """The measurements of a set.

    side: the set without unreadable images. readings: for each scale, `n` float64 by reading id.
    hues: `n x HUES`. thumbnails: `n` arrays of `h x w x 3` uint8.
    """

    side: Side
    scales: tuple[Scale, ...]
    readings: tuple[dict[str, np.ndarray], ...]
    hues: np.ndarray
    thumbnails: tuple[np.ndarray, ...]
    crops: tuple[Crop, ...]


@dataclass(frozen=True)
class _One:
    """The measurements of one image. failed: why it could not be read."""

    readings: tuple[dict[str, float], ...] = ()
    hues: np.ndarray | None = None
    thumbnail: np.ndarray | None = None
    crops: tuple[np.ndarray, ...] = ()
    failed: str = ""


def measure(
    side: Side, scales: Sequence[Scale], classes: frozenset[str] | None, crop_side: int, tell: Tell
) -> Measured:
    """Measure a set. Unreadable images are listed in `left_out` of the returned side.

    classes: of the objects to crop. crop_side: side of the resized crops, pixels.
    """
    kept: list[tuple[Entry, _One]] = []
    lost: list[str] = []
    jobs = _ahead(side, tuple(scales), classes, crop_side)
    for done, (entry, one) in enumerate(jobs, start=1):
        if one.failed:
            lost.append(f"{entry.name}: {one.failed}")
        else:
            kept.append((entry, one))
        tell(done, len(side.entries))
    found = [one for _, one in kept]
    readings = tuple(
        {
            name: np.array([one.readings[place][name] for one in found], float)
            for name in _names(place)
        }
        for place in range(len(scales))
    )
    entries = tuple(entry for entry, _ in kept)
    return Measured(
        replace(side, entries=entries, left_out=(*side.left_out, *lost)),
        tuple(scales),
        readings,
        np.array([one.hues for one in found]),
        tuple(one.thumbnail for one in found if one.thumbnail is not None),
        tuple(Crop(place, rgb) for place, one in enumerate(found) for rgb in one.crops),
    )


def _names(scale: int) -> list[str]:
    """Return the ids of readings at a scale: all at the first, scale-dependent ones at others."""
    return [one.id for kind in APPEARANCE if kind.scaled or not scale for one in kind.readings]


def _ahead(
    side: Side, scales: tuple[Scale, ...], classes: frozenset[str] | None, crop_side: int
) -> Iterator[tuple[Entry, _One]]:
    """Yield images in order, measured some images ahead."""
    with ThreadPoolExecutor(_THREADS) as pool:
        waiting: deque[tuple[Entry, Future[_One]]] = deque()
        for entry in side.entries:
            job = pool.submit(_look_at, entry, side.labelled, scales, classes, crop_side)
            waiting.append((entry, job))
            if len(waiting) > _AHEAD:
                first, done = waiting.popleft()
                yield first, done.result()
        for entry, done in waiting:
            yield entry, done.result()


def _look_at(
    entry: Entry,
    labelled: bool,
    scales: tuple[Scale, ...],
    classes: frozenset[str] | None,
    crop_side: int,
) -> _One:
    try:
        pixels = read_pixels(entry.picture, labelled=labelled)
    except UNREADABLE as error:
        return _One(failed=" ".join(str(error).split()) or type(error).__name__)
    size = pixels.rgb.shape[1], pixels.rgb.shape[0]
    looks = [
        Look(shrunk(pixels.rgb, scale.of(size)), pixels.rgb, pixels.quantisation)
        for scale in scales
    ]
    readings = [measured(look, _names(place)) for place, look in enumerate(looks)]
    crops = _cut_out(pixels.rgb, entry.of(classes), crop_side) if labelled else ()
    return _One(tuple(readings), hues(looks[0]), thumbnail(pixels.rgb, SHOWN), crops)


def _cut_out(rgb: np.ndarray, boxes: np.ndarray, side: int) -> tuple[np.ndarray, ...]:
    """Return square crops of the largest objects, resized to `side` pixels. Objects smaller than
    half of that are omitted, since they would look blurred when enlarged."""
    longer = boxes[:, 2:].max(axis=1, initial=0)
    found = []
    for place in np.argsort(-longer, kind="stable")[:_CROPS]:
        length = longer[place] * _MARGIN
        if longer[place] < max(_LEAST_CROP, side / 2):
            break
        middle = boxes[place, :2] + boxes[place, 2:] / 2
        left, top = np.round(middle - length / 2).astype(int)
        right, bottom = np.round(middle + length / 2).astype(int)
        inside = rgb[max(0, top) : max(0, bottom), max(0, left) : max(0, right)]
        if min(inside.shape[:2]) >= _LEAST_CROP:
            found.append(_square(inside, side))
    return tuple(found)


def _square(rgb: np.ndarray, side: int) -> np.ndarray:
    """Resize to `side x side`, padded with grey beyond the image."""
    small = thumbnail(rgb, side)
    height, width = small.shape[:2]
    padded = np.full((side, side, 3), 128, np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    padded[top : top + height, left : left + width] = small
    return padded
