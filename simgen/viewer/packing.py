"""Payloads of the viewer: scripts with plain data, and arrays within them.

Pages that are opened from a folder may load only scripts and images. So each data file is a script
that calls one function, `simgenData(name, payload)`, with JSON.
"""

from __future__ import annotations

import base64
import zlib
from typing import Any

import numpy as np
import orjson

_HARD, _FAST = 6, 1
"""Levels of zlib. Arrays of images are many, and hardly smaller by the higher one."""


def pack(array: np.ndarray, fast: bool = False) -> dict[str, Any]:
    """An array as JSON: its dtype, its shape and, as base64, its bytes compressed by zlib.

    Bytes are little-endian and in C order. With `shuffle` they are grouped by their position within
    an element, since high bytes of neighbours are mostly the same. fast: compress less, in a third
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
    """The content of a file with a payload under a name.

    NaN and infinity become null, and lone surrogates, which file names may contain, `?`.

    It contains no `<`, so that no name can end the enclosing element, and neither of the two
    characters that end lines in JavaScript but not in JSON (ECMA-262, before its 10th edition).
    """
    return b"simgenData(" + _literal(name) + b"," + _literal(payload) + b");\n"


def is_script(content: bytes, name: str) -> bool:
    """Whether content is what `script` returns for a name and any payload: data only."""
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
    # Outside of strings JSON has none of these, and within them an escape means the same.
    for character in ("<", "\u2028", "\u2029"):
        content = content.replace(character.encode(), b"\\u%04x" % ord(character))
    return content


def _readable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, dict):
        return {_readable(name): _readable(entry) for name, entry in value.items()}
    return [_readable(entry) for entry in value] if isinstance(value, list | tuple) else value
