"""Normalisation of names in any script, for use as class names and in paths."""

from __future__ import annotations

import re
import unicodedata

from simgen.errors import AssetError

_MOST_LETTERS, _MOST_BYTES = 60, 120
"""Limits of a path component: some file systems allow 143 bytes, and suffixes are appended."""
_RESERVED = re.compile(r"((?:con|prn|aux|nul)|(?:com|lpt)[0-9¹²³])(?=\.|$)")
"""Device names reserved by Windows, with any suffix."""
_NAMELESS = "asset"


def class_name(name: str) -> str:
    """Return a class name in composed Unicode (NFC), with single spaces.

    Raises `AssetError` for names that are empty, unprintable or contain '/'.
    """
    plain = " ".join(unicodedata.normalize("NFC", name).split())
    if not plain.isprintable() or not plain:
        raise AssetError(f"found the class {name!a}, expected printable text; give --class")
    if "/" in plain:
        raise AssetError(f"found the class {plain!r}, expected a name without '/'")
    return plain


def path_part(name: str) -> str:
    """Return a name that is valid as a file or folder on any system.

    It has lower-case letters, digits and symbols of any script, `-`, `_` and `.`; everything else
    becomes `_`. It does not begin with a dot or a dash.
    """
    plain = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).strip().lower())
    plain = re.sub("_+", "_", "".join(c if _is_plain(c) else "_" for c in plain))
    plain = _RESERVED.sub(r"\1_", _cut(plain.lstrip("._-")).rstrip("._"))
    return plain or _NAMELESS


def shown(name: str) -> str:
    """Return a name for messages, with escapes if it has unprintable characters."""
    return name if name.isprintable() else ascii(name)


def _is_plain(letter: str) -> bool:
    """Return whether a character is a letter, mark, number, pictographic symbol, or in `-_.`."""
    kind = unicodedata.category(letter)
    return letter in "-_." or kind[0] in "LMN" or kind == "So"


def _cut(name: str) -> str:
    """Truncate a name to the limits of a path, without separating marks from their letters."""
    end = min(len(name), _MOST_LETTERS)
    while len(name[:end].encode()) > _MOST_BYTES or _is_mark(name[end : end + 1]):
        end -= 1
    return name[:end]


def _is_mark(letter: str) -> bool:
    return bool(letter) and unicodedata.category(letter).startswith("M")
