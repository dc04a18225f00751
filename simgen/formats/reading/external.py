"""Shared code of the sources of external datasets, whose files are untrusted."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path, PurePosixPath

from PIL import Image

from simgen.errors import InputError
from simgen.formats.items import SUFFIXES, Picture

_LONGEST_NAME = 150
_SLACK = 1.0
"""Pixels that a box may extend beyond its image without a remark."""
_TURNED = (5, 6, 7, 8)
"""EXIF orientations that swap width and height."""

Box = tuple[float, float, float, float]


class Names:
    """Generator of unique image names that are valid as file names."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def of(self, text: str) -> str:
        """Return a new name. text: the file's name or relative path, with its suffix."""
        stem = str(PurePosixPath(text).with_suffix(""))
        plain = re.sub(r"[^A-Za-z0-9_-]", "_", stem)[-_LONGEST_NAME:].lstrip("-") or "image"
        name, number = plain, 2
        # Some file systems are not case-sensitive.
        while name.lower() in self._given:
            name, number = f"{plain}_{number}", number + 1
        self._given.add(name.lower())
        return name


class Repairs:
    """Counts of repaired or omitted annotations, by kind of repair."""

    def __init__(self) -> None:
        self._counts = Counter[str]()

    def note(self, what: str) -> None:
        self._counts[what] += 1

    def clear(self) -> None:
        self._counts.clear()

    def remarks(self, source: str) -> tuple[str, ...]:
        return tuple(f"{source}: {count} {what}" for what, count in self._counts.items())


class External:
    """Base of the sources of external datasets, which have neither stuff nor simgen's labels."""

    stuff_classes: tuple[str, ...] = ()
    labels: frozenset[str] = frozenset()

    lost: list[str] | None = None
    """If set to a list, missing and unreadable images are omitted and their errors added to it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._repairs = Repairs()

    def leave_out(self, error: InputError) -> None:
        """Omit an unreadable image if `lost` is set; otherwise raise its error."""
        if self.lost is None:
            raise error
        self.lost.append(str(error))

    @property
    def remarks(self) -> tuple[str, ...]:
        """Return remarks on the repairs of the latest iteration over the images."""
        return self._repairs.remarks(self.name)


def collect_lost(source: object) -> list[str]:
    """Make an external dataset omit images that cannot be opened; return the list that receives
    their errors. Other datasets are left as they are."""
    lost: list[str] = []
    if isinstance(source, External):
        source.lost = lost
    return lost


def relative_path(text: object, where: str) -> PurePosixPath:
    """Return a path in a dataset's folder. Raises `InputError` for a path that leads outside."""
    if not isinstance(text, str) or not stays_inside(text):
        raise InputError(f"{where}: file name {text!r}; expected a path within the image folder")
    return PurePosixPath(text.replace("\\", "/"))


def stays_inside(text: str) -> bool:
    """Return whether a POSIX or Windows path names a file below the folder it is relative to."""
    path = PurePosixPath(text.replace("\\", "/"))
    outside = path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:", str(path))
    return bool(path.name) and not outside and "\0" not in text


def picture_of(path: Path, size: tuple[int, int] | None = None, where: str = "") -> Picture:
    """Open the picture in a file. Raises `InputError` if it is missing or has the wrong size.

    size: width and height according to the labels; None to accept any. where: the file that names
    the picture, for messages.
    """
    shown_as = f"{where}: image {path}" if where else f"image {path}"
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"{shown_as}: expected one of {', '.join(sorted(SUFFIXES))}")
    try:
        with Image.open(path) as image:
            stored = image.size
            turned = image.format == "JPEG" and image.getexif().get(274) in _TURNED
    except FileNotFoundError:
        raise InputError(f"{shown_as}: not found; check the image folder") from None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise InputError(f"{shown_as}: cannot read the file as an image: {error}") from error
    shown = stored[::-1] if turned else stored
    if size is not None and size not in (stored, shown):
        raise InputError(
            f"{shown_as}: has {shown[0]}x{shown[1]} pixels; its labels state {size[0]}x{size[1]}"
        )
    width, height = shown if size is None else size
    return Picture(width, height, path)


def clipped(box: Box, width: int, height: int, repairs: Repairs) -> Box | None:
    """Clip a box to its image; None if it lies entirely outside."""
    x, y, w, h = box
    left, top = min(max(x, 0.0), width), min(max(y, 0.0), height)
    right, bottom = min(max(x + w, 0.0), width), min(max(y + h, 0.0), height)
    if right <= left or bottom <= top:
        repairs.note("boxes omitted: entirely outside the image")
        return None
    if max(-x, -y, x + w - width, y + h - height) > _SLACK:
        repairs.note("boxes clipped: extended beyond the image")
    if (left, top) == (x, y) and right < width and bottom < height:
        return box
    return left, top, right - left, bottom - top


def in_order(splits: list[str]) -> list[str]:
    """Sort splits: train, val and test first, then others by name."""
    usual = ("train", "val", "test")
    first = [name for name in usual if name in splits]
    return first + sorted(name for name in splits if name not in usual)
