"""What a worker logged and printed while it made a scene."""

from __future__ import annotations

import json
import re
from pathlib import Path

from simgen.dataset.reports import Failure

_READ = 1 << 20
"""Bytes of the end of a log that are looked at."""
_KEPT = 64 << 10
"""Characters of each log that are kept, of the end."""
_OPENING = re.compile(r"^(?:.* INFO )?(scene \d+, attempt \d+)$", re.MULTILINE)


def opening(scene: int, attempt: int) -> str:
    """What a worker logs, and prints, when it begins a scene: what follows is of this scene."""
    return f"scene {scene}, attempt {attempt}"


def excerpt(logs: Path, failure: Failure) -> str:
    """What the worker of a scene's last attempt logged and printed since it began the scene."""
    name = f"worker-{failure.worker}"
    logged, is_cut = _tail(logs / f"{name}.jsonl")
    logged = _of_attempt("".join(map(_plain, logged.splitlines())), is_cut, failure)
    printed = _of_attempt(*_tail(logs / f"{name}.out"), failure)
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


def _plain(line: str) -> str:
    try:
        record = json.loads(line)
    except ValueError:  # cut off, by a death or where the tail begins
        return ""
    head = " ".join(str(record.get(name, "")) for name in ("time", "level", "message"))
    return "\n".join(part for part in (head, record.get("exc_info")) if part) + "\n"


def _of_attempt(text: str, is_cut: bool, failure: Failure) -> str:
    """The part of a log that is of a failed attempt.

    is_cut: whether something was left out before the text. If then nothing in it begins a scene,
    all is of the one that was begun last.
    """
    found = list(_OPENING.finditer(text))
    ends = [later.start() for later in found[1:]] + [len(text)]
    wanted = opening(failure.scene, failure.attempts)
    parts = [
        text[one.start() : end] for one, end in zip(found, ends, strict=False) if one[1] == wanted
    ]
    part = parts[-1] if parts else text if is_cut and not found else ""
    return (part if len(part) <= _KEPT else "[...]" + part[-_KEPT:]) or "(nothing)\n"
