"""What a worker logged and printed while it made a scene."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from simgen.dataset.reports import Failure

_READ = 1 << 20
"""Bytes of the end of a log that are looked at."""
_KEPT = 64 << 10
"""Characters of each log that are kept, of the end."""


_OPENING = re.compile(r"scene \d+, attempt \d+")
_NOTHING = "(nothing)\n"


def opening(scene: int, attempt: int) -> str:
    """What a worker logs, and prints, when it begins a scene: what follows is of this scene."""
    return f"scene {scene}, attempt {attempt}"


def excerpt(logs: Path, failure: Failure) -> str:
    """What the worker of a scene's last attempt logged and printed since it began the scene."""
    name = f"worker-{failure.worker}"
    logged = _logged(*_tail(logs / f"{name}.jsonl"), failure)
    printed = _printed(*_tail(logs / f"{name}.out"), failure)
    return f"{name} logged:\n{logged}\n{name} printed:\n{printed}"


def _tail(path: Path) -> tuple[str, bool]:
    """The end of a text file, and whether something stands before it; empty where there is none."""
    try:
        with path.open("rb") as file:
            before = max(0, path.stat().st_size - _READ)
            file.seek(before)
            return file.read(_READ).decode(errors="replace"), before > 0
    except OSError:
        return "", False


def _logged(text: str, cut: bool, failure: Failure) -> str:
    """Plain text of the JSON lines since the worker began the scene."""
    records = [record for record in map(_record, text.splitlines()) if record is not None]
    lines = [str(record.get("message", "")) for record in records]
    part = _part(lines, failure, cut=cut)
    return _end_of("".join(map(_plain, records[part]))) or _NOTHING


def _record(line: str) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except ValueError:  # cut off, by a death or where the tail begins
        return None
    return record if isinstance(record, dict) else None


def _plain(record: dict[str, Any]) -> str:
    line = " ".join(str(record.get(name, "")) for name in ("time", "level", "message"))
    return "\n".join(part for part in (line, record.get("exc_info")) if part) + "\n"


def _printed(text: str, cut: bool, failure: Failure) -> str:
    lines = text.splitlines(keepends=True)
    part = _part([line.rstrip() for line in lines], failure, cut=cut)
    return _end_of("".join(lines[part])) or _NOTHING


def _part(lines: list[str], failure: Failure, *, cut: bool) -> slice:
    """Which lines are of a failed attempt.

    cut: whether lines before these were left out. If then none of these begins a scene, all are of
    the one that was begun last.
    """
    openings = [number for number, line in enumerate(lines) if _OPENING.fullmatch(line)]
    if not openings:
        return slice(None) if cut else slice(0)
    wanted = opening(failure.scene, failure.attempts)
    ends = [*openings[1:], len(lines)]
    found = [slice(a, b) for a, b in zip(openings, ends, strict=True) if lines[a] == wanted]
    return found[-1] if found else slice(0)


def _end_of(text: str) -> str:
    return text if len(text) <= _KEPT else "[...]" + text[-_KEPT:]
