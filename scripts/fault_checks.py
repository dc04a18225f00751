"""Whether a dataset survived: what scripts/inject_faults.py looks at when a run is over."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import psutil

ALLOWED = {
    *(".simgen", "README.md", "annotations", "assets.json", "card", "dataset.json"),
    *("preview.png", "scenes"),
}
"""What a dataset may hold."""
TRACES = ("staging", "scratch")
"""Folders in `.simgen/` that a run leaves nothing in."""
_KEPT_OF_FAILED = {"failure.json", "worker.log", "replay.txt"}
_VANISHING = 15.0
"""Seconds that processes may take to be gone."""


def content(folder: Path) -> dict[str, bytes]:
    """All files of a dataset but for the run's own, by their paths within it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".simgen" not in path.relative_to(folder).parts
    }


def quarantined(folder: Path) -> dict[int, str]:
    """Scenes that failed, and why."""
    found = {}
    for path in sorted((folder / ".simgen" / "failed").glob("*/failure.json")):
        failure = json.loads(path.read_text())
        found[int(failure["scene"])] = str(failure["reason"])
    return found


def problems(
    folder: Path, scenes: int, reference: Mapping[str, bytes], *, whole: bool
) -> Iterator[str]:
    """What is wrong with a dataset after a run that came to its end.

    reference: content of one that nobody disturbed. whole: whether no scene may be missing.
    """
    there, failed = content(folder), quarantined(folder)
    made = {int(path.split("/")[1]) for path in there if path.startswith("scenes/")}
    for scene in range(scenes):
        if (scene in made) == (scene in failed):
            yield f"scene {scene}: {'both' if scene in made else 'neither'} there and failed"
    for scene in failed:
        yield from _wrong_quarantine(folder / ".simgen" / "failed" / f"{scene:06d}")
    if whole and failed:
        yield f"scenes failed that nothing disturbs any more: {failed}"
    for path, expected in reference.items():
        if path.startswith("scenes/") and int(path.split("/")[1]) not in made:
            continue
        if (path.startswith("scenes/") or not failed) and there.get(path) != expected:
            yield f"{path}: {'differs' if path in there else 'is missing'}"
    yield from (f"{path}: should not be there" for path in sorted(set(there) - set(reference)))
    yield from _left_over(folder)


def _wrong_quarantine(folder: Path) -> Iterator[str]:
    names = {path.name for path in folder.iterdir()}
    if not names >= _KEPT_OF_FAILED:
        yield f"{folder.name}: quarantine lacks {sorted(_KEPT_OF_FAILED - names)}"
    if not json.loads((folder / "failure.json").read_text())["reason"].strip():
        yield f"{folder.name}: failed without a reason"


def _left_over(folder: Path) -> Iterator[str]:
    for path in folder.iterdir():
        if path.name not in ALLOWED:
            yield f"{path.name}: should not be there"
    for name in TRACES:
        left = [path.name for path in (folder / ".simgen" / name).glob("*")]
        if left:
            yield f".simgen/{name}: holds {left}"


def survivors(mark: str) -> list[psutil.Process]:
    """Processes whose environment holds a text, once they had time to go. This one is left out."""
    until = time.monotonic() + _VANISHING
    while True:
        found = [process for process in psutil.process_iter() if _is_marked(process, mark)]
        if not found or time.monotonic() > until:
            return found
        time.sleep(0.2)


def _is_marked(process: psutil.Process, mark: str) -> bool:
    try:
        return process.pid != psutil.Process().pid and mark in process.environ().values()
    except psutil.Error:
        return False
