"""Payloads of the viewer: scripts that hand plain data over, and arrays within them.

Pages that are opened from a folder may load scripts and images, and nothing else. So each file of
data is a script that calls one function, `simgenData(name, payload)`, with JSON.
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

    They are little-endian and in C order. With `shuffle` they were regrouped by their place within
    an element, first bytes first: neighbours among high bytes are mostly the same.
    fast: compress less, in a third of the time.
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
    """The content of a file that hands `payload` over under `name`.

    NaN and infinity become null, and halves of characters, which names of files may hold, `?`.

    It holds no `<`, so that no name in it can end the element that it may stand in, and none of the
    two characters that end lines in JavaScript but not in JSON (ECMA-262, before its 10th edition).
    """
    return b"simgenData(" + _literal(name) + b"," + _literal(payload) + b");\n"


def is_script(content: bytes, name: str) -> bool:
    """Whether something is what `script` makes of a name and of any payload: nothing but data."""
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
