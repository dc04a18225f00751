"""Reading the viewer's files as a page does, without the writer's code."""

from __future__ import annotations

import base64
import json
import re
import zlib
from pathlib import Path
from typing import Any

import numpy as np


def handed_over(content: bytes) -> tuple[str, Any]:
    """Name and payload of a script that calls `simgenData`."""
    text = content.decode()
    found = re.fullmatch(r"simgenData\((.*)\);\n", text, re.DOTALL)
    assert found, text[:200]
    name, end = json.JSONDecoder().raw_decode(found[1])
    assert found[1][end] == ","
    return name, json.loads(found[1][end + 1 :])


def payload(path: Path) -> Any:
    return handed_over(path.read_bytes())[1]


def unpacked(packed: dict[str, Any]) -> np.ndarray:
    """The array, byte by byte as the contract of packed arrays has it."""
    content = zlib.decompress(base64.b64decode(packed["data"]))
    dtype = np.dtype(packed["dtype"]).newbyteorder("<")
    if packed["shuffle"]:
        count = len(content) // dtype.itemsize
        content = bytes(
            content[byte * count + number]
            for number in range(count)
            for byte in range(dtype.itemsize)
        )
    return np.frombuffer(content, dtype).reshape(packed["shape"])


def column(view: Path, name: str) -> tuple[dict[str, Any], np.ndarray]:
    """What the index says of a column, and its values."""
    about = next(c for c in payload(view / "data/index.js")["columns"] if c["id"] == name)
    said, content = handed_over((view / f"data/columns/{name}.js").read_bytes())
    assert said == f"column:{name}"
    return about, unpacked(content["values"])
