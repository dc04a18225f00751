"""Checks of images: size, exposure, duplicates."""

from __future__ import annotations

import hashlib
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator

import numpy as np

from simgen.dataset.remote import AnyPath
from simgen.formats.findings import Finding, finding
from simgen.formats.reading.images import MOST_BYTES, pixels_of, size_in
from simgen.formats.reading.json_file import read_bounded
from simgen.formats.validate.seen import Picture, Seen

_STEP = 4
"""Step between the rows and columns used to judge whether an image is blank."""
_FLAT = 2.0
_BURNT, _DARK, _NEARLY_ALL = 250, 5, 0.98


def look(
    path: AnyPath, name: str, split: str, size: tuple[int, int] | None = None, place: str = ""
) -> Seen:
    """Check an image file. size: expected width and height, if known."""
    content = read_bounded(path, name, MOST_BYTES)
    if isinstance(content, Finding):
        return Seen([content], images=1)
    return look_at(content, name, split, size, place)


def look_at(
    content: bytes, name: str, split: str, size: tuple[int, int] | None = None, place: str = ""
) -> Seen:
    """Check an image as `look` does, from the bytes of its file."""
    image = pixels_of(content, name)
    if isinstance(image, Finding):
        return Seen([image], images=1)
    seen = Seen(list(faint(image, name)), 1, [_picture(content, name, split)])
    stored = size_in(io.BytesIO(content))
    if size is not None and stored != size:
        found = "unknown" if stored is None else f"{stored[0]} x {stored[1]}"
        seen.report("image/size", name, place, found, f"{size[0]} x {size[1]}")
    return seen


def _picture(content: bytes, name: str, split: str) -> Picture:
    return Picture(name, split, hashlib.blake2b(content, digest_size=16).hexdigest())


def faint(image: np.ndarray, name: str) -> Iterator[Finding]:
    """Find 8-bit images that are white, black or uniform."""
    if image.dtype != np.uint8 or not image.size:
        return
    part = image[::_STEP, ::_STEP]
    grey = part if part.ndim == 2 else part[..., :3].mean(axis=-1)
    burnt, dark = float((grey >= _BURNT).mean()), float((grey <= _DARK).mean())
    if burnt >= _NEARLY_ALL:
        yield finding("image/burnt-out", name, "", f"{burnt:.1%} white", "below 98 %")
    elif dark >= _NEARLY_ALL:
        yield finding("image/black", name, "", f"{dark:.1%} black", "below 98 %")
    elif grey.std() < _FLAT:
        yield finding("image/blank", name, "", f"standard deviation {grey.std():.2f}", "at least 2")


def duplicates(pictures: Iterable[Picture]) -> Iterator[Finding]:
    """Find images that occur more than once."""
    groups: dict[str, list[Picture]] = defaultdict(list)
    for picture in pictures:
        groups[picture.digest].append(picture)
    for group in groups.values():
        first, *others = group
        for other in others:
            if (other.file, other.split) == (first.file, first.split):
                continue  # one file that two annotation files name
            rule = "image/duplicate" if other.split == first.split else "split/shared-image"
            found = f"the same bytes as {first.file}"
            if rule == "split/shared-image":
                found += f" in split {first.split}"
            yield finding(rule, other.file, "", found, "a distinct image")


def without_objects(
    file: str, classes: Iterable[str], per_class: dict[str, int]
) -> Iterator[Finding]:
    missing = [name for name in classes if not per_class.get(name)]
    if missing:
        names = ", ".join(missing)
        yield finding(
            "class/without-objects",
            file,
            "classes",
            f"{len(missing)} without objects: {names}",
            "at least one",
        )
