"""Shared code of the sources of external datasets. Nothing in their files is trusted."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path, PurePosixPath

from PIL import Image

from simgen.errors import InputError
from simgen.formats.items import SUFFIXES, Picture

_LONGEST_NAME = 150
_SLACK = 1.0
"""Pixels that a box may reach out of its image without being worth a remark."""
_TURNED = (5, 6, 7, 8)
"""EXIF orientations whose width is the height of what is stored."""

Box = tuple[float, float, float, float]


class Names:
    """Names of images, made fit for file names, each once."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def of(self, text: str) -> str:
        """text: the file's name or relative path, with its suffix."""
        stem = str(PurePosixPath(text).with_suffix(""))
        plain = re.sub(r"[^A-Za-z0-9_-]", "_", stem)[-_LONGEST_NAME:].lstrip("-") or "image"
        name, number = plain, 2
        # Not every file system tells upper from lower case.
        while name.lower() in self._given:
            name, number = f"{plain}_{number}", number + 1
        self._given.add(name.lower())
        return name


class Repairs:
    """Counts of what had to be repaired or left out, by kind."""

    def __init__(self) -> None:
        self._counts = Counter[str]()

    def note(self, what: str) -> None:
        self._counts[what] += 1

    def clear(self) -> None:
        self._counts.clear()

    def remarks(self, source: str) -> tuple[str, ...]:
        return tuple(f"{source}: {count} {what}" for what, count in self._counts.items())


class External:
    """Base of the sources of external datasets: without stuff and simgen's labels, with remarks on
    what was repaired."""

    stuff_classes: tuple[str, ...] = ()
    labels: frozenset[str] = frozenset()

    lost: list[str] | None = None
    """Set to a list, images that are missing or not readable are left out, and named in it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._repairs = Repairs()

    def leave_out(self, error: InputError) -> None:
        """Note an image that cannot be read. Raises `InputError` where all of them have to be."""
        if self.lost is None:
            raise error
        self.lost.append(str(error))

    @property
    def remarks(self) -> tuple[str, ...]:
        """What was repaired in the last iteration over the images."""
        return self._repairs.remarks(self.name)


def relative_path(text: object, where: str) -> PurePosixPath:
    """A path within a dataset's folder. Raises `InputError` for one that leads out of it."""
    if not isinstance(text, str) or not stays_inside(text):
        raise InputError(f"{where}: file name {text!r}; expected one within the folder of images")
    return PurePosixPath(text.replace("\\", "/"))


def stays_inside(text: str) -> bool:
    """Whether a path, of Windows or not, names something below the folder it is relative to."""
    path = PurePosixPath(text.replace("\\", "/"))
    outside = path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:", str(path))
    return bool(path.name) and not outside and "\0" not in text


def picture_of(path: Path, size: tuple[int, int] | None = None, where: str = "") -> Picture:
    """The picture in a file. Raises `InputError` for one that is missing or has another size.

    size: width and height that the labels speak of; None for those of the file. where: what names
    the file.
    """
    shown_as = f"{where}: image {path}" if where else f"image {path}"
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"{shown_as}: expected one of {', '.join(sorted(SUFFIXES))}")
    try:
        with Image.open(path) as image:
            stored = image.size
            turned = image.format == "JPEG" and image.getexif().get(274) in _TURNED
    except FileNotFoundError:
        raise InputError(f"{shown_as}: not found; look at the folder of images") from None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise InputError(f"{shown_as}: not readable as an image: {error}") from error
    shown = stored[::-1] if turned else stored
    if size is not None and size not in (stored, shown):
        raise InputError(
            f"{shown_as}: is {shown[0]}x{shown[1]} pixels, its labels are for {size[0]}x{size[1]}"
        )
    width, height = shown if size is None else size
    return Picture(width, height, path)


def clipped(box: Box, width: int, height: int, repairs: Repairs) -> Box | None:
    """A box within its image; None where nothing of it is left."""
    x, y, w, h = box
    left, top = min(max(x, 0.0), width), min(max(y, 0.0), height)
    right, bottom = min(max(x + w, 0.0), width), min(max(y + h, 0.0), height)
    if right <= left or bottom <= top:
        repairs.note("boxes left out: nothing of them is within the image")
        return None
    if max(-x, -y, x + w - width, y + h - height) > _SLACK:
        repairs.note("boxes reached out of the image and were clipped")
    if (left, top) == (x, y) and right < width and bottom < height:
        return box
    return left, top, right - left, bottom - top


def in_order(splits: list[str]) -> list[str]:
    """train, val and test first, others by name."""
    usual = ("train", "val", "test")
    first = [name for name in usual if name in splits]
    return first + sorted(name for name in splits if name not in usual)
