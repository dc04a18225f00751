"""Data files of the viewer: scripts that contain JSON, and arrays within them.

Pages opened from a folder may only load scripts and images. So each data file is a script that
calls one function, `simgenData(name, payload)`, with JSON.
"""

from __future__ import annotations

import base64
import zlib
from typing import Any

import numpy as np
import orjson

_HARD, _FAST = 6, 1
"""zlib levels. There are many arrays of images, which the higher level hardly makes smaller."""


def pack(array: np.ndarray, fast: bool = False) -> dict[str, Any]:
    """Return an array as JSON: its dtype, its shape and its zlib-compressed bytes in base64.

    Bytes are little-endian and in C order. With `shuffle` they are grouped by their position within
    an element, since the high bytes of neighbours are mostly equal. fast: compress less, in a third
    of the time.
    """
    plain = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    size = plain.dtype.itemsize
    content = plain.reshape(-1).view(np.uint8).reshape(-1, size)
    content = np.ascontiguousarray(content.T) if size > 1 else content
    packed = zlib.compress(content, _FAST if fast else _HARD)
    return {
        "dtype": array.dtype.name,
        "shape": list(array.shape),
        "data": base64.b64encode(packed).decode(),
        "shuffle": size > 1,
    }


def script(name: str, payload: Any) -> bytes:
    """Return the content of a data file with a payload under a name.

    NaN and infinity become null, and lone surrogates, which file names may contain, become `?`.

    The content contains no `<`, so that no name can end the enclosing element, and neither of the
    two characters that end lines in JavaScript but not in JSON (ECMA-262, before its 10th edition).
    """
    return b"simgenData(" + _literal(name) + b"," + _literal(payload) + b");\n"


def is_script(content: bytes, name: str) -> bool:
    """Return whether content could be the result of `script` for this name, and thus only data."""
    before, after = b"simgenData(" + _literal(name) + b",", b");\n"
    if not (content.startswith(before) and content.endswith(after)):
        return False
    try:
        orjson.loads(content[len(before) : -len(after)])
    except ValueError:
        return False
    return True


def _literal(value: Any) -> bytes:
    try:
        content = orjson.dumps(value)
    except TypeError:
        content = orjson.dumps(_readable(value))
    # JSON only has these characters within strings, where an escape is equivalent.
    for character in ("<", "\u2028", "\u2029"):
        content = content.replace(character.encode(), b"\\u%04x" % ord(character))
    return content


def _readable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, dict):
        return {_readable(name): _readable(entry) for name, entry in value.items()}
    return [_readable(entry) for entry in value] if isinstance(value, list | tuple) else value
