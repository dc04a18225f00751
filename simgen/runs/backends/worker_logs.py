"""Excerpts of a worker's log and output for one scene."""

from __future__ import annotations

import json
import re
from pathlib import Path

from simgen.dataset.reports import Failure

_READ = 1 << 20
"""Number of bytes read from the end of a log."""
_KEPT = 64 << 10
"""Number of characters kept from the end of each log."""
_OPENING = re.compile(r"^(?:.* INFO )?(scene \d+, attempt \d+)$", re.MULTILINE)


def opening(scene: int, attempt: int) -> str:
    """Return the line that a worker logs and prints when it begins a scene."""
    return f"scene {scene}, attempt {attempt}"


def excerpt(logs: Path, failure: Failure) -> str:
    """Return what the worker of a scene's last attempt logged and printed since it began it."""
    name = f"worker-{failure.worker}"
    logged, is_cut = _tail(logs / f"{name}.jsonl")
    logged = _of_attempt("".join(map(_plain, logged.splitlines())), is_cut, failure)
    printed = _of_attempt(*_tail(logs / f"{name}.out"), failure)
    return f"{name} logged:\n{logged}\n{name} printed:\n{printed}"


def _tail(path: Path) -> tuple[str, bool]:
    """Return the end of a text file, and whether it is cut off at the front; empty if the file is
    missing."""
    try:
        with path.open("rb") as file:
            before = max(0, path.stat().st_size - _READ)
            file.seek(before)
            return file.read(_READ).decode(errors="replace"), before > 0
    except OSError:
        return "", False


def _plain(line: str) -> str:
    try:
        record = json.loads(line)
    except ValueError:  # cut off at the beginning of the tail, or by the death of the worker
        return ""
    head = " ".join(str(record.get(name, "")) for name in ("time", "level", "message"))
    return "\n".join(part for part in (head, record.get("exc_info")) if part) + "\n"


def _of_attempt(text: str, is_cut: bool, failure: Failure) -> str:
    """Return the part of a log that belongs to a failed attempt.

    is_cut: whether the text is cut off at the front. If it is and no scene begins in the text, all
    of it belongs to the last scene begun.
    """
    found = list(_OPENING.finditer(text))
    ends = [later.start() for later in found[1:]] + [len(text)]
    wanted = opening(failure.scene, failure.attempts)
    parts = [
        text[one.start() : end] for one, end in zip(found, ends, strict=False) if one[1] == wanted
    ]
    part = parts[-1] if parts else text if is_cut and not found else ""
    return (part if len(part) <= _KEPT else "[...]" + part[-_KEPT:]) or "(nothing)\n"
