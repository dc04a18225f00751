"""Writing of a card, unless a person has edited it.

The last line of a card contains the SHA-256 of all text above it. While it matches, the card is as
simgen wrote it and may be overwritten.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from simgen.dataset import files, remote
from simgen.dataset.layout import Layout
from simgen.dataset.reader import Dataset
from simgen.dataset.remote import AnyPath
from simgen.report.card.gather import Facts, gather
from simgen.report.card.text import document

_MARK = re.compile(rb"<!-- simgen card ([0-9a-f]{64}) -->\n\Z")
_MOST = 10_000_000
"""Maximum size in bytes of a README that is read."""
_FEWEST = 20
"""Minimum number of visible objects for charts."""
FOLDER = "card"
"""Folder of the pictures."""


def write_card(place: Layout, dataset: Dataset, facts: Facts | None = None) -> AnyPath | None:
    """Write `README.md` and its pictures, unless a person has edited the existing card. Returns the
    card's path, or None if nothing was written.

    facts: of the dataset; gathered from it by default.

    Raises `InputError` for a damaged dataset, and `OSError`.
    """
    if is_edited(place.card):
        return None
    facts = facts or gather(dataset)
    shown: list[tuple[str, str]] = []
    if remote.size(place.preview) >= 0:
        shown.append((place.preview.name, "Frames from across the dataset, with their labels"))
    if facts.counts.object_count >= _FEWEST:
        shown += _pictures(place, facts)
    _replace(place.card, place.scratch, _signed(document(facts, shown).encode()))
    return place.card


def is_edited(path: AnyPath) -> bool:
    """Return whether there is a card that differs from what simgen wrote."""
    size = remote.size(path)
    if size < 0:
        return False
    if size > _MOST:
        return True
    content = remote.read_bytes(path)
    found = _MARK.search(content)
    return found is None or _signed(content[: found.start()]) != content


def _signed(content: bytes) -> bytes:
    """Return the text of a card with its last line, the digest."""
    digest = hashlib.sha256(content).hexdigest()
    return content + f"<!-- simgen card {digest} -->\n".encode()


def _pictures(place: Layout, facts: Facts) -> list[tuple[str, str]]:
    # Imports Matplotlib, which is slow and otherwise not needed by runs.
    from simgen.report.card import pictures

    drawn = (
        ("classes.png", pictures.classes(facts), "Visible objects of each class"),
        ("objects.png", pictures.objects(facts), "Size, visible part and position of objects"),
    )
    for name, content, _ in drawn:
        _replace(place.card_pictures / name, place.scratch, content)
    return [(f"{FOLDER}/{name}", text) for name, _, text in drawn]


def _replace(path: AnyPath, scratch: Path, content: bytes) -> None:
    with files.replacing(path, scratch) as temporary:
        temporary.write_bytes(content)
