"""Names in any script, as names of classes and as parts of paths."""

from __future__ import annotations

import re
import unicodedata

from simgen.errors import AssetError

_MOST_LETTERS, _MOST_BYTES = 60, 120
"""Of a part of a path. Some file systems take no more than 143 bytes, and endings are added."""
_RESERVED = re.compile(r"((?:con|prn|aux|nul)|(?:com|lpt)[0-9¹²³])(?=\.|$)")
"""What Windows takes for a device, whatever the ending."""
_NAMELESS = "asset"


def class_name(name: str) -> str:
    """A name as a class has it: in composed Unicode (NFC), with single blanks.

    Raises `AssetError` where nothing is left, and for what no terminal shows.
    """
    plain = " ".join(unicodedata.normalize("NFC", name).split())
    if not plain.isprintable() or not plain:
        raise AssetError(f"found the class {name!a}, expected letters; give --class")
    if "/" in plain:
        raise AssetError(f"found the class {plain!r}, expected a name without '/'")
    return plain


def path_part(name: str) -> str:
    """A name as a file or folder of any system: small letters, digits and symbols of any script,
    `-`, `_` and `.`; everything else becomes `_`. It does not begin with a dot or a dash."""
    plain = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).strip().lower())
    plain = re.sub("_+", "_", "".join(c if _is_plain(c) else "_" for c in plain))
    plain = _RESERVED.sub(r"\1_", _cut(plain.lstrip("._-")).rstrip("._"))
    return plain or _NAMELESS


def shown(name: str) -> str:
    """A name in a message: as it is, or with escapes for what no terminal shows."""
    return name if name.isprintable() else ascii(name)


def _is_plain(letter: str) -> bool:
    """Letters, their marks, numbers; of symbols those that are pictures."""
    kind = unicodedata.category(letter)
    return letter in "-_." or kind[0] in "LMN" or kind == "So"


def _cut(name: str) -> str:
    """As many letters as a path takes, marks not taken from their letters."""
    end = min(len(name), _MOST_LETTERS)
    while len(name[:end].encode()) > _MOST_BYTES or _is_mark(name[end : end + 1]):
        end -= 1
    return name[:end]


def _is_mark(letter: str) -> bool:
    return bool(letter) and unicodedata.category(letter).startswith("M")
