"""Writers of JSON files entry by entry."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def json_map(path: Path) -> Iterator[Callable[[str, Any], None]]:
    """Write a JSON object; yield a function that adds a new key and its value."""
    with _entries(path, "{}") as add:
        yield lambda key, value: add(f"{json.dumps(key)}: {json.dumps(value, allow_nan=False)}")


@contextmanager
def json_list(path: Path) -> Iterator[Callable[[Any], None]]:
    """Write a JSON list; yield a function that adds an entry."""
    with _entries(path, "[]") as add:
        yield lambda value: add(json.dumps(value, allow_nan=False))


@contextmanager
def _entries(path: Path, brackets: str) -> Iterator[Callable[[str], None]]:
    with path.open("w", encoding="utf-8") as file:
        mark = f"{brackets[0]}\n"

        def add(entry: str) -> None:
            nonlocal mark
            file.write(mark + entry)
            mark = ",\n"

        yield add
        file.write(f"{brackets}\n" if mark[0] == brackets[0] else f"\n{brackets[1]}\n")
