"""Lists of images, one id or file name a line, as the viewer saves them."""

from __future__ import annotations

from pathlib import Path

from simgen.errors import InputError
from simgen.formats.items import Source
from simgen.formats.keys import ImageKeys

_MOST_BYTES = 256_000_000


def read_image_list(path: Path, source: Source) -> tuple[int, ...]:
    """Return the places of the listed images in a dataset, from 0, in its order.

    Lines are ids, those of COCO files or simgen's own, or file names with or without suffix.
    Empty lines and repeated ones do not count. Raises `InputError`.
    """
    lines = _lines(path)
    keys, has_ids = ImageKeys(), True
    for item in source:
        keys.add(item)
        has_ids &= item.source_id is not None or item.sample is not None
    found = set()
    for number, line in lines:
        where = f"{path}: line {number}"
        is_id = has_ids and line.isdecimal() and line.isascii() and len(line) < 19
        try:
            place = keys.place(int(line)) if is_id else None
            place = keys.place(line) if place is None else place
        except InputError as error:
            raise InputError(f"{where}: {error}") from error
        if place is None:
            expected = f"ids such as {keys.examples()}, or file names" if has_ids else "file names"
            raise InputError(
                f"{where}: {line[:80]}: no image of {source.name}; expected {expected}"
            )
        found.add(place)
    return tuple(sorted(found))


def _lines(path: Path) -> list[tuple[int, str]]:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InputError(f"{path}: more than {_MOST_BYTES // 1_000_000} MB; expected a list")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: {getattr(error, 'strerror', None) or 'not text'}") from error
    lines = [(n, line.strip()) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not lines:
        raise InputError(f"{path}: empty; expected ids or names of images, one a line")
    return lines
