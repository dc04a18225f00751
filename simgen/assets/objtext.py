"""Wavefront OBJ text, rewritten into a form that trimesh reads correctly.

trimesh counts relative (negative) indices from the end of the file instead of from their own line,
and skips lines that are indented or contain tabs. Such files are rewritten first.
"""

from __future__ import annotations

import re

MOST_PARTS = 1000
"""Maximum number of objects and groups that become parts. Some programs write one per face."""

_PART_LINE = re.compile(rb"^[ \t]*([og])(?:[ \t]+([^\n]*))?$", re.M)
_PART_NAME = re.compile(r"part#(\d+)#")
_NEEDS_REWRITE = re.compile(
    rb"^(?:[ \t]+(?:v|f|usemtl)|(?:v|vt|vn|f|usemtl)\t|f[^\n#]*[ /]-)", re.M
)


def normalise(data: bytes) -> bytes:
    """Return an OBJ with absolute indices and single spaces; unchanged if it already is.

    Raises `ValueError` for an index that is not a number.
    """
    data = data.replace(b"\r\n", b"\n").replace(b"\\\n", b" ")
    if not _NEEDS_REWRITE.search(data):
        return data
    counts = {b"v": 0, b"vt": 0, b"vn": 0}
    lines = []
    for line in data.split(b"\n"):
        words = line.split()
        key = words[0] if words else b""
        if key in counts:
            counts[key] += 1
        elif key == b"f":
            words[1:] = [_absolute(word, counts) for word in words[1:]]
        lines.append(b" ".join(words))
    return b"\n".join(lines)


def label_parts(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Return the OBJ with its objects and groups numbered, and their names.

    Every `o` and `g` line becomes an `o` line with a name that `part_number` parses: trimesh joins
    the names of object, group and material, which makes the original names ambiguous.
    """
    numbers: dict[tuple[str, str], int] = {}
    current = {b"o": "", b"g": ""}

    def numbered(match: re.Match[bytes]) -> bytes:
        current[match[1]] = (match[2] or b"").decode("utf-8", "replace").strip()
        number = numbers.setdefault((current[b"o"], current[b"g"]), len(numbers))
        return b"o part#%d#" % number

    labelled = _PART_LINE.sub(numbered, data)
    if len(numbers) > MOST_PARTS:
        return _PART_LINE.sub(b"", data), ()
    return labelled, tuple("/".join(dict.fromkeys(filter(None, key))) for key in numbers)


def part_number(geometry: str) -> int | None:
    """Return the part number in the name of a trimesh geometry, or None if it has none."""
    match = _PART_NAME.match(geometry)
    return int(match[1]) if match else None


def _absolute(corner: bytes, counts: dict[bytes, int]) -> bytes:
    """Resolve negative indices of a `v/vt/vn` corner. counts: elements read so far, by keyword."""
    if b"-" not in corner:
        return corner
    parts = corner.split(b"/")
    for place, (part, count) in enumerate(zip(parts, counts.values(), strict=False)):
        if part.startswith(b"-"):
            parts[place] = str(count + 1 + int(part)).encode()
    return b"/".join(parts)
