"""Images: whether they can be read, what size they have, whether they show anything, and whether
the same one occurs twice."""

from __future__ import annotations

import hashlib
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from simgen.formats.findings import Finding, error, warning
from simgen.formats.reading.json_file import FILE_LARGE, read_bounded
from simgen.formats.validate.seen import Picture, Seen
from simgen.store import files
from simgen.store.remote import AnyPath

_MOST_BYTES = 512_000_000
_MOST_PIXELS = 200_000_000
_STEP = 4
"""Every fourth pixel of every fourth row tells whether an image shows anything."""
_FLAT = 2.0
_BURNT, _DARK, _NEARLY_ALL = 250, 5, 0.98

UNREADABLE = error(
    "image/unreadable", "Every image can be decoded.", "make it again, or take it out"
)
SIZE = error(
    "image/size", "An image has the size that its labels say.",
    "resize image and labels together; turn images as their EXIF orientation says, then remove it",
)  # fmt: skip
BLANK = warning(
    "image/blank",
    "An image shows something: its grey levels (0..255) vary by a standard deviation of 2.",
    "look at it; the camera may look at nothing, or stand inside of something",
)
BURNT = warning(
    "image/burnt-out", "Fewer than 98 % of an image's pixels are white (at least 250).",
    "look at it; lower its exposure",
)  # fmt: skip
DARK = warning(
    "image/black", "Fewer than 98 % of an image's pixels are black (at most 5).",
    "look at it; raise its exposure",
)  # fmt: skip
DUPLICATE = warning(
    "image/duplicate", "No two images of a split are the same file.", "take one of them out"
)
LEAK = error(
    "split/shared-image", "No image is in two splits.", "take it out of one; results are too good"
)
NO_OBJECT = warning(
    "class/without-objects", "Every class has an object.",
    "add images of it, or drop the class",
)  # fmt: skip


def size_of(content: bytes) -> tuple[int, int] | None:
    """Width and height by the file's header, as stored; None where it is no image."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            return image.size
    except Exception:  # Pillow raises all kinds for files that are not what they say
        return None


def read_pixels(path: AnyPath, name: str) -> np.ndarray | Finding:
    """The array that OpenCV makes of an image file, as stored: any depth, channels in its order."""
    content = read_bounded(path, name, _MOST_BYTES)
    return content if isinstance(content, Finding) else pixels_of(content, name)


def pixels_of(content: bytes, name: str) -> np.ndarray | Finding:
    size = size_of(content)
    if size is None:
        return UNREADABLE.at(name, "", "no image that Pillow knows", "PNG or JPEG")
    if size[0] * size[1] > _MOST_PIXELS:
        return FILE_LARGE.at(name, "", f"{size[0]} x {size[1]} pixels", "at most 200 million")
    image = files.decoded(content, cv2.IMREAD_UNCHANGED)
    if image is None:
        return UNREADABLE.at(name, "", "damaged", "an image that can be decoded")
    return image


def look(
    path: AnyPath, name: str, split: str, size: tuple[int, int] | None = None, place: str = ""
) -> Seen:
    """What an image file gives. size: width and height that it should have, if known."""
    content = read_bounded(path, name, _MOST_BYTES)
    if isinstance(content, Finding):
        return Seen([content], images=1)
    image = pixels_of(content, name)
    if isinstance(image, Finding):
        return Seen([image], images=1)
    seen = Seen(list(faint(image, name)), 1, [picture_of(content, name, split)])
    stored = size_of(content)
    if size is not None and stored != size:
        found = "unknown" if stored is None else f"{stored[0]} x {stored[1]}"
        seen.findings.append(SIZE.at(name, place, found, f"{size[0]} x {size[1]}"))
    return seen


def picture_of(content: bytes, name: str, split: str) -> Picture:
    return Picture(name, split, hashlib.blake2b(content, digest_size=16).hexdigest())


def faint(image: np.ndarray, name: str) -> Iterator[Finding]:
    """Findings of an 8-bit image that shows nothing."""
    if image.dtype != np.uint8 or not image.size:
        return
    part = image[::_STEP, ::_STEP]
    grey = part if part.ndim == 2 else part[..., :3].mean(axis=-1)
    burnt, dark = float((grey >= _BURNT).mean()), float((grey <= _DARK).mean())
    if burnt >= _NEARLY_ALL:
        yield BURNT.at(name, "", f"{burnt:.1%} white", "below 98 %")
    elif dark >= _NEARLY_ALL:
        yield DARK.at(name, "", f"{dark:.1%} black", "below 98 %")
    elif grey.std() < _FLAT:
        yield BLANK.at(name, "", f"standard deviation {grey.std():.2f}", "at least 2")


def twice(pictures: Iterable[Picture]) -> Iterator[Finding]:
    """Images that occur more than once."""
    groups: dict[str, list[Picture]] = defaultdict(list)
    for picture in pictures:
        groups[picture.digest].append(picture)
    for group in groups.values():
        first, *others = group
        for other in others:
            if (other.file, other.split) == (first.file, first.split):
                continue  # named by two files of annotations
            rule = DUPLICATE if other.split == first.split else LEAK
            found = f"the same bytes as {first.file}"
            if rule is LEAK:
                found += f", of split {first.split}"
            yield rule.at(other.file, "", found, "an image of its own")


def without_objects(
    file: str, classes: Iterable[str], per_class: dict[str, int]
) -> Iterator[Finding]:
    missing = [name for name in classes if not per_class.get(name)]
    if missing:
        names = ", ".join(missing)
        yield NO_OBJECT.at(
            file, "classes", f"{len(missing)} without objects: {names}", "at least one"
        )


def inside(name: str) -> bool:
    """Whether a file name stays within the folder that it is relative to."""
    if not name or len(name) > 1000 or max(map(len, name.split("/"))) > 200 or "\0" in name:
        return False
    if "\\" in name or name.startswith(("/", "~")):
        return False
    return ".." not in Path(name).parts and ":" not in name.split("/")[0]


def size_in(path: Path) -> tuple[int, int] | None:
    """Width and height of an image file, by its header; None where it cannot be told."""
    try:
        with Image.open(path) as image:
            return image.size
    except Exception:  # as in `size_of`
        return None
