"""JSON files that are written entry by entry."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def json_map(path: Path) -> Iterator[Callable[[str, Any], None]]:
    """A function that adds a new key and its value."""
    with path.open("w", encoding="utf-8") as file:
        mark = "{\n"

        def add(key: str, value: Any) -> None:
            nonlocal mark
            file.write(f"{mark}{json.dumps(key)}: {json.dumps(value, allow_nan=False)}")
            mark = ",\n"

        yield add
        file.write("{}\n" if mark[0] == "{" else "\n}\n")


@contextmanager
def json_list(path: Path) -> Iterator[Callable[[Any], None]]:
    """A function that adds an entry."""
    with path.open("w", encoding="utf-8") as file:
        mark = "[\n"

        def add(value: Any) -> None:
            nonlocal mark
            file.write(mark + json.dumps(value, allow_nan=False))
            mark = ",\n"

        yield add
        file.write("[]\n" if mark[0] == "[" else "\n]\n")
